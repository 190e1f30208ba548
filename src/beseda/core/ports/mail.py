"""What is kept of letters, and of what members' own clients are told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from beseda.domain.accounts import Account
from beseda.domain.ids import MAX_ID, AccountId, ContactId, LetterId, NotificationId, RoomId, UpdateId
from beseda.domain.mail import Contact, Last, Letter, MailList
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.presence import Signs
from beseda.domain.updates import Update, UpdateKind


class NewLetter(NamedTuple):
    sender_id: AccountId
    receiver_id: AccountId
    text: str
    key: str | None = None
    answers_id: LetterId | None = None


class Side(NamedTuple):
    """The contact that one of two has for the other."""

    contact_id: ContactId
    list: MailList
    unread: int
    fresh: int
    """Of those unread, how many are new."""


class Between(NamedTuple):
    """What a letter from one to another meets: who of them ignores whom, the contacts of both, their last letter as the
    sender has it, whether the receiver is here, and how many letters are new to him."""

    ignored: bool
    ignores_sender: bool
    mine: Side | None
    theirs: Side | None
    last: Last | None
    signs: Signs
    new: int


class Filing(NamedTuple):
    """What letters change in a contact: its list, how many of them its owner sent and received, and the last of them.

    Received ones are unread and new. Sent ones end the draft.
    """

    contact_id: ContactId
    list: MailList
    sent: int
    received: int
    last_id: LetterId
    last_received_id: LetterId
    """Of no account when none was received."""


class Copy(NamedTuple):
    """A letter among those of one who sent or received it."""

    owner_id: AccountId
    contact_id: ContactId
    letter_id: LetterId
    received: bool


class Sent(NamedTuple):
    """A letter as both sides have it."""

    id: LetterId
    sender_id: AccountId
    receiver_id: AccountId
    text: str


class NewUpdate(NamedTuple):
    """See Update."""

    account_id: AccountId
    kind: UpdateKind
    at: datetime
    contact_id: int = 0
    letter_id: int = 0
    other_id: AccountId | None = None
    number: int = 0
    text: str = ""


class Mail(Protocol):
    async def between(
        self, pairs: Collection[tuple[AccountId, AccountId]]
    ) -> list[tuple[tuple[AccountId, AccountId], Between]]:
        """Of each sender and registered receiver; nothing when there is no such receiver."""
        ...

    async def add_letters(self, letters: Sequence[NewLetter], at: datetime) -> list[LetterId]: ...

    async def add_contact(self, owner_id: AccountId, other_id: AccountId) -> ContactId:
        """An empty one, where there is none."""
        ...

    async def file(self, filings: Sequence[Filing]) -> None:
        """At most one for a contact."""
        ...

    async def add_copies(self, copies: Sequence[Copy]) -> None: ...

    async def find_by_key(self, sender_id: AccountId, key: str) -> LetterId | None: ...

    async def count_unread(self, owner_id: AccountId) -> int:
        """Without spam."""
        ...

    async def count_new(self, owner_id: AccountId) -> int:
        """Those unread, without spam, that came since the owner last reset this count, wherever they were meanwhile."""
        ...

    async def counts_new(self, owner_ids: Sequence[AccountId]) -> list[int]:
        """The same of several."""
        ...

    async def reset_new(self, owner_id: AccountId) -> None:
        """The owner has looked: what has come until now is new no longer, wherever it is and will be."""
        ...

    async def list_contacts(
        self, owner_id: AccountId, shown: MailList | None, needle: str, *, offset: int, limit: int
    ) -> list[Contact]:
        """Who wrote or was written to last comes first; None shows all but the spam.

        `needle` is a part of the nick's key.
        """
        ...

    async def count_contacts(self, owner_id: AccountId, shown: MailList | None, needle: str) -> int: ...

    async def find_contact(self, owner_id: AccountId, other_id: AccountId) -> Contact | None: ...

    async def find_contacts(self, owner_id: AccountId, ids: Sequence[ContactId]) -> list[Contact]: ...

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
        """Newest first: those thrown away in GARBAGE, favourites in FAVOURITE, else what was not thrown away."""
        ...

    async def find_letters(self, owner_id: AccountId, ids: Sequence[LetterId]) -> list[Letter]: ...

    async def mark_read(
        self, owner_id: AccountId, contact_id: ContactId, at: datetime, limit: int = MAX_ID
    ) -> list[LetterId]:
        """The oldest received from a contact that had not been read, at most `limit`; which. Fewer are the last."""
        ...

    async def mark_sent_read(
        self, sender_id: AccountId, reader_id: AccountId, ids: Sequence[LetterId], at: datetime
    ) -> None:
        """Of what a member sent to another these letters have been read."""
        ...

    async def list_unread_contacts(self, owner_id: AccountId) -> list[Contact]: ...

    async def set_list(self, contact_id: ContactId, to: MailList) -> None: ...

    async def set_thrown(
        self,
        owner_id: AccountId,
        contact_id: ContactId,
        ids: Sequence[LetterId] | None,
        *,
        thrown: bool,
        limit: int = MAX_ID,
    ) -> int:
        """Throw letters of a contact away, None for the oldest, at most `limit`, or take them back; how many."""
        ...

    async def set_favourite(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId], *, favourite: bool
    ) -> int: ...

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
        """Remove copies, and letters that nobody has a copy of; how many.

        None removes the oldest (that were `thrown` away) up to the letter `until`, at most `limit`.
        """
        ...

    async def list_sent(self, after: LetterId, limit: int) -> list[Sent]:
        """All members' letters after one, oldest first."""
        ...

    async def set_text(self, letter_id: LetterId, text: str, at: datetime) -> None: ...

    async def set_draft(self, contact_id: ContactId, draft: str) -> None: ...


class Updates(Protocol):
    async def add(self, updates: Sequence[NewUpdate]) -> None: ...

    async def head(self) -> UpdateId:
        """The newest of all, or 0."""
        ...

    async def list_after(self, cursor: UpdateId, limit: int) -> tuple[list[Update], UpdateId, bool]:
        """Of all members, oldest first; the cursor after them, and whether there may be more."""
        ...

    async def list_of(self, account_id: AccountId, cursor: UpdateId, limit: int) -> list[Update]:
        """After a cursor, oldest first."""
        ...

    async def list_since(self, account_id: AccountId, since: datetime, limit: int) -> list[Update]: ...

    async def forget(self, before: datetime, limit: int) -> int:
        """Remove old ones; how many, at most `limit`."""
        ...


class Notifications(Protocol):
    async def add(
        self,
        account_id: AccountId,
        kind: NotificationKind,
        at: datetime,
        *,
        actor: Account | None = None,
        room_id: RoomId | None = None,
        number: int = 0,
        text: str = "",
    ) -> NotificationId: ...

    async def list_of(self, account_id: AccountId, *, unread_only: bool, offset: int, limit: int) -> list[Notification]:
        """Newest first."""
        ...

    async def count(self, account_id: AccountId) -> tuple[int, int]:
        """All, and the unread ones."""
        ...

    async def mark_read(self, account_id: AccountId, ids: Sequence[NotificationId], at: datetime) -> int:
        """How many had not been read."""
        ...

    async def has_invitation(self, account_id: AccountId, actor_id: AccountId, room_id: RoomId) -> bool:
        """Whether there is an unread one."""
        ...

    async def forget(self, before: datetime, limit: int) -> int:
        """Remove old ones; how many, at most `limit`."""
        ...
