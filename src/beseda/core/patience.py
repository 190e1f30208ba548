"""How long a call waits for the database: so long in all, however many things it waits for one after another.

Whoever answers calls says where one begins (`be_patient`); all that waits for the database says so (`with patience()`),
and a lock whose holder may be waiting for it is taken with `patiently`. A call that does something else meanwhile wins
as much time back: what waits for news, or for a password to be hashed, is not cut short.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from time import monotonic
from types import TracebackType

from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

PATIENCE_S = 5.0


class Patience:
    """What is left of one call's patience. As a context it is what is used up, and gives the seconds that are left."""

    __slots__ = ("_left_s", "_limit_s", "_noted_s", "changed", "waited_s")

    def __init__(self, limit_s: float | None = None) -> None:
        self._limit_s = self._left_s = PATIENCE_S if limit_s is None else limit_s
        self._noted_s = monotonic()
        self.changed = False
        """Whether the call has changed something that is durable."""
        self.waited_s = 0.0
        """For the database, in all."""

    def __enter__(self) -> float:
        now_s = monotonic()
        self._left_s = min(self._left_s + now_s - self._noted_s, self._limit_s)
        self._noted_s = now_s
        return self._left_s

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        now_s = monotonic()
        self.waited_s += now_s - self._noted_s
        self._left_s = max(self._left_s - (now_s - self._noted_s), 0.0)
        self._noted_s = now_s


class _Fresh(Patience):
    """What is done for no call has all the patience for each thing that it waits for."""

    __slots__ = ()

    def __enter__(self) -> float:
        return PATIENCE_S

    def __exit__(self, *_: object) -> None:
        pass


_FRESH = _Fresh()
_call: ContextVar[Patience] = ContextVar("patience", default=_FRESH)


def be_patient(limit_s: float | None = None) -> Patience:
    """What this task does from here on is one call, with this patience."""
    call = Patience(limit_s)
    _call.set(call)
    return call


def patience() -> Patience:
    """That of the call."""
    return _call.get()


def note_change() -> None:
    """The call has changed something: what fails from here on does not leave everything as it was."""
    call = _call.get()
    call.changed = call is not _FRESH


def lost(error: StoreUnavailable) -> StoreUnavailable | OutcomeUnknown:
    """What a call is told that the database lets down: that nothing was done, unless it has done something before."""
    if not _call.get().changed:
        return error
    unknown = OutcomeUnknown()
    unknown.__cause__ = error.__cause__
    return unknown


@contextlib.asynccontextmanager
async def patiently(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Hold the lock. Raises StoreUnavailable, or what `lost` makes of it, when its holder waits for too long."""
    with patience() as left_s:
        try:
            async with asyncio.timeout(left_s):
                await lock.acquire()
        except TimeoutError:
            raise lost(StoreUnavailable()) from None
    try:
        yield
    finally:
        lock.release()
