"""PostgreSQL through asyncpg: one connection writes, a pool reads.

An advisory lock, held for the length of a transaction, gives all nodes of a database one writer at a time: a unit sees
all that came before it wherever it ran, and a transaction carries the units of one node that were ready together.
"""

import asyncio
from collections.abc import Sequence

import asyncpg

from beseda.adapters.sql.statements import Row
from beseda.domain.errors import StoreUnavailable

WRITER_LOCK = 0x6265_7365_6461
"""The advisory lock of whoever writes: "beseda" in ASCII."""
READERS = 8
LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The connection is gone or unusable."""
REFUSED = (asyncpg.InsufficientResourcesError, asyncpg.OperatorInterventionError, asyncpg.SystemError)
"""Disk full, shutting down, I/O error (SQLSTATE classes 53, 57, 58)."""


class PostgresReader:
    """Statements on any connection of the pool."""

    __slots__ = ("_pool",)

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await self._pool.fetch(statement, *parameters)
        except (*LOST, *REFUSED, TimeoutError) as error:
            raise StoreUnavailable from error
        return rows

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        rows = await self.fetch(statement, *parameters)
        return rows[0] if rows else None

    async def execute(self, statement: str, *parameters: object) -> int:
        raise RuntimeError("the reading side does not write")


class PostgresWriter:
    """Statements inside the open transaction; the connection is made anew after a loss."""

    __slots__ = ("_dsn", "connection")

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.connection: asyncpg.Connection | None = None

    async def connected(self) -> asyncpg.Connection:
        if self.connection is None or self.connection.is_closed():
            self.connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=10)
        return self.connection

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        try:
            rows: Sequence[Row] = await (await self._inside()).fetch(statement, *parameters)
        except (*LOST, *REFUSED, TimeoutError) as error:
            raise StoreUnavailable from error
        return rows

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        rows = await self.fetch(statement, *parameters)
        return rows[0] if rows else None

    async def execute(self, statement: str, *parameters: object) -> int:
        try:
            status: str = await (await self._inside()).execute(statement, *parameters)
        except (*LOST, *REFUSED, TimeoutError) as error:
            raise StoreUnavailable from error
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def _inside(self) -> asyncpg.Connection:
        """The connection of the open transaction; a lost one cannot be replaced before the next begins."""
        if self.connection is None or self.connection.is_closed():
            raise StoreUnavailable
        return self.connection


class PostgresDatabase:
    """See engine.Database. Made by `open_postgres`."""

    def __init__(self, dsn: str, pool: asyncpg.Pool) -> None:
        self.generation = 0
        self._pool = pool
        self._reader = PostgresReader(pool)
        self._writer = PostgresWriter(dsn)
        self._in_savepoint = False

    @property
    def reader(self) -> PostgresReader:
        return self._reader

    @property
    def writer(self) -> PostgresWriter:
        return self._writer

    async def begin(self) -> None:
        self._in_savepoint = False
        try:
            connection = await self._writer.connected()
            await connection.execute(f"BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        except (*LOST, *REFUSED, TimeoutError) as error:
            await self.rollback()
            raise StoreUnavailable from error

    async def savepoint(self) -> None:
        await self._writer.execute("RELEASE SAVEPOINT unit; SAVEPOINT unit" if self._in_savepoint else "SAVEPOINT unit")
        self._in_savepoint = True

    async def rollback_to_savepoint(self) -> None:
        await self._writer.execute("ROLLBACK TO SAVEPOINT unit")

    async def commit(self) -> None:
        await self._writer.execute("COMMIT")

    async def rollback(self) -> None:
        """Give the transaction up; a connection that does not answer is dropped, which has the same effect."""
        connection = self._writer.connection
        if connection is None or connection.is_closed():
            return
        try:
            await connection.execute("ROLLBACK", timeout=5)
        except (*LOST, asyncpg.PostgresError, TimeoutError):
            connection.terminate()

    async def look_for_others(self) -> None:
        """Note whether anybody has begun to write since; to be called every moment."""
        try:
            rows = await self._reader.fetch("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        except StoreUnavailable:
            return
        self.generation = rows[0][0]

    async def close(self) -> None:
        if self._writer.connection is not None:
            await self._writer.connection.close(timeout=5)
        async with asyncio.timeout(5):
            await self._pool.close()


async def open_postgres(dsn: str) -> PostgresDatabase:
    """Raises StoreUnavailable when the server cannot be reached."""
    try:
        pool = await asyncpg.create_pool(dsn, min_size=1, max_size=READERS, command_timeout=10, timeout=5)
    except (*LOST, asyncpg.PostgresError, TimeoutError) as error:
        raise StoreUnavailable from error
    return PostgresDatabase(dsn, pool)
