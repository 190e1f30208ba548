"""Types by their names and numbers, what record sets may be, names, and what a TXT says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.ids import RecordSetId
from beseda.domain.records import (
    APEX,
    REASONS,
    SET_MAX_BYTES,
    TTL_MAX,
    TYPES,
    Data,
    RecordSet,
    absolute,
    family_of,
    in_tree_order,
    is_kept,
    name_matches,
    node_faults,
    number_of,
    pattern_within,
    quoted,
    rank_of,
    records_of,
    refuse,
    relative,
    said,
    set_faults,
    targets_inside,
    type_of,
)

NAMES = st.lists(st.sampled_from(["a", "b", "lab", "xlab"]), min_size=1, max_size=3).map(".".join)
PATTERNS = st.one_of(NAMES, NAMES.map("*.{}".format), NAMES.map("{}.*".format))


def a_set(name: str, type_: str, *texts: str, ttl: int = 300) -> RecordSet:
    return RecordSet(name, type_, ttl, tuple(Data(text.encode(), text) for text in texts))


@pytest.mark.parametrize(("name", "number"), [("A", 1), ("TXT", 16), ("TYPE0", 0), ("TYPE65535", 65535)])
def test_a_type_is_known_by_either_name(name: str, number: int) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize("name", ["", "TYPE", "TYPE65536", "TYPE000001", "TYPE-1", "TYPE١", "16", "NONESUCH"])
def test_what_is_no_type(name: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        number_of(name)


def test_types_have_the_numbers_of_the_registry() -> None:
    numbers = [1, 2, 5, 12, 15, 16, 28, 29, 33, 35, 43, 44, 52, 64, 65, 257]
    names = "A NS CNAME PTR MX TXT AAAA LOC SRV NAPTR DS SSHFP TLSA SVCB HTTPS CAA"
    assert dict(zip(names.split(), numbers, strict=True)) == TYPES
    assert [type_of(number) for number in (16, 0, 65280)] == ["TXT", "TYPE0", "TYPE65280"]
    never = {0, 6, 39, 41, 46, 47, 48, 50, 51, *range(249, 256), 65535}
    assert {number for number in range(65537) if not is_kept(number)} == never | {65536}


def test_lists_begin_with_the_zones_own_hosts() -> None:
    assert [family_of(type_) for type_ in ("A", "AAAA", "CNAME", "MX")] == ["A", "A", "A", "MX"]
    ranks = [rank_of(*each) for each in ((APEX, "A"), ("www", "CNAME"), ("x", "AAAA"), (APEX, "MX"), ("www", "TXT"))]
    assert ranks == [0, 1, 2, 2, 2]


def test_a_refusal_tells_what_and_why() -> None:
    assert refuse("www", "CNAME", "target_alias").detail == f"www CNAME: {REASONS['target_alias']}"
    refusal = refuse("x", "", "name_invalid", "told")
    assert refusal.detail == f"x: {REASONS['name_invalid']}: told"
    assert (refusal.name, refusal.type, refusal.reason) == ("x", "", "name_invalid")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (a_set("www", "A", "x"), []),
        (a_set("www", "A", "x", ttl=1), []),
        (a_set("www", "A", "x", ttl=0), ["ttl_invalid"]),
        (a_set("www", "A", "x", ttl=TTL_MAX), []),
        (a_set("www", "A", "x", ttl=2**31), ["ttl_invalid"]),
        (a_set("www", "TXT", "x" * (SET_MAX_BYTES - 12)), []),
        (a_set("www", "TXT", "x" * (SET_MAX_BYTES - 11)), ["set_too_large"]),
        (a_set("*", "A", "x"), []),
        (a_set("*.lab", "NS", "x."), ["wildcard"]),
        (a_set("*", "DS", "x"), ["wildcard"]),
        (a_set("lab", "DS", "x"), []),
        (a_set(APEX, "DS", "x"), ["ds_at_apex"]),
        (a_set(APEX, "CNAME", "x."), ["cname_at_apex"]),
        (a_set("www", "CNAME", "x."), []),
        (a_set("www", "CNAME", "x.", "y."), ["cname_not_alone"]),
        (a_set(APEX, "MX", "10 a.", "20 b."), []),
        (a_set(APEX, "MX", "0 ."), []),
        (a_set(APEX, "MX", "10 ."), ["null_mx"]),
        (a_set(APEX, "MX", "0 .", "10 a."), ["null_mx"]),
        (a_set("lab", "NS", "."), ["data_invalid"]),
        (a_set("_x._tcp", "SRV", "0 0 0 ."), []),
        (a_set(APEX, "MX", "10 192.0.2.1."), ["target_address"]),
        (a_set("lab", "NS", "192.0.2.1.example.org."), ["target_address"]),
        (a_set(APEX, "MX", "10 1.2.3.example.org."), []),
        (a_set("www", "CNAME", "1.2.3.4."), []),
    ],
    ids=lambda value: f"{value.type} {value.data[0].text[:20]}" if isinstance(value, RecordSet) else None,
)
def test_what_is_wrong_with_a_set_by_itself(given: RecordSet, wrong: list[str]) -> None:
    found = list(set_faults(given))
    assert [each.reason for each in found] == wrong
    assert all((each.name, each.type) == given.key for each in found)


def test_what_may_not_stand_beside_each_other() -> None:
    def beside(*types: str) -> list[tuple[str, str]]:
        return [(each.type, each.reason) for each in node_faults("www", types)]

    assert beside("CNAME") == beside("A", "TXT", "AAAA") == beside("DS", "NS") == []
    assert beside("CNAME", "A") == [("CNAME", "cname_not_alone")]
    assert beside("DS", "A") == [("DS", "ds_without_ns")]
    assert next(node_faults("www", ["TXT", "CNAME", "A"])).detail.endswith(": A, TXT")


def test_names_are_relative_to_their_zone_and_back() -> None:
    for name, whole in ((APEX, "example.org."), ("www", "www.example.org."), ("*.a", "*.a.example.org.")):
        assert absolute(name, "example.org") == whole
        assert relative(whole, "example.org") == name
    assert relative("wwwexample.org.", "example.org") is None
    mx = a_set(APEX, "MX", "10 mail.example.org.", "20 mail.example.net.", "30 example.org.")
    assert targets_inside(mx, "example.org") == ["mail", APEX]
    assert targets_inside(a_set("www", "CNAME", "mail.example.org."), "example.org") == []


def test_sets_say_the_same_in_any_order() -> None:
    one, other = a_set("www", "A", "1", "2"), a_set("www", "A", "2", "1")
    assert one.id == RecordSetId(0)
    assert one.says(other)
    assert one.mark == other.mark
    assert len(one.mark) == 32
    for another in (a_set("www", "A", "1"), a_set("www", "A", "1", "2", ttl=1)):
        assert not one.says(another)
        assert one.mark != another.mark
    assert one.says(None) is False
    assert records_of([one]) == [("www", "A", 300, data) for data in one.data]


def test_a_zone_is_told_from_its_root() -> None:
    hosts = [a_set(name, "A", "x") for name in ("b.a", "a", "b", "a.b", APEX)]
    ordered = in_tree_order([a_set("a", "AAAA", "x"), *hosts, a_set(APEX, "SOA", "x")])
    assert [each.key for each in ordered] == [
        (APEX, "SOA"), (APEX, "A"), ("a", "A"), ("a", "AAAA"), ("b.a", "A"), ("b", "A"), ("a.b", "A")
    ]  # fmt: skip


def test_a_text_is_quoted_in_pieces() -> None:
    assert quoted("") == '""'
    assert quoted('a "b" \\') == r'"a \"b\" \\"'
    assert quoted("\x1f ~\x7fé") == r'"\031 ~\127\195\169"'
    assert quoted("x" * 255) == f'"{"x" * 255}"'
    assert quoted("x" * 256) == f'"{"x" * 255}" "x"'
    assert said(b"\x02ab\x00\x01c") == "abc"
    assert said(b"\x02a\xff") == "a\\xff"


@given(PATTERNS, PATTERNS, NAMES)
def test_a_narrower_pattern_means_nothing_else(pattern: str, wider: str, name: str) -> None:
    if pattern_within(pattern, wider) and name_matches(pattern, name):
        assert name_matches(wider, name)


@pytest.mark.parametrize(
    ("pattern", "wider", "is_within"),
    [
        ("www", "www", True),
        ("www", "*.lab", False),
        ("a.lab", "*.lab", True),
        ("*.lab", "*.lab", True),
        ("*.a.lab", "*.lab", True),
        ("*.xlab", "*.lab", False),
        ("*.lab", "lab.*", False),
        ("*.lab", "xlab", False),
        ("_x.*", "_x.*", True),
        ("_x.a.*", "_x.*", True),
        ("_xa.*", "_x.*", False),
        ("_x.*", "_x.a.*", False),
        ("_x.*", "*.lab", False),
        ("_x.*", "_x.", False),
        ("_x.a", "_x.*", True),
    ],
)
def test_which_pattern_is_within_another(pattern: str, wider: str, is_within: bool) -> None:
    assert pattern_within(pattern, wider) is is_within
