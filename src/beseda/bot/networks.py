"""What a bot needs of a network, which is a protocol spoken at one address, and of a room there.

`LiveNetwork`, `ChatCzNetwork` and `SpacesNetwork` are those that there are; a test has `beseda.bot.testing.World`.
"""

import asyncio
import functools
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Protocol

from beseda.bot.clock import Clock
from beseda.bot.ranks import Rank
from beseda.client.errors import BesedaError, TooOften
from beseda.client.lines import Line, Person

TRIES, WAIT_MAX_S = 5, 30.0
"""How often, and after how long at most, something is said again that was said too often."""
NO_COMMAND = "› "
"""Goes before what is said and begins with a slash, which the services take for a command."""


class Unsupported(BesedaError):
    """The network has no such thing; nothing has happened."""


class Keys(Protocol):
    """Gives each post that comes of a line a name of its own: the same when the line is handled again."""

    def next_key(self) -> str | None: ...


POSTING: ContextVar[Keys | None] = ContextVar("beseda.bot.posting", default=None)
"""What is being handled, if anything."""


class Letter(Line, frozen=True, kw_only=True):
    """A letter that came (Spaces). `room_id` is the number of the contact, `seq` that of the letter."""

    author: Person
    text: str


class Room(ABC):
    """A room that the bot is in, or the letters that it exchanges with somebody (`private`)."""

    text_max = 1_000
    """Characters that one text may have."""
    private = False
    """Whether there is nobody but the bot and one other."""
    resumes = False
    """Whether lines that came while the bot was away can be had later, by their number."""

    def __init__(self, network: "Network", room_id: int, name: str) -> None:
        self.network = network
        self.id = room_id
        """Its number; of letters, that of the contact."""
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.network.name} {self.id} {self.name!r}>"

    @property
    def key(self) -> str:
        """A name that no other room of the bot has."""
        return f"{self.network.name}/{'letters/' if self.private else ''}{self.id}"

    @property
    def cursor_key(self) -> str:
        """The name under which is kept how far the bot has come."""
        return self.key

    async def say(self, text: str) -> None:
        """Say something to all, in several texts when it is long; what begins with a slash is no command.

        Where the protocol has keys (live), it is posted once, also when the bot is killed and handles the line again.
        When the service says that it is too often, it waits for as long as it is told, up to half a minute.
        Raises Refused, Unknown.
        """
        for part in self._parts(text):
            await _patiently(functools.partial(self._post, part, _key()))

    async def whisper(self, to: Person, text: str) -> None:
        """Say something to one alone, in several texts when it is long. Raises Refused, Unknown."""
        for part in self._parts(text):
            await _patiently(functools.partial(self._whisper, to, part, _key()))

    def _parts(self, text: str) -> list[str]:
        """Broken between words; a slash at the beginning of any is none of a command."""
        if len(marked := _marked(text)) <= self.text_max:
            return [marked]
        parts = textwrap.wrap(text, self.text_max - len(NO_COMMAND), break_on_hyphens=False)
        return [_marked(part) for part in parts]

    async def kick(self, whom: Person, reason: str = "") -> None:
        """Throw somebody out, as an admin. Raises NotAllowed where the protocol tells, Unsupported."""
        await self.command("kick", whom, reason)

    async def mute(self, whom: Person, *, back: bool = False) -> None:
        """Mute somebody, or take that back. Raises NotAllowed where the protocol tells, Unsupported."""
        await self.command("unmute" if back else "mute", whom)

    async def allow_links(self, whom: Person) -> None:
        """Let somebody send links for a while. Raises NotAllowed where the protocol tells, Unsupported."""
        await self.command("link", whom)

    async def command(self, word: str, whom: Person | None = None, rest: str = "") -> None:
        """Give a command of the service, such as `lock`. Raises NotAllowed where the protocol tells, Unsupported."""
        nick = f'"{whom.nick}"' if whom and " " in whom.nick else whom.nick if whom else ""
        await self._command(" ".join(filter(None, (f"/{word}", nick, rest))), _key())

    async def delete(self, line: Line) -> None:
        """Delete a text, as an admin or of one's own (live). Raises NotAllowed, Unsupported."""
        raise Unsupported(f"{self.network.name} deletes no single text")

    async def people(self) -> list[Person]:
        """Who is there. Raises what asking does."""
        return []

    async def find(self, nick: str) -> Person | None:
        """Somebody who is there, by nick in whatever case; None when he is not."""
        wanted = nick.casefold()
        return next((each for each in await self.people() if each.nick.casefold() == wanted), None)

    async def rank(self, person: Person) -> Rank:
        """What somebody is here, owners apart. Raises what asking does."""
        return Rank.VISITOR if person.registered is False else Rank.MEMBER

    async def handled(self, line: Line) -> None:  # noqa: B027 - most have nothing to do
        """The bot has done with a line."""

    @abstractmethod
    async def _post(self, text: str, key: str | None) -> None: ...

    async def _whisper(self, to: Person, text: str, key: str | None) -> None:
        raise Unsupported(f"{self.network.name} has no whispers here")

    async def _command(self, text: str, key: str | None) -> None:
        raise Unsupported(f"{self.network.name} has no commands here")


class Hears(Protocol):
    """The bot, as its networks see it."""

    clock: Clock

    async def hear(self, room: Room, line: Line) -> None:
        """Something happened. Returns when it is the line's turn; what comes of it is another matter."""
        ...

    async def cursor(self, key: str) -> int | None:
        """The number of the last line that was done with, of the room whose `cursor_key` this is; None for none."""
        ...

    async def came_in(self, room: Room, cursor: int | None) -> None:
        """The bot is in a room, and will hear what comes after the number."""
        ...


class Network(ABC):
    """A protocol, spoken at one address as one member."""

    name: str
    me: Person | None = None
    """Who the bot is there; None before it has signed in."""

    @abstractmethod
    async def run(self, bot: Hears) -> None:
        """Sign in, go into the rooms, and tell the bot what happens, through all breaks, until this is cancelled.

        Raises what cannot be mended by trying again: SignInRefused, CaptchaNeeded, SessionEnded.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Leave the rooms and close the connections."""

    @property
    @abstractmethod
    def rooms(self) -> list[Room]:
        """Those that the bot is in now."""


async def _patiently(deed: Callable[[], Awaitable[None]]) -> None:
    """Again after TooOften, which says that nothing has happened. Raises Refused, Unknown."""
    for _ in range(TRIES - 1):
        try:
            return await deed()
        except TooOften as refused:
            if refused.retry_after_s is None or refused.retry_after_s > WAIT_MAX_S:
                raise
            await asyncio.sleep(refused.retry_after_s)
    return await deed()


def _marked(text: str) -> str:
    return f"{NO_COMMAND}{text}" if text.lstrip().startswith("/") else text


def _key() -> str | None:
    posting = POSTING.get()
    return posting.next_key() if posting else None
