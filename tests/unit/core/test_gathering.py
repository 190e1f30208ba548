"""What is gathered is written together, and what is wrong with one of it is his alone."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from beseda.core.gathering import Gathering
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable


@pytest.fixture(autouse=True)
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


class Writing:
    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.begun = asyncio.Event()

    async def write(self, numbers: Sequence[int]) -> list[int]:
        self.written.append(list(numbers))
        self.begun.set()
        for _ in range(5):
            await asyncio.sleep(0)
        if 13 in numbers:
            raise ValueError("thirteen")
        if 503 in numbers:
            raise StoreUnavailable
        return [-number for number in numbers]


async def outcomes(gathering: Gathering[int, int], *numbers: int) -> list[object]:
    found = await asyncio.gather(*(gathering.add(each) for each in numbers), return_exceptions=True)
    return [type(each) if isinstance(each, BaseException) else each for each in found]


async def in_turn(gathering: Gathering[int, int], *numbers: int) -> list[int]:
    """Each when the one before has been answered."""
    return [await gathering.add(number) for number in numbers]


async def test_one_that_is_wrong_spoils_no_other() -> None:
    writing = Writing()
    assert await outcomes(Gathering(writing.write), 1, 13, 2) == [-1, ValueError, -2]
    assert writing.written == [[1, 13, 2], [1], [13], [2]]


async def test_of_those_with_one_name_one_goes_first() -> None:
    writing = Writing()
    gathering = Gathering(writing.write, lambda number: number % 10 or None)
    assert await outcomes(gathering, 1, 11, 2, 21, 10, 20) == [-1, -11, -2, -21, -10, -20]
    assert writing.written == [[1, 2, 10, 20], [11], [21]]


async def test_who_comes_while_others_are_written_is_written_after_them() -> None:
    writing = Writing()
    gathering = Gathering(writing.write)
    first = asyncio.create_task(gathering.add(1))
    await writing.begun.wait()
    assert await outcomes(gathering, 2, 3) == [-2, -3]
    assert await first == -1
    assert writing.written == [[1], [2, 3]]
    await gathering.drain()


async def test_who_asks_again_as_soon_as_he_is_answered_is_written_with_those_who_wait() -> None:
    writing = Writing()
    gathering = Gathering(writing.write)
    restless = asyncio.create_task(in_turn(gathering, 1, 3, 5))
    await writing.begun.wait()
    assert await in_turn(gathering, 2, 4) == [-2, -4]
    assert await restless == [-1, -3, -5]
    assert writing.written == [[1], [2, 3], [4, 5]]


async def test_who_waits_does_not_wait_for_somebody_who_has_had_enough() -> None:
    writing = Writing()
    gathering = Gathering(writing.write)
    first = asyncio.create_task(gathering.add(1))
    await writing.begun.wait()
    assert await gathering.add(2) == -2
    assert await first == -1
    assert writing.written == [[1], [2]]

    # Nor is anybody else waited for now.
    writing.begun.clear()
    restless = asyncio.create_task(in_turn(gathering, 3, 5))
    await writing.begun.wait()
    assert await gathering.add(4) == -4
    assert await restless == [-3, -5]
    assert writing.written == [[1], [2], [3], [4], [5]]


async def test_all_are_refused_when_the_database_is_away() -> None:
    writing = Writing()
    gathering = Gathering(writing.write, lambda number: number)
    first = asyncio.create_task(outcomes(gathering, 503, 1, 1))
    await writing.begun.wait()
    assert await outcomes(gathering, 2) == [StoreUnavailable]
    assert await first == [StoreUnavailable] * 3
    assert await outcomes(gathering, 3) == [-3]


async def test_an_unknown_outcome_is_known_of_nobody() -> None:
    async def write(numbers: Sequence[int]) -> list[int]:
        raise OutcomeUnknown

    assert await outcomes(Gathering(write), 1, 2) == [OutcomeUnknown] * 2
