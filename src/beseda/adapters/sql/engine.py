"""Durable group commit: units run one after another in an open transaction, and share its commit.

A unit is a savepoint. When no further unit is ready, the transaction is committed off the event loop, and only then
does leaving the unit return: acknowledged means durable. While a commit is under way the next units gather for the
next one. Events that units recorded are published after the commit, in their order. Who is cancelled before leaving a
unit has changed nothing; afterwards the unit is made durable all the same.

Nobody waits longer than his patience (core/patience.py). Who loses it before his turn has changed nothing; who has left
his unit and waits for the commit is told that its outcome is unknown, as he is when the database is lost in the commit.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from time import monotonic
from types import TracebackType
from typing import Protocol

from beseda.adapters.sql.journal import JournalRow, as_row
from beseda.adapters.sql.posts import Place, as_lines, named
from beseda.adapters.sql.repositories import Delegating, SqlRepositories
from beseda.adapters.sql.statements import Connection
from beseda.adapters.sql.turns import Batch, Turn
from beseda.core.gathering import Gathering
from beseda.core.patience import lost, note_change, patience
from beseda.core.ports.mail import NewUpdate
from beseda.core.ports.talk import PlainText
from beseda.core.rehearsal import is_rehearsal
from beseda.domain.errors import BesedaError, OutcomeUnknown, StoreUnavailable
from beseda.domain.events import Event, LineAdded
from beseda.domain.ids import AccountId
from beseda.domain.messages import Line

Publish = Callable[[Sequence[Event]], None]
COMMIT_MIN_S = 0.5
"""How long one waits for the commit whatever he has waited before: all the work is done."""
PROBE = (
    "INSERT INTO invites (digest, uses_left, created_ms) VALUES ('probe', 0, 0)",
    "DELETE FROM invites WHERE digest = 'probe'",
)
"""Writes that change nothing in the end. (SQLite writes no page for an update that changes nothing at all.)"""


class Database(Protocol):
    """One engine: a connection that writes, one that reads what is committed, and the transaction of the former.

    All raise StoreUnavailable when the database is away, full or broken; then `rollback` is the only way on. None takes
    longer than the patience of who calls it. Who is cancelled in one of them finds it done.
    """

    @property
    def reader(self) -> Connection: ...
    @property
    def writer(self) -> Connection: ...

    async def begin(self) -> None:
        """Open a transaction, shut out every other writer, of other processes too, and begin the first unit."""
        ...

    async def next_unit(self) -> None:
        """Keep what was done in the transaction so far, and begin another unit."""
        ...

    async def rollback_unit(self) -> None:
        """Take back what was done since the unit began."""
        ...

    async def commit(self, rows: Sequence[JournalRow] = (), node: str = "") -> None:
        """Make the transaction durable, with these rows of a node's journal. Raises OutcomeUnknown when it may be."""
        ...

    async def rollback(self) -> None:
        """Give the transaction up, if there still is one. Raises nothing."""
        ...

    appends_in_units: bool
    """Whether `append_texts` belongs into a unit, or is a transaction by itself."""

    async def append_texts(self, texts: Sequence[PlainText]) -> list[Place | None]:
        """Where each plain text stands now, None for one that is not plain; see adapters/sql/posts.py."""
        ...

    def others_wrote(self) -> bool:
        """Whether another process may have committed since this was last asked, as far as that shows at a glance."""
        ...

    async def identity(self) -> str:
        """What tells this database from any other, however alike."""
        ...

    def ailment(self) -> str:
        """What is wrong with the place where the data is, as far as that shows at a glance; "" for nothing."""
        ...

    async def close(self) -> None: ...


