"""The stays of members in rooms, and how far they have read there."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, from_ms_or_none, to_ms
from beseda.domain.history import Stay
from beseda.domain.ids import AccountId, RoomId

STAYS = (
    "SELECT first_seq, last_seq, left_ms FROM room_stays WHERE room_id = $1 AND account_id = $2"
    " UNION ALL SELECT first_seq, NULL, NULL FROM occupants WHERE room_id = $1 AND account_id = $2 ORDER BY 1"
)


class SqlHistory:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def list_stays(self, room_id: RoomId, account_id: AccountId) -> list[Stay]:
        rows = await self._sql.fetch(STAYS, room_id, account_id)
        return [Stay(row[0], row[1], from_ms_or_none(row[2])) for row in rows]

    async def forget_stays(self, room_id: RoomId, account_id: AccountId, stays: Sequence[Stay]) -> None:
        for stay in stays:
            await self._sql.execute(
                "DELETE FROM room_stays WHERE room_id = $1 AND account_id = $2 AND first_seq = $3",
                room_id,
                account_id,
                stay.first,
            )

    async def forget_visitor(self, account_id: AccountId) -> None:
        for table in ("room_stays", "room_reads"):
            await self._sql.execute(f"DELETE FROM {table} WHERE account_id = $1", account_id)

    async def find_read(self, room_id: RoomId, account_id: AccountId) -> int:
        row = await self._sql.fetch_row(
            "SELECT max(seq) FROM (SELECT seq FROM room_reads WHERE room_id = $1 AND account_id = $2"
            " UNION ALL SELECT max(seq) FROM room_lines WHERE actor_id = $2 AND room_id = $1"
            " AND kind IN ('text', 'whisper')) AS marks",
            room_id,
            account_id,
        )
        return int(row[0] or 0) if row else 0

    async def mark_read(self, room_id: RoomId, account_id: AccountId, seq: int, at: datetime) -> bool:
        changed = await self._sql.execute(
            "INSERT INTO room_reads (account_id, room_id, seq, at_ms) VALUES ($2, $1, $3, $4)"
            " ON CONFLICT (account_id, room_id) DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms"
            " WHERE room_reads.seq < excluded.seq",
            room_id,
            account_id,
            seq,
            to_ms(at),
        )
        return changed > 0
