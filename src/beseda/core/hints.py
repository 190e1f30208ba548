"""Hints: what one node tells the others of its commits, so that they need not wait until they look by themselves.

Nothing depends on a hint that arrives: it names what moved, and carries small public lines so that they need not be
read. Letters, whispers and whatever else is for some only are never in it, and of members only their numbers.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line, is_private

LINES_MAX = 256
"""Lines that are told at once; of more only the numbers are, and who wants them reads them."""


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


class HintCodec(Protocol):
    """Hints as bytes, by which nobody but a node of the same database and key can be taken for one."""

    def encode(self, hint: Hint, max_bytes: int) -> list[bytes]:
        """Each at most so long: a hint that is longer becomes two, or does without lines."""
        ...

    def decode(self, payload: bytes, wanted: Container[RoomId] | None = None) -> Hint:
        """With the lines of the rooms that are `wanted`, None for all. Raises HintRefused."""
        ...
