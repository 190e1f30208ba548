"""Letters: stored messages between members, whatever protocol they came by."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from beseda.domain.accounts import Account
from beseda.domain.errors import (
    LetterRepeated,
    LetterTooOld,
    MessageEmpty,
    MessageTooLong,
    NotLetterSender,
)
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.text import folded, is_blank, lines

LETTER_MAX = 10_000
NO_LETTER = LetterId(0)
REPEATED_WITHIN = timedelta(seconds=10)
"""The same text to the same receiver within this time is a client that sends again what has arrived."""
EDITED_WITHIN = timedelta(hours=24)
"""How long a sender may change a letter."""


class MailList(IntEnum):
    """The lists of a mailbox. A contact is in one of INBOX, SPAM and ARCHIVE; the other lists are made of letters."""

    INBOX = 0
    FAVOURITE = 1
    """Letters that the owner keeps apart."""
    SPAM = 2
    """Contacts whose letters are counted nowhere."""
    ARCHIVE = 3
    """Contacts that the owner has put away; a new letter brings one back."""
    GARBAGE = 4
    """Letters that the owner threw away; they can be taken back until they are erased."""
    EMAIL = 5
    """Letters by e-mail: none, this server has no gateway to it."""
    UNREAD = 6


@dataclass(frozen=True, slots=True)
class Quote:
    """What a letter answers, as it is now; `text` is "" when it is gone."""

    id: LetterId
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A copy of a letter: `received` says whether its owner is the receiver, `read_at` when the receiver read it."""

    id: LetterId
    contact_id: ContactId
    other_id: AccountId
    received: bool
    text: str
    at: datetime
    read_at: datetime | None
    edited_at: datetime | None = None
    favourite: bool = False
    thrown: bool = False
    answers: Quote | None = None


class Last(NamedTuple):
    """The newest letter of a thread, as one of its sides has it; see Letter."""

    received: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """One with whom a member exchanges letters; every member numbers his contacts for himself.

    The counts leave out what was thrown away; `last_...` are 0 when there is none. `draft` is what the owner was
    writing.
    """

    id: ContactId
    other: Account
    unread: int
    last_letter_id: LetterId
    list: MailList = MailList.INBOX
    received: int = 0
    sent: int = 0
    favourites: int = 0
    thrown: int = 0
    last_received_id: LetterId = NO_LETTER
    last_thrown_id: LetterId = NO_LETTER
    draft: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the owner has erased all letters."""
        return not (self.received or self.sent or self.thrown)

    def count(self, shown: MailList) -> int:
        """How many letters a list shows of this contact."""
        match shown:
            case MailList.FAVOURITE:
                return self.favourites
            case MailList.GARBAGE:
                return self.thrown
            case _:
                return self.received + self.sent

    def last(self, shown: MailList) -> LetterId:
        """The newest letter that a list shows of this contact, 0 when there is none."""
        return self.last_thrown_id if shown is MailList.GARBAGE else self.last_letter_id


def clean(text: str) -> str:
    """A text of lines as it is kept; it may be empty. Raises MessageTooLong."""
    if len(text) > 4 * LETTER_MAX:
        raise MessageTooLong(max_chars=LETTER_MAX)
    text = lines(text)
    if len(text) > LETTER_MAX:
        raise MessageTooLong(max_chars=LETTER_MAX)
    return text


def check_letter(text: str) -> str:
    """The text as it is kept, lines and all. Raises MessageEmpty, MessageTooLong."""
    text = clean(text)
    if is_blank(text):
        raise MessageEmpty
    return text


def check_not_repeated(last: Last | None, text: str, now: datetime) -> None:
    """LetterRepeated when the last letter to the same receiver was the same, just now."""
    if last is not None and not last.received and last.text == text and now - last.at < REPEATED_WITHIN:
        raise LetterRepeated


def check_edit(letter: Letter, now: datetime) -> None:
    """Nothing, or NotLetterSender, LetterTooOld."""
    if letter.received:
        raise NotLetterSender
    if now - letter.at > EDITED_WITHIN:
        raise LetterTooOld


def matches(letter: Letter, needle: str) -> bool:
    """Whether a letter holds what is searched for, in whatever case and form (see `folded`)."""
    return folded(needle) in folded(letter.text)
