"""Updates: what a member's own clients are told, one after another, to show the same as the server."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, ContactId, LetterId, UpdateId

KEPT_FOR = timedelta(hours=1)
"""A client that was away for longer reads everything anew."""

TYPING_FOR = timedelta(seconds=10)


class UpdateKind(StrEnum):
    """What an update tells; the fields that count are as said here, the others are 0 and ""."""

    LETTER_RECEIVED = "letter_received"
    """`letter_id` from `other`; `number` are now unread of `contact_id`."""
    LETTER_SENT = "letter_sent"
    """The member's own, to `other`; `text` is the client's mark of itself."""
    CONTACT_READ = "contact_read"
    """One side has read what it received from the other, which is `contact_id`."""
    CONTACT_THROWN = "contact_thrown"
    """All letters of `contact_id` were thrown away (`number` 1), or taken back (0)."""
    CONTACT_ERASED = "contact_erased"
    CONTACT_ARCHIVED = "contact_archived"
    """Put away (`number` 1), or taken back (0)."""
    CONTACT_SPAM = "contact_spam"
    """Called spam (`number` 1), or no longer (0)."""
    GARBAGE_CLEARED = "garbage_cleared"
    LETTER_FAVOURITE = "letter_favourite"
    """`letter_id` is a favourite (`number` 1), or no longer (0). `text` as above, here and in the next three."""
    LETTER_THROWN = "letter_thrown"
    """Thrown away (`number` 1), or taken back (0)."""
    LETTER_ERASED = "letter_erased"
    LETTER_EDITED = "letter_edited"
    TYPING = "typing"
    """`other` is writing; `number` is 1 when he records his voice."""
    COUNTER = "counter"
    """What `text` counts ("mail", "journal") is `number` now."""
    NOTIFIED = "notified"
    """Notification `number` of the kind `text`, from `other` if it is from somebody."""
    ROOM_READ = "room_read"
    """The member has read room `number` as far as `text` says (reads.mark_text)."""
    STATUS = "status"
    """A session of the member's has begun or ended."""


@dataclass(frozen=True, slots=True)
class Update:
    """`id` grows with every update of any member: a cursor is the id of the last one that a client has seen."""

    id: UpdateId
    account_id: AccountId
    at: datetime
    kind: UpdateKind
    contact_id: ContactId
    letter_id: LetterId
    other: Account | None
    number: int
    text: str


def is_over(update: Update, now: datetime) -> bool:
    """Whether it need not be told any more to whoever was away: nobody is typing for ever."""
    return update.kind is UpdateKind.TYPING and now - update.at > TYPING_FOR
