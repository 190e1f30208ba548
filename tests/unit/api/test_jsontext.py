"""The one reader of JSON from outside."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.jsontext import (
    INT64,
    MAX_DEPTH,
    MAX_MEMBERS,
    MAX_NUMBER_CHARS,
    JsonNotTaken,
    JsonRefused,
    read_json,
    write_json,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(INT64.start, INT64.stop - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
)
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
like_json = st.text(st.sampled_from('[]{}",:\\u0019dD8eE+-. \n\ttruefalsn"/bé\x00\ud83d'), max_size=40)


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"null", None),
        (b" [1, 2.5, -3, true] \n", [1, 2.5, -3, True]),
        (b"-0", 0),
        ("\ufeff1".encode(), 1),
        ('\ufeff{"a": "\\\\"}'.encode(), {"a": "\\"}),
        (b"1e5", 100000.0),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b'"\\u017d\\ud83d\\ude00"', "Ž😀"),
        ('"Ž😀"'.encode(), "Ž😀"),
        (b'"\\"\\\\\\/\\b"', '"\\/\b'),
        (b'{"a:b": "c,d"}', {"a:b": "c,d"}),
        (b'{"a": {"a": {"a": []}}}', {"a": {"a": {"a": []}}}),
        (b'"' + b"[{:," * 1_000 + b'"', "[{:," * 1_000),
        (nested(MAX_DEPTH), json.loads(nested(MAX_DEPTH))),
        (b"[" + b"1," * (MAX_MEMBERS - 1) + b"1]", [1] * MAX_MEMBERS),
    ],
)
def test_reads(text: bytes, value: Any) -> None:
    found = read_json(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"[1 2]",
        b"[1]]",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b"-",
        b"0x1",
        b"1_0",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"9223372036854775808",
        b"-9223372036854775809",
        b"18446744073709551616",
        b"1" * 5_000,
        b"1" * (MAX_NUMBER_CHARS + 1),
        b"0." + b"1" * MAX_NUMBER_CHARS,
        b"'a'",
        b"{a: 1}",
        b'{"a" 1}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'[{"b": {"a": 1, "a": 1}}]',
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\ud800": 1}',
        b'"\\u0000"',
        b'{"a\\u0000": 1}',
        b'"\x00"',
        b'"\x01"',
        b'"a\nb"',
        b'"\\x41"',
        b'"\\u12"',
        b'"abc',
        b"// a\n1",
        b"tru",
        b"True",
        b"undefined",
        b"[object Object]",
        nested(MAX_DEPTH + 1),
        nested(100_000),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" + b"1," * (MAX_MEMBERS + 1) + b"1]",
        json.dumps({str(number): number for number in range(MAX_MEMBERS)}).encode(),
        "\ufeff\ufeff1".encode(),
        " \ufeff1".encode(),
        "١٢".encode(),
    ],
)
def test_refuses(text: bytes) -> None:
    with pytest.raises(JsonRefused) as refusal:
        read_json(text)
    assert not refusal.value.encoding


@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        '"Ž"'.encode("cp1250"),
        '{"a": 1}'.encode("utf-16"),
        b"\x80{}",
    ],
)
def test_tells_what_is_not_utf8(text: bytes) -> None:
    with pytest.raises(JsonRefused) as refusal:
        read_json(text)
    assert refusal.value.encoding


@given(values)
def test_reads_what_others_write(value: Any) -> None:
    for text in (
        json.dumps(value, ensure_ascii=True).encode(),
        json.dumps(value, ensure_ascii=False, indent=1).encode(),
        write_json(value),
    ):
        assert read_json(text) == value


@given(values, st.integers(0, 100), st.binary(min_size=1, max_size=2), st.booleans())
def test_agrees_with_the_standard_library_on_all_it_takes(value: Any, at: int, junk: bytes, replaces: bool) -> None:
    text = json.dumps(value).encode()
    agrees(text[:at] + junk + text[at + (len(junk) if replaces else 0) :])


@given(like_json)
def test_agrees_on_what_is_almost_json(text: str) -> None:
    agrees(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=60))
def test_anything_at_all_is_read_or_refused(text: bytes) -> None:
    agrees(text)
    agrees(b'"' + text + b'"')
    agrees(b'{"' + text + b'":1}')


def agrees(text: bytes) -> None:
    try:
        value = read_json(text)
    except JsonRefused:
        return
    assert same(value, json.loads(text)), text


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and not (isinstance(one, float) and math.isinf(one))


HUGE = b"1" * 5_000


@pytest.mark.parametrize(
    ("text", "reason", "member", "id_"),
    [
        (b'{"id": 12345678901234567890}', "64 bits", "id", b"12345678901234567890"),
        (b'{"id": -9223372036854775809}', "64 bits", "id", b"-9223372036854775809"),
        (b'{"id": 1e999}', "too large", "id", b"1e999"),
        (b'{"id": ' + HUGE + b"}", "characters", "id", HUGE),
        (b'{"id": "a\\u0000b"}', "kept", "id", b'"a\\u0000b"'),
        (b'{"id": "\\ud800"}', "kept", "id", b'"\\ud800"'),
        (b'{"id": 7, "id": 8}', "twice", "", b"8"),
        (b'{"id": "x", "a": 1, "\\u0061": 2}', "twice", "", b'"x"'),
        (b'{"id": 7, "a\\u0000": 1}', "kept", "", b"7"),
        (b'{"id": 7, "params": {"a": 1, "a": 2}}', "twice", "params", b"7"),
        (b'{"params": [{"b": {"a": 1, "a": 2}}], "id": 1.5}', "twice", "params", b"1.5"),
        (b'{"id": 7, "params": {"a": "\\u0000"}}', "kept", "params", b"7"),
        (b'{"id": 7, "params": {"\\udc00": 1}}', "kept", "params", b"7"),
        (b'{"id": 7, "params": [18446744073709551616]}', "64 bits", "params", b"7"),
        (b'{"id": 7, "params": ' + b"[1," * 600 + b"1" + b"]" * 600 + b"}", "members|levels", "params", b"7"),
        (b'{"id": 7, "params": ' + nested(MAX_DEPTH) + b"}", "levels", "params", b"7"),
        (b'{"id": 7, "params": ' + nested(900) + b"}", "levels", "params", b"7"),
        (b'{"id": 7, "params": ' + nested(30_000) + b', "a": "]"}', "levels", "params", b"7"),
        (b'{"id": 7, "params": ' + b'{"a":' * 9_000 + b"1" + b"}" * 9_000 + b"}", "members", "params", b"7"),
        (b'{"id": 7, "params": [' + b'"a.ru",' * 9_000 + b'"b.ru"]}', "members", "params", b"7"),
        (json.dumps({str(number): number for number in range(MAX_MEMBERS)} | {"id": 7}).encode(), "members", "", b"7"),
    ],
)
def test_says_what_in_good_json_is_not_taken_and_where(text: bytes, reason: str, member: str, id_: bytes) -> None:
    for form in (text, "\ufeff".encode() + text):
        with pytest.raises(JsonNotTaken, match=reason) as refusal:
            read_json(form)
        assert (refusal.value.kind, refusal.value.member) == (dict, member)
        assert write_json(refusal.value.scalars["id"]) == id_


@pytest.mark.parametrize(
    ("text", "kind"), [(b"[1e999]", list), (b"12345678901234567890", object), (b"[" + b"1," * 9_000 + b"1]", list)]
)
def test_says_what_good_json_it_was(text: bytes, kind: type) -> None:
    with pytest.raises(JsonNotTaken) as refusal:
        read_json(text)
    assert issubclass(refusal.value.kind, kind)
    assert not refusal.value.scalars


@given(values, st.sampled_from([b"[1e999,%b]", b'{"a":%b,"a":1}', b'["\\u0000",%b]', b"[%b,99999999999999999999]"]))
def test_good_json_is_never_told_to_be_none(value: Any, form: bytes) -> None:
    with pytest.raises(JsonNotTaken):
        read_json(form % json.dumps(value).encode())


@given(values, st.integers(0, 200), st.sampled_from([b"[1e999,%b]", b'{"a":%b,"a":1}', b"[" * 40 + b"%b" + b"]" * 40]))
def test_what_is_none_is_never_told_to_be_good(value: Any, at: int, form: bytes) -> None:
    """Cut somewhere."""
    text = form % json.dumps(value).encode()
    with pytest.raises(JsonRefused) as refusal:
        read_json(text[: at % len(text)])
    assert type(refusal.value) is JsonRefused
