"""The journal of events: what nodes tell each other.

A unit's events become rows with its commit, under the lock that lets one unit write at a time: so no id is ever visible
before a smaller one. On PostgreSQL they travel with COMMIT itself, as literals: numbers, and JSON of an event.
"""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from beseda.adapters.sql.messages import LINE_COLUMNS, LINE_TABLES, LINE_WIDTH, line
from beseda.adapters.sql.statements import Connection, Row, from_ms, to_ms
from beseda.core.ports.nodes import JournalPage
from beseda.domain.events import Event, LineAdded, is_for_all_nodes


def _leaves(kind: type[Event]) -> Iterator[type[Event]]:
    for each in kind.__subclasses__():
        yield each
        yield from _leaves(each)


KINDS = {kind.__name__: kind for kind in _leaves(Event)}
FIELDS = {name: [each.name for each in dataclasses.fields(kind) if each.name != "at"] for name, kind in KINDS.items()}

JournalRow = tuple[int, str, int | None, int | None, str]
"""When (epoch milliseconds), the kind, a line's room and number, and what else there is to say, in JSON."""


def as_row(event: Event) -> JournalRow | None:
    """None for an event that other nodes need not hear of this way."""
    if not is_for_all_nodes(event):
        return None
    at_ms, kind = to_ms(event.at), type(event).__name__
    if isinstance(event, LineAdded):
        return (at_ms, kind, event.line.room_id, event.line.seq, "")
    return (at_ms, kind, None, None, json.dumps({name: getattr(event, name) for name in FIELDS[kind]}))


ADDED = "INSERT INTO journal (at_ms, kind, room_id, seq, facts, node) VALUES "
PLACES = "(?, ?, ?, ?, ?, ?)"
"""In SQLite's own spelling."""


def literally(rows: Sequence[JournalRow], node: str) -> str:
    """The statement that writes rows."""
    return ADDED + ", ".join(
        f"({at_ms:d}, '{kind}', {_number(room_id)}, {_number(seq)}, '{_quoted(facts)}', '{node}')"
        for at_ms, kind, room_id, seq, facts in rows
    )


def _number(value: int | None) -> str:
    return "NULL" if value is None else f"{value:d}"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


LISTED = (
    f"SELECT j.id, j.node, j.at_ms, j.kind, j.facts, (SELECT min(id) FROM journal), {LINE_COLUMNS}"
    f" FROM journal j LEFT JOIN room_lines l ON l.room_id = j.room_id AND l.seq = j.seq {LINE_TABLES}"
    " WHERE j.id > $1 AND j.node <> $2 ORDER BY j.id LIMIT $3"
)
FACTS = 6


def _event(row: Row) -> Event | None:
    """None for what a newer schema knows and this code does not, and for a line that is gone."""
    at, kind = from_ms(row[2]), KINDS.get(row[3])
    if kind is None:
        return None
    if kind is LineAdded:
        added = line(row[FACTS : FACTS + LINE_WIDTH], {}) if row[FACTS] is not None else None
        return LineAdded(at, added) if added else None
    facts = json.loads(row[4])
    fields = {field.name: field.default is dataclasses.MISSING for field in dataclasses.fields(kind)}
    if any(needed and name not in facts for name, needed in fields.items() if name != "at"):
        return None
    return kind(at=at, **{name: facts[name] for name in fields if name in facts})


class SqlJournal:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def span(self) -> tuple[int, int]:
        row = await self._sql.fetch_row("SELECT (SELECT min(id) FROM journal), (SELECT max(id) FROM journal)")
        return (row[0], row[1]) if row and row[0] is not None else (0, 0)

    async def list_after(self, cursor: int, node: str, limit: int) -> JournalPage:
        rows = await self._sql.fetch(LISTED, cursor, node, limit)
        if not rows:
            return JournalPage([], cursor, full=False, gap=False)
        events = [event for row in rows if (event := _event(row)) is not None]
        return JournalPage(events, rows[-1][0], full=len(rows) == limit, gap=max(cursor, 1) < rows[0][5])

    async def forget(self, before: datetime, limit: int) -> int:
        """The newest stays: it tells how far the journal has come."""
        rows = await self._sql.fetch("SELECT id, at_ms FROM journal ORDER BY id LIMIT $1", limit + 1)
        old = [row[0] for row in rows[:-1] if row[1] < to_ms(before)]
        return await self._sql.execute("DELETE FROM journal WHERE id <= $1", old[-1]) if old else 0


class SqlLeases:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def find(self, name: str) -> tuple[str, int]:
        row = await self._sql.fetch_row("SELECT node, beat FROM leases WHERE name = $1", name)
        return (row[0], row[1]) if row else ("", 0)

    async def take(self, name: str, node: str, seen: tuple[str, int]) -> bool:
        if await self.find(name) != seen:
            return False
        await self._sql.execute(
            "INSERT INTO leases (name, node, beat) VALUES ($1, $2, 1)"
            " ON CONFLICT (name) DO UPDATE SET node = excluded.node, beat = leases.beat + 1",
            name,
            node,
        )
        return True

    async def give_up(self, name: str, node: str) -> None:
        await self._sql.execute("UPDATE leases SET node = '' WHERE name = $1 AND node = $2", name, node)
