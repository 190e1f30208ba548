"""Three nodes that are killed at random, while members talk through all of them and follow."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from failure.cluster import address, make_servers
from failure.town import Town, settle

ROUNDS = int(os.environ.get("BESEDA_TORTURE") or 5)
BETWEEN_S = (0.2, 1.0)
pytestmark = [pytest.mark.long]


async def kill_at_random(town: Town, rounds: int) -> None:
    dice = random.Random(rounds)
    for _ in range(rounds):
        node = town.nodes[dice.choice(town.people).at]  # where somebody is
        await asyncio.sleep(dice.uniform(*BETWEEN_S))
        node.kill()
        await asyncio.sleep(dice.uniform(*BETWEEN_S))
        await asyncio.to_thread(node.start)
        await town.go_on(1)


@pytest.mark.torture
@pytest.mark.timeout(120 + 15 * ROUNDS)
def test_nothing_acknowledged_is_lost_and_followers_miss_nothing(tmp_path: Path) -> None:
    async def play(database: str) -> None:
        async with settle(tmp_path, database) as town:
            async with town.talk():
                await kill_at_random(town, ROUNDS)
            town.check_pauses()

    with make_servers(1) as servers:
        asyncio.run(play(address(*servers)))
