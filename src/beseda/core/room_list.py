"""The list of rooms, in memory."""

from dataclasses import dataclass

from beseda.core.kept import Kept
from beseda.core.ports import Store
from beseda.domain.events import Event, LineAdded, Missed, RoomEvent
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
        self._kept: Kept[None, Listing] = Kept(self._read, 1)
        self._last = Listing((), {})
        self._all_due = True
        self._changed: set[RoomId] = set()
        """What has changed since the last list was read, unless all of it may have."""

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, LineAdded) and event.line.kind in ON_LIST:
            self._changed.add(event.line.room_id)
        elif isinstance(event, RoomEvent):
            self._changed.add(event.room_id)
        elif isinstance(event, Missed):
            self._all_due = True
        else:
            return
        self._kept.drop(None)

    def fresh(self) -> Listing | None:
        """The list when nothing has changed since it was read."""
        return self._kept.now(None)

    async def get(self) -> Listing:
        """The list as committed."""
        return await self._kept.get(None)

    async def _read(self, _: None) -> Listing:
        all_due, changed = self._all_due, self._changed
        self._all_due, self._changed = False, set()
        try:
            if all_due or len(changed) > self.RELOAD_AT:
                views = await self._read_all()
            else:
                views = await self._read_some(self._last.by_id, changed)
        except BaseException:
            self._all_due |= all_due
            self._changed |= changed
            raise
        self._last = Listing(tuple(sorted(views.values(), key=list_order)), views)
        return self._last

    async def _read_all(self) -> dict[RoomId, RoomView]:
        return {view.id: view for view in await self._store.view.rooms.list_views() if is_listed(view)}

    async def _read_some(self, last: dict[RoomId, RoomView], changed: set[RoomId]) -> dict[RoomId, RoomView]:
        views = dict(last)
        for room_id in changed:
            view = await self._store.view.rooms.find_view(room_id)
            if view is None or not is_listed(view):
                views.pop(room_id, None)
            else:
                views[room_id] = view
        return views
