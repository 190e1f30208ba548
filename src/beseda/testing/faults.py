"""A database that fails, or waits, when a test wants it to: what a lock, a full disk or a lost server do."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from beseda.adapters.sql.engine import Database
from beseda.adapters.sql.journal import JournalRow
from beseda.adapters.sql.posts import Place
from beseda.adapters.sql.statements import Connection, Row
from beseda.core.patience import patience
from beseda.core.ports.talk import PlainText
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

BEGIN, TEXTS = "BEGIN", "texts"
"""What may fail besides statements."""


class Faults:
    """What goes wrong with the reading of committed data; statements are named by a part of their text.

    At random commits fail, too.
    """

    def __init__(self) -> None:
        self._failing: list[str] = []
        self._held: list[tuple[str, asyncio.Event, asyncio.Event]] = []
        self._chance: tuple[str, float] | None = None
        self._tried: Counter[str] = Counter()
        self.happened = 0
        """How often something failed at random."""

    @contextlib.contextmanager
    def failing(self, part: str = "") -> Iterator[None]:
        """Reads raise StoreUnavailable."""
        self._failing.append(part)
        try:
            yield
        finally:
            self._failing.remove(part)

    @contextlib.contextmanager
    def held(self, part: str) -> Iterator[asyncio.Event]:
        """Reads wait for the end of the block; the event tells that one has come to wait."""
        held = (part, asyncio.Event(), asyncio.Event())
        self._held.append(held)
        try:
            yield held[1]
        finally:
            self._held.remove(held)
            held[2].set()

    @contextlib.contextmanager
    def at_random(self, seed: str, share: float) -> Iterator[None]:
        """Such a share of all reads and commits fails; nothing of those that do is kept.

        A call that has changed something is left alone: what fails from there on leaves it half done, and whoever made
        it has to look. Whether the nth try of the same thing fails depends on the seed, n and it alone.
        """
        self._chance = (seed, share)
        try:
            yield
        finally:
            self._chance = None

    def strikes(self, what: str) -> float:
        """Below 1, and evenly spread from 0, when this is one that fails."""
        if self._chance is None or patience().changed:
            return 1.0
        seed, share = self._chance
        self._tried[what] += 1
        drawn = Random(f"{seed} {what} {self._tried[what]}").random() / share  # noqa: S311 - no secret
        self.happened += drawn < 1
        return drawn

    async def pass_through(self, statement: str) -> None:
        if self.strikes(statement) < 1:
            raise StoreUnavailable
        for part, arrived, released in tuple(self._held):
            if part in statement:
                arrived.set()
                await released.wait()
        if any(part in statement for part in self._failing):
            raise StoreUnavailable


class FaultyDatabase:
    """An engine's Database to which faults happen."""

    def __init__(self, database: Database, faults: Faults) -> None:
        self._database = database
        self._faults = faults
        self.reader = _FaultyReader(database.reader, faults)
        self._doomed: type[StoreUnavailable | OutcomeUnknown] | None = None
        """What becomes of the transaction when it is to be committed."""

    async def begin(self) -> None:
        self._doomed = None
        self._fail_or_doom(BEGIN)
        await self._database.begin()

    async def next_unit(self) -> None:
        self._fail_or_doom(BEGIN)
        await self._database.next_unit()

    def _fail_or_doom(self, what: str) -> None:
        """Here it is known whose unit it is."""
        drawn = self._faults.strikes(what)
        if drawn < 1 / 3:
            raise StoreUnavailable
        if drawn < 1:
            self._doomed = StoreUnavailable if drawn < 2 / 3 else OutcomeUnknown

    async def commit(self, rows: Sequence[JournalRow] = (), node: str = "") -> None:
        if self._doomed is not None:
            raise self._doomed
        await self._database.commit(rows, node)

    async def append_texts(self, texts: Sequence[PlainText]) -> list[Place | None]:
        if not self._database.appends_in_units and self._faults.strikes(TEXTS) < 1:
            raise StoreUnavailable
        return await self._database.append_texts(texts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class _FaultyReader:
    def __init__(self, reader: Connection, faults: Faults) -> None:
        self._reader = reader
        self.dialect = reader.dialect
        self._faults = faults

    async def fetch(self, statement: str, *parameters: object) -> Sequence[Row]:
        await self._faults.pass_through(statement)
        return await self._reader.fetch(statement, *parameters)

    async def fetch_row(self, statement: str, *parameters: object) -> Row | None:
        await self._faults.pass_through(statement)
        return await self._reader.fetch_row(statement, *parameters)

    async def execute(self, statement: str, *parameters: object) -> int:
        return await self._reader.execute(statement, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)
