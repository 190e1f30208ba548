"""Writes tests/fixtures/schemas: a small backup of a database of each schema so far, which the tests bring to today's.

    .venv/bin/python tools/schemas.py

Run it when a migration has been added. What is there already is never written anew: it is as it was made in its time.
The rows follow from the schema itself, so that every table and column has something in it.
"""

import contextlib
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from beseda.adapters.sql.dump import FORMAT, DumpWriter, Head, Table, quoted
from beseda.adapters.sql.dump_sqlite import tables
from beseda.adapters.sql.schema import changing_sqlite, upgrade_to

ROOT = Path(__file__).parents[1]
MIGRATIONS = ROOT / "src/beseda/adapters/sql/migrations/versions"
FIXTURES = ROOT / "tests/fixtures/schemas"
ROWS = 4
NOW_MS = 1_795_000_000_000
NICKS = ("Alena", "Бор\u0435ц", "Čeněk", "Dana O'Hara")
TEXTS = ("", "Ahoj, „světe“", "две\nстроки \\ \u2028", '"\U0001f642" \u05e9\u05dc\u05d5\u05dd')
ONE = {
    "birth_date": "1990-02-03",
    "domains.renewal": "prolong",
    "handles.kind": "cookie",
    "hidden": "",
    "karma_rankings.day": None,
    "kind": "text",
    "links": "",
    "lock_kind": "",
    "media_type": "image/png",
    "notifications.kind": "kicked",
    "operator_members.role": 1,
    "operator_tokens.role": 1,
    "picture_url": "",
    "registered": 1,
    "role": "",
    "sessions.kind": "cookie",
    "sex": "f",
    "standing": "active",
    "state": "active",
    "theme": "dark",
    "updates.kind": "letter_received",
    "uses_left": 3,
}
"""Columns whose values mean something, and one of them."""
BY_HAND = {
    "ledger_entries": [(1, "a", "credit", NOW_MS), (2, "b", "charge", NOW_MS + 1)],
    "ledger_postings": [(1, 0, "outside", -1250), (1, 1, "real:1", 1250), (2, 0, "real:1", -50), (2, 1, "outside", 50)],
    "ledger_books": [("outside", -1200), ("real:1", 1200)],
}


def fill(connection: sqlite3.Connection) -> None:
    """Rows in every table of a database that has none."""
    connection.execute("PRAGMA foreign_keys = OFF")
    for table in tables(connection):
        rows = BY_HAND.get(table.name) or list(_rows(connection, table))
        marks = ", ".join("?" * len(table.columns))
        connection.execute(f"DELETE FROM {quoted(table.name)}")
        connection.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({marks})", rows)
    assert not connection.execute("PRAGMA foreign_key_check").fetchall()


def _rows(connection: sqlite3.Connection, table: Table) -> Iterator[tuple[object, ...]]:
    columns = connection.execute(
        'SELECT name, type, "notnull" OR pk FROM pragma_table_info(?)', (table.name,)
    ).fetchall()
    refers = {row[3] for row in connection.execute(f"PRAGMA foreign_key_list({quoted(table.name)})")}
    for number in range(1, ROWS + 1):
        yield tuple(_value(table.name, column, refers, number) for column in columns)


def _value(table: str, column: tuple[str, str, int], refers: set[str], number: int) -> object:
    name, kind, required = column
    known = ONE.get(f"{table}.{name}", ONE.get(name))
    if known is not None:
        return known
    if name == "closed_ms":
        return None  # nobody is in a room that has vanished
    if name in {"nick", "nick_key"}:
        nick = NICKS[number - 1]
        return nick if name == "nick" else nick.lower().replace("'", "\u02bc")
    if name in refers or name == "id" or name.endswith("_id"):
        return number
    if not required and number % 2 and (name == "email_key" or not name.endswith(("_key", "_hash"))):
        return None
    match kind:
        case "BLOB":
            return bytes(range(256)) * number
        case "TEXT":
            return _text(table, name, number)
        case _:
            return NOW_MS + number if name.endswith("_ms") else number if name.endswith("seq") else number % 2


def _text(table: str, name: str, number: int) -> str:
    """What has to be unique is; the rest is what is hard to carry."""
    if name == "email":
        return f"nick{number}@Bücher.example"
    if name == "email_key":
        return f"nick{number}@bücher.example"
    if name in {"text", "reason", "description", "memo", "draft", "web"}:
        return TEXTS[number - 1]
    return f"{table}-{name}-{number}".lower()


def write(version: int, path: Path) -> None:
    file = io.BytesIO()
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as connection:
        with changing_sqlite(connection) as opened:
            upgrade_to(opened, version)
        fill(connection)
        head = Head(
            beseda="backup",
            format=FORMAT,
            schema=version,
            version="0.1.0",
            made="2026-11-27T00:00:00Z",
            engine="sqlite",
        )
        writer = DumpWriter(file, head)
        for table in tables(connection):
            writer.begin(table)
            writer.add(connection.execute(table.select()).fetchall())
        writer.end()
    path.write_bytes(file.getvalue())


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for migration in sorted(MIGRATIONS.glob("[0-9]*.py")):
        fixture = FIXTURES / f"{migration.name[:4]}.jsonl.gz"
        if not fixture.exists():
            write(int(migration.name[:4]), fixture)
            print(fixture.relative_to(ROOT))
