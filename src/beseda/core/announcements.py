"""Announcements: an operator says something to everybody, in rooms where somebody is, and on all pages for a while.

What pages show is kept in memory, and read again when something was announced or ended, on whatever node.
"""

from collections.abc import Sequence
from datetime import timedelta

from beseda.core.forgetting import forget
from beseda.core.ports import Clock, Store
from beseda.core.rooms import add_line
from beseda.domain.announcements import KEPT, Announcement, is_shown
from beseda.domain.events import AnnouncementsChanged, Event, Missed
from beseda.domain.ids import MAX_ID, AnnouncementId
from beseda.domain.messages import Kind, check_text


class Announcements:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._shown: Sequence[Announcement] = ()
        self._is_due = True
        """Whether there may be others than those in memory."""

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        self._is_due |= isinstance(event, AnnouncementsChanged | Missed)

    async def look(self) -> None:
        """Read what is to be shown when it may be another than before; to be called every moment."""
        if self._is_due:
            self._is_due = False
            try:
                self._shown = await self._store.view.announcements.list_shown(self._clock.now())
            except BaseException:
                self._is_due = True
                raise

    def shown(self) -> list[Announcement]:
        """What pages show now, the newest first."""
        now = self._clock.now()
        return [each for each in self._shown if is_shown(each, now)]

    async def add(self, text: str, shown_for: timedelta) -> tuple[Announcement, int]:
        """Say it in every room where somebody is, and in how many; pages show it for so long, not at all for 0.

        Raises MessageEmpty, MessageTooLong.
        """
        text, now = check_text(text), self._clock.now()
        async with self._store.unit() as unit:
            announcement = await unit.announcements.add(now, now + shown_for, text)
            rooms = sorted({room_id for room_id, _ in await unit.rooms.occupancy()})
            for room_id in rooms:
                await add_line(unit, room_id, Kind.ANNOUNCED, now, text=text, number=announcement.id)
            unit.record(AnnouncementsChanged(now, announcement.id))
        return announcement, len(rooms)

    async def audience(self) -> int:
        """In how many rooms somebody is now."""
        return len({room_id for room_id, _ in await self._store.view.rooms.occupancy()})

    async def end(self, announcement_id: AnnouncementId) -> bool:
        """Pages show it no longer; whether they did."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            found = await unit.announcements.find(announcement_id)
            if found is None or not is_shown(found, now):
                return False
            await unit.announcements.end(found.id, now)
            unit.record(AnnouncementsChanged(now, found.id))
        return True

    async def list_all(self, *, over: bool = False, before: int = MAX_ID, limit: int = 100) -> list[Announcement]:
        """What pages show now, or with `over` all that is known, the newest first."""
        view = self._store.view.announcements
        return await (view.list_all(before, limit) if over else view.list_shown(self._clock.now()))

    async def forget_old(self) -> int:
        """Those that have been over for long; how many."""
        before = self._clock.now() - KEPT
        return await forget(self._store, lambda unit, limit: unit.announcements.forget(before, limit))
