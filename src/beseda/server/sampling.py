"""Once a minute each node writes down what it measured since the last time."""

import math
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from beseda.domain.errors import OutcomeUnknown, Overloaded, StoreUnavailable
from beseda.domain.events import Event, LineAdded
from beseda.domain.samples import SAMPLED_EVERY, Sample
from beseda.server.connections import Connections
from beseda.server.metrics import BUCKETS_S, Metrics
from beseda.server.services import Chore, Service

if TYPE_CHECKING:
    from beseda.server.bootstrap import Parts

FAILED = frozenset({"crashed", "500", "503", StoreUnavailable.code, OutcomeUnknown.code, Overloaded.code})
"""Outcomes of calls that say that the server failed, whatever the protocol."""
SLOW_SHARE = 0.99
MICROSECONDS = 1_000_000


class Sampling:
    """`node` names this one in the samples: the same after a restart. `place` tells those on one machine apart."""

    def __init__(self, parts: "Parts", metrics: Metrics, connections: Connections, folder: Path, place: str) -> None:
        self._parts = parts
        self._metrics = metrics
        self._connections = connections
        self._folder = folder
        self.node = f"{socket.gethostname()}:{place}"
        self._lines = 0
        self._before = self._totals()
        self.service = Service(chores=(Chore(self.sample, SAMPLED_EVERY),))
        parts.feed.subscribe(self._note, own=True)

    def _note(self, event: Event) -> None:
        if isinstance(event, LineAdded):
            self._lines += 1

    def _totals(self) -> list[int]:
        """All counters: lines, commits, units, failures, microseconds, and calls by how long they took."""
        store = self._parts.store
        calls = self._metrics.latencies()
        failed = self._metrics.count_of(FAILED)
        return [self._lines, store.commits, store.units, failed, round(calls.seconds * MICROSECONDS), *calls.buckets]

    async def sample(self) -> None:
        """Keep what was counted since the last time. What could not be kept is counted with the next minute."""
        totals = self._totals()
        lines, commits, units, failed, micros, *buckets = (
            now - before for now, before in zip(totals, self._before, strict=True)
        )
        now = self._parts.clock.now()
        sample = Sample(
            at=now.replace(second=0, microsecond=0),
            node=self.node,
            sockets=self._connections.sockets,
            lines=lines,
            commits=commits,
            units=units,
            calls=sum(buckets),
            call_us=micros,
            slow_us=slowest(buckets),
            errors=failed,
            free_bytes=self._free_bytes(),
        )
        if await self._parts.core.samples.note(sample):
            self._before = totals

    def _free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError as error:
            structlog.get_logger().warning("the disk cannot be looked at", reason=str(error))
            return 0


def slowest(buckets: list[int]) -> int:
    """Within how many microseconds all but the slowest hundredth were answered, as finely as the buckets tell."""
    needed, seen, lower = math.ceil(sum(buckets) * SLOW_SHARE), 0, 0.0
    for upper, count in zip((*BUCKETS_S, BUCKETS_S[-1] * 2), buckets, strict=True):
        if needed and seen + count >= needed:
            return round((lower + (upper - lower) * (needed - seen) / count) * MICROSECONDS)
        seen, lower = seen + count, upper
    return 0
