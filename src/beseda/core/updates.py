"""Carries updates to whoever speaks for members' own clients.

An update is a row, written in the deed that it tells of. A commit is only the hint to read on from where one is: so
every update comes once and in the order of its id, whichever node it was written on, and a client that was away asks
for what came after its cursor.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from beseda.core.forgetting import forget
from beseda.core.patience import patiently
from beseda.core.ports import Clock, Store, Unit
from beseda.core.ports.mail import NewUpdate
from beseda.domain.accounts import Account
from beseda.domain.errors import StoreUnavailable
from beseda.domain.events import Event, Missed, Updated
from beseda.domain.ids import MAX_ID, AccountId, UpdateId
from beseda.domain.updates import KEPT_FOR, Update, UpdateKind

READ_AT_ONCE = 500
MAIL, JOURNAL = "mail", "journal"
"""What counters count."""

Watcher = Callable[[Update], None]


class Updates:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._watchers: list[Watcher] = []
        self._head = UpdateId(0)
        self._is_due = self._missed = False
        self._reading = asyncio.Lock()
        self._working: asyncio.Task[None] | None = None

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, Updated | Missed) and self._watchers:
            self._is_due = True
            self._missed |= isinstance(event, Missed)
            if self._working is None:
                self._working = asyncio.get_running_loop().create_task(self._work())

    async def watch(self, watcher: Watcher) -> None:
        """Call `watcher` for every update of any member that becomes durable after this has returned."""
        async with patiently(self._reading):
            if watcher in self._watchers:
                return
            if not self._watchers:
                self._head = await self._store.view.updates.head()
            self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        if watcher in self._watchers:
            self._watchers.remove(watcher)

    async def catch_up(self) -> None:
        """Tell what could not be read before; to be called every moment."""
        if self._watchers and self._is_due:
            await self._read_on()

    async def settle(self) -> None:
        """Everything that is durable has been told: for tests."""
        if self._watchers:
            await self._read_on()

    async def list_after(self, account_id: AccountId, cursor: UpdateId) -> list[Update]:
        """The oldest updates of a member after a cursor."""
        cursor = UpdateId(min(cursor, MAX_ID))
        return await self._store.view.updates.list_of(account_id, cursor, READ_AT_ONCE)

    async def list_since(self, account_id: AccountId, since: datetime) -> list[Update]:
        """The oldest updates of a member from a moment on."""
        return await self._store.view.updates.list_since(account_id, since, READ_AT_ONCE)

    async def head(self) -> UpdateId:
        """The cursor after all that there is."""
        return await self._store.view.updates.head()

    async def forget_old(self) -> int:
        """Remove updates that no client asks for any more; how many."""
        before = self._clock.now() - KEPT_FOR
        return await forget(self._store, lambda unit, limit: unit.updates.forget(before, limit))

    async def _work(self) -> None:
        try:
            while self._is_due:
                await self._read_on()
        except StoreUnavailable:
            pass  # still due: catch_up tries again
        finally:
            self._working = None

    async def _read_on(self) -> None:
        async with patiently(self._reading):
            self._is_due, full = False, True
            try:
                if self._missed:  # of a database that was restored ids may come again
                    self._head, self._missed = min(self._head, await self.head()), False
                while full:
                    updates, end, full = await self._store.view.updates.list_after(self._head, READ_AT_ONCE)
                    for update in updates:
                        self._head = update.id
                        for watcher in tuple(self._watchers):
                            watcher(update)
                    self._head = end
            except StoreUnavailable:
                self._is_due = True
                raise


def tell(
    unit: Unit,
    account_id: AccountId,
    kind: UpdateKind,
    now: datetime,
    *,
    contact_id: int = 0,
    letter_id: int = 0,
    other: Account | None = None,
    number: int = 0,
    text: str = "",
) -> None:
    """Within a deed: an update for a member's own clients."""
    other_id = other.id if other else None
    unit.tell(NewUpdate(account_id, kind, now, contact_id, letter_id, other_id, number, text))
    unit.record(Updated(now, account_id))


@asynccontextmanager
async def telling_mail_count(unit: Unit, now: datetime, *account_ids: AccountId) -> AsyncIterator[None]:
    """Around a part of a deed: if other letters are new after it than before, members' clients are told how many.

    Whatever may change the count stands inside: what is told must not depend on who thinks of it where.
    """
    before = await unit.mail.counts_new(account_ids)
    yield
    after = await unit.mail.counts_new(account_ids)
    for account_id, number, known in zip(account_ids, after, before, strict=True):
        if number != known:
            tell(unit, account_id, UpdateKind.COUNTER, now, number=number, text=MAIL)
