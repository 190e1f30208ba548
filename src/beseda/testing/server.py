"""A real server in a thread of its own, for tests written in any style."""

import asyncio
import contextlib
import functools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

import structlog

from beseda.adapters.sql.schema import migrate_sqlite
from beseda.adapters.sql.sqlite import connect
from beseda.core.auth import SignedIn
from beseda.core.core import Core
from beseda.domain.ids import AccountId
from beseda.server.asgi import App
from beseda.server.beseda import Beseda, run_beseda
from beseda.server.config import Config, LogConfig, load_config
from beseda.server.connections import Connections
from beseda.server.logs import configure_logs
from beseda.server.storage import KEY_FILE, sqlite_path
from beseda.testing.backstage import Place, Said, Who
from beseda.testing.clock import ManualClock
from beseda.testing.faults import Faults, FaultyDatabase
from beseda.testing.stage import Stage
from beseda.testing.troubles import Troubles

P = ParamSpec("P")
T = TypeVar("T")

QUICK = {
    "server.listen": "127.0.0.1:0",
    "server.ops_listen": "127.0.0.1:0",
    "server.drain_s": 0,
    "server.durable": False,
    "accounts.hash_memory_kib": 8,
    "accounts.hash_passes": 1,
}
"""A free port, and no price for durability and for slow hashes that no test needs."""


class Deed(Generic[P, T]):
    """A deed of the stage as a plain method: the same parameters, the same result."""

    def __init__(self, deed: Callable[Concatenate[Stage, P], Coroutine[Any, Any, T]]) -> None:
        self.deed = deed
        self.__doc__ = deed.__doc__

    def __get__(self, server: "BesedaServer | None", kind: type) -> Callable[P, T]:
        if server is None:  # looked at, not called
            return self.deed  # type: ignore[return-value]
        return functools.wraps(self.deed)(functools.partial(server.do, self.deed))


