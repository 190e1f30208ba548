"""What may be read of a room's past."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import ReservationRefused
from beseda.domain.history import NEWEST_MAX, Stay, begin, check_newest, may_read, skip, stay_before

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_newcomer_reads_the_newest_lines() -> None:
    assert begin(200, 50, [], NOON) == (150, [])
    assert begin(20, 50, [], NOON) == (1, [])
    assert begin(200, 0, [], NOON) == (200, [])


@pytest.mark.parametrize(
    ("stay", "first"),
    [
        (Stay(10, 20, NOON - DAY), 10),
        (Stay(10, 20, NOON - DAY - timedelta(milliseconds=1)), 150),
        (Stay(10, 20, None), 150),
        (Stay(10, 149, None), 10),
        (Stay(10, 148, None), 150),
        (Stay(10, 170, None), 10),
    ],
    ids=["a day", "longer", "thrown out", "touches", "a line between", "overlaps"],
)
def test_who_comes_back_reads_on_when_it_is_soon_or_nothing_lies_between(stay: Stay, first: int) -> None:
    assert begin(200, 50, [stay], NOON) == (first, [stay] if first == 10 else [])


def test_only_the_last_stay_is_continued_across_what_was_missed() -> None:
    older, last = Stay(1, 5, NOON - DAY / 2), Stay(10, 20, NOON - DAY / 2)
    assert begin(200, 0, [older, last], NOON) == (10, [last])


def test_how_many_lines_a_room_may_show() -> None:
    assert [check_newest(lines) for lines in (None, 0, NEWEST_MAX)] == [None, 0, NEWEST_MAX]
    for lines in (-1, NEWEST_MAX + 1):
        with pytest.raises(ReservationRefused):
            check_newest(lines)


visits = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 30), st.integers(0, 60), st.booleans()), min_size=1, max_size=8
)


@given(visits)
def test_stays_never_touch_and_reading_on_finds_exactly_what_may_be_read(
    visits: list[tuple[int, int, int, bool]],
) -> None:
    """Each visit: lines missed, lines heard, hours away, whether he was thrown out."""
    stays: list[Stay] = []
    head, now, heard = 0, NOON, set[int]()
    for missed, inside, hours, thrown in visits:
        now += timedelta(hours=hours)
        head += missed
        first, continued = begin(head, 5, stays, now)
        stays = [stay for stay in stays if stay not in continued]
        heard |= set(range(head, head + inside + 1))
        head += inside
        stays.append(Stay(first, head, None if thrown else now))
    assert all((one.last or 0) + 1 < other.first for one, other in pairwise(stays))
    readable = {seq for seq in range(1, head + 1) if may_read(stays, seq)}
    assert heard <= readable
    cursor, forward = 0, list[int]()
    while (cursor := skip(stays, cursor) + 1) <= head:
        forward.append(cursor)
    assert set(forward) == readable
    before, backward = head + 1, list[int]()
    while stay := stay_before(stays, before):
        before = min(before - 1, stay.last or head)
        backward.append(before)
    assert set(backward) == readable
