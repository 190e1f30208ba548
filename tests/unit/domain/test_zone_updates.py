"""What becomes of a zone by request (RFC 2136), and what keys may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import PrerequisiteFailed, ZoneKeyRefused
from beseda.domain.records import APEX, Data, RecordSet
from beseda.domain.zone_keys import KeyScope, check_label, check_names
from beseda.domain.zone_updates import (
    Action,
    Condition,
    Instruction,
    Prerequisite,
    ZoneUpdate,
    carry_out,
    check_prerequisites,
)
from beseda.domain.zones import Key


def data(text: str) -> Data:
    return Data(text.encode(), text)


def a_set(name: str, type_: str, *texts: str, ttl: int = 300) -> RecordSet:
    return RecordSet(name, type_, ttl, tuple(data(text) for text in texts))


def zone(*sets: RecordSet) -> dict[Key, RecordSet]:
    return {each.key: each for each in sets}


BEFORE = zone(a_set(APEX, "NS", "a.", "b."), a_set("www", "A", "1", "2"), a_set("alias", "CNAME", "www."))


def add(name: str, type_: str, text: str, ttl: int = 60) -> Instruction:
    return Instruction(Action.ADD, name, type_, ttl, data(text))


def delete(name: str, type_: str, text: str) -> Instruction:
    return Instruction(Action.DELETE_RECORD, name, type_, data=data(text))


@pytest.mark.parametrize(
    ("instructions", "after"),
    [
        ([add("www", "A", "3")], {("www", "A"): ("1", "2", "3")}),
        ([add("www", "A", "1")], {("www", "A"): ("2", "1")}),  # the time to live is another
        ([add("www", "CNAME", "x.")], {}),
        ([add("alias", "A", "1")], {}),
        ([add("alias", "CNAME", "x.")], {("alias", "CNAME"): ("x.",)}),
        ([Instruction(Action.DELETE_SET, "alias", "CNAME"), add("alias", "A", "1")],
         {("alias", "CNAME"): None, ("alias", "A"): ("1",)}),
        ([delete("www", "A", "1")], {("www", "A"): ("2",)}),
        ([delete("www", "A", "1"), delete("www", "A", "2")], {("www", "A"): None}),
        ([delete("www", "A", "9"), delete("nobody", "A", "1")], {}),
        ([delete(APEX, "NS", "a."), delete(APEX, "NS", "b.")], {(APEX, "NS"): ("b.",)}),
        ([Instruction(Action.DELETE_SET, APEX, "NS")], {}),
        ([Instruction(Action.DELETE_NAME, APEX)], {}),
        ([add(APEX, "TXT", "x"), Instruction(Action.DELETE_NAME, APEX)], {}),
        ([Instruction(Action.DELETE_NAME, "www")], {("www", "A"): None}),
        ([Instruction(Action.ADD, APEX, "SOA", 60), Instruction(Action.DELETE_SET, APEX, "SOA")], {}),
        ([add("x", "A", "1", ttl=0)], {("x", "A"): ("1",)}),
        ([add("x", "A", "1"), delete("x", "A", "1")], {}),
    ],
)  # fmt: skip
def test_instructions_are_carried_out_in_turn(
    instructions: list[Instruction], after: dict[Key, tuple[str, ...] | None]
) -> None:
    changes = carry_out(BEFORE, instructions)
    assert {key: each and tuple(kept.text for kept in each.data) for key, each in changes.items()} == after
    assert all(each is None or each.ttl >= 1 for each in changes.values())


def test_all_records_of_a_set_get_the_newest_time_to_live() -> None:
    changed = carry_out(BEFORE, [add("www", "A", "3", ttl=7)])["www", "A"]
    assert changed is not None
    assert changed.ttl == 7


NAMES = st.sampled_from([APEX, "www", "alias", "x"])
TYPES = st.sampled_from(["A", "NS", "CNAME", "TXT"])
TEXTS = st.sampled_from(["1", "2", "a."])
INSTRUCTIONS = st.one_of(
    st.builds(add, NAMES, TYPES, TEXTS, st.integers(0, 5)),
    st.builds(delete, NAMES, TYPES, TEXTS),
    st.builds(lambda name, type_: Instruction(Action.DELETE_SET, name, type_), NAMES, TYPES),
    st.builds(lambda name: Instruction(Action.DELETE_NAME, name), NAMES),
)


@given(st.lists(INSTRUCTIONS, max_size=12))
def test_no_request_breaks_a_zone(instructions: list[Instruction]) -> None:
    """There are servers always, a CNAME stands alone, no set is empty; and only what differs is told."""
    changes = carry_out(BEFORE, instructions)
    after = {key: each for key, each in (BEFORE | changes).items() if each is not None}
    assert after[APEX, "NS"].data
    assert all(each.data for each in after.values())
    for name in {name for name, _ in after}:
        types = {type_ for other, type_ in after if other == name}
        assert types == {"CNAME"} or "CNAME" not in types
    assert all(BEFORE.get(key) != each for key, each in changes.items())


def test_prerequisites_hold_or_are_named() -> None:
    def check(*given: Prerequisite) -> str:
        try:
            check_prerequisites(BEFORE, given)
        except PrerequisiteFailed as failed:
            return str(failed.condition) if failed.name == given[0].name else "another name"
        return ""

    def is_(*texts: str) -> list[Prerequisite]:
        return [Prerequisite(Condition.SET_IS, "www", "A", data(text)) for text in texts]

    assert check(*is_("2", "1"), Prerequisite(Condition.NAME_IN_USE, "www")) == ""
    assert check(*is_("1")) == check(*is_("1", "2", "3")) == "set_is"
    assert check(Prerequisite(Condition.SET_IS, "x", "A", data("1"))) == "set_is"
    assert check(Prerequisite(Condition.NAME_IN_USE, "x")) == "name_in_use"
    assert check(Prerequisite(Condition.NAME_NOT_IN_USE, "www")) == "name_not_in_use"
    assert check(Prerequisite(Condition.SET_EXISTS, "www", "TXT")) == "set_exists"
    assert check(Prerequisite(Condition.SET_ABSENT, "www", "A")) == "set_absent"
    assert check(Prerequisite(Condition.SET_ABSENT, "www", "TXT"), Prerequisite(Condition.NAME_NOT_IN_USE, "x")) == ""
    assert ZoneUpdate("z", tuple(is_("1")), (add("y", "A", "1"),)).names == {"www", "y"}


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("www", ["www"], ["@", "a.www", "www.a", "xwww"]),
        ("@", ["@"], ["www"]),
        ("*.lab", ["a.lab", "a.b.lab", "*.lab"], ["lab", "xlab", "lab.a"]),
        ("_acme-challenge.*", ["_acme-challenge", "_acme-challenge.a.b"], ["a._acme-challenge", "_acme-challengex"]),
    ],
)
def test_a_scope_covers_what_its_patterns_say(pattern: str, covered: list[str], not_covered: list[str]) -> None:
    scope = KeyScope(names=check_names([pattern.upper()]), types=("TXT",))
    assert all(scope.covers(name, "TXT") for name in covered)
    assert not any(scope.covers(name, "TXT") for name in not_covered)
    assert not any(scope.covers(name, "A") for name in covered)
    assert KeyScope().covers("any", "A")
    assert not KeyScope(update=False).covers("any", "A")


@pytest.mark.parametrize("name", ["", "a b", "a..b", ".a", "a.", "*", "a*.b", "\n", "č", "x" * 254])
def test_what_is_no_pattern_is_refused(name: str) -> None:
    if name == "*":  # the wildcard of the zone itself
        assert check_names([name]) == ("*",)
        return
    with pytest.raises(ZoneKeyRefused):
        check_names([name])


@pytest.mark.parametrize("label", ["", "-a", "a-", "a.b", "a b", "x" * 41, "č"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(ZoneKeyRefused):
        check_label(label)


def test_labels_are_folded() -> None:
    assert check_label("Certbot_1") == "certbot_1"
