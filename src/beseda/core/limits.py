"""Counts calls of one node against the table of limits. State is in memory: a restart forgives."""

from collections import Counter
from collections.abc import Mapping, Sequence

from beseda.core.ports import Clock
from beseda.domain.errors import TooOften
from beseda.domain.limits import LIMITS, Bucket, Counted, Limit, give_back, refilled, take


class Limiter:
    """Token buckets by limit and key."""

    SWEEP_AT = 50_000
    """Buckets kept before those that are full again are dropped, and then whenever there are twice as many."""

    def __init__(self, clock: Clock, limits: dict[str, Limit] | None = None) -> None:
        self._clock = clock
        self._limits = LIMITS if limits is None else limits
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._sweep_at = self.SWEEP_AT

    def limit(self, name: str) -> Limit:
        """As the configuration has it."""
        return self._limits[name]

    def take(self, name: str, key: str) -> None:
        """Count one call, or TooOften."""
        limit, now_s = self._limits[name], self._clock.monotonic_s()
        bucket, wait_s = take(limit, self._buckets.get((name, key)), now_s)
        self._buckets[name, key] = bucket
        if len(self._buckets) > self._sweep_at:
            self._sweep(now_s)
        if wait_s:
            raise TooOften(limit=name, retry_after_s=wait_s)

    def reserve(self, counted: Sequence[Counted]) -> None:
        """Count one call in each of these limits, or in none: TooOften."""
        if counted:
            self.check(*max(counted, key=lambda each: self.wait_s(*each)))
        for name, key in counted:
            self.take(name, key)

    def give_back(self, counted: Sequence[Counted]) -> None:
        """Count one call less in each: the one that was counted turned out to be none."""
        for each in counted:
            bucket = self._buckets.get(each)
            if bucket is not None:
                self._buckets[each] = give_back(self._limits[each[0]], bucket)

    def check(self, name: str, key: str) -> None:
        """TooOften when the next call would be; counts nothing."""
        if wait_s := self.wait_s(name, key):
            raise TooOften(limit=name, retry_after_s=wait_s)

    def wait_s(self, name: str, key: str) -> float:
        """Seconds until a call passes; 0.0 when the next one does. Counts nothing."""
        return take(self._limits[name], self._buckets.get((name, key)), self._clock.monotonic_s())[1]

    @property
    def limits(self) -> Mapping[str, Limit]:
        """The table in force, by name."""
        return self._limits

    def limited(self) -> Counter[str]:
        """How many keys have to wait now, by limit."""
        return Counter(name for name, _, _ in self.waiting())

    def waiting(self) -> list[tuple[str, str, float]]:
        """Who has to wait now: the limit, the key that is counted, and the seconds."""
        found = ((name, key, self.wait_s(name, key)) for name, key in self._buckets)
        return [(name, key, wait_s) for name, key, wait_s in found if wait_s]

    def _sweep(self, now_s: float) -> None:
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if refilled(self._limits[key[0]], bucket, now_s) < self._limits[key[0]].burst
        }
        self._sweep_at = max(self.SWEEP_AT, 2 * len(self._buckets))
