"""What nodes share: the journal of what happened, leases, and the bus that carries hints of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from beseda.domain.events import Event
from beseda.domain.ids import RoomId


@dataclass(frozen=True, slots=True)
class JournalPage:
    """What comes after a cursor, oldest first, and the cursor after that.

    There is more when `full`. `gap` tells that rows right after the cursor are gone.
    """

    events: list[Event]
    cursor: int
    full: bool
    gap: bool


class EventJournal(Protocol):
    """Events that other nodes must know. A unit writes what it records; ids grow in the order of the commits."""

    async def span(self) -> tuple[int, int]:
        """The oldest id that is kept, and the newest; 0 and 0 when there was none yet."""
        ...

    async def list_after(self, cursor: int, node: str, limit: int) -> JournalPage:
        """What others than `node` have done."""
        ...

    async def forget(self, before: datetime, limit: int) -> int:
        """Remove the oldest rows, never the newest one; how many, at most `limit`."""
        ...


class Leases(Protocol):
    """Who of all nodes does something. No two clocks are compared: a lease is alive as long as its beat grows."""

    async def find(self, name: str) -> tuple[str, int]:
        """The node that holds it, "" for none, and its beat."""
        ...

    async def take(self, name: str, node: str, seen: tuple[str, int]) -> bool:
        """Make it `node`'s, or let its beat grow; False, and nothing is done, when it is not as it was seen."""
        ...

    async def give_up(self, name: str, node: str) -> None:
        """Nobody holds it, if `node` did."""
        ...


class Bus(Protocol):
    """Carries hints to other nodes, outside of any transaction. Any may be lost, doubled, late or somebody else's."""

    by_room: bool
    """Whether what is about a room goes only to who follows that room; else everything goes to all."""
    payload_max: int
    """Bytes of one hint; 0 when there is nobody to tell."""

    trouble: str
    """Why hints do not come and go, "" when they do."""
    losses: int
    """How often they stopped to."""

    async def start(self, hear: Callable[[bytes], None]) -> None:
        """Call `hear` with every hint that comes, one's own too. If that is not possible now, it is tried again."""
        ...

    def follow(self, room_id: RoomId) -> None:
        """Hints of this room are wanted from now on."""
        ...

    def unfollow(self, room_id: RoomId) -> None: ...

    async def send(self, hints: Sequence[tuple[RoomId | None, bytes]]) -> None:
        """Hints of a room, or for all (None). What cannot be sent is lost. Raises nothing."""
        ...

    async def look(self) -> bool:
        """Mend what is broken; whether others may have done something of which no hint has come.

        To be called every moment.
        """
        ...

    async def close(self) -> None: ...
