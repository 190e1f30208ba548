"""What a handler is given: what happened, where and by whom, and what can be done about it."""

# ruff: noqa: ASYNC109 - the time is that of the bot's clock

import hashlib
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar, overload

from beseda.bot.arguments import BadArgument, convert
from beseda.bot.clock import seconds
from beseda.bot.networks import Letter, Room
from beseda.bot.ranks import Rank
from beseda.bot.state import Values
from beseda.client import lines
from beseda.client.lines import Line, Person

if TYPE_CHECKING:
    from beseda.bot.bot import Bot
    from beseda.bot.commands import Command
    from beseda.bot.lanes import Turn

L = TypeVar("L", bound=Line)
T = TypeVar("T", int, float, str, bool)
ANSWER_S = 120.0


class NoAnswer(Exception):
    """Nobody answered in time. A handler that does not catch it ends, which is no error."""


class Context:
    """A line as a handler sees it."""

    def __init__(self, bot: "Bot", room: Room, line: Line, turn: "Turn") -> None:
        self.bot = bot
        self.room = room
        """Where it happened."""
        self.line = line
        """What happened."""
        self.author: Person | None = author_of(line)
        """Who did it, or whom it happened to; None when that is nobody."""
        self.text: str = getattr(line, "text", "")
        """What was said, "" for what is no text."""
        self.command: Command | None = None
        """The command that the text gives, if this bot has it."""
        self._turn = turn
        self._handler = ""
        self._posts = 0

    @property
    def is_private(self) -> bool:
        """Whether nobody else saw it: a whisper, or a letter."""
        return self.room.private or isinstance(self.line, lines.Whisper | Letter)

    async def reply(self, text: str) -> None:
        """Answer: a whisper by a whisper, a letter by a letter, everything else in the room, beginning with the nick.

        Raises Refused, Unknown.
        """
        if isinstance(self.line, lines.Whisper) and self.author and not self.room.private:
            await self.room.whisper(self.author, text)
        elif self.room.private or self.author is None:
            await self.room.say(text)
        else:
            await self.room.say(f"{self.author.nick}: {text}")

    async def rank(self, person: Person | None = None) -> Rank:
        """What somebody is here, else who did it. Raises what asking the service does."""
        person = person or self.author
        if person is None:
            return Rank.VISITOR
        return await self.bot.rank(self.room, person)

    @overload
    async def wait_for(self, kind: type[L], *, by: Person | None = None, timeout: float | str = ANSWER_S) -> L: ...
    @overload
    async def wait_for(self, *, by: Person | None = None, timeout: float | str = ANSWER_S) -> lines.Text: ...
    async def wait_for(
        self,
        kind: type[Line] | None = None,
        *,
        by: Person | None = None,
        timeout: float | str = ANSWER_S,
    ) -> Line:
        """The next line of a kind, here, by `by` or else by whoever this is about; no other handler gets it.

        Without a kind it is what he says, in the way he said this: to all, by whisper, by letter. Other lines of the
        room are handled meanwhile. Raises NoAnswer when none comes in time.
        """
        wanted = kind or (type(self.line) if hasattr(self.line, "text") else lines.Text)
        whom = by or self.author

        def wants(line: Line) -> bool:
            author = author_of(line)
            return isinstance(line, wanted) and (whom is None or (author is not None and author.id == whom.id))

        found = await self._turn.lane.wait_for(self._turn, wants, self.bot.clock, seconds(timeout))
        if found is None:
            raise NoAnswer
        return found

    @overload
    async def ask(self, question: str, kind: type[T], *, timeout: float | str = ANSWER_S) -> T: ...
    @overload
    async def ask(self, question: str, *, timeout: float | str = ANSWER_S) -> str: ...
    async def ask(
        self,
        question: str,
        kind: type[Any] = str,
        *,
        timeout: float | str = ANSWER_S,
    ) -> Any:
        """Ask who did it something, and again until the answer is of that type. Raises NoAnswer."""
        await self.reply(question)
        while True:
            line = await self.wait_for(timeout=timeout)
            try:
                return convert(kind, question.rstrip("?: "), line.text.strip(), self.bot.phrases)
            except BadArgument as bad:
                await self.reply(bad.text)

    def bot_state(self) -> AbstractAsyncContextManager[Values]:
        """What the bot remembers: `async with ctx.bot_state() as state: state["count"] = 1`.

        It is saved at the end of the block, unless that raises; meanwhile nobody else has it.
        """
        return self.bot.state("bot")

    def room_state(self) -> AbstractAsyncContextManager[Values]:
        """What the bot remembers about this room."""
        return self.bot.state(f"room/{self.room.key}")

    def member_state(self, person: Person | None = None) -> AbstractAsyncContextManager[Values]:
        """What the bot remembers about a member, wherever he is; else about who did it. Raises ValueError."""
        person = person or self.author
        if person is None:
            raise ValueError("this is about nobody")
        return self.bot.state(f"member/{self.room.network.name}/{person.id}")

    def begin(self, handler: str) -> None:
        """From now on it is the handler of this name that posts."""
        self._handler, self._posts = handler, 0

    def next_key(self) -> str | None:
        """A name for the next post: the same when the line is handled again, after the bot was killed."""
        if not self.room.resumes or self.line.seq is None:
            return None
        self._posts += 1
        parts = (self.bot.instance, self.room.key, str(self.line.seq), self._handler, str(self._posts))
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()


def author_of(line: Line) -> Person | None:
    """Who did it; else whom it happened to."""
    for name in ("author", "member", "by", "about"):
        if isinstance(found := getattr(line, name, None), Person):
            return found
    return None
