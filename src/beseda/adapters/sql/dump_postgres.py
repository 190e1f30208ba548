"""Dumps out of PostgreSQL and into it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from beseda.adapters.sql.dump import (
    ROWS_AT_ONCE,
    DumpReader,
    DumpRefused,
    Table,
    insertable,
    is_derived,
    pass_over,
    quoted,
)
from beseda.adapters.sql.invariants import INVARIANTS
from beseda.adapters.sql.primary import connect
from beseda.adapters.sql.raising import ADD_STEP, SERIALS, SET_SERIAL, SET_ZONE, ZONES, raised
from beseda.adapters.sql.schema import (
    OF_THE_SCHEMA,
    SCHEMA,
    SchemaRefused,
    SchemaState,
    changing_postgres,
    postgres_state,
    upgrade_to,
)
from beseda.adapters.sql.statements import Row
from beseda.domain.zones import ANY_NAME

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), array_position(i.indkey::int2[], a.attnum),
       CASE WHEN a.attidentity <> '' THEN pg_get_serial_sequence(quote_ident(c.relname), a.attname) END
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
ORDER BY c.relname, a.attnum
"""
"""Every column: its table, its type, its place in the primary key, the sequence that numbers it."""
REFERENCES = """
SELECT quote_ident(c.relname), quote_ident(f.conname), pg_get_constraintdef(f.oid)
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace ORDER BY f.oid
"""
TEXTS = {"text", "character varying"}


async def _tables(connection: asyncpg.Connection) -> tuple[list[Table], dict[str, str]]:
    """All tables by name, and the sequence that numbers a table's rows."""
    columns: dict[str, list[Any]] = {}
    for name, *column in await connection.fetch(COLUMNS):
        columns.setdefault(name, []).append(column)
    tables, sequences = [], {}
    for name, found in sorted(columns.items()):
        if name in OF_THE_SCHEMA or is_derived(name):
            continue
        last_id = 0
        for sequence in (column[3] for column in found if column[3]):
            sequences[name] = sequence
            last_id = await connection.fetchval(
                f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"
            )
        table = Table(
            name,
            tuple(column[0] for column in found),
            tuple(column[0] for column in sorted(found, key=lambda column: column[2] or 0) if column[2] is not None),
            texts=frozenset(column[0] for column in found if column[1] in TEXTS),
            blobs=frozenset(column[0] for column in found if column[1] == "bytea"),
            last_id=last_id,
        )
        tables.append(table)
    return tables, sequences


class PostgresSource:
    """What there is in one snapshot, however much is written meanwhile."""

    engine = "postgresql"

    def __init__(self, connection: asyncpg.Connection, state: SchemaState) -> None:
        self._connection = connection
        self.state = state

    async def tables(self) -> list[Table]:
        return (await _tables(self._connection))[0]

    async def count(self, table: Table) -> int:
        """How many rows there will be."""
        return int(await self._connection.fetchval(f"SELECT count(*) FROM {quoted(table.name)}"))

    async def rows(self, table: Table) -> AsyncIterator[Sequence[Row]]:
        """Some rows at a time. Raises DumpRefused when the database cannot be read."""
        try:
            cursor = await self._connection.cursor(table.select(' COLLATE "C"'))
            while found := await cursor.fetch(ROWS_AT_ONCE):
                yield found
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise DumpRefused(f"the table {table.name} cannot be read: {error}") from error


@asynccontextmanager
async def postgres_source(dsn: str) -> AsyncIterator[PostgresSource]:
    """A snapshot of a database, which may be in use. Raises what asyncpg does."""
    connection = await connect(dsn, server_settings={"application_name": "beseda backup"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            state, _ = await postgres_state(connection)
            yield PostgresSource(connection, state)
    finally:
        await connection.close()


async def load_postgres(dsn: str, dump: DumpReader, *, now: datetime | None = None) -> list[str]:
    """As `load_sqlite`; what is not in order then. Raises SchemaRefused for a database that holds something."""
    async with changing_postgres(dsn) as (state, tables, begin):
        if state != SchemaState() or tables:
            raise SchemaRefused("This database holds something already: name an empty one. Nothing was changed.")
        async with begin() as opened:
            await opened.run_sync(upgrade_to, dump.head.schema)
            raw = await opened.get_raw_connection()
            await _fill(raw.driver_connection, dump)
            if dump.head.schema < SCHEMA:
                await opened.run_sync(upgrade_to, SCHEMA)
            if now is not None:
                await _raise(raw.driver_connection, dump.head.made, now)
            asked = [each for each in INVARIANTS if each.since <= SCHEMA]
            found = [(each, await raw.driver_connection.fetchval(each.wrong)) for each in asked]
    return [problem for each, rows in found for problem in each.broken_by(rows)]


async def _raise(connection: asyncpg.Connection, made: str, now: datetime) -> None:
    found = raised(await connection.fetch(ZONES), await connection.fetch(SERIALS, ANY_NAME), made, now)
    for statement, rows in zip((SET_ZONE, ADD_STEP, SET_SERIAL), found, strict=True):
        await connection.executemany(statement, rows)


async def _fill(connection: asyncpg.Connection, dump: DumpReader) -> None:
    """What refers to what is looked at when all is there, which also takes half the time."""
    references = await connection.fetch(REFERENCES)
    for table, name, _ in references:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    found, sequences = await _tables(connection)
    known = {table.name: table for table in found}
    for name in known:
        await connection.execute(f"DELETE FROM {quoted(name)}")
    for head, batches in dump.tables():
        table = insertable(head, known)
        if table is None:
            pass_over(head.table, batches)
            continue
        try:
            for rows in batches:
                await connection.copy_records_to_table(table.name, records=rows, columns=head.columns)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, TypeError, ValueError) as error:
            raise DumpRefused(f"is not in order: {table.name} does not take a row: {error}") from error
        if head.last_id and table.name in sequences:
            await connection.execute("SELECT setval($1::text::regclass, $2)", sequences[table.name], head.last_id)
    try:
        for table, name, definition in references:
            await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    except asyncpg.ForeignKeyViolationError as error:
        raise DumpRefused(f"is not in order: rows refer to what is not there: {error}") from error
