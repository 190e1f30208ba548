"""Bots for Chat.cz, Spaces and a Beseda's live protocol: commands, listeners, scheduled work (docs/bot.md).

    bot = Bot(rooms=["Praha"])

    @bot.command("kostka", help="Throws a die")
    async def dice(ctx: Context, sides: int = 6) -> None:
        await ctx.reply(str(randint(1, sides)))

    bot.run()  # BESEDA_URL, BESEDA_TOKEN

What happens is a line of `beseda.client.lines`, whatever the protocol. `beseda.bot.testing` is a world without a
network to test a bot in.
"""

from beseda.bot.arguments import BadArgument, Rest
from beseda.bot.bot import Bot
from beseda.bot.chatcz import ChatCzNetwork
from beseda.bot.clock import Clock
from beseda.bot.context import Context, NoAnswer
from beseda.bot.filters import Filter, by, contains, has_link, in_room, is_command, matches, on_network, private
from beseda.bot.live import LiveNetwork
from beseda.bot.module import Module
from beseda.bot.networks import Hears, Letter, Network, Room, Unsupported
from beseda.bot.phrases import CZECH, ENGLISH, RUSSIAN, Phrases
from beseda.bot.ranks import Rank
from beseda.bot.spaces import SpacesNetwork
from beseda.bot.state import FileState, MemoryState, StateStore
from beseda.bot.throttle import Throttle, overall, per_member, per_room
from beseda.client.lines import Person as Member

__all__ = [
    "CZECH",
    "ENGLISH",
    "RUSSIAN",
    "BadArgument",
    "Bot",
    "ChatCzNetwork",
    "Clock",
    "Context",
    "FileState",
    "Filter",
    "Hears",
    "Letter",
    "LiveNetwork",
    "Member",
    "MemoryState",
    "Module",
    "Network",
    "NoAnswer",
    "Phrases",
    "Rank",
    "Rest",
    "Room",
    "SpacesNetwork",
    "StateStore",
    "Throttle",
    "Unsupported",
    "by",
    "contains",
    "has_link",
    "in_room",
    "is_command",
    "matches",
    "on_network",
    "overall",
    "per_member",
    "per_room",
    "private",
]
