"""How often one may have a handler run: `throttle=per_member(1, every="1h")`."""

from collections import deque
from collections.abc import Hashable
from typing import Literal

from beseda.bot.clock import seconds

FORGET_ABOVE = 1_000
"""Above so many who are counted, those whose time is over are forgotten."""


class Throttle:
    """`count` times in any span of `every`, counted by member, by room, or over all, for each run of a bot."""

    def __init__(self, count: int, every: float | str, by: Literal["member", "room", "all"]) -> None:
        """Raises ValueError."""
        if count < 1:
            raise ValueError("a throttle lets at least one pass")
        self.count = count
        self.every_s = seconds(every)
        self.by = by


class Counts:
    """Who passed a throttle, and when."""

    def __init__(self, throttle: Throttle) -> None:
        self.count, self.every_s = throttle.count, throttle.every_s
        self._passed: dict[Hashable, deque[float]] = {}
        self._told: dict[Hashable, float] = {}

    def pass_one(self, whom: Hashable, now_s: float) -> float:
        """Count one; 0 when it passes, else the seconds until one will."""
        passed = self._passed.setdefault(whom, deque(maxlen=self.count))
        if len(passed) == self.count and (wait_s := passed[0] + self.every_s - now_s) > 0:
            return wait_s
        passed.append(now_s)
        if len(self._passed) > FORGET_ABOVE:
            self._passed = {who: times for who, times in self._passed.items() if times[-1] + self.every_s > now_s}
            self._told = {who: at for who, at in self._told.items() if who in self._passed}
        return 0.0

    def tell_once(self, whom: Hashable, now_s: float) -> bool:
        """Whether to say that it is too often: once each time."""
        if self._told.get(whom, 0.0) > now_s:
            return False
        self._told[whom] = self._passed[whom][0] + self.every_s
        return True


def per_member(count: int, *, every: float | str) -> Throttle:
    """So often for each member, wherever he is; `every` is seconds, or "10m", "1h", "1d"."""
    return Throttle(count, every, "member")


def per_room(count: int, *, every: float | str) -> Throttle:
    """So often in each room."""
    return Throttle(count, every, "room")


def overall(count: int, *, every: float | str) -> Throttle:
    """So often, whoever it is and wherever."""
    return Throttle(count, every, "all")
