"""Zones: record sets, the places of their records in lists, and the history."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, fetch_number, from_ms, places, to_ms
from beseda.domain.ids import DomainId, RecordId, RecordSetId, ZoneId
from beseda.domain.records import Data, Record, RecordSet, family_of, rank_of
from beseda.domain.records import Row as ListRow
from beseda.domain.zones import Deed, Key, Plan, Remembered, Step, ZoneChange, ZoneHead

T = TypeVar("T")
HEAD = "id, domain_id, name, serial, records, changes, changed_records"
SETS = (
    "SELECT s.id, s.name, s.type, s.ttl, r.wire, r.text FROM record_sets s JOIN records r ON r.set_id = s.id"
    " WHERE s.zone_id = $1{} ORDER BY s.id, r.id"
)
ROWS = "SELECT r.id, s.name, s.type, s.ttl, r.wire, r.text FROM records r JOIN record_sets s ON s.id = r.set_id"
STEP = "deed, serial_from, serial_to, at_ms, author_id, note, number"
CHANGES_KEPT = 1_000
CHANGED_RECORDS_KEPT = 200_000
"""How much of a zone's history is kept: so many changes, and of them those with so many records together."""
AT_ONCE = 500
"""Rows in one statement: SQLite takes 32,766 parameters."""


def _head(row: Row) -> ZoneHead:
    return ZoneHead(row[0], row[1], row[2], row[3], row[4], row[5], row[6])


def _sets(rows: Iterable[Row]) -> list[RecordSet]:
    """Of rows of SETS."""
    found: dict[RecordSetId, tuple[str, str, int, list[Data]]] = {}
    for id_, name, type_, ttl, wire, text in rows:
        found.setdefault(RecordSetId(id_), (name, type_, ttl, []))[3].append(Data(bytes(wire), text))
    return [RecordSet(name, type_, ttl, tuple(data), id_) for id_, (name, type_, ttl, data) in found.items()]


def _list_row(row: Row) -> ListRow:
    return ListRow(RecordId(row[0]), row[1], row[2], row[3], Data(bytes(row[4]), row[5]))


def _step(row: Row, removed: Sequence[Record] = (), added: Sequence[Record] = ()) -> ZoneChange:
    deed, before, after, at_ms, author_id, note, number = row
    return ZoneChange(Deed(deed), before, after, from_ms(at_ms), author_id, note, tuple(removed), tuple(added), number)


