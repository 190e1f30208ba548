"""What runs while a server does: what it hears, what it does every so often, how it starts and how it stops."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from beseda.core.feed import Feed, Subscriber
from beseda.core.leases import Lease
from beseda.core.patience import be_patient
from beseda.core.ports import Clock
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable
from beseda.server.background import each

GIVE_UP_S = 1.0
"""How long a server that stops waits for the database to be told so."""
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Chore:
    """What time itself brings about. Done at every turn of the housekeeping, or once in `every`, by the clock."""

    work: Work
    every: timedelta = timedelta(0)
    alone: bool = False
    """Done by one node for all, and by another when that one is gone."""


async def _nothing() -> None:
    pass


async def _stop_nothing(drain_s: float) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A listener, the sockets of a protocol, the bus, a name server: nothing of this has to be there."""

    hears: Subscriber | None = None
    """What it does of each event."""
    looks: Work | None = None
    """Looks for what other processes on the same database have done; every moment."""
    chores: tuple[Chore, ...] = ()
    start: Work = _nothing
    let_go: Callable[[], None] | None = None
    """The server is about to stop: whatever would hold up the requests under way is let go of."""
    stop: Callable[[float], Awaitable[None]] = _stop_nothing
    """Take nothing new, and finish what is under way within so many seconds."""


def _letting_go(service: Service) -> Work:
    async def let_go() -> None:
        if service.let_go is not None:
            service.let_go()

    return let_go


@dataclass(slots=True)
class Services:
    """All of a server's, in the order in which they start, work, and stop."""

    clock: Clock
    all: tuple[Service, ...]
    lease: Lease
    _done_at: dict[Chore, datetime] = field(default_factory=dict)

    async def start(self, feed: Feed) -> None:
        now = self.clock.now()
        for service in self.all:
            if service.hears is not None:
                feed.subscribe(service.hears)
            self._done_at |= dict.fromkeys(service.chores, now)
        for service in self.all:
            await service.start()

    async def look_for_others(self) -> None:
        await each(*(service.looks for service in self.all if service.looks is not None))

    async def housekeeping(self) -> None:
        """Every chore that is due; one that fails holds up no other, and stays due."""
        now = self.clock.now()
        due = [chore for chore in self._chores() if now - self._done_at[chore] >= chore.every]
        await each(*(self._do(chore, now) for chore in due if not chore.alone), lambda: self._do_alone(due, now))

    async def _do_alone(self, due: Sequence[Chore], now: datetime) -> None:
        if await self.lease.is_mine():
            await each(*(self._do(chore, now) for chore in due if chore.alone))

    def _chores(self) -> Iterable[Chore]:
        return (chore for service in self.all for chore in service.chores)

    def _do(self, chore: Chore, now: datetime) -> Work:
        async def do() -> None:
            await chore.work()
            self._done_at[chore] = now

        return do

    async def stop(self, drain_s: float) -> None:
        """One that fails holds up no other: what it could not do is told when all the rest is done."""
        let_go = map(_letting_go, self.all)
        stop = (partial(service.stop, drain_s) for service in self.all)
        await each(*let_go, *stop, lambda: asyncio.create_task(self._give_up()))

    async def _give_up(self) -> None:
        """If that cannot be, the others wait a little longer."""
        be_patient(GIVE_UP_S)
        with suppress(StoreUnavailable, OutcomeUnknown):
            await self.lease.give_up()
