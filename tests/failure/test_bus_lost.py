"""Three nodes whose bus is away: all is heard, a second later."""

import asyncio
import time
from pathlib import Path

import pytest

from beseda.testing.nats import run_nats
from failure.cluster import address, make_servers
from failure.town import settle

AWAY_S = 30.0
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_without_nats_everything_goes_on_and_with_it_again(tmp_path: Path) -> None:
    async def play(database: str) -> None:
        with run_nats() as nats:
            async with settle(tmp_path, database, settings={"BESEDA_SERVER_BUS": nats.url}) as town:
                for person in town.people:
                    person.ping_s = AWAY_S  # all nodes stay, whatever stands still for a moment
                async with town.talk():
                    await town.go_on(5)
                    nats.stop()
                    await town.become("degraded")
                    ends = time.monotonic() + AWAY_S
                    while time.monotonic() < ends:
                        await town.go_on(1)
                        await asyncio.sleep(1)
                    nats.start()
                    await town.become("ok")
                    await town.go_on(5)
            assert not any(person.losses for person in town.people)

    with make_servers(1) as servers:
        asyncio.run(play(address(*servers)))
