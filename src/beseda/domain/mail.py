"""Letters: stored messages between members, whatever protocol they came by."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from beseda.domain.accounts import Account
from beseda.domain.errors import MessageEmpty, MessageTooLong, RankTooLow, RegisteredOnly
from beseda.domain.ids import AccountId, ContactId, LetterId

LETTER_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A copy of a letter: `received` says whether its owner is the receiver, `read_at` when he read it."""

    id: LetterId
    contact_id: ContactId
    other_id: AccountId
    received: bool
    text: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contact:
    """One with whom a member exchanges letters; every member numbers his contacts for himself."""

    id: ContactId
    other: Account
    unread: int
    last_letter_id: LetterId


def check_letter(text: str) -> str:
    """The text as it is kept, lines and all. Raises MessageEmpty, MessageTooLong."""
    if len(text) > 4 * LETTER_MAX:
        raise MessageTooLong(max_chars=LETTER_MAX)
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join("".join(char for char in line if char.isprintable()).rstrip() for line in lines).strip()
    if not text:
        raise MessageEmpty
    if len(text) > LETTER_MAX:
        raise MessageTooLong(max_chars=LETTER_MAX)
    return text


def check_correspondents(sender: Account, receiver: Account) -> None:
    """Nothing, or RegisteredOnly, RankTooLow for a letter to oneself (chat.cz help, rule 38)."""
    if not sender.registered or not receiver.registered:
        raise RegisteredOnly
    if sender.id == receiver.id:
        raise RankTooLow
