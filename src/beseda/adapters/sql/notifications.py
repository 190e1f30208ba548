"""What members are notified of."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import (
    Connection,
    fetch_new_id,
    fetch_number,
    from_ms,
    from_ms_or_none,
    places,
    to_ms,
)
from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, NotificationId, RoomId
from beseda.domain.notifications import Notification, NotificationKind

KINDS = {kind.value: kind for kind in NotificationKind}
FACTS = 8
NOTIFICATIONS = (
    "SELECT n.id, n.at_ms, n.kind, n.room_id, coalesce(r.name, ''), n.number, n.text, n.read_ms,"
    f" {ACCOUNT} FROM notifications n LEFT JOIN accounts a ON a.id = n.actor_id"
    " LEFT JOIN rooms r ON r.id = n.room_id AND r.closed_ms IS NULL WHERE n.account_id = $1"
)


class SqlNotifications:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(
        self,
        account_id: AccountId,
        kind: NotificationKind,
        at: datetime,
        *,
        actor: Account | None = None,
        room_id: RoomId | None = None,
        number: int = 0,
        text: str = "",
    ) -> NotificationId:
        new_id = await fetch_new_id(
            self._sql,
            "INSERT INTO notifications (account_id, at_ms, kind, actor_id, room_id, number, text)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            account_id,
            to_ms(at),
            kind.value,
            actor.id if actor else None,
            room_id,
            number,
            text,
        )
        return NotificationId(new_id)

    async def list_of(self, account_id: AccountId, *, unread_only: bool, offset: int, limit: int) -> list[Notification]:
        unread = " AND n.read_ms IS NULL" if unread_only else ""
        rows = await self._sql.fetch(
            f"{NOTIFICATIONS}{unread} ORDER BY n.id DESC LIMIT $2 OFFSET $3", account_id, limit, offset
        )
        return [
            Notification(
                id=row[0],
                at=from_ms(row[1]),
                kind=KINDS[row[2]],
                actor=account(row[FACTS:]) if row[FACTS] is not None else None,
                room_id=row[3],
                room_name=row[4],
                number=row[5],
                text=row[6],
                read_at=from_ms_or_none(row[7]),
            )
            for row in rows
            if row[2] in KINDS
        ]

    async def count(self, account_id: AccountId) -> tuple[int, int]:
        all_of = "SELECT count(*) FROM notifications WHERE account_id = $1"
        total = await fetch_number(self._sql, all_of, account_id)
        return total, await fetch_number(self._sql, f"{all_of} AND read_ms IS NULL", account_id)

    async def mark_read(self, account_id: AccountId, ids: Sequence[NotificationId], at: datetime) -> int:
        if not ids:
            return 0
        return await self._sql.execute(
            "UPDATE notifications SET read_ms = $2"
            f" WHERE account_id = $1 AND read_ms IS NULL AND id IN ({places(ids, 3)})",
            account_id,
            to_ms(at),
            *ids,
        )

    async def has_invitation(self, account_id: AccountId, actor_id: AccountId, room_id: RoomId) -> bool:
        row = await self._sql.fetch_row(
            "SELECT 1 FROM notifications WHERE account_id = $1 AND read_ms IS NULL AND kind = $2 AND actor_id = $3"
            " AND room_id = $4",
            account_id,
            NotificationKind.INVITED.value,
            actor_id,
            room_id,
        )
        return row is not None

    async def forget(self, before: datetime, limit: int) -> int:
        rows = await self._sql.fetch("SELECT id, at_ms FROM notifications ORDER BY id LIMIT $1", limit)
        old = [row[0] for row in rows if row[1] < to_ms(before)]
        return await self._sql.execute("DELETE FROM notifications WHERE id <= $1", old[-1]) if old else 0
