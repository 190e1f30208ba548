"""Durable group commit: units run one after another in an open transaction, and share its commit.

A unit is a savepoint. When no further unit is ready, the transaction is committed off the event loop, and only then
does leaving the unit return: acknowledged means durable. While a commit is under way the next units gather for the
next one. Events that units recorded are published after the commit, in its order.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol

from beseda.adapters.sql.accounts import SqlAccounts
from beseda.adapters.sql.apps import SqlApps
from beseda.adapters.sql.domains import SqlDomains
from beseda.adapters.sql.ledger import SqlLedger
from beseda.adapters.sql.rooms import SqlRooms
from beseda.adapters.sql.sessions import SqlSessions
from beseda.adapters.sql.statements import Connection
from beseda.domain.errors import StoreUnavailable
from beseda.domain.events import Event

Publish = Callable[[Sequence[Event]], None]


class Database(Protocol):
    """One engine: a connection that writes, one that reads what is committed, and the transaction of the former.

    All raise StoreUnavailable when the database is away, full or broken.
    """

    generation: int
    """See Store.generation."""

    @property
    def reader(self) -> Connection: ...
    @property
    def writer(self) -> Connection: ...

    async def begin(self) -> None:
        """Open a transaction and shut out every other writer, of other processes too."""
        ...

    async def savepoint(self) -> None: ...

    async def rollback_to_savepoint(self) -> None: ...

    async def commit(self) -> None:
        """Make the transaction durable."""
        ...

    async def rollback(self) -> None: ...

    async def look_for_others(self) -> None:
        """Change `generation` if another connection has committed; to be called every moment."""
        ...

    async def close(self) -> None: ...


class SqlRepositories:
    """The repositories over one connection."""

    __slots__ = ("accounts", "apps", "domains", "ledger", "rooms", "sessions")

    def __init__(self, connection: Connection) -> None:
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.apps = SqlApps(connection)
        self.rooms = SqlRooms(connection)
        self.domains = SqlDomains(connection)
        self.ledger = SqlLedger(connection)


class _Turn:
    """A lock that is handed over in the order of asking."""

    __slots__ = ("_queue", "taken")

    def __init__(self) -> None:
        self.taken = False
        self._queue: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        if not self.taken:
            self.taken = True
            return
        ready = asyncio.get_running_loop().create_future()
        self._queue.append(ready)
        try:
            await ready
        except asyncio.CancelledError:
            if ready.done() and not ready.cancelled():
                self.give()
            raise

    def give(self) -> None:
        while self._queue:
            if not (ready := self._queue.popleft()).done():
                ready.set_result(None)
                return
        self.taken = False


class _Batch:
    """The units that share a commit."""

    __slots__ = ("closing", "events", "waiters")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.waiters: list[asyncio.Future[None]] = []
        self.closing = False

    def end(self, error: Exception | None) -> None:
        """Tell all units how the commit went."""
        for waiter in self.waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)


class SqlStore:
    """The core's Store over a Database."""

    BATCH_MAX = 256
    """Units after which a transaction is committed though more are ready."""

    def __init__(self, database: Database, publish: Publish) -> None:
        self._database = database
        self._publish = publish
        self._view = SqlRepositories(database.reader)
        self._write = SqlRepositories(database.writer)
        self._turn = _Turn()
        self._batch: _Batch | None = None
        self._finishing: set[asyncio.Task[None]] = set()
        self.commits = 0
        self.units = 0

    @property
    def view(self) -> SqlRepositories:
        return self._view

    @property
    def generation(self) -> int:
        return self._database.generation

    def unit(self) -> "SqlUnit":
        return SqlUnit(self, self._write)

    async def close(self) -> None:
        """Commit what is under way, then close the database."""
        await self._turn.take()
        if self._batch is not None:
            self._finish_soon(self._batch)
        while self._finishing:
            await asyncio.gather(*self._finishing)
        await self._database.close()

    async def enter(self) -> None:
        """Wait for the turn of one unit, and give it a savepoint in the open transaction."""
        await self._turn.take()
        try:
            if self._batch is None:
                await self._database.begin()
                self._batch = _Batch()
            await self._database.savepoint()
        except BaseException:
            self._let_next_in()
            raise

    async def leave(self, events: list[Event]) -> None:
        """A unit is done: let the next one in, and wait for the commit."""
        batch = self._open_batch()
        committed = asyncio.get_running_loop().create_future()
        batch.waiters.append(committed)
        batch.events += events
        if len(batch.waiters) >= self.BATCH_MAX:
            self._finish_soon(batch)
        else:
            self._let_next_in()
        await committed

    async def fail(self) -> None:
        """A unit was refused: take back what it wrote, keep the others of the transaction if that is possible."""
        try:
            await self._database.rollback_to_savepoint()
        except StoreUnavailable as error:
            batch, self._batch = self._open_batch(), None
            batch.end(error)
            await self._database.rollback()
        finally:
            self._let_next_in()

    def _open_batch(self) -> _Batch:
        if self._batch is None:
            raise RuntimeError("a unit outlived its transaction")
        return self._batch

    def _let_next_in(self) -> None:
        """Hand on the turn; commit at the end of this turn of the loop, unless another unit comes first."""
        self._turn.give()
        if self._batch is not None and not self._batch.closing:
            self._batch.closing = True
            asyncio.get_running_loop().call_soon(self._close, self._batch)

    def _close(self, batch: _Batch) -> None:
        batch.closing = False
        if batch is self._batch and not self._turn.taken:
            self._turn.taken = True
            self._finish_soon(batch)

    def _finish_soon(self, batch: _Batch) -> None:
        """Commit the transaction in a task of its own, which holds the turn: no unit's cancellation can stop it."""
        self._batch = None
        task = asyncio.get_running_loop().create_task(self._finish(batch))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _finish(self, batch: _Batch) -> None:
        try:
            await self._database.commit()
        except StoreUnavailable as error:
            await self._database.rollback()
            batch.end(error)
        else:
            self.commits += 1
            self.units += len(batch.waiters)
            self._publish(batch.events)
            batch.end(None)
        finally:
            self._turn.give()


class SqlUnit:
    """One deed: the repositories inside the open transaction, and the events to tell when it is durable."""

    __slots__ = ("_events", "_repositories", "_store")

    def __init__(self, store: SqlStore, repositories: SqlRepositories) -> None:
        self._store = store
        self._repositories = repositories
        self._events: list[Event] = []

    async def __aenter__(self) -> "SqlUnit":
        await self._store.enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self._store.leave(self._events)
        else:
            await self._store.fail()

    def record(self, event: Event) -> None:
        self._events.append(event)

    @property
    def accounts(self) -> SqlAccounts:
        return self._repositories.accounts

    @property
    def sessions(self) -> SqlSessions:
        return self._repositories.sessions

    @property
    def apps(self) -> SqlApps:
        return self._repositories.apps

    @property
    def rooms(self) -> SqlRooms:
        return self._repositories.rooms

    @property
    def domains(self) -> SqlDomains:
        return self._repositories.domains

    @property
    def ledger(self) -> SqlLedger:
        return self._repositories.ledger
