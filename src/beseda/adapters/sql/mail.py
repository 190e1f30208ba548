"""Letters, their copies, contacts."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.mailbox import THROWN, SqlMailbox
from beseda.adapters.sql.statements import (
    Row,
    execute_all,
    fetch_new_id,
    fetch_number,
    from_ms,
    from_ms_or_none,
    places,
    to_ms,
    together,
)
from beseda.core.ports.mail import Between, Copy, Filing, NewLetter, Sent, Side
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import Contact, Last, Letter, MailList, Quote
from beseda.domain.presence import Signs

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
PAIRS = {
    "sqlite": "(SELECT key AS place, json_extract(value, '$[0]') AS one, json_extract(value, '$[1]') AS other"
    " FROM json_each($1))",
    "postgresql": "(SELECT place, (pair ->> 0)::bigint AS one, (pair ->> 1)::bigint AS other"
    " FROM json_array_elements($1::json) WITH ORDINALITY AS pairs (pair, place))",
}
BETWEEN = (
    "SELECT n.one, n.other, EXISTS (SELECT 1 FROM ignores WHERE account_id = n.one AND ignored_id = n.other),"
    " EXISTS (SELECT 1 FROM ignores WHERE account_id = n.other AND ignored_id = n.one),"
    " c.id, c.list, c.unread, c.fresh, t.id, t.list, t.unread, t.fresh, m.received, l.text, l.at_ms,"
    " a.accessed_ms, EXISTS (SELECT 1 FROM occupants WHERE account_id = n.other),"
    " EXISTS (SELECT 1 FROM sessions WHERE account_id = n.other),"
    " (SELECT coalesce(sum(fresh), 0) FROM mail_contacts WHERE owner_id = n.other AND unread > 0 AND list <> 2)"
    " FROM {pairs} n CROSS JOIN accounts a"
    " LEFT JOIN mail_contacts c ON c.owner_id = n.one AND c.other_id = n.other"
    " LEFT JOIN mail_contacts t ON t.owner_id = n.other AND t.other_id = n.one"
    " LEFT JOIN mail_copies m ON m.owner_id = n.one AND m.contact_id = c.id AND m.letter_id = c.last_letter_id"
    " LEFT JOIN letters l ON l.id = m.letter_id WHERE a.id = n.other AND a.registered = 1"
)
LAST_ID = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'letters'"
NUMBERED = (
    "INSERT INTO letters (id, at_ms, sender_id, receiver_id, text, post_key, answers_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)
ADDED = (
    "INSERT INTO letters (at_ms, sender_id, receiver_id, text, post_key, answers_id)"
    " SELECT $2, (l ->> 0)::bigint, (l ->> 1)::bigint, l ->> 2, l ->> 3, (l ->> 4)::bigint"
    " FROM json_array_elements($1::json) WITH ORDINALITY AS letters (l, place) ORDER BY place RETURNING id"
)
"""On PostgreSQL; SQLite writes as many rows the faster the simpler its statement is."""
SHOWN = {MailList.GARBAGE: f"m.list = {THROWN}", MailList.FAVOURITE: f"m.list <> {THROWN} AND m.favourite = 1"}
FILE = (
    "UPDATE mail_contacts SET list = {1}, sent = sent + {2}, received = received + {3}, unread = unread + {3},"
    " fresh = fresh + {3}, last_letter_id = {4},"
    " last_received_id = CASE WHEN {3} > 0 THEN {5} ELSE last_received_id END,"
    " draft = CASE WHEN {2} > 0 THEN '' ELSE draft END{source} WHERE id = {0}"
)
FILED = FILE.format("$1", "$2", "$3", "$4", "$5", "$6", source="")
FILED_TOGETHER = FILE.format(
    *(f"f.n{place}" for place in range(6)),
    source=" FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])"
    " AS f (n0, n1, n2, n3, n4, n5)",
)
COPIED = "INSERT INTO mail_copies (owner_id, contact_id, letter_id, received) VALUES ($1, $2, $3, $4)"
COPIED_TOGETHER = (
    "INSERT INTO mail_copies (owner_id, contact_id, letter_id, received)"
    " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::smallint[])"
)
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


def _between(row: Row) -> Between:
    mine, theirs = (Side(id_, MailList(on), *counts) if id_ else None for id_, on, *counts in (row[4:8], row[8:12]))
    last = Last(bool(row[12]), row[13], from_ms(row[14])) if row[12] is not None else None
    signs = Signs(from_ms(row[15]), bool(row[16]), bool(row[17]))
    return Between(bool(row[2]), bool(row[3]), mine, theirs, last, signs, int(row[18]))


class SqlMail(SqlMailbox):
    __slots__ = ()

    async def between(
        self, pairs: Collection[tuple[AccountId, AccountId]]
    ) -> list[tuple[tuple[AccountId, AccountId], Between]]:
        if not pairs:
            return []
        rows = await self._sql.fetch(BETWEEN.format(pairs=PAIRS[self._sql.dialect]), json.dumps(list(pairs)))
        return [((row[0], row[1]), _between(row)) for row in rows]

    async def add_letters(self, letters: Sequence[NewLetter], at: datetime) -> list[LetterId]:
        at_ms = to_ms(at)
        if self._sql.dialect == "sqlite":
            first = 1 + await fetch_number(self._sql, LAST_ID)
            await self._sql.execute_many(NUMBERED, [(first + n, at_ms, *each) for n, each in enumerate(letters)])
            return [LetterId(first + n) for n in range(len(letters))]
        return sorted(LetterId(row[0]) for row in await self._sql.fetch(ADDED, json.dumps(letters), at_ms))

    async def add_contact(self, owner_id: AccountId, other_id: AccountId) -> ContactId:
        statement = "INSERT INTO mail_contacts (owner_id, other_id, last_letter_id) VALUES ($1, $2, 0) RETURNING id"
        return ContactId(await fetch_new_id(self._sql, statement, owner_id, other_id))

    async def file(self, filings: Sequence[Filing]) -> None:
        await execute_all(self._sql, FILED, FILED_TOGETHER, filings)

    async def add_copies(self, copies: Sequence[Copy]) -> None:
        rows = [(*each[:3], int(each.received)) for each in copies]
        await execute_all(self._sql, COPIED, COPIED_TOGETHER, rows)

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

    async def list_unread_contacts(self, owner_id: AccountId) -> list[Contact]:
        rows = await self._sql.fetch(f"{CONTACTS} AND c.unread > 0 ORDER BY c.id", owner_id)
        return [_contact(row) for row in rows]

    async def set_list(self, contact_id: ContactId, to: MailList) -> None:
        await self._sql.execute("UPDATE mail_contacts SET list = $2 WHERE id = $1", contact_id, int(to))

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


def _search(needle: str, place: int) -> tuple[str, tuple[str, ...]]:
    """A condition on the nick, and its parameter."""
    if not needle:
        return "", ()
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f" AND a.nick_key LIKE ${place} ESCAPE '\\'", (f"%{escaped}%",)
