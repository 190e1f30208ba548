"""SQLite: one file, write-ahead log, every commit synced (`synchronous=FULL`).

Statements take microseconds and run on the event loop; what waits for a disk or for another process, the commit and
the opening of a contended transaction, runs in a thread.

A commit that cannot be written is refused. When only syncing it failed, or when the files are no longer where they were
after it, its outcome is unknown: what lies in the log may be found, or not, by whoever opens the database next.
"""

import asyncio
import contextlib
import fcntl
import re
import socket
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO

from beseda.adapters.sql.files import OpenFiles
from beseda.adapters.sql.journal import ADDED, PLACES, JournalRow
from beseda.adapters.sql.off_loop import OffLoop
from beseda.adapters.sql.posts import Place, append_in_unit
from beseda.adapters.sql.statements import Row
from beseda.adapters.sql.uninterrupted import uninterrupted
from beseda.core.patience import lost, patience
from beseda.core.ports.talk import PlainText
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

OLDEST = (3, 35, 0)
"""The first SQLite with RETURNING."""
BUSY_MS = 5_000
"""How long another process may hold the write lock before a unit is refused."""
TURN_LOOK_S = 0.001
"""How often one that waits in the queue of several processes looks: the event loop counts milliseconds."""
READ_BUSY_MS = 250
"""The same for a read, which waits only while another process starts or stops, and the event loop with it."""
MEMORY = Path(":memory:")
LOG_MAX_BYTES = 64 * 1024 * 1024
"""What the log is cut to when all of it is in the file again: a long read, such as a backup, makes it grow."""
WRONG = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE,
    sqlite3.SQLITE_RANGE,
    sqlite3.SQLITE_TOOBIG,
}
"""What SQLite answers to a statement that is wrong in itself; the rest is about the database."""


class Displaced(Exception):
    """The names do not lead to the open files any more; the message says which."""


@lru_cache(maxsize=1024)
def _native(statement: str) -> str:
    """`$1` in SQLite's own spelling."""
    return re.sub(r"\$(\d+)", r"?\1", statement)


