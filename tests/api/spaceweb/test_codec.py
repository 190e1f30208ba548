"""The codec with anything at all in it, without a server."""

import json
import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.jsontext import MAX_MEMBERS
from beseda.api.spaceweb.codec import (
    _KNOWN,
    KNOWN_MAX,
    MALFORMED,
    NOT_UTF8,
    Id,
    Request,
    RpcRefused,
    _decode_any,
    _decode_usual,
    decode_request,
    encode_answer,
    make_id,
    named_params,
)
from beseda.wire.spaceweb.envelope import VERSION, Extended, ExtendedResult, Fault

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
INT64 = st.integers(-(2**63), 2**63 - 1)
IDS = TEXT | INT64 | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | INT64 | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
ANSWERS = (
    VALUES
    | st.builds(Fault, st.integers(-32768, -32000), TEXT)
    | st.builds(ExtendedResult, st.sampled_from([0, 1]), TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3)).map(
        Extended
    )
)


def decoded(body: bytes) -> Request | RpcRefused:
    try:
        return decode_request(body)
    except RpcRefused as refused:
        return refused


def decode(**members: object) -> Request:
    return decode_request(json.dumps({"jsonrpc": "2.0"} | members).encode())


@given(st.binary(max_size=200))
def test_bytes_are_a_request_or_refused(body: bytes) -> None:
    read = decoded(body)
    assert isinstance(read, Request) or read.fault.code in (-32700, -32701, -32600)


PIECES = (
    '"jsonrpc":"2.0"', '"jsonrpc" : "2.0"', '"jsonrpc":"1.0"', '"jsonrpc":2.0', '"json\\u0072pc":"2.0"',
    '"method":"index"', '"method":"getBalance"', '"method":null', '"method":""', '"method":7', '"id":"1.abc"',
    '"id":"1.abc"', '"id":5', '"id":null', '"id":"\\u0000"', '"id":"\\ud800"', '"id":"ж"', '"id":[1]',
    '"version":"1.62"', '"version":1', '"user":"Alena"', '"user":7', '"user":null', '"params":{}', '"params":[]',
    '"params":null', '"params":{"a":"b"}', '"params":{"a":1,"b":true,"c":null}', '"params":{"a":"1","a":"2"}',
    '"params":{"a":1,"a":2}', '"params":{"a":1.0}', '"params":{"a":1e2}', '"params":{"a":-0}',
    '"params":{"a":9223372036854775807}', '"params":{"a":9223372036854775808}', '"params":{"a":' + "1" * 101 + "}",
    '"params":{"a":{"b":1}}', '"params":{"a":[]}', '"params":{"a":"x:y,{[\\""}', '"params":{"a,":":"}',
    '"params":{"a\x7f":"\\n"}', '"more":1',
)  # fmt: skip
USUAL = ('"jsonrpc":"2.0"', '"method":"getBalance"', '"params":{}', '"id":"1.abc"', '"version":"1.62.20260101000000"')


def some_body(chance: random.Random) -> bytes:
    """Something like a call: members that are good or not, some twice, now and then with a byte that is another."""
    members = [each for each in USUAL if chance.random() < 0.9]
    members += chance.choices(PIECES, k=chance.choice([0, 0, 1, 1, 2, 3]))
    chance.shuffle(members)
    body = bytearray(("{" + chance.choice([",", ",", ", ", "\n,"]).join(members) + "}").encode())
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        at = chance.randrange(len(body))
        body[at : at + chance.choice([0, 1, 1])] = bytes([chance.choice(b'"":,{}[]\\\0\x1f\x80\xed019eE+-. atu')])
    return bytes(body)


def compare_short_and_strict(seed: int, number: int) -> int:
    """Whatever the short way takes, the strict reader takes and reads alike; how many it took."""
    chance, taken = random.Random(seed), 0
    for _ in range(number):
        body = some_body(chance)
        usual = _decode_usual(body)
        if usual is None:
            continue
        taken += 1
        try:
            strict = _decode_any(body, MAX_MEMBERS)
        except RpcRefused as refused:
            raise AssertionError(body) from refused
        assert repr(usual) == repr(strict), body
    return taken


