"""Rooms, their permanent admins, and who is in them."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import WIDTH as ACCOUNT_WIDTH
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import Connection, Row, from_ms, from_ms_or_none, places, to_ms
from beseda.domain.accounts import Account, nick_order
from beseda.domain.errors import RoomNameTaken
from beseda.domain.ids import AccountId, RoomId, SessionId
from beseda.domain.rooms import Links, Lock, Occupant, Room, RoomView, lock_in_force, name_key
from beseda.domain.text import look_key

NAMES = (
    "id, name, description, web, permanent, lock_kind, password, admin_id, founder_id, created_ms, main_admin_id,"
    " links, opened_by_admins, hands_over, keep_days, history_lines"
)
COLUMNS = ", ".join(f"r.{name}" for name in NAMES.split(", "))
WIDTH = 16
VIEW = (
    f"SELECT {COLUMNS},"
    " (SELECT count(*) FROM occupants o WHERE o.room_id = r.id),"
    " (SELECT count(*) FROM occupants o JOIN room_admins d ON d.room_id = o.room_id AND d.account_id = o.account_id"
    " WHERE o.room_id = r.id) FROM rooms r WHERE r.closed_ms IS NULL"
)
OCCUPANTS = (
    f"SELECT {ACCOUNT}, o.entered_ms, o.accessed_ms, o.written_ms, d.account_id, o.first_seq, o.awake_ms"
    " FROM occupants o JOIN accounts a ON a.id = o.account_id"
    " LEFT JOIN room_admins d ON d.room_id = o.room_id AND d.account_id = o.account_id WHERE o.room_id = $1"
)


def room(row: Row) -> Room:
    return Room(
        id=row[0],
        name=row[1],
        description=row[2],
        web=row[3],
        permanent=bool(row[4]),
        lock=Lock(row[5]),
        password=row[6],
        admin_id=row[7],
        founder_id=row[8],
        created_at=from_ms(row[9]),
        main_admin_id=row[10],
        links=Links(row[11]),
        opened_by_admins=bool(row[12]),
        hands_over=bool(row[13]),
        keep_days=row[14],
        history_lines=row[15],
    )


def _view(row: Row) -> RoomView:
    shown, (user_count, admins_inside) = room(row), row[WIDTH:]
    return RoomView(
        id=shown.id,
        name=shown.name,
        description=shown.description,
        web=shown.web,
        permanent=shown.permanent,
        lock=lock_in_force(shown, permanent_admin_inside=admins_inside > 0),
        admin_id=shown.admin_id,
        user_count=user_count,
        reserved=shown.main_admin_id is not None,
    )


def _occupant(row: Row) -> Occupant:
    entered_ms, accessed_ms, written_ms, admin, first_seq, awake_ms = row[ACCOUNT_WIDTH:]
    return Occupant(
        account(row),
        from_ms(entered_ms),
        from_ms(accessed_ms),
        from_ms_or_none(written_ms),
        admin is not None,
        first_seq,
        from_ms_or_none(awake_ms),
    )


class SqlRooms:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, name: str, *, permanent: bool, founder_id: AccountId | None, at: datetime) -> Room:
        row = await self._sql.fetch_row(
            "INSERT INTO rooms (name, name_key, permanent, founder_id, created_ms, look_key)"
            " VALUES ($1, $2, $3, $4, $5, $6)"
            f" ON CONFLICT DO NOTHING RETURNING {NAMES}",
            name,
            name_key(name),
            int(permanent),
            founder_id,
            to_ms(at),
            look_key(name),
        )
        if row is None:
            raise RoomNameTaken
        opened = room(row)
        await self._sql.execute(
            "INSERT INTO room_heads (room_id, head_seq, head_ms, tail_seq) VALUES ($1, 0, 0, 0)", opened.id
        )
        return opened

    async def find(self, room_id: RoomId) -> Room | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS} FROM rooms r WHERE r.id = $1 AND r.closed_ms IS NULL",
            room_id,
        )
        return room(row) if row else None

    async def find_by_name(self, name: str) -> Room | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS} FROM rooms r WHERE r.name_key = $1 OR r.look_key = $2"
            " ORDER BY CASE WHEN r.name_key = $1 THEN 0 ELSE 1 END LIMIT 1",
            name_key(name),
            look_key(name),
        )
        return room(row) if row else None

    async def save(self, room: Room) -> None:
        other = await self.find_by_name(room.name)
        if other is not None and other.id != room.id:
            raise RoomNameTaken
        await self._sql.execute(
            "UPDATE rooms SET look_key = CASE WHEN name = $2 THEN look_key ELSE $16 END,"
            " name = $2, name_key = $3, description = $4, web = $5, permanent = $6, lock_kind = $7,"
            " password = $8, admin_id = $9, main_admin_id = $10, reserved = $11, links = $12, opened_by_admins = $13,"
            " hands_over = $14, keep_days = $15, history_lines = $17 WHERE id = $1",
            room.id,
            room.name,
            name_key(room.name),
            room.description,
            room.web,
            int(room.permanent),
            room.lock.value,
            room.password,
            room.admin_id,
            room.main_admin_id,
            int(room.main_admin_id is not None),
            room.links.value,
            int(room.opened_by_admins),
            int(room.hands_over),
            room.keep_days,
            look_key(room.name),
            room.history_lines,
        )

    async def close(self, room_id: RoomId, at: datetime) -> None:
        tables = ("room_admins", "favourites", "visits", "stays", "occupants", "room_marks", "mute_lifts", "room_stays")
        for table in (*tables, "room_reads"):
            await self._sql.execute(f"DELETE FROM {table} WHERE room_id = $1", room_id)
        await self._sql.execute(
            "UPDATE rooms SET closed_ms = $2, name_key = NULL, look_key = NULL, admin_id = NULL WHERE id = $1",
            room_id,
            to_ms(at),
        )

    async def list_views(self) -> list[RoomView]:
        return [_view(row) for row in await self._sql.fetch(VIEW)]

    async def find_reserved_by(self, account_id: AccountId) -> Room | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS} FROM rooms r WHERE r.main_admin_id = $1 AND r.closed_ms IS NULL", account_id
        )
        return room(row) if row else None

    async def find_view(self, room_id: RoomId) -> RoomView | None:
        row = await self._sql.fetch_row(f"{VIEW} AND r.id = $1", room_id)
        return _view(row) if row else None

    async def admins(self, room_id: RoomId) -> list[Account]:
        rows = await self._sql.fetch(
            f"SELECT {ACCOUNT} FROM room_admins d JOIN accounts a ON a.id = d.account_id"
            " WHERE d.room_id = $1 ORDER BY a.id",
            room_id,
        )
        return sorted((account(row) for row in rows), key=nick_order)

    async def is_admin(self, room_id: RoomId, account_id: AccountId) -> bool:
        return bool(
            await self._sql.fetch_row(
                "SELECT 1 FROM room_admins WHERE room_id = $1 AND account_id = $2", room_id, account_id
            )
        )

    async def is_admin_anywhere(self, account_id: AccountId) -> bool:
        row = await self._sql.fetch_row("SELECT 1 FROM room_admins WHERE account_id = $1 LIMIT 1", account_id)
        return row is not None

    async def set_admin(self, room_id: RoomId, account_id: AccountId, admin: bool) -> None:
        await self._sql.execute(
            "INSERT INTO room_admins (room_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            if admin
            else "DELETE FROM room_admins WHERE room_id = $1 AND account_id = $2",
            room_id,
            account_id,
        )

    async def occupants(self, room_id: RoomId) -> list[Occupant]:
        rows = await self._sql.fetch(f"{OCCUPANTS} ORDER BY o.entered_ms, o.account_id", room_id)
        return [_occupant(row) for row in rows]

    async def find_occupant(self, room_id: RoomId, account_id: AccountId) -> Occupant | None:
        row = await self._sql.fetch_row(f"{OCCUPANTS} AND o.account_id = $2", room_id, account_id)
        return _occupant(row) if row else None

    async def inside_any(self, account_ids: Sequence[AccountId]) -> set[AccountId]:
        if not account_ids:
            return set()
        statement = f"SELECT DISTINCT account_id FROM occupants WHERE account_id IN ({places(account_ids, 1)})"
        return {row[0] for row in await self._sql.fetch(statement, *account_ids)}

    async def occupancy(self) -> list[tuple[RoomId, AccountId]]:
        return [(row[0], row[1]) for row in await self._sql.fetch("SELECT room_id, account_id FROM occupants")]

    async def rooms_of(self, account_id: AccountId) -> list[Room]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM rooms r JOIN occupants o ON o.room_id = r.id WHERE o.account_id = $1"
            " ORDER BY o.entered_ms, r.id",
            account_id,
        )
        return [room(row) for row in rows]

    async def enter(
        self, room_id: RoomId, account_id: AccountId, session_id: SessionId, seq: int, at: datetime, *, first: int = 1
    ) -> None:
        await self._sql.execute(
            "INSERT INTO occupants (room_id, account_id, entered_ms, accessed_ms, entered_seq, first_seq)"
            " VALUES ($1, $2, $3, $3, $4, $5)"
            " ON CONFLICT (room_id, account_id) DO UPDATE SET accessed_ms = excluded.accessed_ms",
            room_id,
            account_id,
            to_ms(at),
            seq,
            first,
        )
        await self._sql.execute(
            "INSERT INTO stays (session_id, room_id, account_id, entered_seq) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            session_id,
            room_id,
            account_id,
            seq,
        )
        await self._sql.execute(
            "INSERT INTO visits (room_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", room_id, account_id
        )

    async def leave(self, room_id: RoomId, account_id: AccountId, at: datetime | None = None) -> None:
        await self._sql.execute(
            "INSERT INTO room_stays (room_id, account_id, first_seq, last_seq, left_ms)"
            " SELECT o.room_id, o.account_id, o.first_seq, h.head_seq, CAST($3 AS BIGINT)"
            " FROM occupants o JOIN room_heads h ON h.room_id = o.room_id WHERE o.room_id = $1 AND o.account_id = $2"
            " ON CONFLICT (room_id, account_id, first_seq)"
            " DO UPDATE SET last_seq = excluded.last_seq, left_ms = excluded.left_ms",
            room_id,
            account_id,
            None if at is None else to_ms(at),
        )
        for table in ("stays", "occupants"):
            statement = f"DELETE FROM {table} WHERE room_id = $1 AND account_id = $2"
            await self._sql.execute(statement, room_id, account_id)

    async def touch(self, room_id: RoomId, account_id: AccountId, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE occupants SET accessed_ms = $3 WHERE room_id = $1 AND account_id = $2 AND accessed_ms < $3",
            room_id,
            account_id,
            to_ms(at),
        )

    async def stay_awake(self, account_id: AccountId, room_ids: Sequence[RoomId], at: datetime) -> None:
        for room_id in room_ids:
            await self._sql.execute(
                "UPDATE occupants SET awake_ms = $3 WHERE room_id = $1 AND account_id = $2",
                room_id,
                account_id,
                to_ms(at),
            )

    async def silent(self, gone: datetime, away: datetime, written_before: datetime) -> list[tuple[RoomId, AccountId]]:
        rows = await self._sql.fetch(
            "SELECT room_id, account_id FROM occupants WHERE accessed_ms < $1 OR (accessed_ms < $2 AND away = 0)"
            " OR (coalesce(written_ms, entered_ms) < $3 AND coalesce(awake_ms, entered_ms) < $3)"
            " ORDER BY room_id, entered_ms, account_id",
            to_ms(gone),
            to_ms(away),
            to_ms(written_before),
        )
        return [(RoomId(row[0]), AccountId(row[1])) for row in rows]

    async def back(self, heard_since: datetime) -> list[tuple[RoomId, AccountId]]:
        rows = await self._sql.fetch(
            "SELECT room_id, account_id FROM occupants WHERE away = 1 AND accessed_ms >= $1"
            " ORDER BY room_id, account_id",
            to_ms(heard_since),
        )
        return [(RoomId(row[0]), AccountId(row[1])) for row in rows]

    async def set_away(self, room_id: RoomId, account_id: AccountId, away: bool) -> bool:
        changed = await self._sql.execute(
            "UPDATE occupants SET away = $3 WHERE room_id = $1 AND account_id = $2 AND away <> $3",
            room_id,
            account_id,
            int(away),
        )
        return bool(changed)

    async def end_stays(self, session_id: SessionId) -> list[RoomId]:
        rows = await self._sql.fetch(
            "SELECT s.room_id FROM stays s WHERE s.session_id = $1 AND NOT EXISTS (SELECT 1 FROM stays o"
            " WHERE o.room_id = s.room_id AND o.account_id = s.account_id AND o.session_id <> s.session_id)"
            " ORDER BY s.room_id",
            session_id,
        )
        await self._sql.execute("DELETE FROM stays WHERE session_id = $1", session_id)
        return [RoomId(row[0]) for row in rows]

    async def was_inside(self, room_id: RoomId, account_id: AccountId) -> bool:
        return bool(
            await self._sql.fetch_row(
                "SELECT 1 FROM visits WHERE room_id = $1 AND account_id = $2", room_id, account_id
            )
        )

    async def forget_visitors(self, room_id: RoomId) -> None:
        await self._sql.execute(
            "DELETE FROM visits WHERE room_id = $1"
            " AND account_id NOT IN (SELECT account_id FROM occupants WHERE room_id = $1)",
            room_id,
        )
