"""Acknowledged inserts: units of the store, which share commits, beside one commit for each insert.

A writer inserts one row, waits until it is durable, and goes on with the next. Goal: at least 20,000 inserts a second
by 64 writers on SQLite with synchronous=FULL.
"""

import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import uvloop

from beseda.adapters.sql.engine import Database, SqlStore
from beseda.adapters.sql.postgres import open_postgres
from beseda.adapters.sql.schema import migrate_postgres, migrate_sqlite
from beseda.adapters.sql.sqlite import SqliteDatabase, connect
from beseda.testing.postgres import run_postgres

ROUNDS = 7
ROUND_S = 0.5
QUICK = {"ROUNDS": 1, "ROUND_S": 0.1}
WRITERS = (1, 64, 512)
POOL = 16
INSERT = "INSERT INTO invites (digest, uses_left, created_ms) VALUES ($1, 1, 1)"
AT = datetime(2026, 11, 20, tzinfo=UTC)
_numbers = itertools.count()

Insert = Callable[[str], Awaitable[object]]
Line = tuple[str, Insert, int]
"""What is printed, how one row is inserted, and how many writers do it at once."""


async def rate(insert: Insert, writers: int) -> float:
    """Acknowledged inserts a second."""
    done, began = 0, time.perf_counter()

    async def write() -> None:
        nonlocal done
        while time.perf_counter() - began < ROUND_S:
            await insert(f"{next(_numbers):032x}")
            done += 1

    await asyncio.gather(*(write() for _ in range(writers)))
    return done / (time.perf_counter() - began)


def through(store: SqlStore) -> Insert:
    async def insert(digest: str) -> None:
        async with store.unit() as unit:
            await unit.accounts.add_invite(digest, 1, AT)

    return insert


async def compare(title: str, baselines: Sequence[Line], database: Database) -> None:
    """Let all insert in turn, several times, and print how they did beside the first baseline."""
    store = SqlStore(database, lambda events: None)
    lines = [*baselines, *((f"units, {writers} at once", through(store), writers) for writers in WRITERS)]
    rates: dict[str, list[float]] = {name: [] for name, _, _ in lines}
    batches: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, insert, writers in lines:
            units, commits = store.units, store.commits
            rates[name].append(await rate(insert, writers))
            batches[name] = (store.units - units) / max(store.commits - commits, 1) or 1
    await store.close()
    first = statistics.median(rates[lines[0][0]])
    print(f"\n{title}: acknowledged inserts/s, median of {ROUNDS} (lowest to highest), times the first, batch")
    for name, measured in rates.items():
        median, spread = statistics.median(measured), f"({min(measured):,.0f} to {max(measured):,.0f})"
        print(f"  {name:34} {median:9,.0f} {spread:22} {median / first:6.1f}x {batches[name]:6.1f}")


async def sqlite(folder: Path) -> None:
    database = SqliteDatabase(folder / "bench.db")
    migrate_sqlite(database.raw)
    plain = connect(folder / "bench.db")

    async def insert(digest: str) -> None:
        plain.execute(INSERT, (digest,))

    await compare(f"SQLite {sqlite3.sqlite_version}, FULL", [("sqlite3, one commit each", insert, 1)], database)
    plain.close()


async def postgres(dsn: str) -> None:
    await migrate_postgres(dsn)
    pool = await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL)
    version = await pool.fetchval("SHOW server_version")

    async def insert(digest: str) -> None:
        await pool.execute(INSERT, digest)

    alone = ("asyncpg, one commit each", insert, 1)
    together = (f"the same, 64 on {POOL} connections", insert, 64)
    await compare(f"PostgreSQL {version}", [alone, together], await open_postgres(dsn))
    await pool.close()


def main() -> None:
    # Not in the folder for temporary files: that may be no disk at all.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        uvloop.run(sqlite(Path(folder)))
    with run_postgres(durable=True) as server:
        uvloop.run(postgres(server.format("postgres")))
