"""What is asked for all the time and read from the database: kept in memory until an event says that it may be old."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from beseda.core.patience import patiently

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Loading(Generic[V]):
    """One that is being read; the lock is held until it has been, or could not be. `values` holds it then."""

    __slots__ = ("lock", "outdated", "values")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.outdated = False
        self.values: tuple[V, ...] = ()


class Kept(Generic[K, V]):
    """Values by key, each read by `load` when it is asked for, until it is dropped; of more than `most` the oldest go.

    Whoever asks gets what was true when he asked, or later. One key is read by one at a time, and those who ask
    meanwhile share what he gets. A value that was dropped while it was being read is not kept, nor is one that `keeps`
    refuses; a failed read leaves nothing. `owner` says whose a value is, if anybody's: all that is somebody's can be
    dropped at once.
    """

    def __init__(
        self,
        load: Callable[[K], Awaitable[V]],
        most: int,
        *,
        keeps: Callable[[V], bool] = lambda value: True,
        owner: Callable[[V], Hashable] = lambda value: None,
    ) -> None:
        self._load = load
        self._most = most
        self._keeps = keeps
        self._owner = owner
        self._values: dict[K, V] = {}
        self._of_owner: dict[Hashable, list[K]] = {}
        """Mostly one each: a set would take three times as much."""
        self._loading: dict[K, _Loading[V]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def now(self, key: K) -> V | None:
        """What is in memory."""
        return self._values.get(key)

    async def get(self, key: K) -> V:
        """From memory, or read. Raises what `load` does, and StoreUnavailable when another reads it for too long."""
        while key not in self._values:
            loading = self._loading.get(key)
            if loading is None:
                return await self._read(key)
            current = not loading.outdated
            async with patiently(loading.lock):
                pass
            if current and loading.values:
                return loading.values[0]
        return self._values[key]

    async def _read(self, key: K) -> V:
        loading = self._loading[key] = _Loading[V]()
        async with loading.lock:
            try:
                value = await self._load(key)
                loading.values = (value,)
                if not loading.outdated and self._keeps(value):
                    self._keep(key, value)
                return value
            finally:
                del self._loading[key]

    def _keep(self, key: K, value: V) -> None:
        if len(self._values) >= self._most:
            self._forget(next(iter(self._values)))
        self._values[key] = value
        if (owner := self._owner(value)) is not None:
            self._of_owner.setdefault(owner, []).append(key)

    def drop(self, key: K) -> None:
        """It may have changed."""
        if key in self._values:
            self._forget(key)
        if loading := self._loading.get(key):
            loading.outdated = True

    def _forget(self, key: K) -> None:
        owner = self._owner(self._values.pop(key))
        if owner is None:
            return
        keys = self._of_owner[owner]
        keys.remove(key)
        if not keys:
            del self._of_owner[owner]

    def drop_all_of(self, owner: Hashable) -> None:
        """All that is somebody's may have changed."""
        for key in tuple(self._of_owner.get(owner, ())):
            self._forget(key)
        for loading in self._loading.values():  # nobody knows yet whose they are
            loading.outdated = True

    def clear(self) -> None:
        """Anything may have changed."""
        self._values.clear()
        self._of_owner.clear()
        for loading in self._loading.values():
            loading.outdated = True


class KeptBytes(Generic[K]):
    """What bytes were made of something at some state of it, by key; of more than `most` bytes the oldest go.

    Here whoever asks says what the state is now, by something that is another after each change.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[K, tuple[object, bytes]] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._size

    def get(self, key: K, state: object) -> bytes | None:
        """What was made at this state."""
        kept = self._made.get(key)
        return kept[1] if kept is not None and kept[0] == state else None

    def put(self, key: K, state: object, made: bytes) -> None:
        """In the place of what was made at another."""
        self._drop(key)
        self._made[key] = (state, made)
        self._size += len(made)
        while self._size > self._most:
            self._drop(next(iter(self._made)))

    def _drop(self, key: K) -> None:
        _, made = self._made.pop(key, (None, b""))
        self._size -= len(made)
