"""The same server for tests that are coroutines: what asks it for something is awaited."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from beseda.testing.backstage import Place, Said, Who
from beseda.testing.clock import ManualClock
from beseda.testing.server import BesedaServer
from beseda.testing.stage import Stage

P = ParamSpec("P")
T = TypeVar("T")


class AsyncDeed(Generic[P, T]):
    """A deed of the stage as a coroutine in whatever loop the test has."""

    def __init__(self, deed: Callable[Concatenate[Stage, P], Coroutine[Any, Any, T]]) -> None:
        self.deed = deed
        self.__doc__ = deed.__doc__

    def __get__(self, server: "AsyncBesedaServer | None", kind: type) -> Callable[P, Awaitable[T]]:
        if server is None:  # looked at, not called
            return self.deed  # type: ignore[return-value]
        return functools.wraps(self.deed)(functools.partial(server.do, self.deed))


class AsyncBesedaServer:
    """`async with AsyncBesedaServer() as server:`; it runs in a thread of its own all the same, so that nothing that
    the test does holds it up. `plain` is the `BesedaServer` that it is; one that runs already may be given.
    """

    def __init__(
        self,
        settings: dict[str, Any] | None = None,
        *,
        data: Path | None = None,
        clock: ManualClock | None = None,
        plain: BesedaServer | None = None,
    ) -> None:
        self.plain = plain or BesedaServer(settings, data=data, clock=clock)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.plain.__enter__)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.plain.__exit__, kind, error, trace)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.plain.url

    async def restart(self) -> None:
        """Stop, and begin again at the same address, with the same data; troubles are over."""
        await asyncio.to_thread(self.plain.restart)

    def do(
        self, deed: Callable[Concatenate[Stage, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """The result of a deed of the stage."""
        return asyncio.wrap_future(self.plain.submit(deed(self.plain.stage, *args, **kwargs)))

    async def room(self, name: str, *, admin: Who = "", description: str = "") -> "AsyncRoom":
        """A permanent room, which `admin` is a permanent admin of."""
        place = await self.do(Stage.room, name, admin=admin, description=description)
        return AsyncRoom(place.id, place.name, self)

    member = AsyncDeed(Stage.member)
    visitor = AsyncDeed(Stage.visitor)
    cookie = AsyncDeed(Stage.cookie)
    sid = AsyncDeed(Stage.sid)
    token = AsyncDeed(Stage.token)
    make_room_admin = AsyncDeed(Stage.make_room_admin)
    enter = AsyncDeed(Stage.enter)
    say = AsyncDeed(Stage.say)
    delete_line = AsyncDeed(Stage.delete_line)
    lines = AsyncDeed(Stage.lines)
    texts = AsyncDeed(Stage.texts)
    app = AsyncDeed(Stage.app)
    grant = AsyncDeed(Stage.grant)
    revoke = AsyncDeed(Stage.revoke)
    domain = AsyncDeed(Stage.domain)
    personal_token = AsyncDeed(Stage.personal_token)
    approve = AsyncDeed(Stage.approve)
    deny = AsyncDeed(Stage.deny)
    credit = AsyncDeed(Stage.credit)
    letter = AsyncDeed(Stage.letter)
    ignore = AsyncDeed(Stage.ignore)
    favourite = AsyncDeed(Stage.favourite)
    give_karma = AsyncDeed(Stage.give_karma)
    set_karma = AsyncDeed(Stage.set_karma)
    make_site_admin = AsyncDeed(Stage.make_site_admin)
    set_standing = AsyncDeed(Stage.set_standing)
    set_password = AsyncDeed(Stage.set_password)
    name_server = AsyncDeed(Stage.name_server)
    read_captcha = AsyncDeed(Stage.read_captcha)
    keep_at_work = AsyncDeed(Stage.keep_at_work)
    move_clock = AsyncDeed(Stage.move_clock)
    fail_next = AsyncDeed(Stage.fail_next)
    lose_next = AsyncDeed(Stage.lose_next)
    slow_down = AsyncDeed(Stage.slow_down)
    drop_connections = AsyncDeed(Stage.drop_connections)
    settle = AsyncDeed(Stage.settle)


@dataclass(frozen=True, slots=True)
class AsyncRoom(Place):
    """A room of a running server."""

    _server: AsyncBesedaServer = field(repr=False, compare=False)

    async def enter(self, who: Who) -> dict[str, str]:
        """Put somebody into the room: the cookies of the session that is inside."""
        return await self._server.enter(who, self)

    async def say(self, who: Who, text: str) -> int:
        """A line of somebody's, who enters first if need be; its `seq`."""
        return await self._server.say(who, self, text)

    async def lines(self) -> list[Said]:
        """All that has happened, oldest first, whoever may see it."""
        return await self._server.lines(self)

    async def texts(self) -> list[str]:
        """What was said to all."""
        return await self._server.texts(self)
