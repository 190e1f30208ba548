# Written by tools/twins.py from src/beseda/client/_async/live_rooms.py: change that, then `make twins`.
"""The list of rooms over the live protocol, and what one may do to a room without being in it."""

from typing import TYPE_CHECKING

from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._sync.live import Live


class LiveRooms:
    """All rooms. How the list changes is told by `Live.updates(rooms=True)`."""

    def __init__(self, live: "Live") -> None:
        self._live = live

    def list(self) -> wire.RoomList:
        """All `rooms` in the order of the list, and the numbers of the member's `favourites`."""
        return self._live.ask(wire.ListRooms())

    def info(self, room_id: int) -> wire.Info:
        """What there is to know of a room, and what the member is in it. Raises NotFound."""
        return (self._live.ask(wire.AboutRoom(room=room_id))).info

    def set_favourite(self, room_id: int, favourite: bool = True) -> None:
        """Make a room one of the member's favourites, or no longer. Raises NotFound."""
        self._live.ask(wire.SetFavourite(room=room_id, favourite=favourite))

    def reserve(self, room_id: int) -> wire.Info | None:
        """Make the room the member's own. Raises NotAllowed (`reservation_refused`, its `reason` in `facts`)."""
        return (self._live.ask(wire.Reserve(room=room_id, reserved=True))).info

    def give_up(self, room_id: int) -> None:
        """End the reservation. Raises NotAllowed."""
        self._live.ask(wire.Reserve(room=room_id, reserved=False))
