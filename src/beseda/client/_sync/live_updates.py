# Written by tools/twins.py from src/beseda/client/_async/live_updates.py: change that, then `make twins`.
"""What a member is told besides the lines of rooms: letters, unread marks, how the list of rooms changes."""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._sync.live import Live

WAITING_MAX = 10_000
"""Updates that may wait to be iterated over; then the state is asked for anew."""

Update = wire.Own | wire.RoomList | wire.Event
"""The state at the beginning, and after each break; what has become of it."""


class Updates:
    """One who iterates over them, whom the client tells of what comes."""

    def __init__(self, live: "Live", *, own: bool, rooms: bool) -> None:
        self._live = live
        self._own = own
        self._rooms = rooms
        self._waiting: deque[wire.Event] = deque()
        self._connection = 0
        """The number of the connection on which the state was asked for."""

    def take(self, event: wire.Event) -> None:
        """What came."""
        if not (self._rooms if isinstance(event, wire.ListChanged) else self._own):
            return
        if len(self._waiting) >= WAITING_MAX:
            self._connection = 0
        else:
            self._waiting.append(event)

    @property
    def _is_behind(self) -> bool:
        return self._connection != self._live.connections

    def iterate(self) -> Iterator[Update]:
        while True:
            while self._is_behind:
                self._waiting.clear()
                self._live.connect()
                self._connection = self._live.connections
                if self._own:
                    yield self._live.ask(wire.AskOwn(watch=True))
                if self._rooms:
                    yield self._live.ask(wire.ListRooms(watch=True))
            while self._waiting and not self._is_behind:
                yield self._waiting.popleft()
            self._live.wait_for(lambda: bool(self._waiting) or self._is_behind)
