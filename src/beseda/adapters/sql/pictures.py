"""Members' pictures, and reports of them."""

from datetime import datetime

from beseda.adapters.sql.statements import Connection, from_ms, to_ms
from beseda.domain.ids import AccountId


class SqlPictures:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def set(self, account_id: AccountId, content: bytes, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO pictures (account_id, media_type, content, at_ms) VALUES ($1, 'image/jpeg', $2, $3)"
            " ON CONFLICT (account_id) DO UPDATE SET content = excluded.content, at_ms = excluded.at_ms",
            account_id,
            content,
            to_ms(at),
        )
        url = f"/picture/{account_id}-{to_ms(at)}.jpg"
        await self._sql.execute("UPDATE accounts SET picture_url = $2 WHERE id = $1", account_id, url)

    async def remove(self, account_id: AccountId) -> bool:
        await self._sql.execute("UPDATE accounts SET picture_url = '' WHERE id = $1", account_id)
        return await self._sql.execute("DELETE FROM pictures WHERE account_id = $1", account_id) > 0

    async def find(self, account_id: AccountId) -> tuple[bytes, datetime] | None:
        row = await self._sql.fetch_row("SELECT content, at_ms FROM pictures WHERE account_id = $1", account_id)
        return (bytes(row[0]), from_ms(row[1])) if row else None

    async def add_report(
        self, account_id: AccountId, reporter_id: AccountId, picture_at: datetime, at: datetime
    ) -> bool:
        added = await self._sql.execute(
            "INSERT INTO picture_reports (account_id, reporter_id, picture_ms, at_ms) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            account_id,
            reporter_id,
            to_ms(picture_at),
            to_ms(at),
        )
        return added > 0

    async def settle(self, account_id: AccountId, picture_at: datetime, at: datetime) -> list[AccountId]:
        rows = await self._sql.fetch(
            "UPDATE picture_reports SET settled_ms = $3"
            " WHERE account_id = $1 AND picture_ms = $2 AND settled_ms IS NULL RETURNING reporter_id",
            account_id,
            to_ms(picture_at),
            to_ms(at),
        )
        return sorted(AccountId(row[0]) for row in rows)
