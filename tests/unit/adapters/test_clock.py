"""The machine's clock, and that of a node whose machine's is wrong."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from beseda.adapters.clock import CommonClock, SystemClock


class Machine:
    """A database whose clock is so much ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    async def read(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.mark.parametrize("seconds", [-300, -3, 3, 300, 86_400 * 400])
def test_a_node_goes_by_the_clock_of_the_database(seconds: int) -> None:
    database = Machine()
    clock = CommonClock(database.read)
    database.ahead = timedelta(seconds=seconds)
    asyncio.run(clock.adjust())
    assert abs(clock.now() - SystemClock().now() - database.ahead) < timedelta(seconds=1)


def test_one_that_is_nearly_right_is_left_alone_and_one_that_is_set_right_is_believed_again() -> None:
    database = Machine()
    clock = CommonClock(database.read)
    for seconds, ahead_s in ((1, 0), (-1.5, 0), (300, 300), (299, 300), (290, 290), (0.5, 0)):
        database.ahead = timedelta(seconds=seconds)
        asyncio.run(clock.adjust())
        assert clock.ahead.total_seconds() == pytest.approx(ahead_s, abs=0.5)


def test_the_time_is_in_whole_milliseconds_and_never_an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    for now_ns, now_ms in ((1_999_999, 1), (2_000_000, 2), (2_999_999, 2), (3_000_000, 3), (2_000_000, 2)):
        monkeypatch.setattr(time, "time_ns", lambda now_ns=now_ns: now_ns)
        assert clock.now() == datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=now_ms)
