"""Carries what is said in a room of Chat.cz into a room of Spaces, and back.

CHATCZ_LOGIN, CHATCZ_PASSWORD and CHATCZ_ROOM (a name), SPACES_LOGIN, SPACES_PASSWORD and SPACES_ROOM (a number);
CHATCZ_URL and SPACES_URL where it is not the services themselves.

It cannot go round in circles: a bot does not hear itself, and what begins with SIGN was carried already, by this bridge
or by another.
"""

import logging
import os

from beseda.bot import Bot, ChatCzNetwork, Context, SpacesNetwork
from beseda.client import BesedaError
from beseda.client.lines import Text

SIGN = "⇄ "
TEXT_MAX = 900

chatcz = ChatCzNetwork(
    os.environ.get("CHATCZ_URL", "https://chat.cz"),
    login=os.environ["CHATCZ_LOGIN"],
    password=os.environ["CHATCZ_PASSWORD"],
    rooms=[os.environ["CHATCZ_ROOM"]],
)
spaces = SpacesNetwork(
    os.environ.get("SPACES_URL", "https://spcs.me"),
    login=os.environ["SPACES_LOGIN"],
    password=os.environ["SPACES_PASSWORD"],
    rooms=[int(os.environ["SPACES_ROOM"])],
)
bot = Bot([chatcz, spaces], help=False)


@bot.on(Text)
async def carry(ctx: Context, line: Text) -> None:
    if line.text.startswith(SIGN):
        return
    carried = f"{SIGN}{line.author.nick}: {line.text}"
    if len(carried) > TEXT_MAX:
        carried = carried[: TEXT_MAX - 1] + "…"
    for room in ctx.bot.rooms:
        if room.network is not ctx.room.network:
            await room.say(carried)


@bot.on_error
async def say_why(ctx: Context, error: Exception) -> None:
    if not isinstance(error, BesedaError):
        raise error
    logging.getLogger("bridge").warning("line of %s not carried: %s", ctx.room.name, error)


if __name__ == "__main__":
    bot.run()
