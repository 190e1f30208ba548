"""The primary is lost and its standby promoted: nodes go on by themselves, and never go back to the old primary."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from awake import awake_s
from failure.cluster import PostgresServer, address, primary_and_standby
from failure.town import WAIT_S, Town, settle

SECONDS = 10.0
"""After the promotion everybody has gone on by then, on a machine with other work."""
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


async def fall_silent(town: Town) -> None:
    """Until nothing is acknowledged any more; what was done just before may be told a moment later."""
    ends, before = time.monotonic() + WAIT_S, [-1]
    while (now := [len(poster.acknowledged) for poster in town.posters]) != before:
        assert time.monotonic() < ends
        before = now
        await asyncio.sleep(1)


async def fail_over(town: Town, primary: PostgresServer, standby: PostgresServer) -> None:
    """Nothing is acknowledged between the two."""
    await asyncio.to_thread(primary.kill)
    await fall_silent(town)
    began = awake_s()
    await asyncio.to_thread(standby.sql, "SELECT pg_promote()")
    await town.go_on(3)
    assert awake_s() - began < SECONDS


def start_writable(old: PostgresServer) -> None:
    """As when its operator thinks that it is the primary, and asks for no standby."""
    with (old.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("synchronous_standby_names = ''\n")
    old.start()
    assert old.sql("SELECT pg_is_in_recovery()") == "f"
    old.sql("CREATE TABLE proof (that TEXT)")


async def heads(town: Town, server: PostgresServer) -> str:
    return await asyncio.to_thread(server.sql, f"SELECT head_seq FROM room_heads WHERE room_id = {town.room:d}")  # noqa: S608 - a number


async def trouble(node_url: str) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{node_url}/health/ready")).text


def test_nodes_go_on_with_the_standby_and_never_write_to_the_old_primary(tmp_path: Path) -> None:
    async def play(primary: PostgresServer, standby: PostgresServer) -> None:
        async with settle(tmp_path, address(primary, standby)) as town, town.talk():
            await town.go_on(10)
            await fail_over(town, primary, standby)
            town.database = address(standby)
            await asyncio.to_thread(start_writable, primary)
            told = await heads(town, primary)
            await town.go_on(10)
            # A node that starts anew finds both of them.
            town.nodes[0].kill()
            await asyncio.to_thread(town.nodes[0].start)
            await town.go_on(10)
            # And when the new one is away, all would rather write nothing.
            await asyncio.to_thread(standby.kill)
            town.nodes[1].kill()
            assert "timeline 2 has been seen" in await asyncio.to_thread(town.nodes[1].start_in_vain)
            before = [len(poster.acknowledged) for poster in town.posters]
            await asyncio.sleep(3)
            assert [len(poster.acknowledged) for poster in town.posters] == before
            process = town.nodes[2].process
            assert process is not None
            assert "timeline 2 has been seen" in await trouble(process.ops_url)
            assert await heads(town, primary) == told
            await asyncio.to_thread(standby.start)
            await asyncio.to_thread(town.nodes[1].start)
            await town.go_on(10)
            assert await heads(town, primary) == told

    with primary_and_standby() as servers:
        asyncio.run(play(*servers))
