"""Acknowledged inserts: units of the store, which share commits, beside one commit for each insert.

A writer inserts one row, waits until it is durable, and goes on with the next.
"""

import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import uvloop

from beseda.adapters.sql.engine import Database, SqlStore
from beseda.adapters.sql.postgres import open_postgres
from beseda.adapters.sql.schema import migrate_postgres, migrate_sqlite
from beseda.adapters.sql.sqlite import SqliteDatabase, connect
from beseda.testing.postgres import run_postgres

ROUNDS = 5
ROUND_S = 1.0
WRITERS = (1, 64, 512)
POOL = 16
INSERT = "INSERT INTO invites (digest, uses_left, created_ms) VALUES ($1, 1, 1)"
AT = datetime(2026, 11, 20, tzinfo=UTC)
_numbers = itertools.count()

Insert = Callable[[str], Awaitable[object]]


async def rate(insert: Insert, writers: int) -> float:
    """Acknowledged inserts per second."""
    done, ends = 0, time.perf_counter() + ROUND_S

    async def write() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await insert(f"{next(_numbers):032x}")
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    return done / (time.perf_counter() - began)


def through(store: SqlStore) -> Insert:
    async def insert(digest: str) -> None:
        async with store.unit() as unit:
            await unit.accounts.add_invite(digest, 1, AT)

    return insert


async def compare(title: str, baseline: list[tuple[str, Insert, int]], database: Database) -> None:
    """Let all insert in turn, several times, and print medians and what they are of the first baseline."""
    store = SqlStore(database, lambda _: None)
    lines = [*baseline, *((f"units, {writers} at once", through(store), writers) for writers in WRITERS)]
    rates: dict[str, list[float]] = {name: [] for name, _, _ in lines}
    batches: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, insert, writers in lines:
            units, commits = store.units, store.commits
            rates[name].append(await rate(insert, writers))
            if store.commits > commits:
                batches[name] = (store.units - units) / (store.commits - commits)
    await store.close()
    first = statistics.median(rates[lines[0][0]])
    print(
        f"\n{title}: acknowledged inserts/s, median of {ROUNDS} rounds (lowest to highest), times the first line, batch"
    )
    for name, measured in rates.items():
        median = statistics.median(measured)
        print(
            f"  {name:38} {median:8,.0f} ({min(measured):,.0f} to {max(measured):,.0f})"
            f" {median / first:6.1f}x {batches.get(name, 1):6.1f}"
        )


async def sqlite(folder: Path) -> None:
    database = SqliteDatabase(folder / "bench.db")
    migrate_sqlite(database.raw)
    plain = connect(folder / "bench.db")
    plain.execute("PRAGMA busy_timeout = 5000")

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

    baseline = [("asyncpg, one commit each", insert, 1), (f"asyncpg, 64 at once, pool of {POOL}", insert, 64)]
    await compare(f"PostgreSQL {version}", baseline, await open_postgres(dsn))
    await pool.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="beseda-bench-", dir=Path.cwd()) as folder:
        uvloop.run(sqlite(Path(folder)))
    with run_postgres(durable=True) as dsn:
        uvloop.run(postgres(dsn.format("postgres")))
