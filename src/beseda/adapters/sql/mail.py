"""Letters, their copies, contacts."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, from_ms_or_none, to_ms
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import Contact, Letter

CONTACTS = (
    f"SELECT c.id, c.unread, c.last_letter_id, {ACCOUNT} FROM mail_contacts c JOIN accounts a ON a.id = c.other_id"
    " WHERE c.owner_id = $1"
)


def _contact(row: Row) -> Contact:
    return Contact(row[0], account(row[3:]), row[1], row[2])


class SqlMail:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add_letter(
        self, sender_id: AccountId, receiver_id: AccountId, text: str, at: datetime, key: str | None
    ) -> LetterId:
        statement = (
            "INSERT INTO letters (sender_id, receiver_id, text, at_ms, post_key) VALUES ($1, $2, $3, $4, $5)"
            " RETURNING id"
        )
        return LetterId(await fetch_new_id(self._sql, statement, sender_id, receiver_id, text, to_ms(at), key))

    async def add_copy(self, owner_id: AccountId, other_id: AccountId, letter_id: LetterId, *, received: bool) -> None:
        contact_id = await fetch_new_id(
            self._sql,
            "INSERT INTO mail_contacts (owner_id, other_id, unread, last_letter_id) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (owner_id, other_id) DO UPDATE SET unread = mail_contacts.unread + excluded.unread,"
            " last_letter_id = excluded.last_letter_id RETURNING id",
            owner_id,
            other_id,
            int(received),
            letter_id,
        )
        await self._sql.execute(
            "INSERT INTO mail_copies (owner_id, contact_id, letter_id, received) VALUES ($1, $2, $3, $4)",
            owner_id,
            contact_id,
            letter_id,
            int(received),
        )

    async def find_by_key(self, sender_id: AccountId, key: str) -> LetterId | None:
        row = await self._sql.fetch_row("SELECT id FROM letters WHERE sender_id = $1 AND post_key = $2", sender_id, key)
        return LetterId(row[0]) if row else None

    async def count_unread(self, owner_id: AccountId) -> int:
        row = await self._sql.fetch_row(
            "SELECT coalesce(sum(unread), 0) FROM mail_contacts WHERE owner_id = $1", owner_id
        )
        return int(row[0]) if row else 0

    async def list_contacts(self, owner_id: AccountId, *, offset: int, limit: int) -> list[Contact]:
        rows = await self._sql.fetch(
            f"{CONTACTS} ORDER BY c.last_letter_id DESC LIMIT $2 OFFSET $3", owner_id, limit, offset
        )
        return [_contact(row) for row in rows]

    async def find_contact(self, owner_id: AccountId, other_id: AccountId) -> Contact | None:
        row = await self._sql.fetch_row(f"{CONTACTS} AND c.other_id = $2", owner_id, other_id)
        return _contact(row) if row else None

    async def list_letters(
        self, owner_id: AccountId, contact_id: ContactId, *, before: LetterId, limit: int
    ) -> list[Letter]:
        rows = await self._sql.fetch(
            "SELECT m.letter_id, m.contact_id, CASE WHEN m.received = 1 THEN l.sender_id ELSE l.receiver_id END,"
            " m.received, l.text, l.at_ms, m.read_ms FROM mail_copies m JOIN letters l ON l.id = m.letter_id"
            " WHERE m.owner_id = $1 AND m.contact_id = $2 AND m.letter_id < $3 ORDER BY m.letter_id DESC LIMIT $4",
            owner_id,
            contact_id,
            before,
            limit,
        )
        return [
            Letter(row[0], row[1], row[2], bool(row[3]), row[4], from_ms(row[5]), from_ms_or_none(row[6]))
            for row in rows
        ]

    async def mark_read(self, owner_id: AccountId, contact_id: ContactId, at: datetime) -> int:
        await self._sql.execute("UPDATE mail_contacts SET unread = 0 WHERE id = $1", contact_id)
        return await self._sql.execute(
            "UPDATE mail_copies SET read_ms = $3"
            " WHERE owner_id = $1 AND contact_id = $2 AND received = 1 AND read_ms IS NULL",
            owner_id,
            contact_id,
            to_ms(at),
        )

    async def list_unread_contacts(self, owner_id: AccountId) -> list[Contact]:
        rows = await self._sql.fetch(f"{CONTACTS} AND c.unread > 0 ORDER BY c.id", owner_id)
        return [_contact(row) for row in rows]
