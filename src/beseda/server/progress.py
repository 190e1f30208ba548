"""How far long work is: before a server can start in the log, and to systemd; all else to who looks on."""

import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import BinaryIO, Self

import structlog

from beseda.adapters.sql.schema import SCHEMA
from beseda.server.systemd import notify

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it is, and how much there is in all: 0 where nobody knows."""


def say_nothing(what: str, done: int, total: int) -> None:
    """Nobody looks on."""


LOOKED_ON: ContextVar[Progress] = ContextVar("looked_on", default=say_nothing)
"""Who looks on while a database is opened, which may be migrated then."""


class Watched:
    """A file from which is read once, to the end, while somebody looks on."""

    def __init__(self, file: BinaryIO, path: Path, what: str, progress: Progress) -> None:
        self._file = file
        self._size = path.stat().st_size
        self._what = what
        self._progress = progress
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._done += len(content)
        self._progress(self._what, self._done, self._size)
        return content


EVERY_S = 5.0
"""Whoever waits wants to know that something still happens; what is done sooner needs no word."""


class LongWork:
    """`with LongWork("backing up") as work:` work that puts into `work.so_far` how far it is."""

    def __init__(self, work: str, every_s: float = EVERY_S, **so_far: object) -> None:
        self._work = work
        self._every_s = every_s
        self.so_far = so_far
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        began, log = monotonic(), structlog.get_logger()
        while not self._over.wait(self._every_s):
            told = self.so_far | {"seconds": round(monotonic() - began)}
            log.warning(self._work, **told)
            notify(f"STATUS={self._work}: " + ", ".join(f"{name} {value}" for name, value in told.items()))


class MigrationProgress(LongWork):
    """For a migration that calls `done` after each of its steps."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        super().__init__("migrating", every_s, done=0, to=SCHEMA)
        self._progress = LOOKED_ON.get()

    def done(self, schema: int) -> None:
        """This step is, in the transaction that is open."""
        self.so_far = {"done": schema, "to": SCHEMA}
        self._progress("migrating", schema, SCHEMA)


class BackupProgress(LongWork):
    """For the backup before a migration, which looks on at itself."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        super().__init__("backing up before the migration", every_s)

    def tell(self, what: str, done: int, total: int) -> None:
        self.so_far = {"part": what, "done": done, "of": total}