class SqlStore:
    """The core's Store over a Database.

    The turn is held by the unit that runs, or by the task that ends the transaction.
    """

    BATCH_MAX = 256
    """Units after which a transaction is committed though more are ready."""

    def __init__(self, database: Database, publish: Publish) -> None:
        self._database = database
        self._publish = publish
        self._view = SqlRepositories(database.reader)
        self._write = SqlRepositories(database.writer)
        self._turn = Turn(self._close_soon)
        self._batch: Batch | None = None
        self._ending: asyncio.Task[None] | None = None
        """The task that ends a transaction: it has the turn, so there are never two."""
        self._texts = Gathering(self._write_texts, named)
        self._closed = False
        self.node = uuid.uuid4().hex
        """See Store.node."""
        self.trouble = ""
        """Why the last that was to be written was not, in the database's words."""
        self.written_s = monotonic()
        """When the last one was durable, on the clock that never goes back."""
        self.commits = 0
        self.units = 0

    @property
    def view(self) -> SqlRepositories:
        return self._view

    def unit(self, *, gathered: bool = False) -> "SqlUnit":
        """Raises StoreUnavailable on entering and on leaving, and OutcomeUnknown on leaving.

        One that is `gathered` is of many already: unless somebody waits for a turn, its commit waits for no others.
        """
        return SqlUnit(self, self._write, gathered)

    async def append_text(self, text: PlainText) -> Line | None:
        """See Store.append_text."""
        if self._closed:
            raise StoreUnavailable
        try:
            line = await self._texts.add(text)
        except (StoreUnavailable, OutcomeUnknown) as error:
            self.trouble = reason(error)
            raise
        if line is not None:
            note_change()
        return line

    async def _write_texts(self, texts: Sequence[PlainText]) -> list[Line | None]:
        if self._database.appends_in_units:
            lines = await self._append_in_unit(texts)
            self.units += len(texts) - 1
        else:
            lines = as_lines(texts, await self._database.append_texts(texts))
            self.commits += 1
            self.units += len(texts)
            events = [LineAdded(line.at, line) for line in lines if line is not None]
            Context().run(self._publish, events)  # as in _end_soon
            if events:
                self._note_written()
        return lines

    async def _append_in_unit(self, texts: Sequence[PlainText]) -> list[Line | None]:
        """As any unit does: the repositories and the journal of one are not needed for texts."""
        await self.enter()
        try:
            lines = as_lines(texts, await self._database.append_texts(texts))
        except BaseException as error:
            await self.fail(error)
            raise
        events: list[Event] = [LineAdded(line.at, line) for line in lines if line is not None]
        await self.leave(events, [], [], gathered=True)
        return lines

    async def probe(self) -> None:
        """Write something that changes nothing. Raises as any unit does."""
        async with self.unit():
            for statement in PROBE:
                await self._database.writer.execute(statement)
        self._note_written()

    def _note_written(self) -> None:
        """A commit of units that wrote nothing proves nothing, and such there are all the time."""
        self.trouble = ""
        self.written_s = monotonic()

    async def close(self) -> None:
        """Let nobody else in, wait for who is, commit, and close the database."""
        if self._closed:
            return
        await self._texts.drain()
        self._closed = True
        with contextlib.suppress(StoreUnavailable):
            await self._turn.take()
        if self._batch is not None:
            self._end_soon(self._batch)
        if self._ending is not None:
            await asyncio.wait((self._ending,))
        await self._database.close()

    async def enter(self) -> None:
        """Wait for the turn of one unit, and begin it in the open transaction, or in a new one."""
        if self._closed:
            raise StoreUnavailable
        await self._turn.take()
        if self._batch is None:
            self._batch = Batch()
            await self._control(self._begin())
        else:
            await self._control(self._database.next_unit())

    async def leave(
        self, events: list[Event], rows: list[JournalRow], updates: list[NewUpdate], *, gathered: bool
    ) -> None:
        """A unit is done: write what members are told of it, let the next one in, and wait for the commit."""
        if updates:
            try:
                await self._write.updates.add(updates)
            except BaseException as error:
                await self.fail(error)
                raise
        batch = self._open_batch()
        batch.events += events
        batch.rows += rows
        with patience() as left_s:
            committed = batch.waiters.add(max(left_s, COMMIT_MIN_S))
            if len(batch.waiters) >= self.BATCH_MAX or (gathered and not self._turn.is_asked_for):
                self._end_soon(batch)
            else:
                self._turn.give()
            try:
                await committed
            finally:
                del batch, committed  # an exception in a waiter would hold this frame, which holds it

    async def fail(self, error: BaseException) -> None:
        """A unit was refused: take back what it wrote, and keep the others of the transaction if that is possible."""
        if isinstance(error, StoreUnavailable):
            self.trouble = reason(error)
        await self.take_back()

    async def take_back(self) -> None:
        """What the unit wrote, and let the next one in."""
        with contextlib.suppress(StoreUnavailable):
            await self._control(self._database.rollback_unit())
            self._turn.give()

    async def _begin(self) -> None:
        """Who waits while the database cannot be reached need not each find that out anew."""
        try:
            await self._database.begin()
        except StoreUnavailable as error:
            if not isinstance(error.__cause__, TimeoutError):  # that is about the one who could wait no longer
                self._turn.refuse_all()
            raise

    async def _control(self, step: Coroutine[None, None, None]) -> None:
        """A step of the transaction, for the unit that has the turn: it loses it when the step fails."""
        try:
            await step
        except StoreUnavailable as error:
            self._end_soon(self._open_batch(), error)
            raise
        except BaseException:
            self._turn.give()
            raise

    def _open_batch(self) -> Batch:
        if self._batch is None:
            raise RuntimeError("a unit outlived its transaction")
        return self._batch

    def _close_soon(self) -> None:
        """The turn is free: end the transaction when this turn of the loop is over, unless a unit comes before."""
        if self._batch is not None:
            asyncio.get_running_loop().call_soon(self._close, self._batch)

    def _close(self, batch: Batch) -> None:
        if batch is self._batch and not self._turn.taken:
            self._turn.taken = True
            self._end_soon(batch)

    def _end_soon(self, batch: Batch, failure: Exception | None = None) -> None:
        """Commit, or give up after a failure, in a task that holds the turn: no unit's cancellation can stop it.

        It is nobody's call, and whoever is told of the events is in none either: hence a context of its own.
        """
        self._batch = None
        self._ending = asyncio.get_running_loop().create_task(self._end(batch, failure), context=Context())

    async def _end(self, batch: Batch, failure: Exception | None) -> None:
        try:
            failure = failure or await self._commit(batch)
            if failure is not None:
                self.trouble = reason(failure)
                kind = StoreUnavailable if isinstance(failure, StoreUnavailable) else OutcomeUnknown
                batch.waiters.refuse_all(kind, failure)
                await self._database.rollback()
            else:
                if batch.events:
                    self._note_written()
                self.commits += 1
                self.units += len(batch.waiters)
                batch.waiters.let_all()
                # They go on in the next turn of the loop, when all subscribers have been told.
                self._publish(batch.events)
        finally:
            self._turn.give()

    async def _commit(self, batch: Batch) -> Exception | None:
        """Why the transaction could not be committed, or is not known to have been.

        If it takes place all the same, the journal tells of it as of somebody else's.
        """
        try:
            await self._database.commit(list(dict.fromkeys(batch.rows)), self.node)
        except Exception as error:
            self.node = uuid.uuid4().hex
            return error
        return None


