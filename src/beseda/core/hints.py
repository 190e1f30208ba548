"""Hints: what one node tells the others of its commits, so that they need not wait until they look by themselves.

A hint is a seal and JSON. Nothing depends on one that arrives: it names what moved, and carries small public lines so
that they need not be read. Letters, whispers and whatever else is for some only are never in it, and of members only
their numbers. Fields that a node does not know are passed over; only a change that would mislead older nodes makes
another VERSION, of which they hear nothing then.
"""

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Any, NamedTuple

from beseda.core.ports import Keyring
from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line, is_private

VERSION = 1
LINES_MAX = 32
"""Lines that are told at once: more are read faster than they are told."""
SEAL_CHARS = 64
KINDS = {kind.value: kind for kind in Kind}


class LineHint(NamedTuple):
    """A line with numbers in place of members."""

    seq: int
    at: datetime
    kind: Kind
    actor_id: AccountId | None
    target_id: AccountId | None
    text: str
    number: int

    def line(self, room_id: RoomId, actor: Account | None, target: Account | None) -> Line:
        """What it stands for."""
        return Line(room_id, self.seq, self.at, self.kind, actor, target, self.text, self.number)


@dataclass(frozen=True, slots=True)
class RoomHint:
    """A room has come to the line `seq`; some of the lines up to that."""

    room_id: RoomId
    seq: int
    lines: tuple[LineHint, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """A node has written lines of rooms, and to the journal."""

    node: str
    journal: bool
    rooms: tuple[RoomHint, ...] = ()


class HintRefused(Exception):
    """It is nobody's of this database and version."""


def room_hint(room_id: RoomId, seq: int, lines: Iterable[Line]) -> RoomHint:
    """Of lines just written, in their order."""
    shown = (line for line in lines if line.hidden is Hidden.NO and not is_private(line))
    return RoomHint(room_id, seq, tuple(map(_line_hint, shown)))


def _line_hint(line: Line) -> LineHint:
    actor_id = line.actor.id if line.actor else None
    target_id = line.target.id if line.target else None
    return LineHint(line.seq, line.at, line.kind, actor_id, target_id, line.text, line.number)


class HintCodec:
    """`identity` tells the database from any other that has the same key: a copy of it, for example."""

    def __init__(self, keyring: Keyring, identity: str) -> None:
        self._keyring = keyring
        self._purpose = f"hint\0{identity}"

    def encode(self, hint: Hint, max_bytes: int) -> list[bytes]:
        """Each at most so long: a hint that is longer becomes two, or does without lines."""
        facts = {"v": VERSION, "node": hint.node, "journal": hint.journal, "rooms": [*map(_room_facts, hint.rooms)]}
        body = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        payload = (self._seal(body) + body).encode()
        if len(payload) <= max_bytes:
            return [payload]
        if (half := len(hint.rooms) // 2) == 0:
            return self.encode(replace(hint, rooms=tuple(replace(room, lines=()) for room in hint.rooms)), max_bytes)
        first, second = replace(hint, rooms=hint.rooms[:half]), replace(hint, journal=False, rooms=hint.rooms[half:])
        return self.encode(first, max_bytes) + self.encode(second, max_bytes)

    def decode(self, payload: bytes, wanted: Container[RoomId] | None = None) -> Hint:
        """With the lines of the rooms that are `wanted`, None for all. Raises HintRefused."""
        try:
            text = payload.decode()
            seal, body = text[:SEAL_CHARS], text[SEAL_CHARS:]
            if not compare_digest(seal.encode(), self._seal(body).encode()):
                raise HintRefused
            facts = json.loads(body)
            if facts["v"] != VERSION:
                raise HintRefused
            rooms = tuple(_room_hint(room, wanted) for room in facts["rooms"])
            return Hint(str(facts["node"]), bool(facts["journal"]), rooms)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise HintRefused from error

    def _seal(self, body: str) -> str:
        return self._keyring.seal(self._purpose, body)


def _room_facts(room: RoomHint) -> dict[str, Any]:
    return {"id": room.room_id, "seq": room.seq, "lines": [*map(_line_facts, room.lines)]}


def _line_facts(line: LineHint) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "at": line.at.isoformat(),
        "kind": line.kind.value,
        "actor": line.actor_id,
        "target": line.target_id,
        "text": line.text,
        "number": line.number,
    }


def _room_hint(facts: dict[str, Any], wanted: Container[RoomId] | None) -> RoomHint:
    room_id = RoomId(int(facts["id"]))
    lines = facts.get("lines", ()) if wanted is None or room_id in wanted else ()
    return RoomHint(room_id, int(facts["seq"]), tuple(_lines(lines)))


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[LineHint]:
    """But for those of a kind that only a newer version knows."""
    for row in rows:
        if row["kind"] in KINDS:
            yield LineHint(
                seq=int(row["seq"]),
                at=datetime.fromisoformat(row["at"]),
                kind=KINDS[row["kind"]],
                actor_id=row["actor"],
                target_id=row["target"],
                text=str(row["text"]),
                number=int(row["number"]),
            )
