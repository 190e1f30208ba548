"""Streams of lines: who reads a room from a cursor on, at once or as it happens.

The newest lines of a room that somebody reads stay in memory, with who is inside: reading on from there runs no SQL.
Truth is in the database alone; what others have committed and nobody has told is fetched from it. A cursor is the
`seq` of a line.
"""

import asyncio
from collections import deque
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from beseda.core.attendance import Attendance
from beseda.core.caller import Caller
from beseda.core.ignoring import Ignoring
from beseda.core.patience import patiently
from beseda.core.ports import Bus, Clock, Store
from beseda.core.stream import RING, Stream, Watcher
from beseda.domain.errors import NotInRoom, StoreUnavailable
from beseda.domain.events import AccountChanged, Event, LineAdded, Missed, RoomVanished
from beseda.domain.history import Stay, may_read, skip, stay_before
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.messages import Line, Reader, sees

PAGE = 500
"""Lines that one call reads at most."""
UNREAD_FOR = timedelta(minutes=10)
"""A room that nobody has read for so long is dropped from memory."""

GAP_S = 0.02
"""How long a gap between lines that were told may stay as it is, before it is read."""
AHEAD_MAX = 100_000
"""How far another node may have come that this one has not heard of: a cursor beyond that is nobody's."""


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, oldest first, and the cursor after them: there may be more when `full`. `present` is who is inside now."""

    lines: list[Line]
    cursor: int
    full: bool = False
    present: Set[AccountId] = frozenset()


class Streams:
    def __init__(self, store: Store, clock: Clock, ignoring: Ignoring, attendance: Attendance, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._ignoring = ignoring
        self._attendance = attendance
        self._bus = bus
        self._streams: dict[RoomId, Stream] = {}
        self._behind: dict[RoomId, int] = {}
        """Rooms that are watched and not current, and up to which line they were when that was last looked at."""
        self.catching_up: asyncio.Task[None] | None = None
        """Reads on for those who watch."""

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, LineAdded):
            self.hear(event.line.room_id, event.line.seq, (event.line,))
        elif isinstance(event, RoomVanished):
            stream = self._streams.get(event.room_id)
            if stream is not None and stream.watchers and not stream.is_current:
                stream.vanished = True  # when its last lines have been told
            else:
                self._drop(event.room_id)
        elif isinstance(event, Missed) or (isinstance(event, AccountChanged) and event.renamed):
            for stream in self._streams.values():
                if isinstance(event, Missed) or stream.names(event.account_id):
                    stream.loaded = False
                    self._note_behind(stream)

    def hear(self, room_id: RoomId, head: int, lines: Sequence[Line] = ()) -> None:
        """A room has come to the line `head`; some of its lines, which are durable, in their order."""
        stream = self._streams.get(room_id)
        if stream is None:
            return
        stream.known = max(stream.known, head)
        if stream.loaded:
            for line in lines:
                stream.tell(line)
        elif stream.loading.locked():  # else it could not be read, and whoever asks next reads it whole
            stream.arrived += lines
        if not stream.is_current:
            self._note_behind(stream)

    def _note_behind(self, stream: Stream) -> None:
        if not stream.watchers:
            return
        self._behind.setdefault(stream.room_id, stream.head)
        if self.catching_up is None:
            self.catching_up = asyncio.get_running_loop().create_task(self._catch_up_soon())

    async def _catch_up_soon(self) -> None:
        try:
            while self._behind:
                await asyncio.sleep(GAP_S)
                await self._catch_up(patient=True)
        except StoreUnavailable:
            pass  # still behind: `catch_up` is called again
        finally:
            self.catching_up = None

    async def catch_up(self) -> None:
        """Tell watchers what was not told; to be called every moment."""
        await self._catch_up(patient=False)

    async def _catch_up(self, *, patient: bool) -> None:
        """Who is `patient` gives rooms more time in which something was told meanwhile: so will be the rest."""
        for room_id, head in tuple(self._behind.items()):
            stream = self._streams.get(room_id)
            if stream is None or not stream.watchers:
                self._behind.pop(room_id, None)
            elif patient and stream.loaded and head < stream.head < stream.known:
                self._behind[room_id] = stream.head
            else:
                await self.stream(room_id)
                self._behind.pop(room_id, None)
                if stream.vanished:
                    self._drop(room_id)
                elif not stream.is_current:  # more was told while it was read
                    self._note_behind(stream)

    def __contains__(self, room_id: object) -> bool:
        return room_id in self._streams

    def in_memory(self) -> list[RoomId]:
        """The rooms that this node has to hear of."""
        return list(self._streams)

    async def read(self, caller: Caller, room_id: RoomId, cursor: int | None) -> Page:
        """What the caller sees after `cursor`; None is since the caller's session came in.

        Raises NotSignedIn, NotInRoom (also when there is no such room).
        """
        account, session = caller.signed_in()
        caller.check_room(room_id)
        stream = await self._occupied(room_id, account.id)
        if cursor is None:
            cursor = await self._store.view.messages.entered_seq(room_id, account.id, session.id)
        if cursor is None:
            raise NotInRoom
        stays = await self._stays(stream, account.id, cursor)
        lines, end, full = await self.lines_after(stream, cursor if stays is None else skip(stays, cursor))
        reader = stream.reader(account.id, await self._ignoring.ignored_by(account.id))
        seen = [line for line in lines if sees(line, reader) and (stays is None or may_read(stays, line.seq))]
        return Page(seen, end, full, stream.present)

    async def access_room(self, caller: Caller, room_id: RoomId) -> tuple[Stream, Reader, list[Stay]]:
        """A room that the caller is in, with his eyes, and what he may read of it. Raises NotSignedIn, NotInRoom."""
        account, _ = caller.signed_in()
        caller.check_room(room_id)
        stream = await self._occupied(room_id, account.id)
        reader = stream.reader(account.id, await self._ignoring.ignored_by(account.id))
        return stream, reader, await self._store.view.history.list_stays(room_id, account.id)

    async def _stays(self, stream: Stream, account_id: AccountId, cursor: int) -> Sequence[Stay] | None:
        """Those that count for what comes after a cursor; None when all of that is of this one."""
        first, head = stream.firsts.get(account_id), stream.head
        if first is not None and first <= cursor + 1:
            return None
        stays = await self._store.view.history.list_stays(stream.room_id, account_id)
        if stays and stays[-1].last is None and stream.head == head and account_id in stream.present:
            stream.firsts[account_id] = stays[-1].first
        return stays

    async def _occupied(self, room_id: RoomId, account_id: AccountId) -> Stream:
        """A room that the account is in, and is heard of by reading. Raises NotInRoom."""
        stream = await self.stream(room_id)
        if account_id not in stream.present:
            stream = await self._make_sure(stream)
        if account_id not in stream.present:
            raise NotInRoom
        self._attendance.hear(account_id, self._clock.now(), [room_id])
        return stream

    async def _make_sure(self, stream: Stream) -> Stream:
        """With what this node has not heard of: whoever asks may come from another one, where he did or heard more."""
        if stream.loaded:
            self.hear(stream.room_id, await self._store.view.messages.head(stream.room_id))
        return await self.stream(stream.room_id)

    async def lines_after(self, stream: Stream, cursor: int) -> tuple[list[Line], int, bool]:
        """The lines after a cursor, the cursor after them, and whether there are more."""
        if stream.head < cursor < stream.head + AHEAD_MAX:
            stream = await self._make_sure(stream)
        if cursor >= stream.since:
            lines = stream.after(cursor)
            return lines, stream.head, False
        lines, end = await self._store.view.messages.list_after(stream.room_id, cursor, PAGE)
        return lines, end, end < stream.head

    async def history(self, caller: Caller, room_id: RoomId, before: int | None, limit: int) -> Page:
        """The newest lines before `before` that the caller, who is inside, may read; `cursor` is for the page before.

        A page may hold fewer lines than `limit`, or none, though there are older ones: `full` says so. Raises
        NotSignedIn, NotInRoom.
        """
        stream, reader, stays = await self.access_room(caller, room_id)
        before = stream.head + 1 if before is None else before
        if (stay := stay_before(stays, before)) is None:
            return Page([], 0)
        before = min(before, (stream.head if stay.last is None else stay.last) + 1)
        lines, start = await self._store.view.messages.list_before(room_id, before, min(max(limit, 1), PAGE))
        start = start and max(start, stay.first)
        seen = [line for line in lines if line.seq >= stay.first and sees(line, reader)]
        return Page(seen, start, start > 1 and stay_before(stays, start) is not None)

    def watch(self, room_id: RoomId, watcher: Watcher, cursor: int) -> list[Line] | None:
        """Call `watcher` for every line of a room from now on; the lines between `cursor` and now.

        Nobody is asked who sees them: that is the watcher's part. None, and nothing is watched, when those lines are
        not in memory: `read` on, and ask again.
        """
        stream = self._streams.get(room_id)
        if stream is None or not stream.loaded or cursor < stream.since:
            return None
        stream.watchers.add(watcher)
        if not stream.is_current:
            self._note_behind(stream)
        return stream.after(cursor)

    def unwatch(self, room_id: RoomId, watcher: Watcher) -> None:
        """No more lines for this watcher."""
        stream = self._streams.get(room_id)
        if stream is not None:
            stream.watchers.discard(watcher)

    def reader_now(self, room_id: RoomId, account_id: AccountId, ignored: frozenset[AccountId]) -> Reader:
        """With whose eyes a member reads a room that is in memory."""
        stream = self._streams.get(room_id)
        return stream.reader(account_id, ignored) if stream else Reader(account_id, ignored)

    async def stream(self, room_id: RoomId) -> Stream:
        """A room in memory, up to date. A room that does not exist is an empty one, not kept."""
        stream = self._streams.get(room_id)
        if stream is not None and stream.is_current:
            stream.read_at = self._clock.now()
            return stream
        if stream is None:
            stream = Stream(room_id, self._clock.now())
            if not 0 < room_id <= MAX_ID or await self._store.view.rooms.find(room_id) is None:
                return stream
            self._bus.follow(room_id)
            stream = self._streams.setdefault(room_id, stream)
        async with patiently(stream.loading):
            if not stream.is_current:
                await self._load(stream)
        stream.read_at = self._clock.now()
        return stream

    async def _load(self, stream: Stream) -> None:
        """Read from the database what is new, but not what was told; the first time, what the ring holds, and who is
        inside."""
        known, messages = stream.known, self._store.view.messages
        if not stream.loaded:
            head = await messages.head(stream.room_id)
            if not stream.head or head < stream.head:  # less than there was: a database that was restored
                stream.head = head
            lines, oldest = await messages.list_before(stream.room_id, stream.head + 1, RING)
            stream.since, stream.lines = max(oldest - 1, 0), deque(lines)
        full = True
        while full and not (stream.loaded and stream.head >= known):
            before, limit = stream.head, stream.missing
            lines, end = await messages.list_after(stream.room_id, before, limit)
            full = end - before >= limit
            stream.add_page(lines, end)
        if not stream.loaded:
            occupants = await self._store.view.rooms.occupants(stream.room_id)
            lifts: dict[AccountId, set[AccountId]] = {}
            for muted_id, hearer_id in await messages.list_lifts(stream.room_id):
                lifts.setdefault(muted_id, set()).add(hearer_id)
            stream.present, stream.lifts = {o.account.id for o in occupants}, lifts
            stream.firsts = {o.account.id: o.first_seq for o in occupants}
        stream.note_loaded(known)

    async def drop_unread(self) -> None:
        """Forget rooms that nobody reads."""
        before = self._clock.now() - UNREAD_FOR
        for room_id, stream in list(self._streams.items()):
            if not stream.watchers and stream.read_at < before:
                self._drop(room_id)

    def _drop(self, room_id: RoomId) -> None:
        if self._streams.pop(room_id, None) is not None:
            self._bus.unfollow(room_id)
