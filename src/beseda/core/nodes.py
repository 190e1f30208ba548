"""This node among the others on one database: it hears what they have done, and tells them what it did.

What nodes tell each other for sure is in the database: the journal of events, and the lines of rooms. Each node reads
on from its own cursors and gives what it finds to the same feed as its own deeds. A hint on the bus says when to read,
and spares it for small lines; without hints everything is looked at once in EVERY_S, at the cost of two statements.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

from beseda.core.feed import Feed
from beseda.core.forgetting import forget
from beseda.core.hints import LINES_MAX, Hint, HintCodec, HintRefused, RoomHint, room_hint
from beseda.core.kept import Kept
from beseda.core.patience import patiently
from beseda.core.ports import Bus, Clock, Store
from beseda.core.streams import Streams
from beseda.domain.accounts import Account
from beseda.domain.errors import StoreUnavailable
from beseda.domain.events import AccountChanged, Event, LineAdded, Missed, is_for_all_nodes
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Line

EVERY_S = 1.0
"""How late a node hears what no hint has told it."""
KEPT_FOR = timedelta(hours=1)
"""How long the journal is kept: a node that was away for longer begins anew with whatever it remembers."""
READ_AT_ONCE = 500
HINT_EVERY_S = 0.005
"""How soon after a hint the next one: what a busy node does meanwhile is told by one."""


class Nodes:
    """`note` and `forget` are subscribed to the feed, the former for this node's own events."""

    PEOPLE = 20_000
    """Members whose lines are told by hints."""

    def __init__(self, store: Store, clock: Clock, feed: Feed, streams: Streams, bus: Bus, codec: HintCodec) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self._streams = streams
        self._codec = codec
        self.bus = bus
        self._cursor: int | None = None
        self._is_due = False
        self._look_at_s = 0.0
        self._reading = asyncio.Lock()
        self._working: asyncio.Task[None] | None = None
        self._people: Kept[AccountId, Account | None] = Kept(
            lambda account_id: self._store.view.accounts.find(account_id), self.PEOPLE
        )
        self._strange: list[tuple[RoomHint, set[AccountId]]] = []
        """Hints with lines by strangers, and who these are."""
        self._heads: dict[RoomId, int] = {}
        self._lines: list[Line] = []
        self._journal_moved = False
        self._telling: asyncio.Task[None] | None = None
        self._is_over = False
        self.sent = self.heard = self.refused = self.events = 0

    async def start(self) -> None:
        """From here on what others do is heard: before anything is read that may be remembered."""
        _, self._cursor = await self._store.view.journal.span()
        await self.bus.start(self.hear)

    async def stop(self) -> None:
        """Tell the others what is to be told. What is done from now on they find by themselves, a second later."""
        self._is_over = True
        if self._telling is not None:
            await asyncio.wait((self._telling,))
        for task in (self._working, self._streams.catching_up):
            if task is not None:
                task.cancel()
                await asyncio.wait((task,))
        await self.bus.close()

    def note(self, event: Event) -> None:
        """What this node did is told in the next turn of the loop, together with what else it did."""
        if self._is_over or not self.bus.payload_max:
            return
        if isinstance(event, LineAdded):
            line = event.line
            self._heads[line.room_id] = max(line.seq, self._heads.get(line.room_id, 0))
            if len(self._lines) <= LINES_MAX:
                self._lines.append(line)
        self._journal_moved |= is_for_all_nodes(event)
        if self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    def forget(self, event: Event) -> None:
        """What is known of a member may have changed."""
        if isinstance(event, AccountChanged):
            self._people.drop(event.account_id)
        elif isinstance(event, Missed):
            self._people.clear()

    async def _tell(self) -> None:
        try:
            while self._heads or self._journal_moved:
                await self.bus.send([*self._take_hints()])
                await asyncio.sleep(HINT_EVERY_S)
        finally:
            self._telling = None

    def _take_hints(self) -> Iterator[tuple[RoomId | None, bytes]]:
        heads, lines, journal = self._heads, self._lines, self._journal_moved
        self._heads, self._lines, self._journal_moved = {}, [], False
        told: dict[RoomId, list[Line]] = {room_id: [] for room_id in heads}
        if len(lines) <= LINES_MAX:
            for line in lines:
                told[line.room_id].append(line)
        rooms = tuple(room_hint(room_id, seq, told[room_id]) for room_id, seq in heads.items())
        topics: list[tuple[RoomId | None, Hint]] = [(None, Hint(self._store.node, journal, rooms))]
        if self.bus.by_room:
            topics = [(None, Hint(self._store.node, journal))] if journal else []
            topics += [(room.room_id, Hint(self._store.node, journal=False, rooms=(room,))) for room in rooms]
        for topic, hint in topics:
            for payload in self._codec.encode(hint, self.bus.payload_max):
                self.sent += 1
                yield topic, payload

    def hear(self, payload: bytes) -> None:
        """A hint has come, whose ever it is."""
        try:
            hint = self._codec.decode(payload, self._streams)
        except HintRefused:
            self.refused += 1
            return
        if hint.node == self._store.node:
            return
        self.heard += 1
        for room in hint.rooms:
            if room.room_id in self._streams and (strangers := self._hear_lines(room)):
                self._strange.append((room, strangers))
        self._is_due |= hint.journal
        if (self._is_due or self._strange) and self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    def _hear_lines(self, room: RoomHint) -> set[AccountId]:
        """The lines of those whom this node knows; who the others are."""
        lines, strangers = [], set[AccountId]()
        for each in room.lines:
            people = [self._people.now(who) if who else None for who in (each.actor_id, each.target_id)]
            strange = {who for who in (each.actor_id, each.target_id) if who} - {one.id for one in people if one}
            strangers |= strange
            if not strange:
                lines.append(each.line(room.room_id, *people))
        self._streams.hear(room.room_id, room.seq, lines)
        return strangers

    async def _work(self) -> None:
        try:
            while self._is_due or self._strange:
                if self._is_due:
                    await self._read_journal()
                else:
                    await self._get_to_know()
        except StoreUnavailable:
            self._strange.clear()  # the journal is still due: `look` tries again
        finally:
            self._working = None

    async def _get_to_know(self) -> None:
        """Those whose lines were heard before they were known."""
        hints, self._strange = self._strange, []
        await asyncio.gather(*map(self._people.get, set[AccountId]().union(*(strangers for _, strangers in hints))))
        for room, _ in hints:
            self._hear_lines(room)

    def slowed(self) -> dict[str, str]:
        """Why others are heard late, by part; empty when they are not."""
        return {"bus": self.bus.trouble} if self.bus.trouble else {}

    async def look(self) -> None:
        """Read on when hints may have been lost, or it is time; to be called every moment."""
        others_wrote = await self.bus.look()
        if others_wrote or self._is_due or monotonic() >= self._look_at_s:
            await self.catch_up()

    async def catch_up(self) -> None:
        """Hear all that others have done until now."""
        async with patiently(self._reading):
            oldest, newest = await self._store.view.journal.span()
            if self._cursor is None or newest < self._cursor or max(self._cursor, 1) < oldest:
                self._begin_anew(newest)
            self._is_due = False
            if newest > (self._cursor or 0):
                await self._read_pages()
                self._cursor = max(self._cursor or 0, newest)
        for room_id, head in (await self._store.view.messages.heads(self._streams.in_memory())).items():
            self._streams.hear(room_id, head)
        await self._streams.catch_up()
        self._look_at_s = monotonic() + EVERY_S

    async def _read_journal(self) -> None:
        async with patiently(self._reading):
            await self._read_pages()

    async def _read_pages(self) -> None:
        self._is_due, full = False, True
        try:
            while full:
                page = await self._store.view.journal.list_after(self._cursor or 0, self._store.node, READ_AT_ONCE)
                if page.gap:
                    self._begin_anew(page.cursor)
                self._cursor, full = page.cursor, page.full
                self.events += len(page.events)
                self._feed.publish_others(page.events)
        except StoreUnavailable:
            self._is_due = True
            raise

    def _begin_anew(self, cursor: int) -> None:
        """This node has not heard everything: nothing that it remembers need be true."""
        self._cursor = cursor
        self._feed.publish_others([Missed(self._clock.now())])

    async def forget_old(self) -> int:
        """Remove from the journal what all nodes have read; how much."""
        before = self._clock.now() - KEPT_FOR
        return await forget(self._store, lambda unit, limit: unit.journal.forget(before, limit))
