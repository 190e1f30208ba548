"""The list of rooms, in memory."""

import asyncio
from dataclasses import dataclass

from beseda.core.patience import patiently
from beseda.core.ports import Store
from beseda.domain.events import Event, LineAdded, RoomEvent
from beseda.domain.ids import RoomId
from beseda.domain.messages import ON_LIST
from beseda.domain.rooms import RoomView, is_listed, list_order


@dataclass(frozen=True, slots=True)
class Listing:
    """All rooms in the order of the list; another object whenever something in it changed."""

    views: tuple[RoomView, ...]
    by_id: dict[RoomId, RoomView]


class RoomList:
    """The list of rooms in memory: read once, then only the rooms that changed."""

    RELOAD_AT = 50
    """So many changed rooms are read faster by reading all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listing: Listing | None = None
        self._generation = -1
        self._changed: set[RoomId] = set()
        self._refreshing = asyncio.Lock()

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, LineAdded):
            if event.line.kind in ON_LIST:
                self._changed.add(event.line.room_id)
        elif isinstance(event, RoomEvent):
            self._changed.add(event.room_id)

    def fresh(self) -> Listing | None:
        """The list when nothing has changed since it was read."""
        return self._listing if not self._changed and self._generation == self._store.generation else None

    async def get(self) -> Listing:
        """The list as committed."""
        async with patiently(self._refreshing):
            if (listing := self.fresh()) is not None:
                return listing
            generation, changed, self._changed = self._store.generation, self._changed, set()
            try:
                views = await self._read(generation, changed)
            except BaseException:
                self._changed |= changed
                raise
            ordered = sorted(views.values(), key=list_order)
            self._listing, self._generation = Listing(tuple(ordered), views), generation
            return self._listing

    async def _read(self, generation: int, changed: set[RoomId]) -> dict[RoomId, RoomView]:
        listing = self._listing
        if listing is None or generation != self._generation or len(changed) > self.RELOAD_AT:
            return {view.id: view for view in await self._store.view.rooms.list_views() if is_listed(view)}
        views = dict(listing.by_id)
        for room_id in changed:
            view = await self._store.view.rooms.find_view(room_id)
            if view is None or not is_listed(view):
                views.pop(room_id, None)
            else:
                views[room_id] = view
        return views
