"""Hints on the wire: sealed, never too long, and understood by the versions beside this one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from beseda.adapters.hints import SEAL_BYTES, JsonHintCodec
from beseda.adapters.secrets import Blake2Keyring
from beseda.core.hints import Hint, HintRefused, LineHint, RoomHint
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind

KEYRING = Blake2Keyring(b"k" * 32)
CODEC = JsonHintCodec(KEYRING, "here")
AT = datetime(2026, 11, 26, 12, 0, 0, 123_000, tzinfo=UTC)


def said(seq: int, text: str = "Ahoj, Brno") -> LineHint:
    return LineHint(seq, AT, Kind.TEXT, AccountId(7), None, text, 0)


HINT = Hint("a", journal=True, rooms=(RoomHint(RoomId(1), 9, (said(8), said(9))), RoomHint(RoomId(2), 4)))


def sealed(facts: Any, identity: str = "here") -> bytes:
    body = facts if isinstance(facts, str) else json.dumps(facts)
    return (KEYRING.seal(f"hint\0{identity}", body) + body).encode()


def facts_of(hint: Hint) -> dict[str, Any]:
    (payload,) = CODEC.encode(hint, 10_000)
    facts: dict[str, Any] = json.loads(payload[SEAL_BYTES:])
    return facts


def test_what_is_sent_is_heard() -> None:
    assert [CODEC.decode(payload) for payload in CODEC.encode(HINT, 10_000)] == [HINT]


def test_lines_of_rooms_that_nobody_here_reads_are_left_out() -> None:
    (payload,) = CODEC.encode(HINT, 10_000)
    assert CODEC.decode(payload, {RoomId(1)}) == HINT
    assert [room.lines for room in CODEC.decode(payload, {RoomId(2)}).rooms] == [(), ()]


@pytest.mark.parametrize("codec", [JsonHintCodec(KEYRING, "a copy"), JsonHintCodec(Blake2Keyring(b"x" * 32), "here")])
def test_nobody_hears_what_another_database_or_key_has_sealed(codec: JsonHintCodec) -> None:
    with pytest.raises(HintRefused):
        CODEC.decode(codec.encode(HINT, 10_000)[0])


def test_whatever_was_changed_on_the_way_is_refused() -> None:
    (payload,) = CODEC.encode(HINT, 10_000)
    for index in range(len(payload)):
        with pytest.raises(HintRefused):
            CODEC.decode(payload[:index] + bytes([payload[index] ^ 1]) + payload[index + 1 :])
        with pytest.raises(HintRefused):
            CODEC.decode(payload[:index])


@pytest.mark.parametrize(
    "facts",
    [
        "",
        "[",
        "[]",
        "null",
        "[" * 100_000,
        {},
        {"v": 1},
        {"v": 0, "node": "a", "journal": True, "rooms": []},
        {"v": 1, "node": "a", "journal": True, "rooms": [{}]},
        {"v": 1, "node": "a", "journal": True, "rooms": [{"id": 1, "seq": 1e400}]},
        {"v": 1, "node": "a", "journal": True, "rooms": [{"id": 1, "seq": 2, "lines": [{"kind": "text"}]}]},
    ],
)
def test_what_is_sealed_but_no_hint_is_refused(facts: Any) -> None:
    with pytest.raises(HintRefused):
        CODEC.decode(sealed(facts))


def test_fields_and_kinds_of_a_newer_version_are_passed_over() -> None:
    facts = facts_of(HINT) | {"more": {"a": 1}}
    facts["rooms"][0]["also"] = 1
    facts["rooms"][0]["lines"][0]["colour"] = "red"
    facts["rooms"][0]["lines"][1]["kind"] = "invented"
    heard = CODEC.decode(sealed(facts))
    assert heard.rooms == (RoomHint(RoomId(1), 9, (said(8),)), HINT.rooms[1])


def test_a_time_is_read_as_older_versions_write_it() -> None:
    facts = facts_of(HINT)
    for line in facts["rooms"][0]["lines"]:
        line["at"] = AT.isoformat()
    assert CODEC.decode(sealed(facts)) == HINT


def test_another_version_is_not_heard() -> None:
    for version in (0, 2, "1"):
        with pytest.raises(HintRefused):
            CODEC.decode(sealed(facts_of(HINT) | {"v": version}))


@pytest.mark.parametrize("max_bytes", [300, 1_000, 7_999])
def test_none_is_too_long_and_no_room_is_left_out(max_bytes: int) -> None:
    rooms = tuple(RoomHint(RoomId(n), n, (said(n, "ж" * 1_000), said(n, "\U0001f600" * 40))) for n in range(1, 200))
    payloads = CODEC.encode(Hint("a" * 32, journal=True, rooms=rooms), max_bytes)
    assert max(map(len, payloads)) <= max_bytes
    heard = [CODEC.decode(payload) for payload in payloads]
    assert {room.room_id: room.seq for hint in heard for room in hint.rooms} == {n: n for n in range(1, 200)}
    assert sum(hint.journal for hint in heard) == 1


def test_lines_of_one_room_that_are_too_long_together_are_told_one_after_another() -> None:
    lines = tuple(said(n, "ж" * 100) for n in range(1, 101))
    heard = [
        CODEC.decode(each)
        for each in CODEC.encode(Hint("a", journal=True, rooms=(RoomHint(RoomId(7), 103, lines),)), 7_999)
    ]
    rooms = [room for hint in heard for room in hint.rooms]
    assert len(rooms) > 1
    assert [line for room in rooms for line in room.lines] == list(lines)
    assert [room.seq for room in rooms] == [*(room.lines[-1].seq for room in rooms[:-1]), 103]
    assert [hint.journal for hint in heard] == [True, *[False] * (len(heard) - 1)]
