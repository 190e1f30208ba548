"""Hints as bytes (core/hints.py): a seal and JSON.

Fields that a node does not know are passed over; only a change that would mislead older nodes makes another VERSION, of
which they hear nothing then. Lines of rooms that nobody here reads are not even decoded.
"""

from collections.abc import Container, Iterable, Iterator
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
ROOM_BYTES = 72
"""What is said of a room besides its lines, at most."""
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
        around = SEAL_BYTES + len(_encoder.encode(_Hint(VERSION, hint.node, False, [])))
        pages = [*_paged(hint.rooms, max_bytes - around)] or [[]]
        return [
            self._sealed(_Hint(VERSION, hint.node, hint.journal and not number, page))
            for number, page in enumerate(pages)
        ]

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

    def _sealed(self, hint: _Hint) -> bytes:
        body = _encoder.encode(hint)
        return self._seal(body) + body

    def _seal(self, body: bytes) -> bytes:
        return self._keyring.seal(self._purpose, body.decode()).encode()


def _paged(rooms: Iterable[RoomHint], max_bytes: int) -> Iterator[list[_Room]]:
    """Rooms with their lines, in as many hints as need be; a line that is too long for any is left out."""
    page, left = list[_Room](), max_bytes
    for room in rooms:
        if left < ROOM_BYTES:
            yield page
            page, left = [], max_bytes
        left -= ROOM_BYTES
        seq, lines = 0, list[bytes]()
        for each in room.lines:
            line = _encoder.encode(_Line(each.seq, each.at, each.kind.value, *each[3:]))
            if ROOM_BYTES + len(line) >= max_bytes:
                continue
            if len(line) >= left:
                yield [*page, _told(room.room_id, seq, lines)] if lines else page
                page, left, lines = [], max_bytes - ROOM_BYTES, []
            lines.append(line)
            seq, left = each.seq, left - len(line) - 1
        page.append(_told(room.room_id, room.seq, lines))
    if page:
        yield page


def _told(room_id: RoomId, seq: int, lines: Iterable[bytes]) -> _Room:
    return _Room(room_id, seq, Raw(b"[%b]" % b",".join(lines)))


def _lines(sent: Raw) -> Iterator[LineHint]:
    """But for those of a kind that only a newer version knows."""
    for line in _lines_decoder.decode(sent):
        if (kind := KINDS.get(line.kind)) is not None:
            yield LineHint(line.seq, line.at, kind, line.actor, line.target, line.text, line.number)
