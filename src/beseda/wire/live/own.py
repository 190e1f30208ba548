"""What is a member's own: letters, unread marks, personal tokens, and what he is told of them."""

from datetime import datetime
from enum import StrEnum

import msgspec

from beseda.wire.live.people import Person, moment, optional_moment


class MailList(StrEnum):
    """A list of the mailbox (`list`)."""

    INBOX = "inbox"
    FAVOURITE = "favourite"
    SPAM = "spam"
    ARCHIVE = "archive"
    GARBAGE = "garbage"
    UNREAD = "unread"
    OTHER = "?"
    """What was not known when this was written."""

    @classmethod
    def _missing_(cls, value: object) -> "MailList":
        return cls.OTHER


class Quote(msgspec.Struct, frozen=True):
    """The letter that is answered, and its text."""

    letter: int
    text: str


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A letter as one of the two has it: `id` (`letter`) is his own number of it, `contact` his number of the thread.

    `at_ms` (`at`), `read_ms` (`read`, when its receiver read it) and `edited_ms` (`edited`) are in milliseconds since
    1970.
    """

    id: int = msgspec.field(name="letter")
    contact: int
    received: bool
    text: str
    at_ms: int = msgspec.field(name="at")
    read_ms: int | None = msgspec.field(name="read", default=None)
    edited_ms: int | None = msgspec.field(name="edited", default=None)
    favourite: bool = False
    thrown: bool = False
    answers: Quote | None = None

    @property
    def at(self) -> datetime:
        """When it was sent, UTC."""
        return moment(self.at_ms)

    @property
    def read_at(self) -> datetime | None:
        """When its receiver read it, UTC; None when he has not."""
        return optional_moment(self.read_ms)

    @property
    def edited_at(self) -> datetime | None:
        """When it was changed, UTC; None for never."""
        return optional_moment(self.edited_ms)


class Thread(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The letters with one other: `contact` is its number, `letters` how many there are, `last` the newest."""

    contact: int
    account: Person
    unread: int
    letters: int
    list: MailList
    picture: str = ""
    draft: str = ""
    last: Letter | None = None


class Counts(msgspec.Struct, frozen=True, omit_defaults=True):
    """New letters and notices; of an event only what has changed, None for what has not."""

    letters: int | None = None
    notices: int | None = None


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the member has read a room (`read`), and what came after.

    `unread` are texts and whispers of others, `mentions` those of them that mean him; `more` when there are even more.
    """

    room: int
    read: int
    unread: int
    mentions: int
    more: bool = False


class MailChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a letter or of a thread.

    `what` is `received`, `sent`, `edited`, `kept`, `thrown`, `erased` of a letter, `read`, `archived`, `spam`,
    `thrown`, `erased`, `cleared` of a thread; `is_set` (`set`) whether what can be taken back is so now. `unread` is
    how many of the thread are, of a letter that came.
    """

    what: str
    contact: int | None = None
    letter: int | None = None
    account: Person | None = None
    unread: int | None = None
    is_set: bool | None = msgspec.field(name="set", default=None)


class Writing(msgspec.Struct, frozen=True):
    """Somebody is writing a letter to the member."""

    contact: int
    account: Person


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A personal token without its secret: `id` (`token`), its name, and what it is good for (docs/live.md).

    `created_ms` (`created`), `expires_ms` (`expires`, None for never) and `used_ms` (`used`, the last use) are in
    milliseconds since 1970. Empty lists do not narrow it.
    """

    id: int = msgspec.field(name="token")
    name: str
    created_ms: int = msgspec.field(name="created")
    expires_ms: int | None = msgspec.field(name="expires", default=None)
    used_ms: int | None = msgspec.field(name="used", default=None)
    bot: bool
    read_only: bool
    protocols: tuple[str, ...] = ()
    rooms: tuple[int, ...] = ()
    zones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @property
    def created_at(self) -> datetime:
        """When it was made, UTC."""
        return moment(self.created_ms)

    @property
    def expires_at(self) -> datetime | None:
        """Until when it is good, UTC; None for ever."""
        return optional_moment(self.expires_ms)

    @property
    def used_at(self) -> datetime | None:
        """When it was last used, UTC; None for never."""
        return optional_moment(self.used_ms)
