"""The clock of a node whose machine's is wrong."""

import asyncio
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
