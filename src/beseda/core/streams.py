"""Streams of lines: who reads a room from a cursor on, at once or as it happens.

The newest lines of a room that somebody reads stay in memory, with who is inside: reading on from there runs no SQL.
Truth is in the database alone; what others have committed is fetched from it. A cursor is the `seq` of a line.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.core.attendance import Attendance
from beseda.core.caller import Caller
from beseda.core.ignoring import Ignoring
from beseda.core.patience import patiently
from beseda.core.ports import Clock, Store
from beseda.domain.errors import NotInRoom
from beseda.domain.events import Event, LineAdded, RoomVanished
from beseda.domain.history import Stay, may_read, skip, stay_before
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line, Reader, entombed, sees

RING = 256
"""Lines of a room kept in memory."""
PAGE = 500
"""Lines that one call reads at most."""
UNREAD_FOR = timedelta(minutes=10)
"""A room that nobody has read for so long is dropped from memory."""

UNLOADED, STALE = -1, -2
"""In place of the store's generation that a stream is up to date with."""

Watcher = Callable[[Line], None]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, oldest first, and the cursor after them: there may be more when `full`. `present` is who is inside now."""

    lines: list[Line]
    cursor: int
    full: bool = False
    present: Set[AccountId] = frozenset()


class Stream:
    """A room in memory. Every line after `since` and up to `head` is in `lines`."""

    __slots__ = (
        "_before_gap",
        "_early",
        "arrived",
        "firsts",
        "generation",
        "head",
        "lifts",
        "lines",
        "loading",
        "present",
        "read_at",
        "room_id",
        "since",
        "watchers",
    )

    def __init__(self, room_id: RoomId, now: datetime) -> None:
        self.room_id = room_id
        self.lines: deque[Line] = deque()
        self.since = 0
        self.head = 0
        self.generation = UNLOADED
        self._before_gap = UNLOADED
        self._early: dict[int, Line] = {}
        """Lines after one that has not been told: of two commits the later one may be told first."""
        self.arrived: list[Line] = []
        """Lines committed while the rest was being loaded."""
        self.present: set[AccountId] = set()
        self.firsts: dict[AccountId, int] = {}
        """The first line that some of those present may read of this stay."""
        self.lifts: dict[AccountId, set[AccountId]] = {}
        self.watchers: set[Watcher] = set()
        self.loading = asyncio.Lock()
        self.read_at = now

    def add(self, line: Line) -> None:
        """The next line. One that is here already is passed over."""
        if line.seq <= self.head:
            return
        self.lines.append(line)
        self.head = line.seq
        if len(self.lines) > RING:
            self.since = self.lines.popleft().seq
        self._apply(line)
        for watcher in tuple(self.watchers):
            watcher(line)

    def tell(self, line: Line) -> None:
        """A line that is durable. While some before it are missing, the stream is stale: others may have them."""
        if line.seq > self.head + 1:
            if self.generation != STALE:
                self._before_gap, self.generation = self.generation, STALE
            self._early[line.seq] = line
            if len(self._early) > RING:  # those in between are others': the database has them
                self._early, self._before_gap = {}, STALE
            return
        self.add(line)
        while self._early:
            if (following := self._early.pop(self.head + 1, None)) is None:
                return
            self.add(following)
        if self.generation == STALE:
            self.generation = self._before_gap

    def is_read(self, generation: int) -> None:
        """It holds all that there was, and what has been told meanwhile comes after that."""
        self.generation = generation
        early, self._early, arrived, self.arrived = self._early, {}, self.arrived, []
        for line in sorted([*early.values(), *arrived], key=lambda line: line.seq):
            self.tell(line)

    def _apply(self, line: Line) -> None:
        """What a line means for those that came before it, and for who is here."""
        actor_id = line.actor.id if line.actor else AccountId(0)
        target_id = line.target.id if line.target else AccountId(0)
        match line.kind:
            case Kind.ENTERED:
                self.present.add(actor_id)
            case Kind.LEFT | Kind.AUTO_LEFT:
                self._take_out(actor_id)
            case Kind.KICKED:
                self._take_out(target_id)
            case Kind.MUTED:
                self.lifts.pop(target_id, None)
            case Kind.UNMUTED:
                self.lifts.setdefault(target_id, set()).add(actor_id)
            case Kind.LINE_DELETED:
                self._entomb(lambda found: found.seq == line.number)
            case Kind.LINES_DELETED:
                self._entomb(lambda found: found.actor is not None and found.actor.id == target_id)

    def _take_out(self, account_id: AccountId) -> None:
        self.present.discard(account_id)
        self.firsts.pop(account_id, None)

    def _entomb(self, deleted: Callable[[Line], bool]) -> None:
        for index, line in enumerate(self.lines):
            if line.kind is Kind.TEXT and line.hidden is not Hidden.DELETED and deleted(line):
                self.lines[index] = entombed(line)

    def after(self, cursor: int) -> list[Line]:
        """The lines after `cursor`, which is at least `since`."""
        newer: list[Line] = []
        for line in reversed(self.lines):
            if line.seq <= cursor:
                break
            newer.append(line)
        newer.reverse()
        return newer

    def reader(self, account_id: AccountId, ignored: frozenset[AccountId]) -> Reader:
        """Somebody with his ignores and the mutes that he lifted."""
        lifted = frozenset(muted for muted, hearers in self.lifts.items() if account_id in hearers)
        return Reader(account_id, ignored, lifted)


class Streams:
    def __init__(self, store: Store, clock: Clock, ignoring: Ignoring, attendance: Attendance) -> None:
        self._store = store
        self._clock = clock
        self._ignoring = ignoring
        self._attendance = attendance
        self._streams: dict[RoomId, Stream] = {}

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, LineAdded):
            stream = self._streams.get(event.line.room_id)
            if stream is None:
                return
            if stream.loading.locked():
                stream.arrived.append(event.line)
            elif stream.generation == UNLOADED:
                pass  # it could not be read; whoever asks next reads it whole
            else:
                stream.tell(event.line)
        elif isinstance(event, RoomVanished):
            self._streams.pop(event.room_id, None)

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
        lines, end, full = await self.lines_after(stream, skip(stays, cursor))
        reader = stream.reader(account.id, await self._ignoring.ignored_by(account.id))
        seen = [line for line in lines if sees(line, reader) and may_read(stays, line.seq)]
        return Page(seen, end, full, stream.present)

    async def look(self, caller: Caller, room_id: RoomId) -> tuple[Stream, Reader, list[Stay]]:
        """A room that the caller is in, with his eyes, and what he may read of it. Raises NotSignedIn, NotInRoom."""
        account, _ = caller.signed_in()
        caller.check_room(room_id)
        stream = await self._occupied(room_id, account.id)
        reader = stream.reader(account.id, await self._ignoring.ignored_by(account.id))
        return stream, reader, await self._store.view.history.list_stays(room_id, account.id)

    async def _stays(self, stream: Stream, account_id: AccountId, cursor: int) -> Sequence[Stay]:
        """Those that count for what comes after a cursor: asked of the database only when it lies before this one."""
        first, head = stream.firsts.get(account_id), stream.head
        if first is not None and first <= cursor + 1:
            return (Stay(first),)
        stays = await self._store.view.history.list_stays(stream.room_id, account_id)
        if stays and stays[-1].last is None and stream.head == head and account_id in stream.present:
            stream.firsts[account_id] = stays[-1].first
        return stays

    async def _occupied(self, room_id: RoomId, account_id: AccountId) -> Stream:
        """A room that the account is in, and is heard of by reading. Raises NotInRoom."""
        stream = await self.stream(room_id)
        if account_id not in stream.present:
            raise NotInRoom
        self._attendance.note(account_id, self._clock.now(), [room_id])
        return stream

    async def lines_after(self, stream: Stream, cursor: int) -> tuple[list[Line], int, bool]:
        """The lines after a cursor, the cursor after them, and whether there are more."""
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
        stream, reader, stays = await self.look(caller, room_id)
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
        if stream is None or stream.generation != self._store.generation or cursor < stream.since:
            return None
        stream.watchers.add(watcher)
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
        if stream is not None and stream.generation == self._store.generation:
            stream.read_at = self._clock.now()
            return stream
        if stream is None:
            stream = Stream(room_id, self._clock.now())
            if not 0 < room_id <= MAX_ID or await self._store.view.rooms.find(room_id) is None:
                return stream
            stream = self._streams.setdefault(room_id, stream)
        async with patiently(stream.loading):
            while stream.generation != self._store.generation:
                await self._load(stream)
        stream.read_at = self._clock.now()
        return stream

    async def _load(self, stream: Stream) -> None:
        """Read what is new from the database; the first time, what the ring holds."""
        messages, generation = self._store.view.messages, self._store.generation
        if stream.generation == UNLOADED:
            stream.head = await messages.head(stream.room_id)
            lines, oldest = await messages.list_before(stream.room_id, stream.head + 1, RING)
            stream.since, stream.lines = max(oldest - 1, 0), deque(lines)
        while True:
            lines, read_up_to = await messages.list_after(stream.room_id, stream.head, RING)
            if read_up_to == stream.head:
                break
            for line in lines:
                stream.add(line)
            stream.head = read_up_to
        occupants = await self._store.view.rooms.occupants(stream.room_id)
        lifts: dict[AccountId, set[AccountId]] = {}
        for muted_id, hearer_id in await messages.list_lifts(stream.room_id):
            lifts.setdefault(muted_id, set()).add(hearer_id)
        stream.present, stream.lifts = {o.account.id for o in occupants}, lifts
        stream.firsts = {o.account.id: o.first_seq for o in occupants}
        stream.is_read(generation)

    async def catch_up(self) -> None:
        """Tell watchers what other nodes have committed; to be called every moment."""
        for stream in list(self._streams.values()):
            if stream.watchers and stream.generation != self._store.generation:
                await self.stream(stream.room_id)

    async def drop_unread(self) -> None:
        """Forget rooms that nobody reads."""
        before = self._clock.now() - UNREAD_FOR
        for room_id, stream in list(self._streams.items()):
            if not stream.watchers and stream.read_at < before:
                del self._streams[room_id]
