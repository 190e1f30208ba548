"""Whom admins may act against, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.accounts import KarmaLevel, Role
from beseda.domain.errors import AmountInvalid, BesedaError, CommandIncomplete, MessageTooLong, NotRoomAdmin, RankTooLow
from beseda.domain.ids import AccountId
from beseda.domain.moderation import (
    REASON_MAX,
    check_may_kick,
    check_minutes,
    check_outranks,
    check_reason,
    is_marked,
    kick_length,
)
from beseda.domain.rooms import Rank, rank_in
from unit.domain import made

RANKS = st.sampled_from(Rank)


def test_a_kick_is_longer_the_second_time() -> None:
    assert kick_length(kicked_lately=False) == timedelta(minutes=15)
    assert kick_length(kicked_lately=True) == timedelta(hours=5)


@given(mine=RANKS, theirs=RANKS)
def test_only_who_ranks_higher_may(mine: Rank, theirs: Rank) -> None:
    def refusal(actor: int, target: int) -> type[BesedaError] | None:
        try:
            check_outranks(made.account(actor), mine, made.account(target), theirs)
        except BesedaError as error:
            return type(error)
        return None

    expected = NotRoomAdmin if mine is Rank.NONE else RankTooLow if theirs >= mine else None
    assert refusal(1, 2) is expected
    assert refusal(1, 1) is (NotRoomAdmin if mine is Rank.NONE else RankTooLow)


@pytest.mark.parametrize("level", KarmaLevel)
@pytest.mark.parametrize("registered", [True, False])
def test_the_red_group_kicks_visitors(level: KarmaLevel, registered: bool) -> None:
    actor, target = made.account(1, karma_level=level), made.account(2, registered=registered)
    if level is KarmaLevel.RED and not registered:
        check_may_kick(actor, Rank.NONE, target, Rank.NONE)
    else:
        with pytest.raises(NotRoomAdmin):
            check_may_kick(actor, Rank.NONE, target, Rank.NONE)


def test_ranks() -> None:
    room = replace(made.room(admin_id=1), main_admin_id=AccountId(2))
    assert rank_in(room, made.account(1), permanent_admin=False) is Rank.TEMPORARY
    assert rank_in(room, made.account(1), permanent_admin=True) is Rank.PERMANENT
    assert rank_in(room, made.account(2), permanent_admin=True) is Rank.MAIN
    assert rank_in(room, made.account(3), permanent_admin=False) is Rank.NONE
    assert rank_in(room, replace(made.account(1), role=Role.ROOM_ADMIN), permanent_admin=False) is Rank.SITE
    visitor = replace(made.account(1, registered=False), role=Role.ROOM_ADMIN)
    assert rank_in(room, visitor, permanent_admin=True) is Rank.NONE


def test_a_reason_is_needed() -> None:
    assert check_reason("  a \n b ") == "a b"
    for nothing in ("", " ", "\n\0"):
        with pytest.raises(CommandIncomplete):
            check_reason(nothing)
    assert check_reason("x" * REASON_MAX) == "x" * REASON_MAX
    with pytest.raises(MessageTooLong):
        check_reason("x" * (REASON_MAX + 1))
    with pytest.raises(CommandIncomplete):
        check_reason(" " * 4 * REASON_MAX + "x")


def test_marks_pass() -> None:
    assert not is_marked(None, made.NOON)
    assert not is_marked(made.NOON, made.NOON)
    assert is_marked(made.NOON + timedelta(milliseconds=1), made.NOON)


def test_somebody_is_kept_out_for_a_minute_to_five_hours() -> None:
    assert [check_minutes(minutes) for minutes in (1, 300)] == [timedelta(minutes=1), timedelta(hours=5)]
    for minutes in (0, 301, -1):
        with pytest.raises(AmountInvalid):
            check_minutes(minutes)
