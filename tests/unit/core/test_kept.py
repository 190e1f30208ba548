"""Kept: nobody gets what was old when he asked, a failure leaves nothing, and one reads for all."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from beseda.core.kept import Kept, KeptBytes
from beseda.core.patience import be_patient
from beseda.domain.errors import StoreUnavailable
from garbage import nothing_kept


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


class Source:
    """A database of numbers that tells who reads, and lets nobody go on before it is told to."""

    def __init__(self, most: int = 100) -> None:
        self.truth: dict[str, int] = {}
        self.reads: list[str] = []
        self.failing = False
        self.open = asyncio.Event()
        self.open.set()
        self.kept: Kept[str, int] = Kept(self.load, most, keeps=lambda value: value >= 0, owner=lambda value: value % 2)

    async def load(self, key: str) -> int:
        self.reads.append(key)
        value = self.truth.get(key, -1)
        await self.open.wait()
        if self.failing:
            raise StoreUnavailable
        return value


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_it_is_read_once_and_again_when_it_was_dropped(runner: asyncio.Runner) -> None:
    source = Source()
    source.truth["a"] = 1
    assert [await source.kept.get("a") for _ in range(3)] == [1, 1, 1]
    assert (source.reads, source.kept.now("a")) == (["a"], 1)
    source.truth["a"] = 2
    source.kept.drop("a")
    assert source.kept.now("a") is None
    assert [await source.kept.get("a") for _ in range(3)] == [2, 2, 2]
    source.kept.clear()
    await source.kept.get("a")
    assert source.reads == ["a", "a", "a"]


async def test_many_who_ask_at_once_share_one_read(runner: asyncio.Runner) -> None:
    source = Source()
    source.truth["a"] = 1
    source.open.clear()
    asking = [asyncio.ensure_future(source.kept.get("a")) for _ in range(50)]
    await settle()
    source.open.set()
    assert await asyncio.gather(*asking) == [1] * 50
    assert source.reads == ["a"]


async def test_what_was_dropped_while_it_was_read_is_neither_kept_nor_told_to_who_asks_later(
    runner: asyncio.Runner,
) -> None:
    source = Source()
    source.truth["a"] = 1
    source.open.clear()
    before = asyncio.ensure_future(source.kept.get("a"))
    await settle()
    source.truth["a"] = 2
    source.kept.drop("a")
    after = [asyncio.ensure_future(source.kept.get("a")) for _ in range(5)]
    await settle()
    source.open.set()
    assert await before == 1
    assert await asyncio.gather(*after) == [2] * 5
    assert (source.reads, source.kept.now("a")) == (["a", "a"], 2)


async def test_a_failed_read_leaves_nothing_and_the_next_one_reads_for_himself(runner: asyncio.Runner) -> None:
    source = Source()
    source.truth["a"], source.failing = 1, True
    source.open.clear()
    asking = [asyncio.ensure_future(source.kept.get("a")) for _ in range(3)]
    await settle()
    source.open.set()
    assert all(isinstance(each, StoreUnavailable) for each in await asyncio.gather(*asking, return_exceptions=True))
    assert source.kept.now("a") is None
    source.failing = False
    assert await source.kept.get("a") == 1


async def test_who_is_cancelled_while_he_reads_for_others_leaves_it_to_them(runner: asyncio.Runner) -> None:
    source = Source()
    source.truth["a"] = 1
    source.open.clear()
    first, second = (asyncio.ensure_future(source.kept.get("a")) for _ in range(2))
    await settle()
    first.cancel()
    source.open.set()
    assert await second == 1
    assert first.cancelled()


async def test_nobody_waits_for_another_read_longer_than_his_patience(runner: asyncio.Runner) -> None:
    source = Source()
    source.open.clear()
    first = asyncio.ensure_future(source.kept.get("a"))
    await settle()
    be_patient(0.01)
    with pytest.raises(StoreUnavailable):
        await source.kept.get("a")
    source.open.set()
    assert await first == -1


async def test_some_values_are_not_kept_and_of_too_many_the_oldest_go(runner: asyncio.Runner) -> None:
    source = Source(most=2)
    source.truth = {"a": 1, "b": 2, "c": 3}
    for key in ("nothing", "a", "b", "c", "nothing"):
        await source.kept.get(key)
    assert [source.kept.now(key) for key in ("nothing", "a", "b", "c")] == [None, None, 2, 3]


async def test_all_of_an_owner_are_dropped_and_nothing_else(runner: asyncio.Runner) -> None:
    source = Source()
    source.truth = {"a": 1, "b": 2, "c": 3}
    for key in source.truth:
        await source.kept.get(key)
    source.open.clear()
    source.truth["d"] = 5
    loading = asyncio.ensure_future(source.kept.get("d"))
    await settle()
    source.kept.drop_all_of(1)
    source.open.set()
    assert await loading == 5
    assert [source.kept.now(key) for key in "abcd"] == [None, 2, None, None]


async def test_a_refused_read_holds_no_frames(runner: asyncio.Runner) -> None:
    source = Source()
    source.failing = True
    with nothing_kept():
        for _ in range(5):
            with pytest.raises(StoreUnavailable):
                await source.kept.get("a")


async def test_at_random_nobody_gets_what_was_old_when_he_asked(runner: asyncio.Runner) -> None:
    rng, source = random.Random(7), Source()

    async def ask(key: str) -> None:
        for _ in range(60):
            asked_at = source.truth.get(key, 0)
            try:
                assert await source.kept.get(key) >= asked_at
            except StoreUnavailable:
                await asyncio.sleep(0)
            if rng.random() < 0.3:
                await asyncio.sleep(0)

    async def change() -> None:
        for number in range(1, 400):
            key = rng.choice("ab")
            source.truth[key] = number
            rng.choice((source.kept.drop, source.kept.drop, lambda key: source.kept.clear()))(key)
            source.failing = rng.random() < 0.2
            (source.open.set if rng.random() < 0.7 else source.open.clear)()
            await asyncio.sleep(0)
        source.open.set()
        source.failing = False

    source.truth = {"a": 0, "b": 0}
    await asyncio.gather(change(), *(ask(key) for key in "ab" * 5))


def test_bytes_are_kept_for_one_state_and_the_oldest_go() -> None:
    kept: KeptBytes[str] = KeptBytes(10)
    kept.put("a", 1, b"12345")
    assert (kept.get("a", 1), kept.get("a", 2), kept.get("b", 1)) == (b"12345", None, None)
    kept.put("a", 2, b"1234")
    assert (kept.get("a", 1), kept.get("a", 2), kept.size) == (None, b"1234", 4)
    kept.put("b", 1, b"123456")
    assert (kept.get("a", 2), kept.get("b", 1)) == (b"1234", b"123456")
    kept.put("c", 1, b"1")
    assert (kept.get("a", 2), kept.get("b", 1), kept.get("c", 1), kept.size) == (None, b"123456", b"1", 7)
    kept.put("d", 1, b"12345678901")
    assert (kept.get("d", 1), kept.size) == (None, 0)