def _is_wrong(error: sqlite3.Error) -> bool:
    """Whether it is the statement that is wrong."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF in WRONG


class SqliteConnection:
    __slots__ = ("raw",)
    dialect = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        # All rows are fetched: a statement that is not finished would keep its lock.
        return self._run(statement, parameters).fetchall()

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        rows: list[Row] = self._run(statement, parameters).fetchall()
        return rows[0] if rows else None

    async def execute(self, statement: str, *parameters: object) -> int:
        return self._run(statement, parameters).rowcount

    async def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        try:
            self.raw.executemany(_native(statement), rows)
        except sqlite3.Error as error:
            if _is_wrong(error):
                raise
            raise lost(StoreUnavailable()) from error

    def _run(self, statement: str, parameters: Sequence[object]) -> sqlite3.Cursor:
        try:
            return self.raw.execute(_native(statement), parameters)
        except sqlite3.Error as error:
            if _is_wrong(error):
                raise
            raise lost(StoreUnavailable()) from error


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """A connection as Beseda uses it: waits for other processes while it opens, never after that.

    `durable=False` survives a crash of the process, but not of the power.
    """
    raw = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    try:
        _switch_to_wal(raw)
        raw.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute(f"PRAGMA journal_size_limit = {LOG_MAX_BYTES}")
        raw.execute("SELECT name FROM sqlite_master").fetchone()  # opens the log
        raw.execute("PRAGMA busy_timeout = 0")
    except BaseException:
        raw.close()
        raise
    return raw


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)


def _switch_to_wal(raw: sqlite3.Connection) -> None:
    """SQLite does not wait for another process that is about the same, as it does everywhere else."""
    ends = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
            time.sleep(0.01)
        else:
            return


class SqliteDatabase:
    """See engine.Database. In memory, one connection both reads and writes."""

    appends_in_units = True

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        if sqlite3.sqlite_version_info < OLDEST:
            raise RuntimeError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 is the oldest that will do")
        self.path = path
        self.durable = durable
        self._write = connect(path, durable=durable)
        self._read = self._write
        if path != MEMORY:
            self._read = connect(path, durable=durable)
            self._read.execute(f"PRAGMA busy_timeout = {READ_BUSY_MS}")
        self._writer, self._reader = SqliteConnection(self._write), SqliteConnection(self._read)
        self._files = None if path == MEMORY else OpenFiles(path)
        self._version = self._looked_at = 0
        self._thread = OffLoop("commit")
        self._in_thread = False
        self._queue: BinaryIO | None = None

    @property
    def raw(self) -> sqlite3.Connection:
        """The writing connection, for migrations."""
        return self._write

    @property
    def reader(self) -> SqliteConnection:
        return self._reader

    @property
    def writer(self) -> SqliteConnection:
        return self._writer

    async def begin(self) -> None:
        if self._queue is not None:
            if not self._begin_in_turn(self._queue):
                with patience() as left_s:
                    await uninterrupted(self._begin_at_last(self._queue, min(BUSY_MS / 1000, left_s)))
            return
        try:
            self._begin()
        except sqlite3.Error:
            with patience() as left_s:
                await uninterrupted(self._off_loop(partial(self._begin_when_free, min(BUSY_MS, round(left_s * 1000)))))

    def queue(self, file: BinaryIO) -> None:
        """Other processes write as much, and have a lock on this `file` while they wait to: whoever waits is next.

        SQLite alone lets them sleep, and whoever has just written is there before they wake up.
        """
        self._queue = file

    def _begin_in_turn(self, queue: BinaryIO) -> bool:
        """False while another one writes, or waits to; a place in the queue is kept until the transaction begins."""
        try:
            fcntl.lockf(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        try:
            self._begin()
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            fcntl.lockf(queue, fcntl.LOCK_UN)
            raise StoreUnavailable from error
        fcntl.lockf(queue, fcntl.LOCK_UN)
        return True

    async def _begin_at_last(self, queue: BinaryIO, left_s: float) -> None:
        ends_s = time.monotonic() + left_s
        while not self._begin_in_turn(queue):
            if time.monotonic() >= ends_s:
                fcntl.lockf(queue, fcntl.LOCK_UN)
                raise StoreUnavailable from TimeoutError("other processes write without end")
            await asyncio.sleep(TURN_LOOK_S)

    def _begin(self) -> None:
        if self._write.in_transaction:
            self._write.execute("ROLLBACK")
        self._write.execute("BEGIN IMMEDIATE")
        self._write.execute("SAVEPOINT unit")
        self._note_version()

    def _begin_when_free(self, wait_ms: int) -> None:
        """Another process writes: wait for it."""
        self._write.execute(f"PRAGMA busy_timeout = {wait_ms}")
        try:
            self._begin()
        finally:
            self._write.execute("PRAGMA busy_timeout = 0")

    async def next_unit(self) -> None:
        self._control("RELEASE unit")
        self._control("SAVEPOINT unit")

    async def rollback_unit(self) -> None:
        self._control("ROLLBACK TO unit")

    def _control(self, statement: str) -> None:
        """Any error means that the transaction is not what it was: SQLite itself ends it when a disk is full."""
        try:
            self._write.execute(statement)
        except sqlite3.Error as error:
            raise StoreUnavailable from error

    async def commit(self, rows: Sequence[JournalRow] = (), node: str = "") -> None:
        if rows:
            await self._writer.execute_many(ADDED + PLACES, [(*row, node) for row in rows])
        await self._off_loop(self._commit)

    def _commit(self) -> None:
        if displaced := self._displaced():
            raise StoreUnavailable from Displaced(displaced)
        try:
            self._write.execute("COMMIT")
        except sqlite3.OperationalError as error:
            code = error.sqlite_errorcode
            if code & 0xFF == sqlite3.SQLITE_IOERR and code != sqlite3.SQLITE_IOERR_WRITE:
                raise OutcomeUnknown from error
            raise
        if displaced := self._displaced():
            raise OutcomeUnknown from Displaced(displaced)

    def _displaced(self) -> str:
        return self._files.displaced() if self._files else ""

    def ailment(self) -> str:
        return (self._files.displaced() or self._files.crowded()) if self._files else ""

    async def rollback(self) -> None:
        if self._write.in_transaction:
            with contextlib.suppress(StoreUnavailable):
                await self._off_loop(partial(self._write.execute, "ROLLBACK"))

    async def append_texts(self, texts: Sequence[PlainText]) -> list[Place | None]:
        return await append_in_unit(self._writer, texts)

    def others_wrote(self) -> bool:
        """In a transaction nobody else can commit; what came before it was noted when it began."""
        if not self._in_thread and not self._write.in_transaction:
            self._note_version()
        before, self._looked_at = self._looked_at, self._version
        return before != self._looked_at

    def _note_version(self) -> None:
        """The version that the writing connection sees does not count its own commits."""
        self._version = self._write.execute("PRAGMA data_version").fetchone()[0]

    async def identity(self) -> str:
        return f"{socket.gethostname()}:{self.path.absolute()}"

    async def close(self) -> None:
        self._thread.close()
        self._read.close()
        self._write.close()

    async def _off_loop(self, work: Callable[[], object]) -> None:
        self._in_thread = True
        try:
            await self._thread.do(work)
        except sqlite3.Error as error:
            raise StoreUnavailable from error
        finally:
            self._in_thread = False
