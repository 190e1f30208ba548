"""PostgreSQL through asyncpg: one connection writes units, one plain texts, a pool reads.

An advisory lock, held for the length of a transaction, gives all nodes of a database one writer at a time: a unit sees
all that came before it wherever it ran, and a transaction carries the units of one node that were ready together. What
other nodes must hear of is in the journal, and a hint of it is the bus's (adapters/bus).

When the connection is lost in the very commit, or nothing is heard of it in time, nobody knows whether it took place:
what its units did may be there, or still come.

A connection that does not answer in time is dropped, for asyncpg would go on waiting for it.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import asyncpg

from beseda.adapters.sql.journal import JournalRow, literally
from beseda.adapters.sql.posts import Place, moment
from beseda.adapters.sql.primary import Primary
from beseda.adapters.sql.statements import Row
from beseda.adapters.sql.uninterrupted import uninterrupted
from beseda.core.patience import PATIENCE_S, lost, patience
from beseda.core.ports.talk import PlainText
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

WRITER_LOCK = 0x6265_7365_6461
"""The advisory lock of whoever writes: "beseda" in ASCII."""
BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK}); SAVEPOINT unit"
NEXT_UNIT = "RELEASE SAVEPOINT unit; SAVEPOINT unit"
COMMIT = "; COMMIT"
LAST_OF_ALL = "RELEASE SAVEPOINT unit"
"""In a transaction that failed, COMMIT alone would roll back and report no error; what stands before it reports it."""
APPEND_TEXTS = "SELECT place, seq, at_ms FROM append_texts($1, $2, $3, $4, $5, $6, $7, $8)"
"""See migrations/versions/0009_posts.py."""
LOCK_SHARE = 0.8
"""How much of its time a batch of texts waits for locks: who gives up then knows that nothing was done."""
CONNECT_S = STATEMENT_S = PATIENCE_S
STUCK_MS = 1000
"""A node that stops in the middle of a transaction loses it after so long, for the others wait, and not in vain."""
WRITING = {"application_name": "beseda", "idle_in_transaction_session_timeout": str(STUCK_MS)}
READERS = 8
LOST = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError)
"""The connection is gone or unusable."""
REFUSED = (
    asyncpg.InvalidTransactionStateError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
)
"""Read-only, deadlock, disk full, locked, shutting down, I/O error (SQLSTATE classes 25, 40, 53, 55, 57, 58)."""


@contextlib.contextmanager
def _unavailable(*errors: type[Exception]) -> Iterator[None]:
    """StoreUnavailable in place of these."""
    try:
        yield
    except ValueError:
        raise  # asyncpg's own word for a parameter that no column takes, which is no fault of the connection
    except errors as error:
        raise StoreUnavailable from error


class PostgresReader:
    """Statements on any connection of the pool."""

    __slots__ = ("_pool",)
    dialect = "postgresql"

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        try:
            with _unavailable(*LOST, *REFUSED), patience() as left_s:
                async with asyncio.timeout(left_s):
                    return await self._fetch(statement, parameters)
        except StoreUnavailable as error:
            raise lost(error) from error.__cause__

    async def _fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[Row]:
        async with self._pool.acquire() as connection:
            try:
                rows: Sequence[Row] = await connection.fetch(statement, *parameters)
            except asyncio.CancelledError:
                connection.terminate()
                raise
            return rows

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        rows = await self.fetch(statement, *parameters)
        return rows[0] if rows else None

    async def execute(self, statement: str, *parameters: object) -> int:
        raise RuntimeError("the reading side does not write")

    async def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        raise RuntimeError("the reading side does not write")


class PostgresWriter:
    """Statements inside the open transaction; the connection is made anew when the next begins after a loss."""

    __slots__ = ("_primary", "connection")
    dialect = "postgresql"

    def __init__(self, primary: Primary) -> None:
        self._primary = primary
        self.connection: asyncpg.Connection | None = None

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        with self._patiently(*LOST, *REFUSED) as left_s:
            rows: Sequence[Row] = await self._inside().fetch(statement, *parameters, timeout=left_s)
        return rows

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        rows = await self.fetch(statement, *parameters)
        return rows[0] if rows else None

    async def execute(self, statement: str, *parameters: object) -> int:
        with self._patiently(*LOST, *REFUSED) as left_s:
            status: str = await self._inside().execute(statement, *parameters, timeout=left_s)
        return int(status.rpartition(" ")[2])

    async def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        with self._patiently(*LOST, *REFUSED) as left_s:
            await self._inside().executemany(statement, rows, timeout=left_s)

    async def begin(self) -> None:
        await self._connect()
        await self.control(BEGIN)

    async def _connect(self) -> None:
        if self.connection is None or self.connection.is_closed():
            with _unavailable(*LOST, asyncpg.PostgresError), patience() as left_s:
                self.connection = await self._primary.connect(
                    left_s, command_timeout=STATEMENT_S, server_settings=WRITING
                )

    async def control(self, statements: str) -> None:
        """Steps of the transaction itself, of which any error is the end."""
        with self._patiently(*LOST, asyncpg.PostgresError) as left_s:
            await self._inside().execute(statements, timeout=left_s)

    async def commit(self, statements: str) -> None:
        """Raises OutcomeUnknown when they were sent, and what came of them was not said."""
        with self._unknown_when_lost():
            await self.control(statements)

    async def append_texts(self, texts: Sequence[PlainText]) -> list[Place | None]:
        """A transaction by itself. Raises as `commit` does."""
        await self._connect()
        columns = zip(*((text.room_id, text.actor.id, text.text, text.key) for text in texts), strict=True)
        places: list[Place | None] = [None] * len(texts)
        with patience() as left_s:
            lock_ms = max(int(left_s * 1000 * LOCK_SHARE), 1)
        try:
            with self._unknown_when_lost():
                rows = await self.fetch(APPEND_TEXTS, WRITER_LOCK, lock_ms, *moment(texts), *map(list, columns))
        except asyncpg.UniqueViolationError:  # a key that another node has used meanwhile
            return places
        for place, seq, at_ms in rows:
            places[place - 1] = (seq, at_ms)
        return places

    @contextlib.contextmanager
    def _unknown_when_lost(self) -> Iterator[None]:
        """OutcomeUnknown in place of StoreUnavailable, unless it is known that nothing came of it."""
        try:
            yield
        except StoreUnavailable as error:
            if _is_known(error.__cause__):
                raise
            self.drop()
            raise OutcomeUnknown from error.__cause__

    @contextlib.contextmanager
    def _patiently(self, *errors: type[Exception]) -> Iterator[float]:
        """The seconds that a statement may take. StoreUnavailable in place of these errors."""
        try:
            with patience() as left_s:
                yield left_s
        except ValueError:
            raise  # as in _unavailable
        except errors as error:
            if isinstance(error, TimeoutError):
                self.drop()
            raise StoreUnavailable from error

    def _inside(self) -> asyncpg.Connection:
        if self.connection is None:
            raise StoreUnavailable
        return self.connection

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.terminate()


def _is_known(cause: BaseException | None) -> bool:
    """Whether a COMMIT that failed so has surely come to nothing.

    It was refused in an answer; or it could not be sent, for the connection was closed; or PostgreSQL said that it ends
    the connection before it does what is asked.
    """
    if isinstance(cause, asyncpg.PostgresConnectionError):
        why = cause.__cause__
        return isinstance(why, BrokenPipeError) or getattr(why, "server_source_function", "") == "ProcessInterrupts"
    if isinstance(cause, asyncpg.InternalClientError):  # what asyncpg says before it sends, when a farewell has come
        return str(cause).startswith("cannot switch to state")
    return cause is None or isinstance(cause, asyncpg.PostgresError | asyncpg.InterfaceError)


class PostgresDatabase:
    """See engine.Database. Made by `open_postgres`."""

    appends_in_units = False

    def __init__(self, primary: Primary, pool: asyncpg.Pool) -> None:
        self.primary = primary
        self._pool = pool
        self._reader = PostgresReader(pool)
        self._writer = PostgresWriter(primary)
        self._poster = PostgresWriter(primary)

    @property
    def reader(self) -> PostgresReader:
        return self._reader

    @property
    def writer(self) -> PostgresWriter:
        return self._writer

    async def begin(self) -> None:
        await uninterrupted(self._writer.begin())

    async def next_unit(self) -> None:
        await uninterrupted(self._writer.control(NEXT_UNIT))

    async def rollback_unit(self) -> None:
        await uninterrupted(self._writer.control("ROLLBACK TO SAVEPOINT unit"))

    async def commit(self, rows: Sequence[JournalRow] = (), node: str = "") -> None:
        await self._writer.commit((literally(rows, node) if rows else LAST_OF_ALL) + COMMIT)

    async def rollback(self) -> None:
        """A connection that does not answer is dropped, which has the same effect."""
        connection = self._writer.connection
        if connection is None or connection.is_closed():
            return
        try:
            await connection.execute("ROLLBACK", timeout=CONNECT_S)
        except (*LOST, asyncpg.PostgresError):
            connection.terminate()

    async def append_texts(self, texts: Sequence[PlainText]) -> list[Place | None]:
        return await self._poster.append_texts(texts)

    def others_wrote(self) -> bool:
        """That does not show here."""
        return False

    async def identity(self) -> str:
        """The same on a standby that is promoted."""
        row = await self._reader.fetch_row("SELECT system_identifier, current_database() FROM pg_control_system()")
        return ":".join(map(str, row or ()))

    async def now(self) -> datetime:
        """By the server's clock."""
        row = await self._reader.fetch_row("SELECT clock_timestamp()")
        return cast("datetime", (row or ())[0])

    def ailment(self) -> str:
        """Its place is somebody else's."""
        return ""

    async def close(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                for connection in (self._writer.connection, self._poster.connection):
                    if connection is not None:
                        await connection.close()
                await self._pool.close()
        except LOST:  # of one of them; the others are still open
            for writer in (self._writer, self._poster):
                writer.drop()
            self._pool.terminate()


async def open_postgres(dsn: str, timeline: Path | None = None) -> PostgresDatabase:
    """`timeline` is where its file is; see Primary. Raises StoreUnavailable when no server can be reached."""
    primary = Primary(dsn, timeline)

    async def connect(*_: object, **options: Any) -> asyncpg.Connection:
        return await primary.connect(CONNECT_S, **options)

    with _unavailable(*LOST, asyncpg.PostgresError):
        pool = await asyncpg.create_pool(
            min_size=1, max_size=READERS, command_timeout=STATEMENT_S, connect=connect, reset=_leave_as_it_is
        )
    return PostgresDatabase(primary, pool)


async def _leave_as_it_is(_connection: object) -> None:
    """Reading leaves nothing behind in a connection that a round trip would have to clean up."""