def test_the_short_way_takes_nothing_that_the_strict_one_refuses() -> None:
    assert 200 < compare_short_and_strict(1, 2_000) < 1_800


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_short_way_takes_nothing_that_the_strict_one_refuses_of_a_million() -> None:
    assert compare_short_and_strict(2, 1_000_000) > 100_000


def test_a_call_with_parameters_is_not_kept() -> None:
    """They may be secrets."""
    calls = [decode(method="getToken", id="1", params={"password": f"a secret {number}"}) for number in range(2)]
    assert calls[0] != calls[1]
    assert not any(b"secret" in body for body in _KNOWN)
    same = [decode(method="getBalance", id="1") for _ in range(2)]
    assert same[0] is same[1]


@given(VALUES)
def test_json_is_a_request_or_refused(value: Any) -> None:
    read = decoded(json.dumps(value).encode())
    assert isinstance(read, Request) or read.fault.code == -32600


@given(st.dictionaries(st.sampled_from(["jsonrpc", "method", "params", "id", "user", "version"]), VALUES))
def test_an_envelope_is_a_request_or_refused_under_its_own_id(members: dict[str, Any]) -> None:
    members = {"jsonrpc": "2.0"} | members
    read = decoded(json.dumps(members).encode())
    if isinstance(read, Request):
        assert (read.id, read.params) == (members.get("id"), members.get("params"))
    else:
        assert read.fault.code == -32600
        assert read.id in (None, members.get("id"))


@given(IDS, ANSWERS)
def test_an_answer_is_compact_ascii_with_the_mandatory_members_and_no_other(call_id: Id, answer: object) -> None:
    body = encode_answer(call_id, answer)
    envelope = json.loads(body)
    member = "error" if isinstance(answer, Fault) else "result"
    assert body.isascii()
    assert list(envelope) == ["jsonrpc", "version", "id", member]
    assert (type(envelope["id"]), envelope["id"]) == (type(call_id), call_id)
    assert not re.search(rb'[:,] |[{}\[\]"] ', re.sub(rb'"(?:[^"\\]|\\.)*"', b'""', body))


@given(IDS, VALUES)
def test_what_is_encoded_is_what_is_read(call_id: Id, result: Any) -> None:
    assert json.loads(encode_answer(call_id, result))["result"] == result


def test_all_but_ascii_is_escaped_as_php_does_it() -> None:
    assert b'"result":"\\u0417\\u043e\\u043d\\u0430 \\ud83d\\ude00"}' in encode_answer(1, "Зона 😀")


def test_an_error_has_data_and_it_is_an_empty_array() -> None:
    assert encode_answer(1, Fault(-32601, "Object not found")).endswith(
        b',"id":1,"error":{"code":-32601,"message":"Object not found","data":[]}}'
    )


def test_the_servers_version_has_the_originals_shape() -> None:
    assert re.fullmatch(r"1\.[0-9]+\.[0-9]{14}", VERSION)
    datetime.strptime(VERSION.rpartition(".")[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def test_an_id_is_made_of_the_moment_and_ten_characters() -> None:
    assert make_id(datetime(2026, 3, 5, 7, 8, 9, tzinfo=UTC), "Xk3wQz81Ta") == "20260305070809.Xk3wQz81Ta"


@pytest.mark.parametrize("call_id", ["1", "", 0, 1, -1, 1.5, "20261194338.71KpWmZtQe", 2**63 - 1])
def test_an_id_keeps_its_type(call_id: Id) -> None:
    kept = decode(id=call_id).id
    assert (type(kept), kept) == (type(call_id), call_id)


@pytest.mark.parametrize("params", [None, {}, []])
def test_forms_of_no_parameters(params: object) -> None:
    assert named_params(decode(params=params).params) == {}


@pytest.mark.parametrize("params", [[1], [None], "", "a", 0, 1, 1.5, True, False])
def test_parameters_that_have_no_names(params: object) -> None:
    with pytest.raises(RpcRefused) as refused:
        named_params(params)
    assert refused.value.fault.code == -32602


@pytest.mark.parametrize(("sent", "read"), [(None, "index"), ("", "index"), ("add", "add"), ("rpc.x", "rpc.x")])
def test_the_method_is_index_when_none_is_given(sent: str | None, read: str) -> None:
    assert decode(method=sent).method == read


@pytest.mark.parametrize(("sent", "read"), [(None, ""), ("", ""), ("Alena", "Alena"), (0, "0"), (166, "166")])
def test_the_user_as_clients_write_it(sent: object, read: str) -> None:
    assert decode(user=sent).user == read


@pytest.mark.parametrize(
    "members",
    [
        {"jsonrpc": 2.0},
        {"jsonrpc": "1.0"},
        {"jsonrpc": None},
        {"id": True},
        {"id": {}},
        {"id": []},
        {"method": 1},
        {"method": False},
        {"method": []},
        {"user": []},
        {"user": False},
        {"user": 1.5},
    ],
)
def test_members_of_the_wrong_type(members: dict[str, object]) -> None:
    with pytest.raises(RpcRefused) as refused:
        decode(**members)
    assert refused.value.fault.code == -32600


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", MALFORMED),
        (b"{", MALFORMED),
        (b"[object Object]", MALFORMED),
        (b"\xef\xbb\xbf{", MALFORMED),
        ("{}".encode("utf-16"), NOT_UTF8),
        (b'{"jsonrpc":"2.0","id":NaN}', MALFORMED),
        (b"[" * 100_000, MALFORMED),
        ('{"id":"привет"}'.encode("windows-1251"), NOT_UTF8),
    ],
)
def test_what_is_no_json(body: bytes, fault: Fault) -> None:
    with pytest.raises(RpcRefused) as refused:
        decode_request(body)
    assert refused.value.fault == fault


