"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


class ManualClock:
    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._elapsed = timedelta()

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._elapsed.total_seconds()

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._elapsed += timedelta(seconds=seconds)

    def set_back(self, seconds: float) -> None:
        """As when somebody corrects the wall clock: it goes back, elapsed time does not."""
        self._now -= timedelta(seconds=seconds)
