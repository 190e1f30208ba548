"""Who leaves a room with a node that dies, and when; and that nobody does because of somebody's clock."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from awake import awake_s
from failure.cluster import address, make_servers
from failure.talkers import Follower, talking
from failure.town import SETTINGS, Town, settle

TIMEOUT_S = float(SETTINGS["BESEDA_ROOMS_PRESENCE_TIMEOUT_S"])
KEPT_S, SWEEP_S, LEASE_S, SLACK_S = 20.0, 10.0, 30.0, 5.0
"""How exactly it is kept who was there, how often it is looked, how late by another node than before."""
AHEAD_S = 300
LATE = str(Path(__file__).with_name("late.py"))
pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


async def gone(town: Town) -> int:
    """Members who were taken out."""
    return sum(kind == "auto_left" for _, kind, _, _ in await town.lines())


async def stay(town: Town) -> None:
    """At two nodes of which one goes by another clock; then that one is all that is left."""
    ahead, right = town.nodes
    tokens = iter(town.tokens)
    there = [Follower(next(tokens), [node.url], 0, town.room) for node in town.nodes for _ in "123"]
    async with talking(there):
        await town.wait_for(lambda: all(member.inside for member in there))
        await asyncio.sleep(TIMEOUT_S + 2 * SWEEP_S + SLACK_S)
        assert await gone(town) == 0
        right.kill()
        killed_s, killed_awake_s = time.monotonic(), awake_s()
        while await gone(town) == 0:
            assert awake_s() - killed_awake_s < TIMEOUT_S + SWEEP_S + LEASE_S + SLACK_S
            await asyncio.sleep(0.5)
        assert time.monotonic() - killed_s > TIMEOUT_S - KEPT_S - SLACK_S
        while await gone(town) < 3:
            assert awake_s() - killed_awake_s < TIMEOUT_S + SWEEP_S + LEASE_S + SLACK_S
            await asyncio.sleep(0.5)
        await asyncio.sleep(SWEEP_S)
        assert await gone(town) == 3
    assert ahead.process is not None
    assert all(member.faults == [] for member in there)


def test_a_clock_ahead_sweeps_nobody_out_and_a_dead_nodes_members_leave_at_the_timeout(tmp_path: Path) -> None:
    async def play(database: str) -> None:
        async with settle(tmp_path, database, 2, under={0: (sys.executable, LATE, str(AHEAD_S))}) as town:
            await stay(town)

    with make_servers(1) as servers:
        asyncio.run(play(address(*servers)))
