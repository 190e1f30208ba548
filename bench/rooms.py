"""Talk: acknowledged posts through the core and over HTTP, polls, and what they cost as the messages grow.

Posts through the core stand beside single inserts with a commit each; over HTTP beside raw ASGI on plain uvicorn that
answers the same bytes and keeps nothing. Growth is measured on two databases in turn, of 10 thousand and of 5 million
messages. Goals: 20,000 posts/s by 64 posters on SQLite FULL, 3,000/s over HTTP, and a ratio under 1.2.
"""

import asyncio
import itertools
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench._load import fetch, load
from bench._processes import CORES, free_port, server, stay_off_the_servers_core
from bench.http import RAW, request
from beseda.adapters.sql.sqlite import connect
from beseda.core.caller import Caller
from beseda.core.ports import NewAccount
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.server.config import Config, load_config
from beseda.testing.postgres import run_postgres

ROUNDS = 7
ROUND_S = 0.5
LOADS = 5
GROWTH_ROUNDS = 21
POSTERS = 64
SMALL, LARGE = 10_000, 5_000_000
QUICK = {"ROUNDS": 1, "ROUND_S": 0.2, "LOADS": 1, "GROWTH_ROUNDS": 1, "LARGE": 50_000}
BUSY_ROOM_PART = 0.6
"""Of all messages are in the room that is measured; the others are in a hundred rooms."""
TEXT = "Dobrý den, jak se dnes máte? Tady prší."
LIMITS = {"room_line": "100000000/0.001"}
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class People:
    room_id: RoomId
    callers: list[Caller]
    cookies: list[str]


async def settle(parts: Parts) -> People:
    """A room with 64 members in it."""
    room = await parts.core.rooms.add(f"Room {next(_numbers)}")
    callers, cookies = [], []
    for number in range(POSTERS):
        async with parts.store.unit() as unit:
            new = NewAccount(registered=True, nick=f"Member {number}", sex=None, password_hash="none")
            account = await unit.accounts.add(new, parts.clock.now())
            session, handle = await parts.core.auth.start(unit, account.id, Handle.COOKIE)
        callers.append(Caller("::1", account, session))
        cookies.append(handle)
        await parts.core.rooms.enter(callers[-1], room.name)
    return People(room.id, callers, cookies)


async def rooms_of_their_own(parts: Parts, people: People) -> list[RoomId]:
    """One for each member, who has written in it."""
    rooms = []
    for caller in people.callers:
        room = await parts.core.rooms.add(f"Room {next(_numbers)}")
        await parts.core.rooms.enter(caller, room.name)
        await parts.core.messages.post(caller, room.id, "first in this hour")
        rooms.append(room.id)
    return rooms


async def rate(deed: Callable[[int], Awaitable[object]], workers: int) -> float:
    """How many a second so many workers get done."""
    done, began = 0, time.perf_counter()

    async def work(number: int) -> None:
        nonlocal done
        while time.perf_counter() - began < ROUND_S:
            await deed(number)
            done += 1

    await asyncio.gather(*(work(number) for number in range(workers)))
    return done / (time.perf_counter() - began)


def config(folder: Path, database: str = "") -> Config:
    overrides = {"server.data": folder, "server.database": database, "server.limits": LIMITS}
    return load_config(environment={}, overrides=overrides)


async def posts(title: str, folder: Path, database: str = "") -> None:
    """Through the core."""
    async with open_core(config(folder, database)) as parts:
        people = await settle(parts)
        await parts.core.streams.read(people.callers[0], people.room_id, None)

        async def post(number: int) -> None:
            await parts.core.messages.post(people.callers[number], people.room_id, TEXT)

        async def post_once(number: int) -> None:
            await parts.core.messages.post(people.callers[number], people.room_id, TEXT, key=f"{next(_numbers)}")

        plain = None if database else connect(folder / "beseda.db")
        rates: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name, workers in (("1 poster", 1), (f"{POSTERS} posters", POSTERS)):
                rates.setdefault(name, []).append(await rate(post, workers))
            if plain is not None:

                async def insert(_: int, plain: sqlite3.Connection = plain) -> None:
                    plain.execute("INSERT INTO invites VALUES (?, 1, 1)", (f"{next(_numbers)}",))

                rates.setdefault("one insert a commit", []).append(await rate(insert, 1))
        if plain is not None:
            plain.close()
        rooms = await rooms_of_their_own(parts, people)

        async def post_apart(number: int) -> None:
            await parts.core.messages.post(people.callers[number], rooms[number], TEXT)

        for _ in range(ROUNDS):
            for name, deed in ((f"{POSTERS} in {POSTERS} rooms", post_apart), (f"{POSTERS} with keys", post_once)):
                rates.setdefault(name, []).append(await rate(deed, POSTERS))
    for name, found in rates.items():
        print(f"{title:34} {name:20} {statistics.median(found):9,.0f}/s  ({min(found):,.0f} to {max(found):,.0f})")