class BesedaServer:
    """`with BesedaServer() as server:` gives a server at `server.url`; `server.move_clock(61)` lets time pass.

    `settings` are those of the configuration, by key: `{"accounts.registration": "closed"}`. The data is in a folder
    that is removed at the end, unless `data` names one.
    """

    def __init__(
        self, settings: dict[str, Any] | None = None, *, data: Path | None = None, clock: ManualClock | None = None
    ) -> None:
        self.settings = settings or {}
        self._data = data
        self._temporary = Path()
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread
        self._stack = contextlib.AsyncExitStack()
        self.clock = clock or ManualClock()
        self.faults = Faults()
        self.config = Config()
        self._beseda: Beseda | None = None
        self._inside: dict[AccountId, SignedIn] = {}
        self.troubles: Troubles
        self.stage: Stage

    def __enter__(self) -> Self:
        self._load()  # raises before anything is made
        self._temporary = Path(tempfile.mkdtemp(prefix="beseda-")) if self._data is None else self._data
        if not structlog.is_configured():
            configure_logs(LogConfig(level="warning"), libraries=False)
        self.config = self._load()
        if self._data is None and not self.config.server.database:
            provide_database(self.config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="beseda", daemon=True)
        self._thread.start()
        try:
            self.run(self._start())
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.run(self._stop())
        finally:
            self._close()

    def _load(self, **fixed: object) -> Config:
        """Raises ConfigError."""
        overrides = {**QUICK, "server.data": self._temporary, **self.settings}
        return load_config(
            environment={}, overrides=overrides | {f"server.{name}": value for name, value in fixed.items()}
        )

    async def _start(self) -> None:
        running = run_beseda(
            self.config,
            clock=self.clock,
            housekeeping=False,
            wrap=lambda database: FaultyDatabase(database, self.faults),
            around=self._around,
        )
        self._beseda = await self._stack.enter_async_context(running)
        self.stage = Stage(self._beseda, self.clock, self.troubles, self._inside)

    def _around(self, app: App, connections: Connections) -> Troubles:
        self.troubles = Troubles(app, connections)
        return self.troubles

    async def _stop(self) -> None:
        self.troubles.end()
        await self._stack.aclose()

    def _close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._data is None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def restart(self) -> None:
        """Stop, and begin again at the same address, with the same data; troubles are over."""
        self.config = self._load(listen=self.url.partition("://")[2])
        self.run(self._stop())
        self.run(self._start())

    @property
    def beseda(self) -> Beseda:
        if self._beseda is None:
            raise RuntimeError("the server has not been started")
        return self._beseda

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.beseda.url

    @property
    def core(self) -> Core:
        """All deeds, also those that have no call of their own here: `server.run(server.core.accounts.invite())`."""
        return self.beseda.parts.core

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs in the server's loop."""
        return self.submit(deed).result(timeout=60)

    def submit(self, deed: Coroutine[Any, Any, T]) -> Future[T]:
        """The same, without waiting for it."""
        return asyncio.run_coroutine_threadsafe(deed, self._loop)

    def do(self, deed: Callable[Concatenate[Stage, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a deed of the stage."""
        return self.run(deed(self.stage, *args, **kwargs))

    def room(self, name: str, *, admin: Who = "", description: str = "") -> "Room":
        """A permanent room, which `admin` is a permanent admin of."""
        place = self.do(Stage.room, name, admin=admin, description=description)
        return Room(place.id, place.name, self)

    member = Deed(Stage.member)
    visitor = Deed(Stage.visitor)
    cookie = Deed(Stage.cookie)
    sid = Deed(Stage.sid)
    token = Deed(Stage.token)
    make_room_admin = Deed(Stage.make_room_admin)
    enter = Deed(Stage.enter)
    say = Deed(Stage.say)
    delete_line = Deed(Stage.delete_line)
    lines = Deed(Stage.lines)
    texts = Deed(Stage.texts)
    app = Deed(Stage.app)
    grant = Deed(Stage.grant)
    revoke = Deed(Stage.revoke)
    domain = Deed(Stage.domain)
    personal_token = Deed(Stage.personal_token)
    approve = Deed(Stage.approve)
    deny = Deed(Stage.deny)
    credit = Deed(Stage.credit)
    letter = Deed(Stage.letter)
    ignore = Deed(Stage.ignore)
    favourite = Deed(Stage.favourite)
    give_karma = Deed(Stage.give_karma)
    set_karma = Deed(Stage.set_karma)
    make_site_admin = Deed(Stage.make_site_admin)
    set_standing = Deed(Stage.set_standing)
    set_password = Deed(Stage.set_password)
    name_server = Deed(Stage.name_server)
    read_captcha = Deed(Stage.read_captcha)
    keep_at_work = Deed(Stage.keep_at_work)
    move_clock = Deed(Stage.move_clock)
    fail_next = Deed(Stage.fail_next)
    lose_next = Deed(Stage.lose_next)
    slow_down = Deed(Stage.slow_down)
    drop_connections = Deed(Stage.drop_connections)
    settle = Deed(Stage.settle)


@dataclass(frozen=True, slots=True)
class Room(Place):
    """A room of a running server."""

    _server: BesedaServer = field(repr=False, compare=False)

    def enter(self, who: Who) -> dict[str, str]:
        """Put somebody into the room: the cookies of the session that is inside."""
        return self._server.enter(who, self)

    def say(self, who: Who, text: str) -> int:
        """A line of somebody's, who enters first if need be; its `seq`."""
        return self._server.say(who, self, text)

    def lines(self) -> list[Said]:
        """All that has happened, oldest first, whoever may see it."""
        return self._server.lines(self)

    def texts(self) -> list[str]:
        """What was said to all."""
        return self._server.texts(self)


def provide_database(config: Config) -> None:
    """What a first start makes, but by copying: a tenth of the time."""
    sqlite_path(config).write_bytes(_empty_database())
    key = config.server.data / KEY_FILE
    key.touch(mode=0o600)
    key.write_text(os.urandom(32).hex() + "\n", "ascii")


@functools.cache
def _empty_database() -> bytes:
    """The file of a database of today's schema."""
    with tempfile.TemporaryDirectory(prefix="beseda-") as folder:
        path = Path(folder, "empty.db")
        with contextlib.closing(connect(path, durable=False)) as raw:
            migrate_sqlite(raw)
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()
