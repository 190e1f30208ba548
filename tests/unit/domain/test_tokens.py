"""What a scope reaches."""

import pytest

from beseda.domain.errors import TokenInvalid
from beseda.domain.ids import RoomId
from beseda.domain.tokens import DAYS_MAX, NAME_MAX, Scope, check_days, check_token_name, looks_like_token, make_scope

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
    assert check_token_name("x" * NAME_MAX) == "x" * NAME_MAX
    for name in ("", " ", "x" * (NAME_MAX + 1), "a\x07"):
        with pytest.raises(TokenInvalid):
            check_token_name(name)
    assert [check_days(days) for days in (None, 1, DAYS_MAX)] == [None, 1, DAYS_MAX]
    for days in (0, -1, DAYS_MAX + 1):
        with pytest.raises(TokenInvalid):
            check_days(days)
