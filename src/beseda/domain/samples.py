"""What a server measures minute by minute, and the spans of time in which people look at it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

SAMPLED_EVERY = timedelta(minutes=1)
SAMPLES_KEPT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Sample:
    """One minute of one node, which ends `at`; its counts are of that minute alone.

    `units` deeds shared `commits`; `calls` took `call_us` microseconds together, and all but the slowest hundredth no
    more than `slow_us`; `errors` are calls that the server failed. `sockets` and `free_bytes` are as they were then.
    """

    at: datetime
    node: str
    sockets: int
    lines: int
    commits: int
    units: int
    calls: int
    call_us: int
    slow_us: int
    errors: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some minutes of all nodes, the first of which ends `at`.

    Counts are of the whole stretch; `sockets` is what was open on all nodes on average, `slow_us` the worst minute's,
    `free_bytes` the least that any node had.
    """

    at: datetime
    minutes: int
    sockets: float
    lines: int
    commits: int
    units: int
    calls: int
    call_us: int
    slow_us: int
    errors: int
    free_bytes: int


class Span(Enum):
    """How far back one looks, and how long the stretches are: at most 120 are drawn."""

    HOUR = timedelta(hours=1), timedelta(minutes=1)
    DAY = timedelta(days=1), timedelta(minutes=12)
    WEEK = timedelta(days=7), timedelta(minutes=84)
    MONTH = timedelta(days=30), timedelta(hours=6)

    @property
    def length(self) -> timedelta:
        return self.value[0]

    @property
    def step(self) -> timedelta:
        return self.value[1]
