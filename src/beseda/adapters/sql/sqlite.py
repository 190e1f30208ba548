"""SQLite: one file, write-ahead log, every commit synced (`synchronous=FULL`).

Statements take microseconds and run on the event loop; what waits for a disk or for another process, the commit and
the opening of a contended transaction, runs in a thread.
"""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from beseda.adapters.sql.statements import Row
from beseda.domain.errors import StoreUnavailable

OLDEST = (3, 35, 0)
"""The first SQLite with RETURNING."""
BUSY_MS = 5_000
"""How long another process may hold the write lock before a unit is refused."""
MEMORY = Path(":memory:")


@lru_cache(maxsize=1024)
def _native(statement: str) -> str:
    """`$1` in SQLite's own spelling."""
    return re.sub(r"\$(\d+)", r"?\1", statement)


class SqliteConnection:
    __slots__ = ("raw",)

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        try:
            return self.raw.execute(_native(statement), parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable from error

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        try:
            # All rows are fetched: a statement that is not finished would keep its lock.
            rows: list[Row] = self.raw.execute(_native(statement), parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable from error
        return rows[0] if rows else None

    async def execute(self, statement: str, *parameters: object) -> int:
        try:
            return self.raw.execute(_native(statement), parameters).rowcount
        except sqlite3.OperationalError as error:
            raise StoreUnavailable from error


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """A connection as Beseda uses it. `durable=False` survives a crash of the process, but not of the power."""
    raw = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=512)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    raw.execute("PRAGMA foreign_keys = ON")
    return raw


class SqliteDatabase:
    """See engine.Database. In memory, one connection both reads and writes."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        if sqlite3.sqlite_version_info < OLDEST:
            raise RuntimeError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 is the oldest that will do")
        self.path = path
        self.durable = durable
        self.generation = 0
        self._write = connect(path, durable=durable)
        self._read = self._write if path == MEMORY else connect(path, durable=durable)
        self._writer, self._reader = SqliteConnection(self._write), SqliteConnection(self._read)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
        self._in_savepoint = False

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
        self._in_savepoint = False
        try:
            self._write.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            await self._off_loop(self._begin_when_free)

    def _begin_when_free(self) -> None:
        """Another process writes: wait for it."""
        self._write.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        try:
            self._write.execute("BEGIN IMMEDIATE")
        finally:
            self._write.execute("PRAGMA busy_timeout = 0")

    async def savepoint(self) -> None:
        if self._in_savepoint:
            await self._writer.execute("RELEASE unit")
        await self._writer.execute("SAVEPOINT unit")
        self._in_savepoint = True

    async def rollback_to_savepoint(self) -> None:
        await self._writer.execute("ROLLBACK TO unit")

    async def commit(self) -> None:
        await self._off_loop(self._write.execute, "COMMIT")

    async def rollback(self) -> None:
        if self._write.in_transaction:
            await self._off_loop(self._write.execute, "ROLLBACK")

    async def look_for_others(self) -> None:
        """Note whether another connection has committed; to be called every moment."""
        if self._read is not self._write:
            self.generation = self._read.execute("PRAGMA data_version").fetchone()[0]

    async def close(self) -> None:
        self._thread.shutdown()
        self._read.close()
        self._write.close()

    async def _off_loop(self, work: Callable[..., object], *args: object) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable from error
