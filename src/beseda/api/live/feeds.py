"""What sockets that watch are told without asking: how the list of rooms changes, and what waits for their member."""

from dataclasses import dataclass

from beseda.api.hub import Hub, Socket
from beseda.api.live.codec_mail import encode_update
from beseda.api.live.codec_rooms import encode_changes
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.core.room_list import Listing
from beseda.domain.ids import AccountId
from beseda.domain.updates import Update

CHANGES_EVERY_S = 1.0


class RoomListFeed:
    """Tells sockets how the list of rooms changes: what happens within a second is told at once."""

    def __init__(self, core: Core, clock: Clock, hub: Hub) -> None:
        self._core = core
        self._clock = clock
        self._hub = hub
        self._told: Listing | None = None
        self._told_at_s = 0.0

    async def watch(self, socket: Socket) -> Listing:
        """The list; what comes of it is told from now on."""
        listing = await self._tell()
        self._hub.join(self, socket)
        return listing

    async def look(self) -> None:
        """To be called every moment."""
        if self._hub.members(self) and self._clock.monotonic_s() - self._told_at_s >= CHANGES_EVERY_S:
            await self._tell()

    async def _tell(self) -> Listing:
        """Bring those who watch up to date with the list as it is."""
        listing = await self._core.rooms.list.get()
        told, self._told, self._told_at_s = self._told, listing, self._clock.monotonic_s()
        if told is not None and told is not listing and self._hub.members(self):
            changed = [view for view in listing.views if told.by_id.get(view.id) != view]
            gone = told.by_id.keys() - listing.by_id.keys()
            if changed or gone:
                self._hub.broadcast(self, encode_changes(changed, gone))
        return listing


class OwnFeed:
    """Tells a member's sockets what he is to be told, encoded once for all of them."""

    def __init__(self, core: Core, hub: Hub) -> None:
        self._core = core
        self._hub = hub
        self._sockets: set[Socket] = set()

    async def watch(self, socket: Socket, account_id: AccountId) -> None:
        """From now on this one is told."""
        self._sockets.add(socket)
        await self._core.updates.watch(self._tell)
        self._hub.join((self, account_id), socket)
        if socket.is_closed:
            self.forget(socket)

    def forget(self, socket: Socket) -> None:
        """It is closed. Nothing is read for nobody."""
        self._sockets.discard(socket)
        if not self._sockets:
            self._core.updates.unwatch(self._tell)

    def _tell(self, update: Update) -> None:
        """Watches all updates."""
        if self._hub.members(key := (self, update.account_id)) and (payload := encode_update(update)):
            self._hub.broadcast(key, payload)


@dataclass(frozen=True, slots=True)
class Feeds:
    """Both."""

    rooms: RoomListFeed
    own: OwnFeed
