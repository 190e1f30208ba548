"""Workers tell each other what they did, and wait for none that does not listen."""

import asyncio
from collections.abc import Iterator

import pytest
import uvloop

from beseda.adapters.bus.workers import WorkersBus
from beseda.server.worker import Channel, make_channels


@pytest.fixture(params=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    factory = uvloop.new_event_loop if request.param == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner


@pytest.fixture
def channels() -> Iterator[list[Channel]]:
    made = make_channels(3)
    yield made
    for end in {end for channel in made for end in (channel.mine, *channel.others.values())}:
        end.close()


def bus(channel: Channel, *wrote: bool) -> WorkersBus:
    """`wrote` is what its database says, one time after the other."""
    told = iter(wrote)
    return WorkersBus(channel.mine, [*channel.others.values()], lambda: next(told))


async def test_a_hint_comes_to_all_others(runner: asyncio.Runner, channels: list[Channel]) -> None:
    buses, heard = [bus(channel) for channel in channels], [list[bytes]() for _ in channels]
    for each, hints in zip(buses, heard, strict=True):
        await each.start(hints.append)
    await buses[0].send([(None, b"one"), (None, b"two")])
    async with asyncio.timeout(30):
        while not heard[1][1:] or not heard[2][1:]:  # noqa: ASYNC110 - the system delivers
            await asyncio.sleep(0)
    assert heard == [[], [b"one", b"two"], [b"one", b"two"]]
    for each in buses:
        await each.close()


async def test_one_that_does_not_read_is_waited_for_once(runner: asyncio.Runner, channels: list[Channel]) -> None:
    speaker, listener, heard = bus(channels[0]), bus(channels[1]), list[bytes]()
    await listener.start(heard.append)
    async with asyncio.timeout(30):
        while not speaker.losses:
            await speaker.send([(None, bytes(speaker.payload_max))])
        for number in range(200):
            await speaker.send([(None, b"%d" % number)])
        while b"199" not in heard:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
    assert [hint for hint in heard if len(hint) < 4] == [b"%d" % number for number in range(200)]
    assert speaker.losses == 1
    while channels[2].mine.recv(speaker.payload_max) != b"end":
        await speaker.send([(None, b"end")])
    await listener.close()


async def test_a_commit_without_a_hint_is_looked_for(runner: asyncio.Runner, channels: list[Channel]) -> None:
    listener, heard = bus(channels[1], True, True, False, True), asyncio.Event()
    await listener.start(lambda hint: heard.set())
    assert await listener.look()
    channels[0].others[2].send(b"a hint of it")
    async with asyncio.timeout(30):
        await heard.wait()
    assert [await listener.look() for _ in range(3)] == [False, False, True]
    await listener.close()
