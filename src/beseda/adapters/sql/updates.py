"""What members' own clients are told."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import Connection, Row, execute_all, fetch_number, from_ms, to_ms
from beseda.core.ports.mail import NewUpdate
from beseda.domain.ids import AccountId, UpdateId
from beseda.domain.updates import Update, UpdateKind

ADDED = (
    "INSERT INTO updates (account_id, at_ms, kind, contact_id, letter_id, other_id, number, text)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
ADDED_TOGETHER = (
    "INSERT INTO updates (account_id, at_ms, kind, contact_id, letter_id, other_id, number, text)"
    " SELECT account_id, at_ms, kind, contact_id, letter_id, other_id, number, text"
    " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],"
    " $8::text[]) WITH ORDINALITY"
    " AS new (account_id, at_ms, kind, contact_id, letter_id, other_id, number, text, place) ORDER BY place"
)
KINDS = {kind.value: kind for kind in UpdateKind}
FACTS = 8
UPDATES = (
    "SELECT u.id, u.account_id, u.at_ms, u.kind, u.contact_id, u.letter_id, u.number, u.text,"
    f" {ACCOUNT} FROM updates u LEFT JOIN accounts a ON a.id = u.other_id"
)


def _updates(rows: Sequence[Row]) -> list[Update]:
    """What a newer schema knows and this code does not is left out."""
    return [
        Update(
            id=row[0],
            account_id=row[1],
            at=from_ms(row[2]),
            kind=KINDS[row[3]],
            contact_id=row[4],
            letter_id=row[5],
            other=account(row[FACTS:]) if row[FACTS] is not None else None,
            number=row[6],
            text=row[7],
        )
        for row in rows
        if row[3] in KINDS
    ]


def _facts(new: NewUpdate) -> tuple[object, ...]:
    return (new.account_id, to_ms(new.at), new.kind.value, *new[3:])


class SqlUpdates:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, updates: Sequence[NewUpdate]) -> None:
        await execute_all(self._sql, ADDED, ADDED_TOGETHER, [_facts(update) for update in updates])

    async def head(self) -> UpdateId:
        return UpdateId(await fetch_number(self._sql, "SELECT coalesce(max(id), 0) FROM updates"))

    async def list_after(self, cursor: UpdateId, limit: int) -> tuple[list[Update], UpdateId, bool]:
        rows = await self._sql.fetch(f"{UPDATES} WHERE u.id > $1 ORDER BY u.id LIMIT $2", cursor, limit)
        return _updates(rows), UpdateId(rows[-1][0]) if rows else cursor, len(rows) == limit

    async def list_of(self, account_id: AccountId, cursor: UpdateId, limit: int) -> list[Update]:
        rows = await self._sql.fetch(
            f"{UPDATES} WHERE u.account_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3", account_id, cursor, limit
        )
        return _updates(rows)

    async def list_since(self, account_id: AccountId, since: datetime, limit: int) -> list[Update]:
        rows = await self._sql.fetch(
            f"{UPDATES} WHERE u.account_id = $1 AND u.at_ms >= $2 ORDER BY u.id LIMIT $3",
            account_id,
            to_ms(since),
            limit,
        )
        return _updates(rows)

    async def forget(self, before: datetime, limit: int) -> int:
        """Ids grow with time, but for a clock that was set back: the oldest ids are looked at."""
        rows = await self._sql.fetch("SELECT id, at_ms FROM updates ORDER BY id LIMIT $1", limit)
        old = [row[0] for row in rows if row[1] < to_ms(before)]
        return await self._sql.execute("DELETE FROM updates WHERE id <= $1", old[-1]) if old else 0
