"""The addresses that members signed in from."""

from datetime import datetime

from beseda.adapters.sql.statements import Connection, to_ms
from beseda.domain.ids import AccountId


class SqlSignIns:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def knows(self, account_id: AccountId, digest: str, since: datetime) -> bool:
        row = await self._sql.fetch_row(
            "SELECT seen_ms FROM sign_in_addresses WHERE account_id = $1 AND digest = $2 AND seen_ms >= $3",
            account_id,
            digest,
            to_ms(since),
        )
        return row is not None

    async def note(self, account_id: AccountId, digest: str, at: datetime, *, keep: int) -> None:
        await self._sql.execute(
            "INSERT INTO sign_in_addresses (account_id, digest, seen_ms) VALUES ($1, $2, $3)"
            " ON CONFLICT (account_id, digest) DO UPDATE SET seen_ms = excluded.seen_ms",
            account_id,
            digest,
            to_ms(at),
        )
        await self._sql.execute(
            "DELETE FROM sign_in_addresses WHERE account_id = $1 AND digest NOT IN (SELECT digest"
            " FROM sign_in_addresses WHERE account_id = $1 ORDER BY digest = $2 DESC, seen_ms DESC, digest LIMIT $3)",
            account_id,
            digest,
            keep,
        )

    async def forget(self, before: datetime, limit: int) -> int:
        return await self._sql.execute(
            "DELETE FROM sign_in_addresses WHERE (account_id, digest) IN (SELECT account_id, digest"
            " FROM sign_in_addresses WHERE seen_ms < $1 ORDER BY seen_ms LIMIT $2)",
            to_ms(before),
            limit,
        )
