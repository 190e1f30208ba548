"""What is kept of letters, and of what members' own clients are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, ContactId, LetterId, NotificationId, RoomId, UpdateId
from beseda.domain.mail import Contact, Letter, MailList
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.updates import Update, UpdateKind


class Filed(NamedTuple):
    """Where a copy of a letter was put: the contact as it is now."""

    contact_id: ContactId
    unread: int
    list: MailList


class Sent(NamedTuple):
    """A letter as both sides have it."""

    id: LetterId
    sender_id: AccountId
    receiver_id: AccountId
    text: str


class Correspondence(NamedTuple):
    """What becomes of a letter to `receiver`: who of the two ignores whom, and the `last` one as its sender has it."""

    receiver: Account
    ignored: bool
    ignores_sender: bool
    last: Letter | None


class NewUpdate(NamedTuple):
    """See Update."""

    account_id: AccountId
    kind: UpdateKind
    at: datetime
    contact_id: int = 0
    letter_id: int = 0
    other: Account | None = None
    number: int = 0
    text: str = ""


class Mail(Protocol):
    async def correspondence(self, sender_id: AccountId, receiver_id: AccountId) -> Correspondence | None:
        """None when there is no such receiver."""
        ...

    async def add_letter(
        self,
        sender_id: AccountId,
        receiver_id: AccountId,
        text: str,
        at: datetime,
        key: str | None,
        answers: LetterId | None = None,
    ) -> LetterId: ...

    async def add_copies(
        self, letter_id: LetterId, sender_id: AccountId, receiver_id: AccountId, *, delivered: bool
    ) -> tuple[Filed, Filed | None]:
        """Put a letter among those of its sender and, when it is `delivered`, of its receiver.

        A received one is unread; it takes the contact out of the archive. A sent one ends the draft, and takes the
        contact out of the archive and the spam.
        """
        ...

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

    async def mark_read(self, owner_id: AccountId, contact_id: ContactId, at: datetime) -> int:
        """All received from a contact; how many had not been read."""
        ...

    async def mark_sent_read(self, sender_id: AccountId, reader_id: AccountId, at: datetime) -> None:
        """All that a member sent to another has been read."""
        ...

    async def list_unread_contacts(self, owner_id: AccountId) -> list[Contact]: ...

    async def set_list(self, contact_id: ContactId, to: MailList) -> None: ...

    async def set_thrown(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId] | None, *, thrown: bool
    ) -> int:
        """Throw letters of a contact away, None for all, or take them back; how many."""
        ...

    async def set_favourite(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId], *, favourite: bool
    ) -> int: ...

    async def erase(
        self, owner_id: AccountId, contact_id: ContactId, ids: Sequence[LetterId] | None, *, thrown: bool = False
    ) -> int:
        """Remove copies, None for all (that were `thrown` away), and letters that nobody has a copy of; how many."""
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
