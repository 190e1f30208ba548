"""Time as bots see it, so that a test can move it; and how long "10m" is."""

import asyncio
import re
import time
from datetime import UTC, datetime
from typing import Protocol

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")


class Clock(Protocol):
    """What a bot asks for the time; a test gives one of its own (`beseda.bot.testing`)."""

    def now(self) -> datetime:
        """The time, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that only grow."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        ...


class SystemClock:
    """The computer's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def seconds(span: float | str) -> float:
    """Seconds as such, or written "90s", "10m", "1h30m", "2d". Raises ValueError for what is no time above 0."""
    if isinstance(span, str):
        if not _WHOLE.fullmatch(span):
            raise ValueError(f"not a span of time such as 90s, 10m, 1h30m or 2d: {span!r}")
        span = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(span))
    if not 0 < span < float("inf"):
        raise ValueError(f"not a span of time above 0: {span!r}")
    return float(span)