class SqlZones:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, domain_id: DomainId, name: str, serial: int) -> ZoneHead:
        zone_id = await fetch_new_id(
            self._sql,
            "INSERT INTO zones (domain_id, name, serial, records, changes, changed_records)"
            " VALUES ($1, $2, $3, 0, 0, 0) RETURNING id",
            domain_id,
            name,
            serial,
        )
        return ZoneHead(ZoneId(zone_id), domain_id, name, serial, 0, 0, 0)

    async def find(self, domain_id: DomainId) -> ZoneHead | None:
        row = await self._sql.fetch_row(f"SELECT {HEAD} FROM zones WHERE domain_id = $1", domain_id)
        return _head(row) if row else None

    async def get(self, zone_id: ZoneId) -> ZoneHead | None:
        row = await self._sql.fetch_row(f"SELECT {HEAD} FROM zones WHERE id = $1", zone_id)
        return _head(row) if row else None

    async def served(self) -> list[ZoneHead]:
        rows = await self._sql.fetch(
            f"SELECT {HEAD} FROM zones z WHERE EXISTS (SELECT 1 FROM domains d WHERE d.id = z.domain_id) ORDER BY name"
        )
        return [_head(row) for row in rows]

    async def served_after(self, zone_id: int, limit: int) -> list[ZoneHead]:
        rows = await self._sql.fetch(
            f"SELECT {HEAD} FROM zones WHERE domain_id IS NOT NULL AND id > $1 ORDER BY id LIMIT $2", zone_id, limit
        )
        return [_head(row) for row in rows]

    async def remembered(self) -> Remembered | None:
        row = await self._sql.fetch_row("SELECT said, raised FROM zone_settings WHERE id = 1")
        return Remembered(*row) if row else None

    async def remember(self, what: Remembered) -> None:
        await self._sql.execute(
            "INSERT INTO zone_settings (id, said, raised) VALUES (1, $1, $2)"
            " ON CONFLICT (id) DO UPDATE SET said = excluded.said, raised = excluded.raised",
            *what,
        )

    async def last_serial(self, name: str) -> int | None:
        row = await self._sql.fetch_row("SELECT serial FROM zone_serials WHERE name = $1", name)
        return row[0] if row else None

    async def set_served(self, zone_id: ZoneId, domain_id: DomainId | None) -> None:
        await self._sql.execute("UPDATE zones SET domain_id = $2 WHERE id = $1", zone_id, domain_id)
        if domain_id is None:
            await self._sql.execute(
                "INSERT INTO zone_serials (name, serial) SELECT name, serial FROM zones WHERE id = $1"
                " ON CONFLICT (name) DO UPDATE SET serial = excluded.serial",
                zone_id,
            )

    async def erase(self, zone_id: ZoneId) -> None:
        for statement in (
            "DELETE FROM subdomains WHERE zone_id = $1",
            "DELETE FROM redirects WHERE zone_id = $1",
            "DELETE FROM records WHERE zone_id = $1",
            "DELETE FROM record_sets WHERE zone_id = $1",
            "DELETE FROM zone_change_records WHERE zone_id = $1",
            "DELETE FROM zone_changes WHERE zone_id = $1",
            "DELETE FROM zones WHERE id = $1",
        ):
            await self._sql.execute(statement, zone_id)

    async def sets(self, zone_id: ZoneId) -> list[RecordSet]:
        return _sets(await self._sql.fetch(SETS.format(""), zone_id))

    async def sets_at(self, zone_id: ZoneId, names: Collection[str]) -> list[RecordSet]:
        return await self._sets_in(zone_id, "name", sorted(names))

    async def sets_of(self, zone_id: ZoneId, types: Collection[str]) -> list[RecordSet]:
        listed = sorted(types)
        # By the index of places: a zone has no other that knows types.
        families = places(listed, 2)
        among = f" AND s.id IN (SELECT set_id FROM records WHERE zone_id = $1 AND family IN ({families}))"
        return _sets(await self._sql.fetch(SETS.format(among), zone_id, *listed))

    async def _sets_in(self, zone_id: ZoneId, column: str, values: Sequence[object]) -> list[RecordSet]:
        found: list[RecordSet] = []
        for part in _parts(values):
            among = f" AND s.{column} IN ({places(part, 2)})"
            found += _sets(await self._sql.fetch(SETS.format(among), zone_id, *part))
        return found

    async def find_set(self, zone_id: ZoneId, set_id: RecordSetId) -> RecordSet | None:
        found = await self._sets_in(zone_id, "id", [set_id])
        return found[0] if found else None

    async def rows(self, zone_id: ZoneId) -> list[ListRow]:
        rows = await self._sql.fetch(f"{ROWS} WHERE r.zone_id = $1 ORDER BY r.family, r.rank, r.id", zone_id)
        make = tuple.__new__  # what NamedTuples do besides takes as long again, and there may be thousands
        return [
            make(ListRow, (id_, name, type_, ttl, make(Data, (wire, text))))
            for id_, name, type_, ttl, wire, text in rows
        ]

    async def row_at(self, zone_id: ZoneId, family: str, index: int) -> ListRow | None:
        row = await self._sql.fetch_row(
            f"{ROWS} WHERE r.id = (SELECT id FROM records WHERE zone_id = $1 AND family = $2"
            " ORDER BY rank, id LIMIT 1 OFFSET $3)",
            zone_id,
            family,
            index,
        )
        return _list_row(row) if row else None

    async def change(self, head: ZoneHead, what: Plan, step: ZoneChange) -> ZoneHead:
        await self._write_sets(head.id, what)
        number, count = head.changes + 1, len(step.removed) + len(step.added)
        await self._sql.execute(
            "INSERT INTO zone_changes"
            " (zone_id, number, deed, serial_from, serial_to, at_ms, author_id, note, records_before)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *(head.id, number, step.deed.value, step.serial_from, step.serial_to, to_ms(step.at)),
            *(step.author_id, step.note, head.changed_records),
        )
        told = [(0, each) for each in step.removed] + [(1, each) for each in step.added]
        await self._insert(
            "zone_change_records (zone_id, number, place, added, name, type, ttl, text, wire)",
            [
                (head.id, number, place, added, name, type_, ttl, data.text, data.wire)
                for place, (added, (name, type_, ttl, data)) in enumerate(told)
            ],
        )
        await self._forget(head.id, number, head.changed_records + count)
        await self._sql.execute(
            "UPDATE zones SET serial = $2, records = $3, changes = $4, changed_records = $5 WHERE id = $1",
            *(head.id, step.serial_to, what.records, number, head.changed_records + count),
        )
        return ZoneHead(
            head.id, head.domain_id, head.name, step.serial_to, what.records, number, head.changed_records + count
        )

    async def _forget(self, zone_id: ZoneId, number: int, changed: int) -> None:
        """What is too old; of the newest change always its own row."""
        row = await self._sql.fetch_row(
            "SELECT max(number) FROM zone_changes WHERE zone_id = $1 AND number < $2"
            " AND (number <= $3 OR records_before < $4)",
            *(zone_id, number, number - CHANGES_KEPT, changed - CHANGED_RECORDS_KEPT),
        )
        if row and row[0] is not None:
            for table in ("zone_change_records", "zone_changes"):
                await self._sql.execute(f"DELETE FROM {table} WHERE zone_id = $1 AND number <= $2", zone_id, row[0])

    async def _write_sets(self, zone_id: ZoneId, what: Plan) -> None:
        before = {each.key: each for each in await self.sets_at(zone_id, {name for name, _ in what.sets})}
        ids = {key: had.id for key, had in before.items()}
        ids |= await self._add_sets(zone_id, [each for key, each in what.sets.items() if each and key not in before])
        gone: list[tuple[RecordSetId, Data, str]] = []
        fresh: list[tuple[object, ...]] = []
        for key, wanted in what.sets.items():
            had, data = before.get(key), wanted.data if wanted else ()
            if had and wanted and had.ttl != wanted.ttl:
                await self._sql.execute("UPDATE record_sets SET ttl = $2 WHERE id = $1", had.id, wanted.ttl)
            kept, meant = set(had.data if had else ()), set(data)
            gone += [(ids[key], each, family_of(key[1])) for each in kept - meant]
            place = (zone_id, family_of(key[1]), rank_of(*key))
            fresh += [(ids[key], *place, each.text, each.wire) for each in data if each not in kept]
        if len(gone) == len(fresh) == 1 and gone[0][2] == fresh[0][2]:
            await self._sql.execute(
                "UPDATE records SET set_id = $3, rank = $4, text = $5, wire = $6 WHERE set_id = $1 AND text = $2",
                *(gone[0][0], gone[0][1].text, fresh[0][0], fresh[0][3], *fresh[0][4:]),
            )
        else:
            await self._remove(gone)
            await self._insert("records (set_id, zone_id, family, rank, text, wire)", fresh)
        emptied = [before[key].id for key, wanted in what.sets.items() if wanted is None and key in before]
        for part in _parts(emptied):
            await self._sql.execute(f"DELETE FROM record_sets WHERE id IN ({places(part, 1)})", *part)

    async def _add_sets(self, zone_id: ZoneId, new: Sequence[RecordSet]) -> dict[Key, RecordSetId]:
        rows = [(zone_id, each.name, each.type, each.ttl) for each in new]
        await self._insert("record_sets (zone_id, name, type, ttl)", rows)
        found: dict[Key, RecordSetId] = {}
        for names in _parts(sorted({each.name for each in new})):
            kept = await self._sql.fetch(
                f"SELECT name, type, id FROM record_sets WHERE zone_id = $1 AND name IN ({places(names, 2)})",
                zone_id,
                *names,
            )
            found |= {(name, type_): RecordSetId(id_) for name, type_, id_ in kept}
        return found

    async def _remove(self, gone: Sequence[tuple[RecordSetId, Data, str]]) -> None:
        by_set: dict[RecordSetId, list[str]] = {}
        for set_id, data, _ in gone:
            by_set.setdefault(set_id, []).append(data.text)
        for set_id, texts in by_set.items():
            for part in _parts(texts):
                await self._sql.execute(
                    f"DELETE FROM records WHERE set_id = $1 AND text IN ({places(part, 2)})", set_id, *part
                )

    async def _insert(self, into: str, rows: Sequence[Sequence[object]]) -> None:
        for part in _parts(rows):
            width = len(part[0])
            values = ", ".join(f"({places(row, 1 + number * width)})" for number, row in enumerate(part))
            await self._sql.execute(f"INSERT INTO {into} VALUES {values}", *(value for row in part for value in row))

    async def history(self, zone_id: ZoneId, *, before: int, limit: int) -> list[ZoneChange]:
        rows = await self._sql.fetch(
            f"SELECT {STEP} FROM zone_changes WHERE zone_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
            *(zone_id, before, limit),
        )
        return [_step(row) for row in rows]

    async def step(self, zone_id: ZoneId, number: int) -> ZoneChange | None:
        rows = await self._sql.fetch(
            f"SELECT {STEP} FROM zone_changes WHERE zone_id = $1 AND number = $2", zone_id, number
        )
        found = await self._told(zone_id, rows, number)
        return found[0] if found else None

    async def steps_after(self, zone_id: ZoneId, serial: int) -> list[ZoneChange] | None:
        rows = await self._sql.fetch(
            f"SELECT {STEP} FROM zone_changes WHERE zone_id = $1 AND number >"
            " (SELECT max(number) FROM zone_changes WHERE zone_id = $1 AND serial_to = $2) ORDER BY number",
            *(zone_id, serial),
        )
        if not rows:
            head = await self.get(zone_id)
            return [] if head and head.serial == serial else None
        return await self._told(zone_id, rows, rows[-1][-1])

    async def _told(self, zone_id: ZoneId, rows: Sequence[Row], last: int) -> list[ZoneChange]:
        """Steps one after another, up to the last, with their records."""
        told: dict[int, tuple[list[Record], list[Record]]] = {row[-1]: ([], []) for row in rows}
        for number, added, name, type_, ttl, wire, text in await self._sql.fetch(
            "SELECT number, added, name, type, ttl, wire, text FROM zone_change_records"
            " WHERE zone_id = $1 AND number >= $2 AND number <= $3 ORDER BY number, place",
            *(zone_id, rows[0][-1] if rows else last + 1, last),
        ):
            told[number][added].append((name, type_, ttl, Data(bytes(wire), text)))
        return [_step(row, *told[row[-1]]) for row in rows]

    async def journal(self, after: int, limit: int) -> Sequence[Step]:
        rows = await self._sql.fetch(
            "SELECT c.id, c.zone_id, z.name, c.deed, c.serial_to FROM zone_changes c JOIN zones z ON z.id = c.zone_id"
            " WHERE c.id > $1 ORDER BY c.id LIMIT $2",
            *(after, limit),
        )
        return [Step(row[0], row[1], row[2], Deed(row[3]), row[4]) for row in rows]

    async def journal_end(self) -> int:
        return await fetch_number(self._sql, "SELECT coalesce(max(id), 0) FROM zone_changes")


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
