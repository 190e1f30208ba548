"""Dumps out of SQLite and into it."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

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
from beseda.adapters.sql.raising import ADD_STEP, SERIALS, SET_SERIAL, SET_ZONE, ZONES, raised
from beseda.adapters.sql.schema import OF_THE_SCHEMA, SCHEMA, SchemaState, changing_sqlite, sqlite_state, upgrade_to
from beseda.adapters.sql.sqlite import read_only
from beseda.adapters.sql.statements import Row
from beseda.domain.zones import ANY_NAME


def tables(connection: sqlite3.Connection) -> list[Table]:
    """All that hold something of their own, by name."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    names = sorted(name for (name,) in found if name not in OF_THE_SCHEMA and not is_derived(name))
    return [_table(connection, name) for name in names]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    found = connection.execute("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", (name,)).fetchall()
    has_last = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone()
    last = has_last and connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
    return Table(
        name,
        tuple(column for column, _, _ in found),
        tuple(column for column, _, place in sorted(found, key=lambda row: row[2]) if place),
        texts=frozenset(column for column, kind, _ in found if kind == "TEXT"),
        blobs=frozenset(column for column, kind, _ in found if kind == "BLOB"),
        last_id=last[0] if last else 0,
    )


class SqliteSource:
    """What there is in one snapshot, however much is written meanwhile."""

    engine = "sqlite"

    def __init__(self, connection: sqlite3.Connection, state: SchemaState) -> None:
        self._connection = connection
        self.state = state

    async def tables(self) -> list[Table]:
        return tables(self._connection)

    async def count(self, table: Table) -> int:
        """How many rows there will be."""
        return int(self._connection.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0])

    async def rows(self, table: Table) -> AsyncIterator[Sequence[Row]]:
        """Some rows at a time. Raises DumpRefused when the database cannot be read."""
        try:
            cursor = self._connection.execute(table.select())
            while found := cursor.fetchmany(ROWS_AT_ONCE):
                yield found
        except sqlite3.Error as error:
            raise DumpRefused(f"the table {table.name} cannot be read: {error}") from error


@asynccontextmanager
async def sqlite_source(path: Path) -> AsyncIterator[SqliteSource]:
    """A snapshot of a database, which may be in use. Raises sqlite3.Error."""
    with contextlib.closing(read_only(path)) as connection:
        connection.execute("BEGIN")
        state, _ = sqlite_state(connection)  # the first statement that reads takes the snapshot
        yield SqliteSource(connection, state)


def load_sqlite(
    connection: sqlite3.Connection, dump: DumpReader, *, version: int = SCHEMA, now: datetime | None = None
) -> None:
    """Fill an empty database with a dump, and bring it to this schema, in one transaction. Raises DumpRefused.

    With `now` it takes the place of the one that the dump was made of: serials of zones are raised.
    """
    connection.execute("PRAGMA foreign_keys = OFF")
    with changing_sqlite(connection) as opened:
        upgrade_to(opened, dump.head.schema)
        _fill(connection, dump)
        if orphans := connection.execute('SELECT DISTINCT "table" FROM pragma_foreign_key_check').fetchall():
            names = ", ".join(sorted(name for (name,) in orphans))
            raise DumpRefused(f"is not in order: rows of {names} refer to what is not there")
        if version > dump.head.schema:
            upgrade_to(opened, version)
        if now is not None:
            _raise(connection, dump.head.made, now)


def _raise(connection: sqlite3.Connection, made: str, now: datetime) -> None:
    serials = connection.execute(SERIALS.replace("$", "?"), (ANY_NAME,)).fetchall()
    found = raised(connection.execute(ZONES).fetchall(), serials, made, now)
    connection.executemany(SET_ZONE.replace("$", "?"), found.zones)
    connection.executemany(ADD_STEP.replace("$", "?"), found.steps)
    connection.executemany(SET_SERIAL.replace("$", "?"), found.serials)


def _fill(connection: sqlite3.Connection, dump: DumpReader) -> None:
    known = {table.name: table for table in tables(connection)}
    for name in known:
        connection.execute(f"DELETE FROM {quoted(name)}")
    for head, batches in dump.tables():
        table = insertable(head, known)
        if table is None:
            pass_over(head.table, batches)
            continue
        marks = ", ".join("?" * len(head.columns))
        statement = f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, head.columns))}) VALUES ({marks})"
        try:
            for rows in batches:
                connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise DumpRefused(f"is not in order: {table.name} does not take a row: {error}") from error
        if head.last_id:
            connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, head.last_id))
