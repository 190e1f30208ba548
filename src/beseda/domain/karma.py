"""Karma: earned by talking, given to others, lost for misdeeds (chat.cz help, rules 39 to 44)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.domain.accounts import Account, KarmaLevel
from beseda.domain.errors import AmountInvalid, KarmaTooLow, NotRoomAdmin, RankTooLow
from beseda.domain.ids import AccountId, GiftId

LIFE = timedelta(days=365)
"""A gift vanishes after one year; so do negative karma and deductions."""
EARNED_PER_HOUR = 1
EARNED_PER_POST = 1
POST_DELETED = 5
ROOM_DELETED = 10
PICTURE_DELETED = 10
REPORT_REJECTED = 1
AMOUNT_MAX = 1_000
NEGATIVE_MAX = 10
"""What an admin may take at once."""
_GROUPS = ((0.05, KarmaLevel.RED), (0.15, KarmaLevel.ORANGE), (0.35, KarmaLevel.YELLOW))


@dataclass(frozen=True, slots=True)
class Gift:
    """Karma that one gave to another; a negative amount is an admin's. `ended_at` is None while it counts."""

    id: GiftId
    giver: Account
    receiver: Account
    amount: int
    reason: str
    at: datetime
    ended_at: datetime | None


def hour_of(at: datetime) -> int:
    """Hours of the clock since the epoch."""
    return int(at.timestamp()) // 3600


def hour_began(at: datetime) -> datetime:
    """When the hour of the clock began."""
    return at.replace(minute=0, second=0, microsecond=0)


def earns(written_before: datetime | None, now: datetime) -> bool:
    """Whether a line is the first in its hour, as far as the last one in the same room tells."""
    return written_before is None or hour_of(written_before) != hour_of(now)


def check_gift(giver: Account, receiver: Account, amount: int) -> None:
    """Nothing, or AmountInvalid, RankTooLow for a gift to oneself, KarmaTooLow when not so much was earned."""
    if not 0 < amount <= AMOUNT_MAX or not receiver.registered:
        raise AmountInvalid
    if giver.id == receiver.id:
        raise RankTooLow
    if giver.karma_earned < amount:
        raise KarmaTooLow


def check_negative(admin: Account, receiver: Account, amount: int, *, is_admin: bool) -> None:
    """Nothing, or NotRoomAdmin, RankTooLow, AmountInvalid (rule 42)."""
    if not is_admin:
        raise NotRoomAdmin
    if admin.id == receiver.id:
        raise RankTooLow
    if not 0 < amount <= NEGATIVE_MAX or not receiver.registered:
        raise AmountInvalid


def ranking(given: Sequence[tuple[AccountId, int]]) -> dict[AccountId, KarmaLevel]:
    """The group of everybody who has received karma: the first 5 %, the next 10 %, the next 20 % (rule 40).

    Who has as much as the last one of a group is in it, too. `given` holds positive amounts.
    """
    ordered = sorted(given, key=lambda pair: -pair[1])
    levels: dict[AccountId, KarmaLevel] = {}
    before, level = None, KarmaLevel.NONE
    for position, (account_id, amount) in enumerate(ordered):
        if amount != before:
            part = position / len(ordered)
            level = next((level for limit, level in _GROUPS if part < limit), KarmaLevel.NONE)
            before = amount
        levels[account_id] = level
    return levels
