"""Three nodes that are stopped and cut off in turn, while members talk through all of them and follow."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from signal import SIGCONT, SIGSTOP

import pytest

from failure.cluster import PostgresServer, address, make_servers
from failure.talkers import percentile
from failure.town import PAUSE_S, Town, settle

STOPPED_S = 10.0
AWAY_S = 5.0
END_LISTENERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'beseda bus'"
pytestmark = [pytest.mark.long, pytest.mark.timeout(200)]


@dataclass
class World:
    """Lives in one loop; see tests/conftest.py."""

    runner: asyncio.Runner
    postgres: PostgresServer
    town: Town

    def run(self, test: object) -> None:
        self.runner.run(test)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    stack = AsyncExitStack()
    with ExitStack() as outer:
        (postgres,) = outer.enter_context(make_servers(1))
        runner = outer.enter_context(asyncio.Runner())
        outer.callback(lambda: runner.run(stack.aclose()))
        settling = settle(tmp_path_factory.mktemp("town"), address(postgres))
        yield World(runner, postgres, runner.run(stack.enter_async_context(settling)))


async def test_a_node_that_is_stopped_holds_up_nobody_else(world: World) -> None:
    town = world.town
    stopped, *_ = town.nodes
    assert stopped.process is not None
    async with town.talk():
        for person in town.people:
            person.pauses.clear()
        stopped.process.tell(SIGSTOP)
        ends = time.monotonic() + STOPPED_S
        while time.monotonic() < ends:
            await town.go_on(1)
        stopped.process.tell(SIGCONT)
        await town.go_on(5)
    pauses = [pause for person in town.people for pause in person.pauses]
    # Of those who were there: their clients notice after two seconds of silence (PING_S).
    assert percentile(pauses, 0.99) < 2 * PAUSE_S


async def test_listeners_that_cannot_come_back_make_it_slower_and_nothing_else(world: World) -> None:
    def operate(statement: str) -> None:
        world.postgres.sql(statement, "template1")

    async with world.town.talk():
        await asyncio.to_thread(operate, "ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        await asyncio.to_thread(operate, END_LISTENERS)
        await world.town.become("degraded")
        await world.town.go_on(10)
        await asyncio.to_thread(operate, "ALTER DATABASE postgres ALLOW_CONNECTIONS true")
        await world.town.become("ok")


async def test_postgres_that_is_frozen_loses_nothing(world: World) -> None:
    async with world.town.talk():
        with world.postgres.frozen():
            await asyncio.sleep(AWAY_S)
        assert await world.town.go_on(3) < 2 * PAUSE_S


async def test_postgres_that_is_killed_and_comes_back_loses_nothing(world: World) -> None:
    async with world.town.talk():
        for _ in range(2):
            await asyncio.to_thread(world.postgres.kill)
            await asyncio.sleep(1)
            await asyncio.to_thread(world.postgres.start)
            assert await world.town.go_on(3) < 2 * PAUSE_S
        await world.town.become("ok")