def over_http(folder: Path) -> None:
    """Posts and polls, the server on one core and the load on the other, in turn with raw ASGI."""

    async def prepare() -> People:
        async with open_core(config(folder)) as parts:
            return await settle(parts)

    people, port, raw_port = asyncio.run(prepare()), free_port(), free_port()
    arguments = ["-m", "beseda", "serve", "--data", str(folder), "--listen", f"127.0.0.1:{port}"]
    cookie = f"Cookie: beseda={people.cookies[0]}"
    form = "Content-Type: application/x-www-form-urlencoded"
    room = people.room_id
    cases = {
        "post (getText, 64 connections)": f"roomId={room}&chatIndex=999999999&text=Dobry+den&userIdTo=0",
        "poll, nothing new": f"roomId={room}&chatIndex=999999999",
        "poll, ten lines": f"roomId={room}&chatIndex=",
    }
    answer = folder / "answer"
    with server(*arguments, port=port) as pid:
        for name, body in cases.items():
            if body.endswith("="):
                end = json.loads(_answer(port, request("POST /json/getText", f"{body}{10**9}".encode(), cookie, form)))
                body += str(int(end["data"]["index"]) - 10)
            asked = request("POST /json/getText", body.encode(), cookie, form)
            answer.write_bytes(_answer(port, asked))
            ours, raws = [], []
            with server("-c", RAW, str(raw_port), str(answer), port=raw_port) as raw_pid:
                for _ in range(LOADS):
                    ours.append(load("127.0.0.1", port, asked, pid))
                    raws.append(load("127.0.0.1", raw_port, asked, raw_pid))
            mine, raw = (statistics.median(each.per_second for each in loads) for loads in (ours, raws))
            cpu, raw_cpu = (statistics.median(each.cpu_us for each in loads) for loads in (ours, raws))
            print(
                f"{name:34} {mine:9,.0f}/s  raw ASGI {raw:9,.0f}/s  {mine / raw:5.2f}"
                f"  CPU {cpu:6.1f} / {raw_cpu:5.1f} us"
            )


def _answer(port: int, asked: bytes) -> bytes:
    return asyncio.run(fetch("127.0.0.1", port, asked))[1]


def fill(folder: Path, count: int) -> None:
    """So many messages of 64 members in a busy room and a hundred others, oldest first."""
    database = sqlite3.connect(folder / "beseda.db", isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("BEGIN")
    busy = int(count * BUSY_ROOM_PART)
    rooms = [(1, busy)] + [(1000 + number, (count - busy) // 100) for number in range(100)]
    for room_id, lines in rooms:
        found = database.execute("SELECT head_seq FROM room_heads WHERE room_id = ?", (room_id,)).fetchone()
        head = found[0] if found else 0
        rows = (
            (room_id, head + n, 1_000_000 + 2 * n, "text", n % POSTERS + 1, None, TEXT, 0, "", None)
            for n in range(1, lines + 1)
        )
        database.executemany("INSERT INTO room_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        heads = (room_id, head + lines, 1_000_000 + 2 * lines)
        database.execute("INSERT OR REPLACE INTO room_heads VALUES (?, ?, ?, 0)", heads)
    database.execute("COMMIT")
    database.close()


async def growth(folders: dict[int, Path]) -> None:
    """The same deeds on both databases, in turn."""
    times: dict[str, dict[int, list[float]]] = {}
    opened = {size: open_core(config(folder)) for size, folder in folders.items()}
    all_parts = {size: await core.__aenter__() for size, core in opened.items()}
    people: dict[int, People] = {}
    for size, parts in all_parts.items():
        people[size] = await settle(parts)
    for size, folder in folders.items():
        fill(folder, size)
    for parts in all_parts.values():
        await parts.nodes.catch_up()

    async def post(size: int, number: int) -> None:
        await all_parts[size].core.messages.post(people[size].callers[number % POSTERS], RoomId(1), TEXT)

    async def poll(size: int, number: int) -> None:
        await all_parts[size].core.streams.read(people[size].callers[number % POSTERS], RoomId(1), 2**60)

    async def history(size: int, number: int) -> None:
        before = int(size * BUSY_ROOM_PART * ((number * 0.618) % 1)) + 100
        await all_parts[size].core.streams.history(people[size].callers[0], RoomId(1), before, 50)

    for _ in range(GROWTH_ROUNDS):
        for name, deed, count in (("post", post, 200), ("poll", poll, 2000), ("history page", history, 200)):
            for size in folders:
                began = time.perf_counter()
                if name == "post":
                    await asyncio.gather(*(deed(size, number) for number in range(count)))
                else:
                    for number in range(count):
                        await deed(size, number)
                times.setdefault(name, {}).setdefault(size, []).append((time.perf_counter() - began) / count * 1e6)
    for name, by_size in times.items():
        small, large = (statistics.median(by_size[size]) for size in (SMALL, LARGE))
        print(f"{name:14} {small:7.1f} us at {SMALL:,}, {large:7.1f} us at {LARGE:,}: ratio {large / small:.2f}")
    for core in opened.values():
        await core.__aexit__(None, None, None)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:
        folder = Path(name)
        uvloop.run(posts("posts through the core, SQLite FULL", folder))
    with run_postgres(durable=True) as dsn, tempfile.TemporaryDirectory() as name:
        uvloop.run(posts("posts through the core, PostgreSQL", Path(name), dsn.format("postgres")))
    stay_off_the_servers_core()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:
        over_http(Path(name))
    os.sched_setaffinity(0, CORES)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:
        folders = {size: Path(name) / str(size) for size in (SMALL, LARGE)}
        for folder in folders.values():
            folder.mkdir()
        uvloop.run(growth(folders))
