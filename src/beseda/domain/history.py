"""What a member may read of a room's past: his own stays there, and the newest lines before he came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.domain.errors import ReservationRefused

NEWEST_MAX = 200
"""The most lines that a room shows to whoever enters."""
COMES_BACK_WITHIN = timedelta(days=1)
"""Whoever comes back so soon reads on where he left off."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The lines `first` to `last` of a room; `last` is None while the member is inside.

    `left_at` is None for who is inside, and for who was thrown out: he comes back as others come.
    """

    first: int
    last: int | None = None
    left_at: datetime | None = None

    def holds(self, seq: int) -> bool:
        """Whether a line belongs to it."""
        return self.first <= seq and (self.last is None or seq <= self.last)


def check_newest(lines: int | None) -> int | None:
    """How many lines a room shows to whoever enters, None as configured. Raises ReservationRefused."""
    if lines is not None and not 0 <= lines <= NEWEST_MAX:
        raise ReservationRefused(reason="history_lines")
    return lines


def begin(entered_seq: int, newest: int, earlier: Sequence[Stay], now: datetime) -> tuple[int, list[Stay]]:
    """The first line that a stay beginning with `entered_seq` shows, and the earlier stays that it continues.

    Stays are in the order of their lines, and do not touch.
    """
    first = max(1, entered_seq - newest)
    continued: list[Stay] = []
    for stay in reversed(earlier):
        last = stay.last or 0  # nobody enters who is inside
        back = not continued and stay.left_at is not None and now - stay.left_at <= COMES_BACK_WITHIN
        if last + 1 < first and not back:
            break
        continued.append(stay)
        first = min(first, stay.first)
    return first, continued


def may_read(stays: Sequence[Stay], seq: int) -> bool:
    """Whether a line is in one of the stays."""
    return any(stay.holds(seq) for stay in stays)


def skip(stays: Sequence[Stay], cursor: int) -> int:
    """The cursor from which to read on: the lines between `cursor` and it may not be read, the next one may."""
    for stay in stays:
        if stay.last is None or stay.last > cursor:
            return max(cursor, stay.first - 1)
    return cursor


def stay_before(stays: Sequence[Stay], seq: int) -> Stay | None:
    """The newest stay with a line before `seq`."""
    return next((stay for stay in reversed(stays) if stay.first < seq), None)
