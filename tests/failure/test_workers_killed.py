"""Workers of one server that are killed at random, while members talk through all of them and follow."""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from e2e.workers import replaced, workers_of
from failure.town import settle
from postgres import create_database

KILLS = 6
pytestmark = [pytest.mark.long]


async def kill_at_random(folder: Path, database: str) -> None:
    dice, settings = random.Random(KILLS), {"BESEDA_SERVER_WORKERS": "3"}
    async with settle(folder, database, 1, settings=settings, members=3) as town:
        server = town.nodes[0].process
        assert server is not None
        await asyncio.to_thread(server.wait_for, "all workers are ready")
        async with town.talk():
            for _ in range(KILLS):
                with replaced(server):
                    os.kill(dice.choice(workers_of(server)), signal.SIGKILL)
                    await town.go_on(1)
                await town.go_on(1)
        assert await asyncio.to_thread(server.stop) == 0


def test_nothing_acknowledged_is_lost_on_sqlite(tmp_path: Path) -> None:
    asyncio.run(kill_at_random(tmp_path, ""))


def test_nor_on_postgresql(tmp_path: Path, postgres: str) -> None:
    asyncio.run(kill_at_random(tmp_path, asyncio.run(create_database(postgres))))
