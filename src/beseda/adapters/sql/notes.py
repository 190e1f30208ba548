"""Private notes."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import WIDTH, account
from beseda.adapters.sql.statements import Connection, to_ms
from beseda.domain.accounts import Account, nick_order
from beseda.domain.ids import AccountId


class SqlNotes:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def find(self, account_id: AccountId, about_id: AccountId) -> str:
        row = await self._sql.fetch_row(
            "SELECT text FROM notes WHERE account_id = $1 AND about_id = $2", account_id, about_id
        )
        return str(row[0]) if row else ""

    async def set(self, account_id: AccountId, about_id: AccountId, text: str, at: datetime) -> None:
        if text:
            await self._sql.execute(
                "INSERT INTO notes (account_id, about_id, text, at_ms) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (account_id, about_id) DO UPDATE SET text = excluded.text, at_ms = excluded.at_ms",
                account_id,
                about_id,
                text,
                to_ms(at),
            )
        else:
            await self._sql.execute("DELETE FROM notes WHERE account_id = $1 AND about_id = $2", account_id, about_id)

    async def list_of(self, account_id: AccountId) -> list[tuple[Account, str]]:
        rows = await self._sql.fetch(
            f"SELECT {ACCOUNT}, n.text FROM notes n JOIN accounts a ON a.id = n.about_id WHERE n.account_id = $1",
            account_id,
        )
        return sorted(((account(row), row[WIDTH]) for row in rows), key=lambda each: nick_order(each[0]))
