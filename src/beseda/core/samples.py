"""What nodes measure of themselves, kept for a month."""

import asyncio
from datetime import UTC, datetime, timedelta

from beseda.core.forgetting import forget
from beseda.core.ports import Clock, Store
from beseda.domain.samples import SAMPLES_KEPT, Sample, Span, Stretch

EPOCH = datetime.fromtimestamp(0, UTC)
READ_AT_ONCE = timedelta(hours=6)
"""Of how long a time one statement reads: it takes milliseconds."""
ALIVE = timedelta(minutes=3)
"""A node that has measured nothing for longer is gone."""


class Samples:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, sample: Sample) -> bool:
        """Keep one; whether there was none of this node and minute yet."""
        async with self._store.unit() as unit:
            return await unit.samples.add(sample)

    async def look_back(self, span: Span) -> list[Stretch]:
        """What all nodes measured together, the oldest first; stretches in which none measured anything are left out.

        Stretches end at the same moments whenever one looks, so that the past does not change.
        """
        now = self._clock.now()
        until = now - (now - EPOCH) % span.step + span.step
        begin, found = until - span.length, list[Stretch]()
        part = span.step * max(1, READ_AT_ONCE // span.step)
        while begin < until:
            found += await self._store.view.samples.stretches(begin, min(begin + part, until), span.step)
            begin += part
            await asyncio.sleep(0)  # others' calls come between
        return found

    async def nodes(self) -> list[Sample]:
        """The last minute of each node that is alive, by name."""
        return await self._store.view.samples.newest(self._clock.now() - ALIVE)

    async def forget_old(self) -> int:
        """How many were older than they are kept."""
        before = self._clock.now() - SAMPLES_KEPT
        return await forget(self._store, lambda unit, limit: unit.samples.forget(before, limit))