def reason(error: BaseException) -> str:
    """Why the database let somebody down, in its own words."""
    while error.__cause__ is not None:
        error = error.__cause__
    return ("" if isinstance(error, BesedaError) else str(error)) or "does not answer"


class SqlUnit(Delegating):
    """One deed: the repositories inside the open transaction, and the events to tell when it is durable."""

    __slots__ = ("_events", "_gathered", "_rows", "_store", "_updates")

    def __init__(self, store: SqlStore, repositories: SqlRepositories, gathered: bool) -> None:
        super().__init__(repositories)
        self._gathered = gathered
        self._store = store
        self._events: list[Event] = []
        self._rows: list[JournalRow] = []
        self._updates: list[NewUpdate] = []

    async def __aenter__(self) -> "SqlUnit":
        try:
            await self._store.enter()
        except StoreUnavailable as error:
            raise lost(error) from error.__cause__
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and is_rehearsal():
            await self._store.take_back()
            return
        if error is not None:
            await self._store.fail(error)
            # To raise the error anew would have it hold this frame, which holds it.
            if isinstance(error, StoreUnavailable) and lost(error) is not error:
                raise lost(error) from error.__cause__
            return
        try:
            await self._store.leave(self._events, self._rows, self._updates, gathered=self._gathered)
        except StoreUnavailable as refusal:
            raise lost(refusal) from refusal.__cause__
        if self._events:
            note_change()

    def record(self, event: Event) -> None:
        self._events.append(event)
        if (row := as_row(event)) is not None:
            self._rows.append(row)

    def tell(self, update: NewUpdate) -> None:
        self._updates.append(update)

    def tell_nothing(self, account_id: AccountId) -> None:
        self._updates = [update for update in self._updates if update.account_id != account_id]
