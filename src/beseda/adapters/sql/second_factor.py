"""Second factors of members, and their recovery codes, of which only keyed hashes are kept."""

from collections.abc import Sequence

from beseda.adapters.sql.statements import Connection, from_ms, to_ms
from beseda.domain.ids import AccountId
from beseda.domain.second_factor import SecondFactor


class SqlSecondFactors:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def find(self, account_id: AccountId) -> SecondFactor | None:
        row = await self._sql.fetch_row(
            "SELECT nonce, since_ms, last_step FROM second_factors WHERE account_id = $1", account_id
        )
        return SecondFactor(row[0], from_ms(row[1]), row[2]) if row else None

    async def add(self, account_id: AccountId, factor: SecondFactor) -> None:
        await self._sql.execute(
            "INSERT INTO second_factors (account_id, nonce, since_ms, last_step) VALUES ($1, $2, $3, $4)",
            account_id,
            factor.nonce,
            to_ms(factor.since),
            factor.last_step,
        )

    async def set_last_step(self, account_id: AccountId, step: int) -> None:
        await self._sql.execute("UPDATE second_factors SET last_step = $2 WHERE account_id = $1", account_id, step)

    async def remove(self, account_id: AccountId) -> None:
        await self._sql.execute("DELETE FROM recovery_codes WHERE account_id = $1", account_id)
        await self._sql.execute("DELETE FROM second_factors WHERE account_id = $1", account_id)

    async def set_recovery(self, account_id: AccountId, digests: Sequence[str]) -> None:
        await self._sql.execute("DELETE FROM recovery_codes WHERE account_id = $1", account_id)
        for digest in digests:
            await self._sql.execute(
                "INSERT INTO recovery_codes (account_id, digest) VALUES ($1, $2)", account_id, digest
            )

    async def use_recovery(self, account_id: AccountId, digest: str) -> bool:
        return bool(
            await self._sql.execute(
                "DELETE FROM recovery_codes WHERE account_id = $1 AND digest = $2", account_id, digest
            )
        )

    async def count_recovery(self, account_id: AccountId) -> int:
        row = await self._sql.fetch_row("SELECT count(*) FROM recovery_codes WHERE account_id = $1", account_id)
        return int(row[0]) if row else 0
