"""The system's clocks, and the one that nodes have in common."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

APART = timedelta(seconds=2)
"""Clocks that are no further apart are left alone: whoever goes by NTP is nearer, and a round trip may take long."""


class SystemClock:
    _last = (0, datetime.fromtimestamp(0, UTC))
    """The millisecond that was told last, since the epoch and as it was told: each call asks, many within one."""

    def now(self) -> datetime:
        last_ms, last = self._last
        if (now_ms := time.time_ns() // 1_000_000) == last_ms:
            return last
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        self._last = now_ms, now  # at once: threads ask, too
        return now

    def monotonic_s(self) -> float:
        return time.monotonic()


class CommonClock(SystemClock):
    """That of the database, when the machine's own is far from it: what a node writes down is compared by others."""

    def __init__(self, read: Callable[[], Awaitable[datetime]]) -> None:
        """`read` tells the time of the database."""
        self._read = read
        self.ahead = timedelta(0)
        """How far the database's is ahead of the machine's own; zero for hardly."""

    def now(self) -> datetime:
        return super().now() + self.ahead

    async def adjust(self) -> timedelta:
        """Look at the other clock; how far it is ahead. Raises what `read` does."""
        asked_at = super().now()
        told = await self._read()
        ahead = told - (asked_at + (super().now() - asked_at) / 2)
        if abs(ahead - self.ahead) > APART:
            self.ahead = ahead if abs(ahead) > APART else timedelta(0)
        return self.ahead
