"""The buckets of limits that are counted over all nodes."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, places, to_ms
from beseda.domain.limits import Bucket


class SqlLimits:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def find(self, digests: Sequence[str]) -> dict[str, Bucket]:
        rows = await self._sql.fetch(
            f"SELECT digest, tokens, at_ms FROM shared_limits WHERE digest IN ({places(digests, 1)})", *digests
        )
        return {digest: Bucket(tokens, at_ms / 1000) for digest, tokens, at_ms in rows}

    async def keep(self, digest: str, bucket: Bucket, full_at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO shared_limits (digest, tokens, at_ms, full_ms) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (digest) DO UPDATE"
            " SET tokens = excluded.tokens, at_ms = excluded.at_ms, full_ms = excluded.full_ms",
            digest,
            bucket.tokens,
            round(bucket.at_s * 1000),
            to_ms(full_at),
        )

    async def forget(self, full_before: datetime, limit: int) -> int:
        return await self._sql.execute(
            "DELETE FROM shared_limits WHERE digest IN"
            " (SELECT digest FROM shared_limits WHERE full_ms < $1 ORDER BY full_ms LIMIT $2)",
            to_ms(full_before),
            limit,
        )
