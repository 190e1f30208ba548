"""Workers: what a second process of one server brings to polls, handshakes and posts, on either engine.

Nothing is bound to a core: workers, PostgreSQL and the client share all of them, so two workers on two cores have at
most what the client leaves. Hence the CPU of the workers for each answer stands beside the rate: where that stays the
same and there are cores, so many workers answer so many times as much.
"""

import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvloop

from bench._crowd import handshake
from bench._load import Load, load
from bench._processes import CORES, cpu_seconds, family, free_port, process
from bench.http import request
from bench.rooms import config, settle
from beseda.server.bootstrap import open_core
from beseda.testing.postgres import run_postgres

WORKERS = (1, 2)
ROUNDS = 3
LOAD_S = 2.0
CONNECTIONS = 64
STARTED_LOOK_S, STARTED_CPU_S = 0.5, 0.03
"""Whoever used less in that time is no longer starting."""
QUICK = {"ROUNDS": 1, "LOAD_S": 0.2, "CONNECTIONS": 8}
Case = Callable[[int, int], Load]
"""Given a port and the process that listens there."""


async def prepare(folder: Path, database: str) -> Mapping[str, Case]:
    """A database with members in a room, and what is asked of it."""
    async with open_core(config(folder, database)) as parts:
        people = await settle(parts)
    cookie, form = f"Cookie: beseda={people.cookies[0]}", "Content-Type: application/x-www-form-urlencoded"
    poll = f"roomId={people.room_id}&chatIndex=999999999"

    def asking(body: str) -> Case:
        asked = request("POST /json/getText", body.encode(), cookie, form)
        return lambda port, pid: load("127.0.0.1", port, asked, pid, connections=CONNECTIONS)

    opening = handshake("/live", cookie)
    return {
        "polls, nothing new": asking(poll),
        "handshakes of /live": lambda port, pid: uvloop.run(handshakes(port, pid, opening)),
        "posts": asking(f"{poll}&text=Dobry+den&userIdTo=0"),
    }


async def handshakes(port: int, pid: int, opening: bytes) -> Load:
    """Each on a connection of its own, which is closed when it is answered."""
    done, began, cpu = 0, time.perf_counter(), cpu_seconds(pid)

    async def come_and_go() -> None:
        nonlocal done
        while time.perf_counter() - began < LOAD_S:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(opening)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101"), head
            writer.transport.abort()
            done += 1

    await asyncio.gather(*(come_and_go() for _ in range(CONNECTIONS)))
    took = time.perf_counter() - began
    return Load(done / took, (cpu_seconds(pid) - cpu) / done * 1e6)


@contextmanager
def running(folder: Path, database: str, count: int) -> Iterator[tuple[int, int]]:
    """A server of so many workers, all of which have started: its port and its process."""
    port = free_port()
    settings = {"BESEDA_SERVER_DATABASE": database, "BESEDA_SERVER_WORKERS": str(count)}
    command = ("-m", "beseda", "serve", "--data", str(folder), "--listen", f"127.0.0.1:{port}")
    with process(sys.executable, *command, port=port, cores=CORES, settings=settings) as pid:
        before = -1.0
        while len(family(pid)) <= count - (count == 1) or cpu_seconds(pid) - before > STARTED_CPU_S:
            before = cpu_seconds(pid)
            time.sleep(STARTED_LOOK_S)
        yield port, pid


def measure(title: str, folder: Path, database: str) -> None:
    cases = asyncio.run(prepare(folder, database))
    found: dict[tuple[str, int], list[Load]] = {}
    for _, count in itertools.product(range(ROUNDS), WORKERS):
        with running(folder, database, count) as (port, pid):
            for name, case in cases.items():
                found.setdefault((name, count), []).append(case(port, pid))
    print(f"\n{title}:")
    for name in cases:
        one = _median(found[name, 1])
        for count in WORKERS:
            each = _median(found[name, count])
            print(
                f"  {name:20} {count} worker{'s' if count > 1 else ' '} {each.per_second:9,.0f}/s"
                f" {each.per_second / one.per_second:5.2f}x"
                f"   CPU {each.cpu_us:6.1f} us {each.cpu_us / one.cpu_us:5.2f}x"
            )


def _median(found: list[Load]) -> Load:
    return Load(statistics.median(each.per_second for each in found), statistics.median(each.cpu_us for each in found))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", Path(folder), "")
    with run_postgres(durable=True) as dsn, tempfile.TemporaryDirectory() as folder:
        measure("PostgreSQL", Path(folder), dsn.format("postgres"))
