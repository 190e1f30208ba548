"""Who may reserve a room, and when (chat.cz help, rules 13 and 14)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import ReservationRefused
from beseda.domain.ids import AccountId
from beseda.domain.reservations import check_keep_days, check_reservation, check_web, founders_right_ends
from beseda.domain.rooms import Room
from unit.domain import made

OPENED = datetime(2026, 11, 20, 10, tzinfo=UTC)


def reason(room: Room, account_id: int, now: datetime = OPENED, **more: object) -> str:
    """Why the reservation is refused, "" when it is not."""
    reserved = made.room() if more.pop("has_one", False) else None
    try:
        check_reservation(room, made.account(account_id, **more), reserved, now)  # type: ignore[arg-type]
    except ReservationRefused as refusal:
        return refusal.reason
    return ""


@pytest.mark.parametrize(
    ("opened", "ends"),
    [
        ((2026, 11, 20), (2027, 2, 20)),
        ((2026, 11, 30), (2027, 2, 28)),
        ((2027, 11, 30), (2028, 2, 29)),
        ((2026, 1, 31), (2026, 4, 30)),
        ((2026, 10, 1), (2027, 1, 1)),
        ((2026, 9, 30), (2026, 12, 30)),
    ],
)
def test_three_months_are_months_of_the_calendar(opened: tuple[int, int, int], ends: tuple[int, int, int]) -> None:
    assert founders_right_ends(datetime(*opened, 10, tzinfo=UTC)) == datetime(*ends, 10, tzinfo=UTC)


@given(opened=st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_three_months_are_89_to_92_days(opened: datetime) -> None:
    assert timedelta(days=89) <= founders_right_ends(opened) - opened <= timedelta(days=92)


def test_the_founder_at_once_others_after_three_months() -> None:
    room = replace(made.room(), founder_id=AccountId(1))
    ends = founders_right_ends(room.created_at)
    assert reason(room, 1, room.created_at) == ""
    assert reason(room, 2, ends - timedelta(milliseconds=1)) == "founder"
    assert reason(room, 2, ends) == ""


def test_one_room_each_and_each_room_once() -> None:
    assert reason(replace(made.room(), founder_id=AccountId(1)), 1, has_one=True) == "another"
    assert reason(replace(made.room(), founder_id=AccountId(1), main_admin_id=AccountId(2)), 1) == "taken"
    assert reason(replace(made.room(), founder_id=AccountId(1), permanent=True), 1) == "permanent"
    assert reason(replace(made.room(), founder_id=AccountId(1)), 1, registered=False) == "anonymous"


@pytest.mark.parametrize(
    "web", ["javascript:alert(1)", "a.org", "http://", "https://a b", 'http://a"', f"http://{'a' * 194}"]
)
def test_addresses_that_are_none(web: str) -> None:
    with pytest.raises(ReservationRefused):
        check_web(web)


def test_what_is_kept() -> None:
    assert check_web(" https://example.org/a?b=c#d ") == "https://example.org/a?b=c#d"
    assert check_web(f"http://{'a' * 193}") == f"http://{'a' * 193}"
    assert check_web("  ") == check_web("\u00a0\x00") == ""
    assert check_web("https://example.org/\x00a\ud800") == "https://example.org/a"
    assert [check_keep_days(days) for days in (None, 0, 3650)] == [None, 0, 3650]
    for days in (-1, 3651):
        with pytest.raises(ReservationRefused):
            check_keep_days(days)
