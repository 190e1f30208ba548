"""The addresses that members signed in from, and sign-ins that failed."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, from_ms, places, to_ms
from beseda.domain.captcha import Failures
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

    async def failures(self, digests: Sequence[str]) -> dict[str, Failures]:
        rows = await self._sql.fetch(
            f"SELECT digest, failures, at_ms, misread FROM sign_in_failures WHERE digest IN ({places(digests, 1)})",
            *digests,
        )
        return {digest: Failures(failures, from_ms(at_ms), misread) for digest, failures, at_ms, misread in rows}

    async def note_failure(self, digest: str, at: datetime, forgotten_before: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO sign_in_failures (digest, failures, misread, at_ms) VALUES ($1, 1, 0, $2)"
            " ON CONFLICT (digest) DO UPDATE SET at_ms = excluded.at_ms, failures ="
            " CASE WHEN sign_in_failures.at_ms > $3 THEN sign_in_failures.failures + 1 ELSE 1 END",
            digest,
            to_ms(at),
            to_ms(forgotten_before),
        )

    async def note_misread(self, digest: str, at: datetime) -> Failures:
        row = await self._sql.fetch_row(
            "INSERT INTO sign_in_failures (digest, failures, misread, at_ms) VALUES ($1, 0, 1, $2)"
            " ON CONFLICT (digest) DO UPDATE SET misread = sign_in_failures.misread + 1"
            " RETURNING failures, at_ms, misread",
            digest,
            to_ms(at),
        )
        if row is None:
            raise RuntimeError("nothing came of an insertion")
        return Failures(row[0], from_ms(row[1]), row[2])

    async def forgive(self, digest: str) -> None:
        await self._sql.execute(
            "UPDATE sign_in_failures SET failures = 0, misread = misread + 1 WHERE digest = $1", digest
        )

    async def forget_failures(self, before: datetime, limit: int) -> int:
        return await self._sql.execute(
            "DELETE FROM sign_in_failures WHERE digest IN"
            " (SELECT digest FROM sign_in_failures WHERE at_ms < $1 ORDER BY at_ms LIMIT $2)",
            to_ms(before),
            limit,
        )
