"""The order of things: lines of one room one after another, and dialogues that wait without holding others up."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from beseda.bot.clock import Clock
from beseda.client.lines import Line

Wants = Callable[[Line], bool]
Task = asyncio.Task[None]
Handle = Callable[["Turn"], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Who waits for a line."""

    wants: Wants
    found: asyncio.Future[Line]
    task: asyncio.Task[Any]


class Lane:
    """One room's. Whoever has the turn is the only one to run; who waits for a line gives it away meanwhile."""

    def __init__(self, note: Callable[[Line], Awaitable[None]]) -> None:
        """`note` is told each line that has been done with."""
        self._note = note
        self._lock = asyncio.Lock()
        self._waiting: list[Waiter] = []
        self._line: Line | None = None
        self._closed = False
        self.holder: Task | None = None
        """Who has the turn."""
        self.tasks: set[Task] = set()
        """Who has begun and not ended."""

    def close(self) -> None:
        """No more turns are given, and who waits for a line waits in vain."""
        self._closed = True
        for waiter in self._waiting:
            waiter.found.cancel()
        self._waiting.clear()

    async def give(self, line: Line, handle: Handle) -> None:
        """When it is the line's turn, give it to whoever waits for it, else have it handled."""
        await self._lock.acquire()
        if self._closed:
            self._lock.release()
            return
        self._line = line
        for waiter in self._waiting:
            if waiter.wants(line):
                self._waiting.remove(waiter)
                self.holder = waiter.task
                waiter.found.set_result(line)  # and with it the turn
                return
        self.holder = asyncio.create_task(self._run(handle))
        self.tasks.add(self.holder)
        self.holder.add_done_callback(self.tasks.discard)

    async def _run(self, handle: Handle) -> None:
        turn = Turn(self)
        try:
            await handle(turn)
            await turn.end()
        finally:
            turn.drop()

    async def pass_on(self) -> None:
        """The line that it was about has been done with."""
        try:
            if self._line is not None:
                await self._note(self._line)
        finally:
            self.release()

    def release(self) -> None:
        """Give the turn away, whatever became of the line."""
        self.holder = None
        self._lock.release()

    async def wait_for(self, turn: "Turn", wants: Wants, clock: Clock, timeout_s: float) -> Line | None:
        """The next line that is wanted, which nobody else gets; None when none has come in time."""
        task = asyncio.current_task()
        if self._closed or task is None:
            raise asyncio.CancelledError
        found: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        waiter = Waiter(wants, found, task)
        self._waiting.append(waiter)
        await turn.end()
        sleeping = asyncio.ensure_future(clock.sleep(timeout_s))
        either: set[asyncio.Future[Any]] = {found, sleeping}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiter)
            turn.holds = found.done() and not found.cancelled()
        if turn.holds:
            return found.result()
        if found.cancelled():
            raise asyncio.CancelledError
        await self._lock.acquire()
        self.holder, turn.holds = task, True
        return None


class Turn:
    """Somebody's to run."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.holds = True

    async def end(self) -> None:
        """Give it away, having done with the line."""
        if self.holds:
            self.holds = False
            await self.lane.pass_on()

    def drop(self) -> None:
        """Give it away if one still has it: what was begun was broken off."""
        if self.holds:
            self.holds = False
            self.lane.release()
