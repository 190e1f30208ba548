"""What a scope reaches."""

from datetime import timedelta

import pytest

from beseda.domain.errors import TokenInvalid
from beseda.domain.ids import MAX_ID, AccountId, RoomId, TokenId
from beseda.domain.tokens import (
    ANYTHING,
    DAYS_MAX,
    LISTED_MAX,
    NAME_MAX,
    Scope,
    Token,
    check_days,
    check_token_name,
    looks_like_token,
    make_scope,
)
from unit.domain.made import NOON

ROOMS = Scope(rooms=frozenset({RoomId(1)}))
ZONE = Scope(zones=frozenset({"example.org"}))
RECORD = Scope(zones=frozenset({"example.org"}), names=frozenset({"_acme"}), types=frozenset({"TXT"}))
TYPES = Scope(types=frozenset({"A"}))


@pytest.mark.parametrize(
    ("scope", "rooms", "zone", "other_zone", "record", "other_record"),
    [
        (Scope(), [True, True], True, True, True, True),
        (ROOMS, [True, False], False, False, False, False),
        (ZONE, [False, False], True, False, True, True),
        (RECORD, [False, False], True, False, True, False),
        (TYPES, [False, False], True, True, False, True),
        (Scope(read_only=True, bot=True), [True, True], True, True, True, True),
    ],
)
def test_reach(scope: Scope, rooms: list[bool], zone: bool, other_zone: bool, record: bool, other_record: bool) -> None:
    assert [scope.reaches_room(RoomId(number)) for number in (1, 2)] == rooms
    assert scope.reaches_zone("example.org") is zone
    assert scope.reaches_zone("example.net") is other_zone
    assert scope.reaches_zone("example.org", "_acme", "TXT") is record
    assert scope.reaches_zone("example.org", "www", "A") is other_record


def test_a_scope_is_kept_as_it_is_compared() -> None:
    scope = make_scope({"live"}, zones=["Example.ORG."], names=["WWW"], types=["txt"], protocols=["live"])
    assert [sorted(each) for each in (scope.zones, scope.names, scope.types)] == [["example.org"], ["www"], ["TXT"]]
    assert scope.reaches_protocol("live")
    assert not scope.reaches_protocol("dns")


@pytest.mark.parametrize("text", ["", "beseda_", "beseda_" + "a" * 42, "beseda_" + "a" * 44, "beseda_" + "é" * 43])
def test_what_does_not_look_like_a_token(text: str) -> None:
    assert not looks_like_token(text)


def test_what_looks_like_a_token() -> None:
    assert looks_like_token("beseda_" + "aZ0-_" * 8 + "abc")


def test_a_token_has_a_name_and_an_end() -> None:
    assert check_token_name("  Můj   robot ") == "Můj robot"
    assert [check_token_name(name) for name in ("x", "x" * NAME_MAX)] == ["x", "x" * NAME_MAX]
    for name in ("", " ", "x" * (NAME_MAX + 1), "a\x07"):
        with pytest.raises(TokenInvalid):
            check_token_name(name)
    assert [check_days(days) for days in (None, 1, DAYS_MAX)] == [None, 1, DAYS_MAX]
    for days in (0, -1, DAYS_MAX + 1):
        with pytest.raises(TokenInvalid):
            check_days(days)


def test_a_scope_of_what_is_none_is_refused_by_what_it_is() -> None:
    many = [f"n{number}" for number in range(LISTED_MAX + 1)]
    assert len(make_scope((), rooms=range(1, LISTED_MAX + 1), zones=many[1:]).zones) == LISTED_MAX
    assert make_scope((), rooms=[MAX_ID], zones=["x" * 255]).rooms == {MAX_ID}
    assert make_scope((), read_only=True, bot=True) == Scope(read_only=True, bot=True)
    assert make_scope(()) == ANYTHING
    for refused, reason in (
        ({"protocols": ["smtp"]}, "protocols"),
        ({"rooms": [0]}, "rooms"),
        ({"rooms": [MAX_ID + 1]}, "rooms"),
        ({"rooms": range(1, LISTED_MAX + 2)}, "rooms"),
        ({"zones": many}, "zones"),
        ({"names": ["a b"]}, "names"),
        ({"names": ["x" * 256]}, "names"),
        ({"types": [""]}, "types"),
    ):
        with pytest.raises(TokenInvalid) as refusal:
            make_scope({"live"}, **refused)
        assert refusal.value.reason == reason


def test_a_narrow_scope_is_for_something_alone() -> None:
    names = Scope(names=frozenset({"www", "example.org", "a.example.org"}))
    assert [each.is_narrow for each in (Scope(), Scope(bot=True), ROOMS, ZONE, TYPES, names)] == [False] * 2 + [
        True
    ] * 4
    assert names.names_in("example.org") == ("@", "a", "www")
    assert names.reaches_zone("example.org", "a") is True
    assert names.reaches_zone("example.net", "a") is False
    both = Scope(rooms=frozenset({RoomId(1)}), zones=frozenset({"example.org"}))
    assert both.reaches_room(RoomId(1)) is both.reaches_zone("example.org") is True
    assert both.reaches_zone("example.net") is False


def test_a_token_ends_when_it_says() -> None:
    token = Token(TokenId(1), AccountId(1), "x", ANYTHING, NOON)
    assert token.is_over(NOON) is False
    ending = Token(TokenId(1), AccountId(1), "x", ANYTHING, NOON, NOON + timedelta(1))
    assert [ending.is_over(NOON + timedelta(days)) for days in (0, 1, 2)] == [False, True, True]
