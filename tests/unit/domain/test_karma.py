"""Karma: who may give what, and the groups."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.accounts import Account, KarmaLevel
from beseda.domain.errors import AmountInvalid, BesedaError, KarmaTooLow, NotRoomAdmin, RankTooLow
from beseda.domain.ids import AccountId
from beseda.domain.karma import (
    AMOUNT_MAX,
    NEGATIVE_MAX,
    check_gift,
    check_negative,
    earns,
    hour_began,
    hour_of,
    ranking,
)
from unit.domain import made

TOTALS = st.dictionaries(st.integers(1, 10**6), st.integers(1, 50), max_size=200)


@given(totals=TOTALS)
def test_groups_by_what_was_received(totals: dict[int, int]) -> None:
    given = [(AccountId(who), amount) for who, amount in totals.items()]
    levels = ranking(given)
    assert levels.keys() == totals.keys()
    for who, amount in totals.items():
        richer = sum(1 for other in totals.values() if other > amount)
        part = richer / len(totals)
        expected = (
            KarmaLevel.RED
            if part < 0.05
            else KarmaLevel.ORANGE
            if part < 0.15
            else KarmaLevel.YELLOW
            if part < 0.35
            else KarmaLevel.NONE
        )
        assert levels[AccountId(who)] is expected


def test_a_hundred_of_different_karma() -> None:
    levels = list(ranking([(AccountId(number), number) for number in range(1, 101)]).values())
    assert [levels.count(level) for level in (KarmaLevel.RED, KarmaLevel.ORANGE, KarmaLevel.YELLOW)] == [5, 10, 20]


@pytest.mark.parametrize(
    ("earned", "amount", "receiver", "refusal"),
    [
        (5, 5, made.account(2), None),
        (5, 6, made.account(2), KarmaTooLow),
        (9999, AMOUNT_MAX, made.account(2), None),
        (5, 0, made.account(2), AmountInvalid),
        (5, -1, made.account(2), AmountInvalid),
        (9999, AMOUNT_MAX + 1, made.account(2), AmountInvalid),
        (5, 1, made.account(1), RankTooLow),
        (5, 1, made.account(2, registered=False), AmountInvalid),
    ],
)
def test_gifts(earned: int, amount: int, receiver: Account, refusal: type[BesedaError] | None) -> None:
    giver = replace(made.account(1), karma_earned=earned)
    if refusal is None:
        check_gift(giver, receiver, amount)
    else:
        with pytest.raises(refusal):
            check_gift(giver, receiver, amount)


def test_negative_karma_is_an_admins() -> None:
    for amount in (1, NEGATIVE_MAX):
        check_negative(made.account(1), made.account(2), amount, is_admin=True)
    for admin, receiver, amount, refusal in (
        (False, 2, 1, NotRoomAdmin),
        (True, 1, 1, RankTooLow),
        (True, 2, 0, AmountInvalid),
        (True, 2, NEGATIVE_MAX + 1, AmountInvalid),
    ):
        with pytest.raises(refusal):
            check_negative(made.account(1), made.account(receiver), amount, is_admin=admin)


def test_an_hour_of_the_clock_counts_once() -> None:
    assert earns(None, made.NOON)
    assert not earns(made.NOON, made.NOON + timedelta(minutes=59))
    assert earns(made.NOON, made.NOON + timedelta(hours=1))
    assert earns(made.NOON - timedelta(seconds=1), made.NOON)


def test_hours_of_the_clock() -> None:
    late = made.NOON + timedelta(hours=1) - timedelta(microseconds=1)
    assert hour_of(made.NOON) == hour_of(late) == int(made.NOON.timestamp()) // 3600
    assert hour_of(made.NOON + timedelta(hours=1)) == hour_of(made.NOON) + 1
    assert hour_began(late) == made.NOON
