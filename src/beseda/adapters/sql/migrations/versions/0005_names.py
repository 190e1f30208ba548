"""Rooms whose names look alike; domains in the order of their letters; nicks with an apostrophe that is a letter."""

from alembic import op
from sqlalchemy import Connection, text

from beseda.adapters.sql.migrations.dialects import run
from beseda.domain.accounts import nick_key
from beseda.domain.text import look_key, sort_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE rooms ADD COLUMN look_key TEXT;
ALTER TABLE domains ADD COLUMN sort_key {sorted} NOT NULL DEFAULT '';
"""
INDEX = "CREATE UNIQUE INDEX rooms_by_look ON rooms (look_key)"


def upgrade() -> None:
    connection = op.get_bind()
    run(connection, STATEMENTS)
    _fill_looks(connection)
    connection.exec_driver_sql(INDEX)
    for id_, readable in connection.execute(text("SELECT id, readable FROM domains")).fetchall():
        _set(connection, "domains", "sort_key", id_, sort_key(readable))
    _fold_apostrophes(connection)


def _fill_looks(connection: Connection) -> None:
    """The oldest of rooms that look alike has the look; the others are found by their names alone, as before."""
    seen = set()
    rooms = connection.execute(text("SELECT id, name FROM rooms WHERE name_key IS NOT NULL ORDER BY id")).fetchall()
    for id_, name in rooms:
        if (key := look_key(name)) not in seen:
            seen.add(key)
            _set(connection, "rooms", "look_key", id_, key)


def _fold_apostrophes(connection: Connection) -> None:
    found = connection.execute(
        text("SELECT id, nick, nick_key FROM accounts WHERE nick_key LIKE '%\u02bc%'")
    ).fetchall()
    for id_, nick, key in found:
        new = nick_key(nick)
        taken = connection.execute(text("SELECT 1 FROM accounts WHERE nick_key = :key"), {"key": new}).fetchone()
        if key != new and taken is None:
            _set(connection, "accounts", "nick_key", id_, new)


def _set(connection: Connection, table: str, column: str, id_: int, key: str) -> None:
    connection.execute(text(f"UPDATE {table} SET {column} = :key WHERE id = :id"), {"key": key, "id": id_})
