"""What comes in one turn of the loop, or while others are being written, is written together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from contextvars import Context
from math import inf
from time import monotonic
from typing import Generic, TypeVar

from beseda.core.patience import be_patient, lost, patience
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

T = TypeVar("T")
R = TypeVar("R")
AT_ONCE = 1024
WAIT_MAX_S = 0.005
"""How long those who wait already wait for others at most."""
RESTS = 16
"""So many batches wait for nobody when few came the last time."""

Asked = tuple[T, float, asyncio.Future[R]]
"""What is to be written, until when its caller waits (monotonic seconds), and where he waits for what came of it."""


def _nameless(_: object) -> None:
    return None


class Gathering(Generic[T, R]):
    """`write` is given all at once, and returns what came of each.

    Of several with one `name`, which is not None, the first is written with the others, and the rest after them.
    """

    def __init__(
        self, write: Callable[[Sequence[T]], Awaitable[Sequence[R]]], name: Callable[[T], Hashable] = _nameless
    ) -> None:
        self._write = write
        self._name = name
        self._asked: list[Asked[T, R]] = []
        self._working: asyncio.Task[None] | None = None
        self._enough = AT_ONCE
        self._is_enough = asyncio.Event()
        self._rests = 0

    async def add(self, one: T) -> R:
        """Raises StoreUnavailable, OutcomeUnknown, and what `write` raises when it is given this one alone."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()
        with patience() as left_s:
            self._asked.append((one, monotonic() + left_s, done))
            if len(self._asked) >= self._enough:
                self._is_enough.set()
            if self._working is None:
                self._working = loop.create_task(self._work(), context=Context())
            try:
                return await done
            except StoreUnavailable as error:
                raise lost(error) from error.__cause__
            finally:
                del done  # an exception in it would hold this frame, which holds it

    async def drain(self) -> None:
        """Everything that was added is written."""
        while self._working is not None:
            await asyncio.wait((self._working,))

    async def _work(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
                began_s = monotonic()
                await self._write_batch(batch)
                if self._asked and self._rests:
                    self._rests -= 1
                elif self._asked:
                    await self._wait_for(len(batch), monotonic() - began_s)
        finally:
            self._working = None

    async def _wait_for(self, answered: int, took_s: float) -> None:
        """Those who were answered just now may be about to ask again: let them, for no longer than writing took.

        Else some would always be written while the others wait, in twice as many batches as need be; and what a batch
        costs whatever is in it is most of the cost, where several nodes write in turn. People do not ask again so soon:
        when fewer than half did, nobody is waited for in a while.
        """
        waiting = len(self._asked)
        self._enough = min(waiting + answered, AT_ONCE)
        self._is_enough.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(took_s, WAIT_MAX_S)):
                await self._is_enough.wait()
        self._enough = AT_ONCE
        self._rests = 0 if (len(self._asked) - waiting) * 2 >= answered else RESTS

    async def _write_batch(self, batch: Sequence[Asked[T, R]]) -> None:
        """The least patient of those who wait sets the time for all."""
        now_s = monotonic()
        first, repeated, until_s = self._split(batch, now_s)
        if not first:
            return
        be_patient(until_s - now_s)
        try:
            results = await self._write([one for one, _, _ in first])
        except (StoreUnavailable, OutcomeUnknown) as error:
            _refuse([*first, *repeated], type(error), error.__cause__)
            waiting, self._asked = self._asked, []  # for as long as this: they need not find it out anew
            _refuse(waiting, StoreUnavailable, error.__cause__)
            return
        except Exception as error:
            if len(first) > 1:  # it is about one of them
                for each in first:
                    await self._write_batch([each])
            elif not first[0][2].done():
                first[0][2].set_exception(error)
        else:
            for (_, _, done), result in zip(first, results, strict=True):
                if not done.done():
                    done.set_result(result)
        if repeated:
            await self._write_batch(repeated)

    def _split(self, batch: Sequence[Asked[T, R]], now_s: float) -> tuple[list[Asked[T, R]], list[Asked[T, R]], float]:
        """Those who still wait: the first of each name, the rest, and until when the least patient of the former does.

        Who could wait no longer is refused.
        """
        names: set[Hashable] = set()
        first: list[Asked[T, R]] = []
        repeated: list[Asked[T, R]] = []
        least_s = inf
        for asked in batch:
            one, until_s, done = asked
            if until_s <= now_s:
                _refuse((asked,), StoreUnavailable, None)
            elif not done.done():
                name = self._name(one)
                if name is None or name not in names:
                    first.append(asked)
                    names.add(name)
                    least_s = min(least_s, until_s)
                else:
                    repeated.append(asked)
        return first, repeated, least_s


def _refuse(
    asked: Sequence[Asked[T, R]], kind: type[StoreUnavailable | OutcomeUnknown], cause: BaseException | None
) -> None:
    """An exception for each, for each is raised somewhere else."""
    for _, _, done in asked:
        if not done.done():
            error = kind()
            error.__cause__ = cause
            done.set_exception(error)
