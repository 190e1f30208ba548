"""Those who wait for one thing, each as long as his patience lasts."""

import asyncio
from collections import deque
from time import monotonic

from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

Refusal = type[StoreUnavailable | OutcomeUnknown]


class Waiters:
    """Futures in the order of coming; one whose time is over raises `late`.

    One timer serves all, for whose time is over first: a timer each would cost more than a unit does.
    """

    __slots__ = ("_late", "_queue", "_timer", "_until_s")

    def __init__(self, late: Refusal) -> None:
        self._late = late
        self._queue: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._until_s = 0.0

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, left_s: float) -> asyncio.Future[None]:
        """One more, who waits for so many seconds at most."""
        ready = asyncio.get_running_loop().create_future()
        until_s = monotonic() + left_s
        self._queue.append((until_s, ready))
        if self._timer is None or until_s < self._until_s:
            self._look_at(until_s)
        return ready

    def let_next(self) -> bool:
        """Let in whoever has waited longest; whether there was anybody."""
        while self._queue:
            _, ready = self._queue.popleft()
            if not ready.done():
                ready.set_result(None)
                return True
        return False

    def let_all(self) -> None:
        for _, ready in self._queue:
            if not ready.done():
                ready.set_result(None)
        self._forget()

    def refuse_all(self, kind: Refusal, cause: Exception | None) -> None:
        """An exception for each, for each is raised somewhere else."""
        for _, ready in self._queue:
            _refuse(ready, kind, cause)
        self._forget()

    def _forget(self) -> None:
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at(self, until_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._until_s = until_s
        self._timer = asyncio.get_running_loop().call_later(max(until_s - monotonic(), 0.0), self._refuse_late)

    def _refuse_late(self) -> None:
        self._timer, now_s = None, monotonic()
        for until_s, ready in self._queue:
            if until_s <= now_s:
                _refuse(ready, self._late, None)
        waiting = [until_s for until_s, ready in self._queue if not ready.done()]
        if waiting:
            self._look_at(min(waiting))


def _refuse(ready: asyncio.Future[None], kind: Refusal, cause: Exception | None) -> None:
    if not ready.done():
        error = kind()
        error.__cause__ = cause
        ready.set_exception(error)
