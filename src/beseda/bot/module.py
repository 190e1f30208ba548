"""A part of a bot: commands, what it does when something happens, scheduled work. A bot is one itself."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from typing import TYPE_CHECKING, Any, Self, TypeVar

from beseda.bot.clock import seconds
from beseda.bot.commands import Command, Listener, make_command, make_listener
from beseda.bot.context import Context
from beseda.bot.filters import Check
from beseda.bot.ranks import Rank
from beseda.bot.throttle import Throttle
from beseda.client.lines import Line

if TYPE_CHECKING:
    from beseda.bot.bot import Bot

F = TypeVar("F", bound=Callable[..., Coroutine[Any, Any, None]])
Next = Callable[[], Awaitable[None]]
"""Goes on to what the middleware stands in front of."""
Middleware = Callable[[Context, Next], Awaitable[None]]
ErrorHandler = Callable[[Context, Exception], Awaitable[None]]
Work = Callable[["Bot"], Coroutine[Any, Any, None]]
M = TypeVar("M", bound=Middleware)
E = TypeVar("E", bound=ErrorHandler)
W = TypeVar("W", bound=Work)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Scheduled work: every so many seconds, or at a time of each day."""

    work: Work
    every_s: float | None
    at: time_of_day | None
    zone: tzinfo | None

    def wait_s(self, now: datetime) -> float:
        """Until it is due the next time."""
        if self.at is None:
            return self.every_s or 0.0
        today = now.astimezone(self.zone).date()
        due = self._due(today)
        if due <= now:
            due = self._due(today + timedelta(days=1))
        return due.timestamp() - now.timestamp()

    def _due(self, day: date) -> datetime:
        at = datetime.combine(day, self.at or time_of_day())
        return at.replace(tzinfo=self.zone) if self.zone else at.astimezone()


class Module:
    """`module = Module()` in a file of its own, and `bot.include(module)`.

    `where` and `rank` go for all its handlers, `throttle` for each of its commands.
    """

    def __init__(
        self, *, where: Check | None = None, rank: Rank = Rank.VISITOR, throttle: Throttle | None = None
    ) -> None:
        self._where = where
        self._rank = rank
        self._throttle = throttle
        self._parent: Module | None = None
        self._parts: list[Module] = []
        self._commands: list[Command] = []
        self._listeners: list[Listener] = []
        self._middleware: list[Middleware] = []
        self._error_handlers: list[ErrorHandler] = []
        self._jobs: list[Job] = []

    def command(
        self,
        name: str,
        *aliases: str,
        help: str = "",  # noqa: A002 - what it is
        rank: Rank = Rank.VISITOR,
        throttle: Throttle | None = None,
        where: Check | None = None,
        hidden: bool = False,
    ) -> Callable[[F], F]:
        """The function is run when somebody gives the command; its parameters are read from the text behind the name.

        They may be `str`, `int`, `float`, `bool`, `timedelta` ("10m"), `Member` (somebody in the room), a `Literal`, an
        `Enum`, `Annotated[T, converter]`, one of these `| None`; `Rest`, or `*, text: str`, is the rest of the line,
        and `*words: T` are all others. What does not fit is told to the member. `help` is the docstring unless given.
        Raises TypeError, ValueError.
        """

        def add(function: F) -> F:
            options = {"help": help, "rank": rank, "throttle": throttle or self._throttle, "where": where}
            self._commands.append(make_command((name, *aliases), function, self, hidden=hidden, **options))
            return function

        return add

    def on(
        self,
        *kinds: type[Line],
        where: Check | None = None,
        rank: Rank = Rank.VISITOR,
        throttle: Throttle | None = None,
        own: bool = False,
    ) -> Callable[[F], F]:
        """The function is run when something of these kinds happens (`beseda.client.lines`, `Letter`), else anything.

        It takes a context, and the line if it wants it. What the bot did itself is passed over, unless `own`. All that
        fit are run, in the order they stand in, before a command that the line gives. Raises TypeError.
        """

        def add(function: F) -> F:
            options = {"where": where, "rank": rank, "throttle": throttle, "own": own}
            self._listeners.append(make_listener(kinds, function, self, **options))
            return function

        return add

    def every(self, span: float | str) -> Callable[[W], W]:
        """The function, which takes the bot, is run every so often ("10m"), the first time after that long.

        It is not run twice at once. Raises ValueError.
        """

        def add(work: W) -> W:
            self._jobs.append(Job(work, seconds(span), None, None))
            return work

        return add

    def daily(self, at: str, zone: tzinfo | None = None) -> Callable[[W], W]:
        """The same each day at "08:00", of this zone, else of the computer's. Raises ValueError."""

        def add(work: W) -> W:
            self._jobs.append(Job(work, None, time_of_day.fromisoformat(at), zone))
            return work

        return add

    def middleware(self, function: M) -> M:
        """Around every handler of this module and of its parts: `async def log(ctx, call_next): await call_next()`.

        When it does not go on, the handler does not run.
        """
        self._middleware.append(function)
        return function

    def on_error(self, function: E) -> E:
        """Is given what a handler raised, unless a part of the module has one of its own: `async def tell(ctx, error)`.

        Without any it is logged.
        """
        self._error_handlers.append(function)
        return function

    def include(self, module: "Module") -> Self:
        """Take in a part. Raises ValueError for one that is in a bot already."""
        if module._parent is not None or module is self:
            raise ValueError("a module is a part of one other")
        module._parent = self
        self._parts.append(module)
        return self

    @property
    def commands(self) -> list[Command]:
        """Those of this module and of its parts."""
        return self._commands + [command for part in self._parts for command in part.commands]

    def listeners(self) -> Iterator[Listener]:
        """Those of this module and of its parts."""
        yield from self._listeners
        for part in self._parts:
            yield from part.listeners()

    def jobs(self) -> Iterator[Job]:
        """Those of this module and of its parts."""
        yield from self._jobs
        for part in self._parts:
            yield from part.jobs()

    def outwards(self) -> Iterator["Module"]:
        """This, what it is a part of, and so on."""
        inner: Module | None = self
        while inner is not None:
            yield inner
            inner = inner._parent

    @property
    def where(self) -> Check | None:
        return self._where

    @property
    def least_rank(self) -> Rank:
        """Below which nothing of it runs."""
        return max(module._rank for module in self.outwards())

    def wrapped(self, ctx: Context, deed: Next) -> Next:
        """The deed inside of all middleware, the outermost first."""
        for module in self.outwards():
            for middleware in reversed(module._middleware):
                deed = _inside(middleware, ctx, deed)
        return deed

    def error_handlers(self) -> list[ErrorHandler]:
        """Those of the nearest module that has some."""
        return next((module._error_handlers for module in self.outwards() if module._error_handlers), [])


def _inside(middleware: Middleware, ctx: Context, deed: Next) -> Next:
    async def run() -> None:
        await middleware(ctx, deed)

    return run
