"""Whom members ignore."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS, account
from beseda.adapters.sql.statements import Connection, to_ms
from beseda.domain.accounts import Account, nick_order
from beseda.domain.ids import AccountId

NOBODY: frozenset[AccountId] = frozenset()
"""One for all the members who ignore nobody, which is nearly everybody."""


class SqlIgnoring:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def ignored_by(self, account_id: AccountId) -> frozenset[AccountId]:
        rows = await self._sql.fetch("SELECT ignored_id FROM ignores WHERE account_id = $1", account_id)
        return frozenset(AccountId(row[0]) for row in rows) or NOBODY

    async def ignores(self, account_id: AccountId, other_id: AccountId) -> bool:
        row = await self._sql.fetch_row(
            "SELECT 1 FROM ignores WHERE account_id = $1 AND ignored_id = $2", account_id, other_id
        )
        return row is not None

    async def list_ignored(self, account_id: AccountId) -> list[Account]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM ignores i JOIN accounts a ON a.id = i.ignored_id WHERE i.account_id = $1"
            " ORDER BY a.id",
            account_id,
        )
        return sorted((account(row) for row in rows), key=nick_order)

    async def set_ignored(self, account_id: AccountId, ignored_id: AccountId, ignored: bool, at: datetime) -> None:
        if ignored:
            await self._sql.execute(
                "INSERT INTO ignores (account_id, ignored_id, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                account_id,
                ignored_id,
                to_ms(at),
            )
        else:
            await self._sql.execute(
                "DELETE FROM ignores WHERE account_id = $1 AND ignored_id = $2", account_id, ignored_id
            )
