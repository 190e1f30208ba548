"""Letters, their copies, contacts."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import (
    Connection,
    Row,
    fetch_new_id,
    fetch_number,
    from_ms,
    from_ms_or_none,
    places,
    to_ms,
    together,
    values,
)
from beseda.core.ports.mail import Correspondence, Filed, Sent
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import Contact, Letter, MailList, Quote

CONTACT = (
    "c.id, c.unread, c.last_letter_id, c.list, c.received, c.sent, c.favourites, c.thrown, c.last_received_id,"
    " c.last_thrown_id, c.draft"
)
CONTACT_WIDTH = 11
CONTACTS = (
    f"SELECT {CONTACT}, {ACCOUNT} FROM mail_contacts c JOIN accounts a ON a.id = c.other_id WHERE c.owner_id = $1"
)
COUNT_CONTACTS = "SELECT count(*) FROM mail_contacts c JOIN accounts a ON a.id = c.other_id WHERE c.owner_id = $1"
FILTERS = {
    None: "c.list <> 2 AND c.last_letter_id > 0",
    MailList.INBOX: "c.list = 0 AND c.last_letter_id > 0",
    MailList.FAVOURITE: "c.favourites > 0",
    MailList.SPAM: "c.list = 2 AND c.last_letter_id > 0",
    MailList.ARCHIVE: "c.list = 3 AND c.last_letter_id > 0",
    MailList.GARBAGE: "c.thrown > 0",
    MailList.EMAIL: "1 = 0",
    MailList.UNREAD: "c.list <> 2 AND c.unread > 0",
}
LETTER = (
    "m.letter_id, m.contact_id, CASE WHEN m.received = 1 THEN l.sender_id ELSE l.receiver_id END,"
    " m.received, l.text, l.at_ms, m.read_ms, l.edited_ms, m.favourite, m.list, l.answers_id, q.text"
)
LETTER_WIDTH = 12
LETTERS = (
    f"SELECT {LETTER} FROM mail_copies m JOIN letters l ON l.id = m.letter_id"
    " LEFT JOIN letters q ON q.id = l.answers_id WHERE m.owner_id = $1"
)
CORRESPONDENCE = (
    "SELECT EXISTS (SELECT 1 FROM ignores WHERE account_id = $1 AND ignored_id = $2),"
    f" EXISTS (SELECT 1 FROM ignores WHERE account_id = $2 AND ignored_id = $1), {LETTER}, {ACCOUNT} FROM accounts a"
    " LEFT JOIN mail_contacts c ON c.owner_id = $1 AND c.other_id = a.id"
    " LEFT JOIN mail_copies m ON m.owner_id = $1 AND m.contact_id = c.id AND m.letter_id = c.last_letter_id"
    " LEFT JOIN letters l ON l.id = m.letter_id LEFT JOIN letters q ON q.id = l.answers_id WHERE a.id = $2"
)
THROWN = int(MailList.GARBAGE)
SHOWN = {MailList.GARBAGE: f"m.list = {THROWN}", MailList.FAVOURITE: f"m.list <> {THROWN} AND m.favourite = 1"}
RECOUNTED = (
    "SELECT coalesce(sum(CASE WHEN list <> 4 AND received = 1 AND read_ms IS NULL THEN 1 ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN list <> 4 AND received = 1 THEN 1 ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN list <> 4 AND received = 0 THEN 1 ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN list <> 4 THEN favourite ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN list = 4 THEN 1 ELSE 0 END), 0),"
    " coalesce(max(CASE WHEN list <> 4 THEN letter_id ELSE 0 END), 0),"
    " coalesce(max(CASE WHEN list <> 4 AND received = 1 THEN letter_id ELSE 0 END), 0),"
    " coalesce(max(CASE WHEN list = 4 THEN letter_id ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN list <> 4 AND received = 1 AND read_ms IS NULL AND letter_id >"
    " (SELECT seen_id FROM mail_contacts WHERE id = $2) THEN 1 ELSE 0 END), 0)"
    " FROM mail_copies WHERE owner_id = $1 AND contact_id = $2"
)
FILED = (
    "INSERT INTO mail_contacts (owner_id, other_id, last_letter_id, sent, unread, fresh, received, last_received_id)"
    " VALUES {} ON CONFLICT (owner_id, other_id) DO UPDATE SET"
    " last_letter_id = excluded.last_letter_id, sent = mail_contacts.sent + excluded.sent,"
    " unread = mail_contacts.unread + excluded.unread, fresh = mail_contacts.fresh + excluded.fresh,"
    " received = mail_contacts.received + excluded.received,"
    " last_received_id = CASE WHEN excluded.sent = 1 THEN mail_contacts.last_received_id ELSE excluded.last_letter_id"
    " END, draft = CASE WHEN excluded.sent = 1 THEN '' ELSE mail_contacts.draft END,"
    " list = CASE WHEN excluded.sent = 0 AND mail_contacts.list = 2 THEN 2 ELSE 0 END"
    " RETURNING owner_id, id, unread, list"
)
COPIED = "INSERT INTO mail_copies (owner_id, contact_id, letter_id, received)"
NEWEST = "CASE WHEN last_letter_id < last_thrown_id THEN last_thrown_id ELSE last_letter_id END"
"""The newest letter of a contact, thrown away or not."""


def _contact(row: Row) -> Contact:
    return Contact(row[0], account(row[CONTACT_WIDTH:]), row[1], row[2], MailList(row[3]), *row[4:CONTACT_WIDTH])


def _letter(row: Row) -> Letter:
    return Letter(
        id=row[0],
        contact_id=row[1],
        other_id=row[2],
        received=bool(row[3]),
        text=row[4],
        at=from_ms(row[5]),
        read_at=from_ms_or_none(row[6]),
        edited_at=from_ms_or_none(row[7]),
        favourite=bool(row[8]),
        thrown=row[9] == THROWN,
        answers=Quote(row[10], row[11] or "") if row[10] is not None else None,
    )


class SqlMail:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def correspondence(self, sender_id: AccountId, receiver_id: AccountId) -> Correspondence | None:
        row = await self._sql.fetch_row(CORRESPONDENCE, sender_id, receiver_id)
        if row is None:
            return None
        last = _letter(row[2:]) if row[2] is not None else None
        return Correspondence(account(row[2 + LETTER_WIDTH :]), bool(row[0]), bool(row[1]), last)

    async def add_letter(
        self,
        sender_id: AccountId,
        receiver_id: AccountId,
        text: str,
        at: datetime,
        key: str | None,
        answers: LetterId | None = None,
    ) -> LetterId:
        statement = (
            "INSERT INTO letters (sender_id, receiver_id, text, at_ms, post_key, answers_id)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
        )
        return LetterId(await fetch_new_id(self._sql, statement, sender_id, receiver_id, text, to_ms(at), key, answers))

    async def add_copies(
        self, letter_id: LetterId, sender_id: AccountId, receiver_id: AccountId, *, delivered: bool
    ) -> tuple[Filed, Filed | None]:
        contacts: list[Row] = [(sender_id, receiver_id, letter_id, 1, 0, 0, 0, 0)]
        if delivered:
            contacts.append((receiver_id, sender_id, letter_id, 0, 1, 1, 1, letter_id))
        filed = dict[AccountId, Filed]()
        for rows in together(self._sql, contacts):
            found = await self._sql.fetch(FILED.format(values(rows)), *chain(*rows))
            filed.update((row[0], Filed(row[1], row[2], MailList(row[3]))) for row in found)
        mine, theirs = filed[sender_id], filed.get(receiver_id)
        copies: list[Row] = [(sender_id, mine.contact_id, letter_id, 0)]
        if theirs is not None:
            copies.append((receiver_id, theirs.contact_id, letter_id, 1))
        for rows in together(self._sql, copies):
            await self._sql.execute(f"{COPIED} VALUES {values(rows)}", *chain(*rows))
        return mine, theirs

    async def find_by_key(self, sender_id: AccountId, key: str) -> LetterId | None:
        row = await self._sql.fetch_row("SELECT id FROM letters WHERE sender_id = $1 AND post_key = $2", sender_id, key)
        return LetterId(row[0]) if row else None

    async def count_unread(self, owner_id: AccountId) -> int:
        statement = (
            "SELECT coalesce(sum(unread), 0) FROM mail_contacts WHERE owner_id = $1 AND unread > 0 AND list <> 2"
        )
        return await fetch_number(self._sql, statement, owner_id)

    async def count_new(self, owner_id: AccountId) -> int:
        statement = "SELECT coalesce(sum(fresh), 0) FROM mail_contacts WHERE owner_id = $1 AND unread > 0 AND list <> 2"
        return await fetch_number(self._sql, statement, owner_id)

    async def counts_new(self, owner_ids: Sequence[AccountId]) -> list[int]:
        counts = dict[AccountId, int]()
        for some in together(self._sql, owner_ids):
            rows = await self._sql.fetch(
                "SELECT owner_id, sum(fresh) FROM mail_contacts WHERE unread > 0 AND list <> 2"
                f" AND owner_id IN ({places(some, 1)}) GROUP BY owner_id",
                *some,
            )
            counts.update((row[0], int(row[1])) for row in rows)
        return [counts.get(owner_id, 0) for owner_id in owner_ids]

    async def reset_new(self, owner_id: AccountId) -> None:
        await self._sql.execute(
            f"UPDATE mail_contacts SET fresh = 0, seen_id = {NEWEST} WHERE owner_id = $1 AND seen_id < {NEWEST}",
            owner_id,
        )

    async def list_contacts(
        self, owner_id: AccountId, shown: MailList | None, needle: str, *, offset: int, limit: int
    ) -> list[Contact]:
        order = "last_thrown_id" if shown is MailList.GARBAGE else "last_letter_id"
        found, parameters = _search(needle, 4)
        rows = await self._sql.fetch(
            f"{CONTACTS} AND {FILTERS[shown]}{found} ORDER BY c.{order} DESC LIMIT $2 OFFSET $3",
            owner_id,
            limit,
            offset,
            *parameters,
        )
        return [_contact(row) for row in rows]

    async def count_contacts(self, owner_id: AccountId, shown: MailList | None, needle: str) -> int:
        found, parameters = _search(needle, 2)
        return await fetch_number(self._sql, f"{COUNT_CONTACTS} AND {FILTERS[shown]}{found}", owner_id, *parameters)

    async def find_contact(self, owner_id: AccountId, other_id: AccountId) -> Contact | None:
        row = await self._sql.fetch_row(f"{CONTACTS} AND c.other_id = $2", owner_id, other_id)
        return _contact(row) if row else None

    async def find_contacts(self, owner_id: AccountId, ids: Sequence[ContactId]) -> list[Contact]:
        if not ids:
            return []
        rows = await self._sql.fetch(f"{CONTACTS} AND c.id IN ({places(ids, 2)})", owner_id, *ids)
        return [_contact(row) for row in rows]

    async def list_letters(
        self,
        owner_id: AccountId,
        contact_id: ContactId,
        *,
        before: LetterId,
        limit: int,
        offset: int = 0,
        shown: MailList = MailList.INBOX,
    ) -> list[Letter]:
        rows = await self._sql.fetch(
            f"{LETTERS} AND m.contact_id = $2 AND m.letter_id < $3 AND {SHOWN.get(shown, f'm.list <> {THROWN}')}"
            " ORDER BY m.letter_id DESC LIMIT $4 OFFSET $5",
            owner_id,
            contact_id,
            before,
            limit,
            offset,
        )
        return [_letter(row) for row in rows]

    async def find_letters(self, owner_id: AccountId, ids: Sequence[LetterId]) -> list[Letter]:
        if not ids:
            return []
        rows = await self._sql.fetch(f"{LETTERS} AND m.letter_id IN ({places(ids, 2)})", owner_id, *ids)
        return [_letter(row) for row in rows]

    async def mark_read(self, owner_id: AccountId, contact_id: ContactId, at: datetime) -> int:
        await self._sql.execute("UPDATE mail_contacts SET unread = 0, fresh = 0 WHERE id = $1", contact_id)
        return await self._sql.execute(
            "UPDATE mail_copies SET read_ms = $3"
            " WHERE owner_id = $1 AND contact_id = $2 AND received = 1 AND read_ms IS NULL",
            owner_id,
            contact_id,
            to_ms(at),
        )

    async def mark_sent_read(self, sender_id: AccountId, reader_id: AccountId, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE mail_copies SET read_ms = $3 WHERE received = 0 AND read_ms IS NULL AND owner_id = $1"
            " AND contact_id = (SELECT id FROM mail_contacts WHERE owner_id = $1 AND other_id = $2)"
            " AND EXISTS (SELECT 1 FROM mail_copies r WHERE r.letter_id = mail_copies.letter_id AND r.owner_id = $2)",
            sender_id,
            reader_id,
            to_ms(at),
        )

    async def list_unread_contacts(self, owner_id: AccountId) -> list[Contact]:
        rows = await self._sql.fetch(f"{CONTACTS} AND c.unread > 0 ORDER BY c.id", owner_id)
        return [_contact(row) for row in rows]

    async def set_list(self, contact_id: ContactId, to: MailList) -> None:
        await self._sql.execute("UPDATE mail_contacts SET list = $2 WHERE id = $1", contact_id, int(to))

    async def set_thrown(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId] | None, *, thrown: bool
    ) -> int:
        before, after = (0, THROWN) if thrown else (THROWN, 0)
        some, parameters = _some(ids, 5)
        changed = await self._sql.execute(
            f"UPDATE mail_copies SET list = $4 WHERE owner_id = $1 AND contact_id = $2 AND list = $3{some}",
            owner_id,
            contact_id,
            before,
            after,
            *parameters,
        )
        await self._recount(owner_id, contact_id)
        return changed

    async def set_favourite(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId], *, favourite: bool
    ) -> int:
        some, parameters = _some(ids, 4)
        changed = await self._sql.execute(
            f"UPDATE mail_copies SET favourite = $3 WHERE owner_id = $1 AND contact_id = $2 AND favourite <> $3{some}",
            owner_id,
            contact_id,
            int(favourite),
            *parameters,
        )
        await self._recount(owner_id, contact_id)
        return changed

    async def erase(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId] | None, *, thrown: bool = False
    ) -> int:
        which = f" AND list = {THROWN}" if thrown else ""
        some, parameters = _some(ids, 3)
        rows = await self._sql.fetch(
            f"DELETE FROM mail_copies WHERE owner_id = $1 AND contact_id = $2{which}{some} RETURNING letter_id",
            owner_id,
            contact_id,
            *parameters,
        )
        for row in rows:
            await self._sql.execute(
                "DELETE FROM letters WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM mail_copies WHERE letter_id = $1)",
                row[0],
            )
            await self._sql.execute(
                "DELETE FROM letter_words WHERE rowid = $1 AND NOT EXISTS (SELECT 1 FROM letters WHERE id = $1)", row[0]
            )
        await self._recount(owner_id, contact_id)
        return len(rows)

    async def list_sent(self, after: LetterId, limit: int) -> list[Sent]:
        rows = await self._sql.fetch(
            "SELECT id, sender_id, receiver_id, text FROM letters WHERE id > $1 ORDER BY id LIMIT $2", after, limit
        )
        return [Sent(*row) for row in rows]

    async def set_text(self, letter_id: LetterId, text: str, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE letters SET text = $2, edited_ms = $3 WHERE id = $1", letter_id, text, to_ms(at)
        )

    async def set_draft(self, contact_id: ContactId, draft: str) -> None:
        await self._sql.execute("UPDATE mail_contacts SET draft = $2 WHERE id = $1", contact_id, draft)

    async def _recount(self, owner_id: AccountId, contact_id: ContactId) -> None:
        counted = await self._sql.fetch_row(RECOUNTED, owner_id, contact_id)
        if counted is None:
            raise RuntimeError("a sum has no row")
        await self._sql.execute(
            "UPDATE mail_contacts SET unread = $2, received = $3, sent = $4, favourites = $5, thrown = $6,"
            " last_letter_id = $7, last_received_id = $8, last_thrown_id = $9, fresh = $10 WHERE id = $1",
            contact_id,
            *counted,
        )


def _search(needle: str, place: int) -> tuple[str, tuple[str, ...]]:
    """A condition on the nick, and its parameter."""
    if not needle:
        return "", ()
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f" AND a.nick_key LIKE ${place} ESCAPE '\\'", (f"%{escaped}%",)


def _some(ids: Sequence[LetterId] | None, place: int) -> tuple[str, Sequence[LetterId]]:
    """A condition on letters, and its parameters; None is no condition."""
    return ("", ()) if ids is None else (f" AND letter_id IN ({places(ids, place)})", ids)
