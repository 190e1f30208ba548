"""Where the contract is tested: an empty database of each engine, that any number of stores can be opened on."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import asyncpg

from beseda.adapters.sql.engine import Database
from beseda.adapters.sql.postgres import open_postgres
from beseda.adapters.sql.schema import TABLES, migrate_postgres, migrate_sqlite
from beseda.adapters.sql.sqlite import SqliteDatabase

SHARED = "beseda_shared"
CUT_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
"""Ends every connection to a PostgreSQL database but the one that says it."""

EMPTY = "; ".join(
    [
        "SET session_replication_role = replica",
        *(f"DELETE FROM {table}" for table in TABLES),  # noqa: S608 - constants
        "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence",
    ]
)
"""In one go, for each statement by itself is a commit and a way there and back. Ids begin anew, as on SQLite."""


class Place(Protocol):
    """One database. `open` gives connections of their own, as another process would have."""

    async def open(self) -> Database: ...

    async def migrate(self) -> bool: ...

    async def run(self, *statements: str) -> None:
        """SQL behind Beseda's back."""
        ...

    async def columns(self) -> set[tuple[str, str]]:
        """Every table with every column; of an index over words what can be asked for."""
        ...


@dataclass(frozen=True, slots=True)
class SqlitePlace:
    path: Path

    async def open(self) -> SqliteDatabase:
        return SqliteDatabase(self.path, durable=False)

    async def migrate(self) -> bool:
        database = await self.open()
        try:
            return migrate_sqlite(database.raw)
        finally:
            await database.close()

    async def run(self, *statements: str) -> None:
        database = await self.open()
        try:
            for statement in statements:
                database.raw.execute(statement)
        finally:
            await database.close()

    async def columns(self) -> set[tuple[str, str]]:
        database = await self.open()
        rows = database.raw.execute(
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '%_words_%'"
        ).fetchall()
        await database.close()
        return set(rows) | {(table, "rowid") for table, _ in rows if table.endswith("_words")}


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    server: str
    name: str

    @property
    def dsn(self) -> str:
        return self.server.format(self.name)

    async def open(self) -> Database:
        return await open_postgres(self.dsn)

    async def migrate(self) -> bool:
        return await migrate_postgres(self.dsn)

    async def run(self, *statements: str) -> None:
        async with self._connected() as connection:
            for statement in statements:
                await connection.execute(statement)

    async def columns(self) -> set[tuple[str, str]]:
        async with self._connected() as connection:
            rows = await connection.fetch(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            )
        return {(row[0], row[1]) for row in rows}

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        """Closed whatever comes: one that is forgotten is complained of in some later test."""
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Nobody can connect, and who was connected is cut off."""
        connection = await asyncpg.connect(self.server.format("postgres"))
        try:
            await connection.execute(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
            await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", self.name
            )
            yield
        finally:
            await connection.execute(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")
            await connection.close()


@dataclass(slots=True)
class Places:
    """Makes databases of both engines."""

    folder: Path
    server: str
    """The address of a PostgreSQL, `{}` for the name of a database."""
    made: int = 0

    async def prepare(self) -> None:
        """Migrate once; SQLite's file is copied for each test, PostgreSQL's database emptied, which is much faster."""
        await SqlitePlace(self.folder / SHARED).migrate()
        await self._create(SHARED)
        await PostgresPlace(self.server, SHARED).migrate()

    async def migrated(self, engine: str) -> Place:
        """A database without a row, which is not to be changed but through a store."""
        if engine == "sqlite":
            place = SqlitePlace(self._next_file())
            shutil.copy(self.folder / SHARED, place.path)
            return place
        shared = PostgresPlace(self.server, SHARED)
        await shared.run(EMPTY)
        return shared

    async def empty(self, engine: str) -> Place:
        """A database without a table."""
        path = self._next_file()
        if engine == "sqlite":
            return SqlitePlace(path)
        await self._create(path.name)
        return PostgresPlace(self.server, path.name)

    def _next_file(self) -> Path:
        self.made += 1
        return self.folder / f"beseda_{self.made}"

    async def _create(self, name: str) -> None:
        await PostgresPlace(self.server, "postgres").run(f"CREATE DATABASE {name} TEMPLATE template0")
