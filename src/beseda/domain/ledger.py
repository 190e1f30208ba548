"""Money: an append-only double entry in integer minor units (kopecks)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beseda.domain.errors import AlreadyMoved, AmountInvalid, BalanceTooLow
from beseda.domain.ids import AccountId, EntryId

MAX_AMOUNT_MINOR = 10**15


class Pocket(StrEnum):
    """A member's two balances."""

    REAL = "real"
    BONUS = "bonus"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a member has, in minor units; never negative."""

    real_minor: int
    bonus_minor: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: `amount_minor` is added to `book`; positive is more in that book."""

    book: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of money; its postings sum to zero."""

    id: EntryId
    at: datetime
    memo: str
    postings: tuple[Posting, ...]


OUTSIDE = "outside"
"""Where credits come from. The only book that may be negative."""
INCOME = "income"
"""Where charges go."""


def pocket_book(account_id: AccountId, pocket: Pocket) -> str:
    """The book of a member's pocket."""
    return f"{pocket}:{account_id}"


def after(balance: Balance, account_id: AccountId, entry: Entry) -> Balance:
    """What a member has when an entry has been posted."""
    real, bonus = (
        sum(each.amount_minor for each in entry.postings if each.book == pocket_book(account_id, pocket))
        for pocket in (Pocket.REAL, Pocket.BONUS)
    )
    return Balance(balance.real_minor + real, balance.bonus_minor + bonus)


def check_amount(amount_minor: int) -> int:
    """The amount, or AmountInvalid: more than nothing and at most 10^15 minor units."""
    if not 0 < amount_minor <= MAX_AMOUNT_MINOR:
        raise AmountInvalid
    return amount_minor


def check_repeated(entry: Entry, account_id: AccountId, amount_minor: int) -> Entry:
    """The entry of a key that is used again, or AlreadyMoved: it must have moved as much from or to the same member."""
    moved_minor = sum(posting.amount_minor for posting in entry.postings if posting.amount_minor > 0)
    books = {pocket_book(account_id, pocket) for pocket in Pocket}
    if moved_minor != amount_minor or not any(posting.book in books for posting in entry.postings):
        raise AlreadyMoved(entry=entry.id, moved_minor=moved_minor)
    return entry


def credit(account_id: AccountId, pocket: Pocket, amount_minor: int) -> tuple[Posting, ...]:
    """The postings that bring money in."""
    check_amount(amount_minor)
    return (Posting(OUTSIDE, -amount_minor), Posting(pocket_book(account_id, pocket), amount_minor))


def charge(account_id: AccountId, balance: Balance, amount_minor: int) -> tuple[Posting, ...]:
    """The postings that take money from a member, bonus money first; or BalanceTooLow."""
    check_amount(amount_minor)
    available = balance.real_minor + balance.bonus_minor
    if available < amount_minor:
        raise BalanceTooLow(needed_minor=amount_minor, available_minor=available)
    from_bonus = min(balance.bonus_minor, amount_minor)
    parts = ((Pocket.BONUS, from_bonus), (Pocket.REAL, amount_minor - from_bonus))
    taken = tuple(Posting(pocket_book(account_id, pocket), -part) for pocket, part in parts if part)
    return (*taken, Posting(INCOME, amount_minor))
