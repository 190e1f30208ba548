"""What a bot remembers: a dictionary for itself, for each room, for each member; and where they are kept."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from beseda.bot.locking import lock_beside
from beseda.client.secrets import write_private

Values = dict[str, Any]
"""What JSON can say, by name."""
FLUSH_S = 0.5


class StateStore(Protocol):
    """The port: where the dictionaries of a bot are kept, each under its scope (`member/live/7`).

    What is to outlive a crash together with the bot's places in its rooms is best kept in the order it is given in.
    """

    async def load(self, scope: str) -> Values:
        """A copy of what was saved last; empty when there is nothing."""
        ...

    async def save(self, scope: str, values: Values) -> None:
        """Keep these in the place of those before."""
        ...

    async def aclose(self) -> None:
        """All that was saved is kept when this returns."""
        ...


class MemoryState:
    """For one run of a bot, and for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def load(self, scope: str) -> Values:
        return _read(self._kept[scope]) if scope in self._kept else {}

    async def save(self, scope: str, values: Values) -> None:
        self._kept[scope] = msgspec.json.encode(values)

    async def aclose(self) -> None:
        """Nothing is kept."""


class FileState:
    """A file of JSON that only its owner may read (mode 600), for one bot at a time: from the first `load` or `save` to
    `aclose` another one gets BlockingIOError, by a lock beside the file that is given back however a bot ends.

    It is written as a whole, half a second after a change and at the end: one who is killed loses no more than that,
    and finds the values and the places in the rooms as they were at one moment.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._kept: dict[str, msgspec.Raw] | None = None
        self._lock: BinaryIO | None = None
        self._flushing: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"FileState({str(self._path)!r})"

    async def load(self, scope: str) -> Values:
        """Raises OSError (BlockingIOError for a file that another uses), ValueError for one that is none of these."""
        kept = self._all()
        return _read(kept[scope]) if scope in kept else {}

    async def save(self, scope: str, values: Values) -> None:
        """Raises what `load` does, and TypeError for what JSON cannot say."""
        encoded = msgspec.Raw(msgspec.json.encode(values))
        if self._all().get(scope) == encoded:
            return
        self._all()[scope] = encoded
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_soon())

    async def aclose(self) -> None:
        """Raises OSError."""
        try:
            if self._flushing is not None:
                self._flushing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._flushing
                self._flushing = None
                self._write()
        finally:
            self._let_go()

    def _all(self) -> dict[str, msgspec.Raw]:
        if self._kept is None:
            self._lock = lock_beside(self._path)
            try:
                self._kept = self._read_file()
            except BaseException:
                self._let_go()
                raise
        return self._kept

    def _read_file(self) -> dict[str, msgspec.Raw]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, msgspec.Raw])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError as error:
            raise ValueError(f"{self._path} is no state of a bot: {error}") from error

    def _let_go(self) -> None:
        self._kept = None
        if self._lock is not None:
            self._lock.close()

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_S)
        self._flushing = None
        self._write()

    def _write(self) -> None:
        """The old file stays until the new one is there."""
        write_private(self._path, msgspec.json.format(msgspec.json.encode(self._all()), indent=1))


class Scopes:
    """Has each dictionary of a store used by one at a time."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @contextlib.asynccontextmanager
    async def open(self, store: StateStore, scope: str) -> AsyncIterator[Values]:
        """What is kept under the scope; as it is at the end of the block it is saved, unless the block raises."""
        lock, users = self._locks.get(scope, (asyncio.Lock(), 0))
        self._locks[scope] = lock, users + 1
        try:
            async with lock:
                values = await store.load(scope)
                yield values
                await store.save(scope, values)
        finally:
            lock, users = self._locks[scope]
            self._locks[scope] = lock, users - 1
            if users == 1:
                del self._locks[scope]


def _read(kept: bytes | msgspec.Raw) -> Values:
    values: Values = msgspec.json.decode(kept, type=Values)
    return values
