"""A database that fails, or waits, when a test wants it to: what a lock, a full disk or a lost server do."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from beseda.adapters.sql.engine import Database
from beseda.adapters.sql.statements import Connection, Row
from beseda.domain.errors import StoreUnavailable


class Faults:
    """What goes wrong with the reading of committed data; statements are named by a part of their text."""

    def __init__(self) -> None:
        self._failing: list[str] = []
        self._held: list[tuple[str, asyncio.Event, asyncio.Event]] = []

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

    async def pass_through(self, statement: str) -> None:
        for part, arrived, released in tuple(self._held):
            if part in statement:
                arrived.set()
                await released.wait()
        if any(part in statement for part in self._failing):
            raise StoreUnavailable


class FaultyDatabase:
    """An engine's Database with a reader to which faults happen."""

    def __init__(self, database: Database, faults: Faults) -> None:
        self._database = database
        self.reader = _FaultyReader(database.reader, faults)

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
