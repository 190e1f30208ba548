"""A real server in a thread of its own, for tests written in any style."""

import asyncio
import contextlib
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from beseda.core.core import Core
from beseda.server.bootstrap import Beseda, run_beseda
from beseda.server.config import Config, LogConfig, load_config
from beseda.server.logs import configure_logs
from beseda.testing.clock import ManualClock
from beseda.testing.faults import Faults, FaultyDatabase

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


class BesedaServer:
    """`with BesedaServer() as server:` gives a server at `server.url`; `server.clock.move(61)` lets time pass.

    `settings` are those of the configuration, by key: `{"accounts.registration": "closed"}`. The data is in a folder
    that is removed at the end, unless `data` names one.
    """

    def __init__(
        self, settings: dict[str, Any] | None = None, *, data: Path | None = None, clock: ManualClock | None = None
    ) -> None:
        self.settings = settings or {}
        self._data = data
        self._temporary = Path()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="beseda", daemon=True)
        self._stack = contextlib.AsyncExitStack()
        self.clock = clock or ManualClock()
        self.faults = Faults()
        self.config = Config()
        self._beseda: Beseda | None = None

    def __enter__(self) -> Self:
        self._temporary = Path(tempfile.mkdtemp(prefix="beseda-")) if self._data is None else self._data
        if not structlog.is_configured():
            configure_logs(LogConfig(level="warning"), libraries=False)
        folder = {"server.data": self._temporary}
        self.config = load_config(environment={}, overrides={**QUICK, **folder, **self.settings})
        self._thread.start()
        try:
            running = run_beseda(
                self.config,
                clock=self.clock,
                housekeeping=False,
                wrap=lambda database: FaultyDatabase(database, self.faults),
            )
            self._beseda = self.run(self._stack.enter_async_context(running))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.run(self._stack.aclose())
        finally:
            self._close()

    def _close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._data is None:
            shutil.rmtree(self._temporary, ignore_errors=True)

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
        """The deeds, for preparing what a test needs: `server.run(server.core.rooms.add("Praha"))`."""
        return self.beseda.parts.core

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs in the server's loop."""
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result(timeout=60)

    def move_clock(self, seconds: float) -> None:
        """Let time pass, and what it brings about happen."""
        self.clock.move(seconds)
        self.run(self.beseda.housekeeping())
