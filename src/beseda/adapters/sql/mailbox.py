"""What is done to letters that are there, and the counts of a contact, which agree with them."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, fetch_number, places, to_ms, together
from beseda.domain.ids import MAX_ID, AccountId, ContactId, LetterId
from beseda.domain.mail import MailList

THROWN = int(MailList.GARBAGE)
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


class SqlMailbox:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def mark_read(
        self, owner_id: AccountId, contact_id: ContactId, at: datetime, limit: int = MAX_ID
    ) -> list[LetterId]:
        unread = (
            "SELECT letter_id FROM mail_copies WHERE owner_id = $1 AND contact_id = $2 AND received = 1"
            " AND read_ms IS NULL ORDER BY letter_id LIMIT $4"
        )
        rows = await self._sql.fetch(
            f"UPDATE mail_copies SET read_ms = $3 WHERE owner_id = $1 AND contact_id = $2 AND letter_id IN ({unread})"
            " RETURNING letter_id, list",
            owner_id,
            contact_id,
            to_ms(at),
            limit,
        )
        if len(rows) < limit:
            await self._sql.execute("UPDATE mail_contacts SET unread = 0, fresh = 0 WHERE id = $1", contact_id)
        else:
            counted = [row[0] for row in rows if row[1] != THROWN]
            seen_id = await fetch_number(self._sql, "SELECT seen_id FROM mail_contacts WHERE id = $1", contact_id)
            await self._sql.execute(
                "UPDATE mail_contacts SET unread = unread - $2, fresh = fresh - $3 WHERE id = $1",
                contact_id,
                len(counted),
                sum(letter_id > seen_id for letter_id in counted),
            )
        return sorted(LetterId(row[0]) for row in rows)

    async def mark_sent_read(
        self, sender_id: AccountId, reader_id: AccountId, ids: Sequence[LetterId], at: datetime
    ) -> None:
        for some in together(self._sql, ids):
            await self._sql.execute(
                "UPDATE mail_copies SET read_ms = $3 WHERE received = 0 AND read_ms IS NULL AND owner_id = $1"
                " AND contact_id = (SELECT id FROM mail_contacts WHERE owner_id = $1 AND other_id = $2)"
                f" AND letter_id IN ({places(some, 4)})",
                sender_id,
                reader_id,
                to_ms(at),
                *some,
            )

    async def set_thrown(
        self,
        owner_id: AccountId,
        contact_id: ContactId,
        ids: Sequence[LetterId] | None,
        *,
        thrown: bool,
        limit: int = MAX_ID,
    ) -> int:
        before, after = (0, THROWN) if thrown else (THROWN, 0)
        some, parameters = _some(ids, 5) if ids is not None else _oldest("list = $3", 5, MAX_ID, limit)
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
        self,
        owner_id: AccountId,
        contact_id: ContactId,
        ids: Sequence[LetterId] | None,
        *,
        thrown: bool = False,
        until: int = MAX_ID,
        limit: int = MAX_ID,
    ) -> int:
        which = f"list = {THROWN}" if thrown else "1 = 1"
        some, parameters = _some(ids, 3) if ids is not None else _oldest(which, 3, until, limit)
        rows = await self._sql.fetch(
            f"DELETE FROM mail_copies WHERE owner_id = $1 AND contact_id = $2 AND {which}{some} RETURNING letter_id",
            owner_id,
            contact_id,
            *parameters,
        )
        for gone in together(self._sql, [row[0] for row in rows]):
            await self._sql.execute(
                f"DELETE FROM letters WHERE id IN ({places(gone, 1)})"
                " AND NOT EXISTS (SELECT 1 FROM mail_copies WHERE letter_id = letters.id)",
                *gone,
            )
            await self._sql.execute(
                f"DELETE FROM letter_words WHERE rowid IN ({places(gone, 1)})"
                " AND NOT EXISTS (SELECT 1 FROM letters WHERE id = letter_words.rowid)",
                *gone,
            )
        await self._recount(owner_id, contact_id)
        return len(rows)

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


def _some(ids: Sequence[LetterId], place: int) -> tuple[str, Sequence[int]]:
    """A condition on letters, and its parameters."""
    return f" AND letter_id IN ({places(ids, place)})", ids


def _oldest(which: str, place: int, until: int, limit: int) -> tuple[str, Sequence[int]]:
    """The same for the first of those of a contact ($2) of its owner ($1)."""
    found = (
        f"SELECT letter_id FROM mail_copies WHERE owner_id = $1 AND contact_id = $2 AND {which}"
        f" AND letter_id <= ${place} ORDER BY letter_id LIMIT ${place + 1}"
    )
    return f" AND letter_id IN ({found})", (until, limit)
