"""Hints as bytes (core/hints.py): a seal and JSON.

Fields that a node does not know are passed over; only a change that would mislead older nodes makes another VERSION, of
which they hear nothing then. Lines of rooms that nobody here reads are not even decoded.
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime
from hmac import compare_digest
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from beseda.core.hints import Hint, HintRefused, LineHint, RoomHint
from beseda.core.ports import Keyring
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind

VERSION = 1
SEAL_BYTES = 64
KINDS = {kind.value: kind for kind in Kind}


class _Line(Struct):
    seq: int
    at: Annotated[datetime, Meta(tz=True)]
    kind: str
    actor: AccountId | None
    target: AccountId | None
    text: str
    number: int


class _Room(Struct):
    id: RoomId
    seq: int
    lines: Raw = Raw(b"[]")


class _Hint(Struct):
    v: int
    node: str
    journal: bool
    rooms: list[_Room]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Hint)
_lines_decoder = msgspec.json.Decoder(list[_Line])


class JsonHintCodec:
    """`identity` tells the database from any other that has the same key: a copy of it, for example."""

    def __init__(self, keyring: Keyring, identity: str) -> None:
        self._keyring = keyring
        self._purpose = f"hint\0{identity}"

    def encode(self, hint: Hint, max_bytes: int) -> list[bytes]:
        """See HintCodec."""
        body = _encoder.encode(_Hint(VERSION, hint.node, hint.journal, [*map(_encode_room, hint.rooms)]))
        payload = self._seal(body) + body
        if len(payload) <= max_bytes:
            return [payload]
        first, second = _halves(hint)
        return self.encode(first, max_bytes) + (self.encode(second, max_bytes) if second else [])

    def decode(self, payload: bytes, wanted: Container[RoomId] | None = None) -> Hint:
        """See HintCodec."""
        try:
            body = payload[SEAL_BYTES:]
            if not compare_digest(payload[:SEAL_BYTES], self._seal(body)):
                raise HintRefused
            facts = _decoder.decode(body)
            if facts.v != VERSION:
                raise HintRefused
            rooms = [
                RoomHint(room.id, room.seq, tuple(_lines(room.lines)) if wanted is None or room.id in wanted else ())
                for room in facts.rooms
            ]
        except (ValueError, RecursionError) as error:  # msgspec's errors, and bytes that are no text, are ValueErrors
            raise HintRefused from error
        return Hint(facts.node, facts.journal, tuple(rooms))

    def _seal(self, body: bytes) -> bytes:
        return self._keyring.seal(self._purpose, body.decode()).encode()


def _halves(hint: Hint) -> tuple[Hint, Hint | None]:
    """What one that is too long becomes: of several rooms, else of several lines; one line is left out."""
    first, second = hint.rooms[: len(hint.rooms) // 2], hint.rooms[len(hint.rooms) // 2 :]
    if not first:
        (room,) = second
        lines, more = room.lines[: len(room.lines) // 2], room.lines[len(room.lines) // 2 :]
        if not lines:
            return replace(hint, rooms=(replace(room, lines=()),)), None
        first, second = (RoomHint(room.room_id, lines[-1].seq, lines),), (replace(room, lines=more),)
    return replace(hint, rooms=first), replace(hint, journal=False, rooms=second)


def _encode_room(room: RoomHint) -> _Room:
    lines = [_Line(each.seq, each.at, each.kind.value, *each[3:]) for each in room.lines]
    return _Room(room.room_id, room.seq, Raw(_encoder.encode(lines)))


def _lines(sent: Raw) -> Iterator[LineHint]:
    """But for those of a kind that only a newer version knows."""
    for line in _lines_decoder.decode(sent):
        if (kind := KINDS.get(line.kind)) is not None:
            yield LineHint(line.seq, line.at, kind, line.actor, line.target, line.text, line.number)
