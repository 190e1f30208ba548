"""The ledger: entries and postings that are only ever added, and the sum of each book beside them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from beseda.adapters.sql.invariants import LEDGER
from beseda.adapters.sql.statements import Connection, fetch_new_id, fetch_number, from_ms, to_ms
from beseda.domain.errors import BalanceTooLow
from beseda.domain.ids import AccountId, EntryId
from beseda.domain.ledger import OUTSIDE, Balance, Entry, Pocket, Posting, pocket_book


class SqlLedger:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def balance(self, account_id: AccountId) -> Balance:
        ((real, bonus),) = await self._sql.fetch(
            "SELECT (SELECT balance_minor FROM ledger_books WHERE book = $1),"
            " (SELECT balance_minor FROM ledger_books WHERE book = $2)",
            pocket_book(account_id, Pocket.REAL),
            pocket_book(account_id, Pocket.BONUS),
        )
        return Balance(real or 0, bonus or 0)

    async def post(self, postings: Sequence[Posting], memo: str, at: datetime, *, key: str) -> Entry:
        if sum(posting.amount_minor for posting in postings):
            raise ValueError("the postings of an entry sum to zero")
        if earlier := await self.find_by_key(key):
            return earlier
        entry_id = await fetch_new_id(
            self._sql,
            "INSERT INTO ledger_entries (key, memo, at_ms) VALUES ($1, $2, $3) RETURNING id",
            key,
            memo,
            to_ms(at),
        )
        for line, posting in enumerate(postings):
            await self._sql.execute(
                "INSERT INTO ledger_postings (entry_id, line, book, amount_minor) VALUES ($1, $2, $3, $4)",
                entry_id,
                line,
                posting.book,
                posting.amount_minor,
            )
            await self._add_to_book(posting)
        return Entry(EntryId(entry_id), at, memo, tuple(postings))

    async def _add_to_book(self, posting: Posting) -> None:
        """Move a book's sum; only the one of the outside may fall below zero."""
        await self._sql.execute(
            "INSERT INTO ledger_books (book, balance_minor) VALUES ($1, 0) ON CONFLICT DO NOTHING", posting.book
        )
        moved = await self._sql.execute(
            "UPDATE ledger_books SET balance_minor = balance_minor + $2"
            " WHERE book = $1 AND (book = $3 OR balance_minor + $2 >= 0)",
            posting.book,
            posting.amount_minor,
            OUTSIDE,
        )
        if not moved:
            row = await self._sql.fetch_row("SELECT balance_minor FROM ledger_books WHERE book = $1", posting.book)
            raise BalanceTooLow(needed_minor=-posting.amount_minor, available_minor=row[0] if row else 0)

    async def list_of(self, account_id: AccountId, *, before: int, limit: int) -> list[Entry]:
        rows = await self._sql.fetch(
            "SELECT DISTINCT entry_id FROM ledger_postings WHERE book IN ($1, $2) AND entry_id < $3"
            " ORDER BY entry_id DESC LIMIT $4",
            pocket_book(account_id, Pocket.REAL),
            pocket_book(account_id, Pocket.BONUS),
            before,
            limit,
        )
        return [await self._get(row[0]) for row in rows]

    async def check(self, tell: Callable[[int, int], None]) -> list[str]:
        problems: list[str] = []
        for done, each in enumerate(LEDGER):
            tell(done, len(LEDGER))
            problems += each.broken_by(await fetch_number(self._sql, each.wrong))
        tell(len(LEDGER), len(LEDGER))
        return problems

    async def find(self, entry_id: EntryId) -> Entry | None:
        row = await self._sql.fetch_row("SELECT id FROM ledger_entries WHERE id = $1", entry_id)
        return await self._get(entry_id) if row else None

    async def find_by_key(self, key: str) -> Entry | None:
        row = await self._sql.fetch_row("SELECT id FROM ledger_entries WHERE key = $1", key)
        return await self._get(row[0]) if row else None

    async def _get(self, entry_id: EntryId) -> Entry:
        rows = await self._sql.fetch(
            "SELECT e.at_ms, e.memo, p.book, p.amount_minor FROM ledger_entries e"
            " JOIN ledger_postings p ON p.entry_id = e.id WHERE e.id = $1 ORDER BY p.line",
            entry_id,
        )
        return Entry(entry_id, from_ms(rows[0][0]), rows[0][1], tuple(Posting(row[2], row[3]) for row in rows))
