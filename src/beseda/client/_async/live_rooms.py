"""The list of rooms over the live protocol, and what one may do to a room without being in it."""

from typing import TYPE_CHECKING

from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._async.live import AsyncLive


class AsyncLiveRooms:
    """All rooms. How the list changes is told by `AsyncLive.updates(rooms=True)`."""

    def __init__(self, live: "AsyncLive") -> None:
        self._live = live

    async def list(self) -> wire.RoomList:
        """All `rooms` in the order of the list, and the numbers of the member's `favourites`."""
        return await self._live.ask(wire.ListRooms())

    async def info(self, room_id: int) -> wire.Info:
        """What there is to know of a room, and what the member is in it. Raises NotFound."""
        return (await self._live.ask(wire.AboutRoom(room=room_id))).info

    async def set_favourite(self, room_id: int, favourite: bool = True) -> None:
        """Make a room one of the member's favourites, or no longer. Raises NotFound."""
        await self._live.ask(wire.SetFavourite(room=room_id, favourite=favourite))

    async def reserve(self, room_id: int) -> wire.Info | None:
        """Make the room the member's own. Raises NotAllowed (`reservation_refused`, its `reason` in `facts`)."""
        return (await self._live.ask(wire.Reserve(room=room_id, reserved=True))).info

    async def give_up(self, room_id: int) -> None:
        """End the reservation. Raises NotAllowed."""
        await self._live.ask(wire.Reserve(room=room_id, reserved=False))