@pytest.mark.parametrize(
    ("members", "code", "id_", "reason"),
    [
        (b'"id":12345678901234567890', -32600, b"12345678901234567890", "an integer has more than 64 bits"),
        (b'"id":1e999', -32600, b"1e999", "a number is too large"),
        (b'"id":"\\ud800"', -32600, b'"\\ud800"', "a string has a character that cannot be kept"),
        (b'"id":"\\u0000"', -32600, b'"\\u0000"', "a string has a character that cannot be kept"),
        (b'"id":1,"id":2', -32600, b"2", "a key stands twice"),
        (b'"id":1,"method":"a","method":"b"', -32600, b"1", "a key stands twice"),
        (b'"id":1,"user":99999999999999999999', -32600, b"1", "an integer has more than 64 bits"),
        (b'"id":1,"x":' + b"[" * 40 + b"]" * 40, -32600, b"1", "more than 32 levels"),
        (b'"id":1,"params":{"a":1,"a":1}', -32602, b"1", "a key stands twice"),
        (
            b'"id":"\xd0\x96","params":{"a":"\\u0000"}',
            -32602,
            b'"\\u0416"',
            "a string has a character that cannot be kept",
        ),
        (b'"id":1,"params":' + b"[" * 40 + b"]" * 40, -32602, b"1", "more than 32 levels"),
        (b'"id":1,"params":{"domains":[' + b'"a.ru",' * 6_000 + b'"a.ru"]}', -32602, b"1", "more than 1,000 members"),
    ],
)
def test_what_is_json_but_not_taken_keeps_its_id_and_says_why(
    members: bytes, code: int, id_: bytes, reason: str
) -> None:
    with pytest.raises(RpcRefused) as refused:
        decode_request(b'{"jsonrpc":"2.0",' + members + b"}")
    assert (refused.value.fault.code, refused.value.fault.data) == (code, (reason,))
    assert refused.value.id is not None
    assert b'"id":' + id_ + b',"error":{"code":%d' % code in encode_answer(refused.value.id, refused.value.fault)


@pytest.mark.parametrize("body", [b"[1e999]", b"[" + b"1," * 2_000 + b"1]", b"[" * 40 + b"]" * 40, b'[{"a":1,"a":1}]'])
def test_a_batch_that_is_not_taken_is_a_batch(body: bytes) -> None:
    with pytest.raises(RpcRefused) as refused:
        decode_request(body)
    assert refused.value.fault.code == -32600


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decode_request(b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1}').id == 1


def test_calls_that_are_remembered_do_not_grow_for_ever() -> None:
    for number in range(KNOWN_MAX + 1):
        body = b'{"jsonrpc":"2.0","method":"getToken","id":"%d"}' % number
        asked = decode_request(body)
        assert (asked.method, asked.id, decode_request(body)) == ("getToken", str(number), asked)
        assert len(_KNOWN) <= KNOWN_MAX
