"""A room in memory: its newest lines, who is inside, and who follows."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line, Reader, entombed

RING = 256
"""Lines of a room kept in memory."""
EARLY_MAX = 2048
"""Lines that wait for those before them."""

Watcher = Callable[[Line], None]


class Stream:
    """A room in memory. Every line after `since` and up to `head` is in `lines`; one of the number `known` exists."""

    __slots__ = (
        "_early",
        "arrived",
        "firsts",
        "head",
        "known",
        "lifts",
        "lines",
        "loaded",
        "loading",
        "present",
        "read_at",
        "room_id",
        "since",
        "vanished",
        "watchers",
    )

    def __init__(self, room_id: RoomId, now: datetime) -> None:
        self.room_id = room_id
        self.lines: deque[Line] = deque()
        self.since = 0
        self.head = 0
        self.known = 0
        self.loaded = False
        self.vanished = False
        self._early: dict[int, Line] = {}
        """Lines after one that has not been told: of two commits the later one may be told first."""
        self.arrived: list[Line] = []
        """Lines told while it was being loaded."""
        self.present: set[AccountId] = set()
        self.firsts: dict[AccountId, int] = {}
        """The first line that some of those present may read of this stay."""
        self.lifts: dict[AccountId, set[AccountId]] = {}
        self.watchers: set[Watcher] = set()
        self.loading = asyncio.Lock()
        self.read_at = now

    @property
    def is_current(self) -> bool:
        """Whether it holds all that this node has heard of."""
        return self.loaded and self.head >= self.known

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
        """A line that is durable. While some before it are missing, the stream is not current."""
        self.known = max(self.known, line.seq)
        if line.seq > self.head + 1:
            self._early[line.seq] = line
            if len(self._early) > EARLY_MAX:  # the database has them
                self._early = {}
            return
        self.add(line)
        self._go_on()

    def _go_on(self) -> None:
        """Those that waited, and are next now."""
        while self._early and (following := self._early.pop(self.head + 1, None)) is not None:
            self.add(following)

    @property
    def missing(self) -> int:
        """How many lines are to be read next, at most RING: none of those that wait already."""
        first = min((seq for seq in self._early if seq > self.head + 1), default=self.head + 1 + RING)
        return min(first - self.head - 1, RING)

    def add_page(self, lines: Iterable[Line], end: int) -> None:
        """These are all lines from the next one to `end`: those that nobody here can read are passed over."""
        for line in lines:
            self.add(line)
        self.head = max(self.head, end)
        self._go_on()

    def note_loaded(self, known: int) -> None:
        """It holds all that there was when `known` was known; what has been told meanwhile comes after that."""
        self.loaded = True
        if self.known == known:
            self.known = self.head
        early, self._early, arrived, self.arrived = self._early, {}, self.arrived, []
        for line in sorted([*early.values(), *arrived], key=lambda line: line.seq):
            self.tell(line)

    def _apply(self, line: Line) -> None:
        """What a line means for those that came before it, and for who is here."""
        if line.kind is Kind.TEXT:
            return
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

    def names(self, account_id: AccountId) -> bool:
        """Whether one of the lines in memory tells of somebody."""
        return any(who.id == account_id for line in self.lines for who in (line.actor, line.target) if who is not None)

    def after(self, cursor: int) -> list[Line]:
        """The lines after `cursor`, which is at least `since`."""
        newer: list[Line] = []
        for line in reversed(self.lines):
            if line.seq <= cursor:
                break
            newer.append(line)
        newer.reverse()
        return newer

    def entered(self, account_id: AccountId) -> int:
        """The line with which somebody came in last, as far as memory goes back; 0 for none."""
        for line in reversed(self.lines):
            if line.kind is Kind.ENTERED and line.actor is not None and line.actor.id == account_id:
                return line.seq
        return 0

    def reader(self, account_id: AccountId, ignored: frozenset[AccountId]) -> Reader:
        """Somebody with his ignores and the mutes that he lifted."""
        if not self.lifts:
            return Reader(account_id, ignored)
        lifted = frozenset(muted for muted, hearers in self.lifts.items() if account_id in hearers)
        return Reader(account_id, ignored, lifted)
