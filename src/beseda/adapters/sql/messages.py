"""The lines of rooms: each room's stream, clustered by room and number."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import WIDTH as ACCOUNT_WIDTH
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.search import LINES as WORDS
from beseda.adapters.sql.search import row_of
from beseda.adapters.sql.statements import Connection, Row, from_ms, from_ms_or_none, places, to_ms
from beseda.core.ports.talk import Writer
from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.rooms import Links

KINDS = {kind.value: kind for kind in Kind}
HIDDEN = {hidden.value: hidden for hidden in Hidden}
LINE_COLUMNS = (
    f"l.room_id, l.seq, l.at_ms, l.kind, l.text, l.number, l.hidden, {ACCOUNT}, {ACCOUNT.replace('a.', 't.')}"
)
LINE_TABLES = "LEFT JOIN accounts a ON a.id = l.actor_id LEFT JOIN accounts t ON t.id = l.target_id"
LINES = f"SELECT {LINE_COLUMNS} FROM room_lines l {LINE_TABLES}"
HEADS_AT_ONCE, HEADS_STEP = 2_000, 50
FACTS = 7
LINE_WIDTH = FACTS + 2 * ACCOUNT_WIDTH
HEAD = (
    "UPDATE room_heads SET head_seq = head_seq + 1,"
    " head_ms = CASE WHEN head_ms + 2 > $2 THEN head_ms + 2 ELSE $2 END WHERE room_id = $1 RETURNING head_seq, head_ms"
)
"""Times are two milliseconds apart: protocols that tell a line in two messages have a time for each."""
APPEND = (
    "INSERT INTO room_lines (room_id, seq, at_ms, kind, actor_id, target_id, text, number, hidden, post_key)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)
WRITER = (
    "SELECT r.permanent, r.links, o.written_ms, m.silent_ms, m.links_ms, m.muted_ms"
    " FROM occupants o JOIN rooms r ON r.id = o.room_id"
    " LEFT JOIN room_marks m ON m.room_id = o.room_id AND m.account_id = o.account_id"
    " WHERE o.room_id = $1 AND o.account_id = $2"
)


def line(row: Row, people: dict[AccountId, Account]) -> Line | None:
    """None for a row that is no line: of a newer schema, or damaged. `people` are those of the rows read with it."""
    kind, hidden = KINDS.get(row[3]), HIDDEN.get(row[6])
    if kind is None or hidden is None:
        return None
    return Line(
        room_id=row[0],
        seq=row[1],
        at=from_ms(row[2]),
        kind=kind,
        actor=_person(row, FACTS, people),
        target=_person(row, FACTS + ACCOUNT_WIDTH, people),
        text=row[4],
        number=row[5],
        hidden=hidden,
    )


def _person(row: Row, begin: int, people: dict[AccountId, Account]) -> Account | None:
    """Whoever stands in a row from `begin` on, made once for all rows: few people write many lines."""
    account_id = row[begin]
    if account_id is None:
        return None
    found = people.get(account_id)
    if found is None:
        found = people[account_id] = account(row[begin:])
    return found


def _lines(rows: Iterable[Row]) -> list[Line]:
    people: dict[AccountId, Account] = {}
    return [found for row in rows if (found := line(row, people)) is not None]


class SqlMessages:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def append(
        self,
        room_id: RoomId,
        kind: Kind,
        at: datetime,
        *,
        actor: Account | None = None,
        target: Account | None = None,
        text: str = "",
        number: int = 0,
        hidden: Hidden = Hidden.NO,
        key: str | None = None,
    ) -> Line:
        head = await self._sql.fetch_row(HEAD, room_id, to_ms(at))
        if head is None:
            raise RuntimeError("the room has no stream")
        seq, at_ms = head
        await self._sql.execute(
            APPEND,
            room_id,
            seq,
            at_ms,
            kind.value,
            actor.id if actor else None,
            target.id if target else None,
            text,
            number,
            hidden.value,
            key,
        )
        return Line(room_id, seq, from_ms(at_ms), kind, actor, target, text, number, hidden)

    async def head(self, room_id: RoomId) -> int:
        row = await self._sql.fetch_row("SELECT head_seq FROM room_heads WHERE room_id = $1", room_id)
        return int(row[0]) if row else 0

    async def heads(self, room_ids: Sequence[RoomId]) -> dict[RoomId, int]:
        heads: dict[RoomId, int] = {}
        for start in range(0, len(room_ids), HEADS_AT_ONCE):
            asked = room_ids[start : start + HEADS_AT_ONCE]
            asked = [*asked, *[asked[0]] * (-len(asked) % HEADS_STEP)]  # so that there are few statements to prepare
            rows = await self._sql.fetch(
                f"SELECT room_id, head_seq FROM room_heads WHERE room_id IN ({places(asked, 1)})", *asked
            )
            heads |= {RoomId(row[0]): row[1] for row in rows}
        return heads

    async def list_heads(self, after: RoomId, limit: int) -> list[tuple[RoomId, int]]:
        rows = await self._sql.fetch(
            "SELECT room_id, head_seq FROM room_heads WHERE room_id > $1 ORDER BY room_id LIMIT $2", after, limit
        )
        return [(RoomId(row[0]), row[1]) for row in rows]

    async def list_by(self, actor_id: AccountId, room_id: RoomId, after: int, upto: int) -> list[Line]:
        rows = await self._sql.fetch(
            f"{LINES} WHERE l.room_id = $1 AND l.seq > $2 AND l.seq <= $3 AND l.actor_id = $4"
            " AND l.kind IN ('text', 'whisper') AND l.hidden <> 'deleted' ORDER BY l.seq",
            room_id,
            after,
            upto,
            actor_id,
        )
        return _lines(rows)

    async def tail(self, room_id: RoomId) -> int:
        row = await self._sql.fetch_row("SELECT tail_seq FROM room_heads WHERE room_id = $1", room_id)
        return int(row[0]) if row else 0

    async def find(self, room_id: RoomId, seq: int) -> Line | None:
        row = await self._sql.fetch_row(f"{LINES} WHERE l.room_id = $1 AND l.seq = $2", room_id, seq)
        return line(row, {}) if row else None

    async def list_some(self, room_id: RoomId, seqs: Sequence[int]) -> list[Line]:
        if not seqs:
            return []
        statement = f"{LINES} WHERE l.room_id = $1 AND l.seq IN ({places(seqs, 2)}) ORDER BY l.seq DESC"
        return _lines(await self._sql.fetch(statement, room_id, *seqs))

    async def set_key(self, line: Line, key: str) -> None:
        await self._sql.execute(
            "UPDATE room_lines SET post_key = $3 WHERE room_id = $1 AND seq = $2", line.room_id, line.seq, key
        )

    async def find_by_key(self, actor_id: AccountId, key: str) -> Line | None:
        row = await self._sql.fetch_row(f"{LINES} WHERE l.actor_id = $1 AND l.post_key = $2", actor_id, key)
        return line(row, {}) if row else None

    async def list_after(self, room_id: RoomId, seq: int, limit: int) -> tuple[list[Line], int]:
        rows = await self._sql.fetch(
            f"{LINES} WHERE l.room_id = $1 AND l.seq > $2 ORDER BY l.seq LIMIT $3", room_id, seq, limit
        )
        return _lines(rows), rows[-1][1] if rows else seq

    async def list_before(self, room_id: RoomId, seq: int, limit: int) -> tuple[list[Line], int]:
        rows = await self._sql.fetch(
            f"{LINES} WHERE l.room_id = $1 AND l.seq < $2 ORDER BY l.seq DESC LIMIT $3", room_id, seq, limit
        )
        return _lines(reversed(rows)), rows[-1][1] if len(rows) == limit else 0

    async def list_between(self, one: AccountId, other: AccountId, room_id: RoomId, limit: int) -> list[Line]:
        found: list[Line] = []
        for actor_id, target_id in ((one, other), (other, one)):
            rows = await self._sql.fetch(
                f"{LINES} WHERE l.actor_id = $1 AND l.room_id = $2"
                " AND (l.kind = 'text' OR (l.kind = 'whisper' AND l.target_id = $3)) ORDER BY l.seq DESC LIMIT $4",
                actor_id,
                room_id,
                target_id,
                limit // 2,
            )
            found += _lines(rows)
        return sorted(found, key=lambda line: line.seq)

    async def find_writer(self, room_id: RoomId, account_id: AccountId) -> Writer | None:
        row = await self._sql.fetch_row(WRITER, room_id, account_id)
        if row is None:
            return None
        permanent, links, *moments = row
        return Writer(bool(permanent), Links(links), *map(from_ms_or_none, moments))

    async def note_written(self, room_id: RoomId, account_id: AccountId, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE occupants SET written_ms = $3 WHERE room_id = $1 AND account_id = $2",
            room_id,
            account_id,
            to_ms(at),
        )

    async def entered_seq(self, room_id: RoomId, account_id: AccountId, session_id: int) -> int | None:
        row = await self._sql.fetch_row(
            "SELECT s.entered_seq, o.entered_seq FROM occupants o"
            " LEFT JOIN stays s ON s.room_id = o.room_id AND s.account_id = o.account_id AND s.session_id = $3"
            " WHERE o.room_id = $1 AND o.account_id = $2",
            room_id,
            account_id,
            session_id,
        )
        return None if row is None else row[1] if row[0] is None else row[0]

    async def first_since(self, room_id: RoomId, after: int, at: datetime) -> int | None:
        row = await self._sql.fetch_row(
            "SELECT min(seq) FROM room_lines WHERE room_id = $1 AND seq > $2 AND at_ms >= $3", room_id, after, to_ms(at)
        )
        return row[0] if row else None

    async def delete(self, room_id: RoomId, seq: int) -> None:
        await self._sql.execute(
            "UPDATE room_lines SET text = '', hidden = 'deleted' WHERE room_id = $1 AND seq = $2", room_id, seq
        )

    async def delete_all_by(self, room_id: RoomId, actor_id: AccountId) -> int:
        return await self._sql.execute(
            "UPDATE room_lines SET text = '', hidden = 'deleted'"
            " WHERE actor_id = $2 AND room_id = $1 AND kind = 'text' AND hidden <> 'deleted'",
            room_id,
            actor_id,
        )

    async def forget(self, room_id: RoomId, before: datetime, limit: int) -> int:
        rows = await self._sql.fetch(
            "SELECT seq FROM room_lines WHERE room_id = $1 AND at_ms < $2 AND seq IN"
            " (SELECT seq FROM room_lines WHERE room_id = $1 ORDER BY seq LIMIT $3)",
            room_id,
            to_ms(before),
            limit,
        )
        if not rows:
            return 0
        last = max(row[0] for row in rows)
        await self._sql.execute("UPDATE room_heads SET tail_seq = $2 WHERE room_id = $1", room_id, last)
        statement = f"DELETE FROM {WORDS} WHERE rowid BETWEEN $1 AND $2"
        await self._sql.execute(statement, row_of(room_id, 0), row_of(room_id, last))
        await self._sql.execute("DELETE FROM room_stays WHERE room_id = $1 AND last_seq <= $2", room_id, last)
        return await self._sql.execute("DELETE FROM room_lines WHERE room_id = $1 AND seq <= $2", room_id, last)

    async def list_kept(self) -> list[tuple[RoomId, int | None]]:
        rows = await self._sql.fetch(
            "SELECT r.id, r.keep_days FROM room_heads h JOIN rooms r ON r.id = h.room_id"
            " WHERE h.head_seq > h.tail_seq ORDER BY r.id"
        )
        return [(RoomId(row[0]), row[1]) for row in rows]

    async def list_lifts(self, room_id: RoomId) -> list[tuple[AccountId, AccountId]]:
        rows = await self._sql.fetch("SELECT muted_id, account_id FROM mute_lifts WHERE room_id = $1", room_id)
        return [(AccountId(row[0]), AccountId(row[1])) for row in rows]
