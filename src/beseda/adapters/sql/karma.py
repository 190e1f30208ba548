"""Gifts of karma, deductions, groups."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import WIDTH, account
from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, from_ms_or_none, to_ms
from beseda.domain.ids import AccountId, GiftId
from beseda.domain.karma import Gift

GIFTS = (
    f"SELECT g.id, g.amount, g.reason, g.at_ms, g.ended_ms, {ACCOUNT}, {ACCOUNT.replace('a.', 'b.')}"
    " FROM karma_gifts g JOIN accounts a ON a.id = g.giver_id JOIN accounts b ON b.id = g.receiver_id"
)
TOTAL = (
    "(SELECT coalesce(sum(g.amount), 0) FROM karma_gifts g WHERE g.receiver_id = accounts.id AND g.at_ms > $1"
    " AND g.ended_ms IS NULL)"
    " - (SELECT coalesce(sum(d.amount), 0) FROM karma_deductions d WHERE d.account_id = accounts.id AND d.at_ms > $1)"
)
"""What an account has of gifts, negative ones and deductions later than $1."""


def _gift(row: Row) -> Gift:
    id_, amount, reason, at_ms, ended_ms = row[:5]
    giver, receiver = account(row[5:]), account(row[5 + WIDTH :])
    return Gift(id_, giver, receiver, amount, reason, from_ms(at_ms), from_ms_or_none(ended_ms))


class SqlKarma:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def earn(self, account_id: AccountId, amount: int) -> None:
        await self._sql.execute(
            "UPDATE accounts SET karma_earned = CASE WHEN karma_earned + $2 < 0 THEN 0 ELSE karma_earned + $2 END"
            " WHERE id = $1",
            account_id,
            amount,
        )

    async def earn_hour(self, account_id: AccountId, hour: int, amount: int) -> None:
        await self._sql.execute(
            "UPDATE accounts SET karma_earned = karma_earned + $3, chatted_hour = $2"
            " WHERE id = $1 AND chatted_hour < $2",
            account_id,
            hour,
            amount,
        )

    async def add_gift(
        self, giver_id: AccountId, receiver_id: AccountId, amount: int, reason: str, at: datetime
    ) -> GiftId:
        statement = (
            "INSERT INTO karma_gifts (giver_id, receiver_id, amount, reason, at_ms) VALUES ($1, $2, $3, $4, $5)"
            " RETURNING id"
        )
        return GiftId(await fetch_new_id(self._sql, statement, giver_id, receiver_id, amount, reason, to_ms(at)))

    async def find_gift(self, gift_id: GiftId) -> Gift | None:
        row = await self._sql.fetch_row(f"{GIFTS} WHERE g.id = $1", gift_id)
        return _gift(row) if row else None

    async def end_gift(self, gift_id: GiftId, at: datetime) -> None:
        await self._sql.execute("UPDATE karma_gifts SET ended_ms = $2 WHERE id = $1", gift_id, to_ms(at))

    async def list_given(self, giver_id: AccountId, since: datetime, limit: int) -> list[Gift]:
        rows = await self._sql.fetch(
            f"{GIFTS} WHERE g.giver_id = $1 AND g.at_ms > $2 AND g.ended_ms IS NULL AND g.amount > 0"
            " ORDER BY g.id DESC LIMIT $3",
            giver_id,
            to_ms(since),
            limit,
        )
        return [_gift(row) for row in rows]

    async def list_received(self, receiver_id: AccountId, since: datetime, limit: int) -> list[Gift]:
        rows = await self._sql.fetch(
            f"{GIFTS} WHERE g.receiver_id = $1 AND g.at_ms > $2 AND g.ended_ms IS NULL ORDER BY g.id DESC LIMIT $3",
            receiver_id,
            to_ms(since),
            limit,
        )
        return [_gift(row) for row in rows]

    async def list_givers(self, receiver_id: AccountId, since: datetime) -> list[AccountId]:
        rows = await self._sql.fetch(
            "SELECT DISTINCT giver_id FROM karma_gifts"
            " WHERE receiver_id = $1 AND at_ms > $2 AND ended_ms IS NULL AND amount > 0 ORDER BY giver_id",
            receiver_id,
            to_ms(since),
        )
        return [AccountId(row[0]) for row in rows]

    async def add_deduction(self, account_id: AccountId, amount: int, reason: str, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO karma_deductions (account_id, amount, reason, at_ms) VALUES ($1, $2, $3, $4)",
            account_id,
            amount,
            reason,
            to_ms(at),
        )

    async def recount(self, account_id: AccountId, since: datetime) -> None:
        await self._sql.execute(f"UPDATE accounts SET karma_given = {TOTAL} WHERE id = $2", to_ms(since), account_id)

    async def recount_all(self, since: datetime) -> None:
        await self._sql.execute(
            f"UPDATE accounts SET karma_given = {TOTAL} WHERE registered = 1 AND (karma_given <> 0 OR id IN"
            " (SELECT receiver_id FROM karma_gifts UNION SELECT account_id FROM karma_deductions))",
            to_ms(since),
        )

    async def list_given_totals(self) -> list[tuple[AccountId, int]]:
        rows = await self._sql.fetch(
            "SELECT id, karma_given FROM accounts WHERE registered = 1 AND karma_given > 0 ORDER BY id"
        )
        return [(AccountId(row[0]), row[1]) for row in rows]

    async def list_levels(self) -> dict[AccountId, int]:
        rows = await self._sql.fetch("SELECT id, karma_level FROM accounts WHERE karma_level > 0")
        return {AccountId(row[0]): row[1] for row in rows}

    async def set_level(self, account_id: AccountId, level: int) -> None:
        await self._sql.execute("UPDATE accounts SET karma_level = $2 WHERE id = $1", account_id, level)

    async def is_ranked(self, day: str) -> bool:
        return await self._sql.fetch_row("SELECT 1 FROM karma_rankings WHERE day = $1", day) is not None

    async def note_ranked(self, day: str) -> None:
        await self._sql.execute("INSERT INTO karma_rankings (day) VALUES ($1) ON CONFLICT DO NOTHING", day)
