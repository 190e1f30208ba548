"""An upgrade of a database with five million lines, from the first schema that keeps any, killed again and again.

`beseda migrate` is killed by SIGKILL after some seconds, and the database must be what it was; at last it is let
through, and must hold the same lines. The backup before the migration takes most of the time. "words" are how often
whoever waits was told how far it is, every five seconds. The index over words is filled afterwards, by the server that
runs, a little at a time.
"""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple, Protocol

import asyncpg

from beseda.adapters.sql.schema import SCHEMA, changing_postgres, changing_sqlite, upgrade_to
from beseda.testing.postgres import run_postgres

LINES = 5_000_000
MEMBERS = 100_000
KILLED_AFTER_S = (2.0, 15.0, 60.0)
QUICK = {"LINES": 5_000, "MEMBERS": 200, "KILLED_AFTER_S": (0.3, 1.0)}
OLDEST = 2
"""The first schema in which rooms have lines."""
BATCH = 500_000
SERIES = {
    "sqlite": "(WITH RECURSIVE s (i) AS (SELECT {0} UNION ALL SELECT i + 1 FROM s WHERE i < {1}) SELECT i FROM s) n",
    "postgresql": "generate_series({0}::bigint, {1}::bigint) AS n (i)",
}
"""Numbers from one to the other, each as `n.i`."""
FILL_MEMBERS = (
    "INSERT INTO accounts (registered, nick, nick_key, email, email_key, password_hash, standing, created_ms,"
    " accessed_ms) SELECT 1, 'Clen' || n.i, 'clen' || n.i, 'clen' || n.i || '@Bücher.example',"
    " 'clen' || n.i || '@bücher.example', 'none', 'active', 0, 0 FROM {series}"
)
FILL_ROOM = "INSERT INTO rooms (name, name_key, permanent, created_ms) VALUES ('Praha', 'praha', 1, 0)"
FILL_LINES = (
    "INSERT INTO room_lines (room_id, seq, at_ms, kind, actor_id, text, number, hidden)"
    " SELECT 1, n.i, 1795000000000 + n.i, 'text', 1 + n.i % {members}, 'Line ' || n.i || ' of a talk about nothing',"
    " 0, '' FROM {series}"
)
FILL_HEAD = "INSERT INTO room_heads (room_id, head_seq, head_ms, tail_seq) VALUES (1, {0}, 1795000000000 + {0}, 0)"
VERSION = "SELECT version FROM schema_state"
HELD = "SELECT count(*), sum(length(text)), max(seq), min(at_ms) FROM room_lines"


def filling(dialect: str) -> list[str]:
    series = SERIES[dialect].format
    batches = (series(first, min(first + BATCH - 1, LINES)) for first in range(1, LINES + 1, BATCH))
    return [
        FILL_MEMBERS.format(series=series(1, MEMBERS)),
        FILL_ROOM,
        *(FILL_LINES.format(series=batch, members=MEMBERS) for batch in batches),
        FILL_HEAD.format(LINES),
    ]


class Found(NamedTuple):
    """What a database says of itself."""

    schema: int
    held: tuple[int, ...]


class Place(Protocol):
    """A database of schema OLDEST, filled."""

    name: str
    address: str

    def look(self) -> Found: ...

    def size(self) -> int:
        """In bytes."""
        ...


class Sqlite:
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "old.db"
        with contextlib.closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            with changing_sqlite(connection) as opened:
                upgrade_to(opened, OLDEST)
            for statement in filling("sqlite"):
                connection.execute(statement)
        self.address = f"sqlite://{self._path}"

    def look(self) -> Found:
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            return Found(connection.execute(VERSION).fetchone()[0], connection.execute(HELD).fetchone())

    def size(self) -> int:
        return self._path.stat().st_size


class Postgres:
    name = "PostgreSQL"

    def __init__(self, server: str) -> None:
        self.address = server.format("old")
        asyncio.run(self._fill(server.format("postgres")))

    async def _fill(self, administered: str) -> None:
        administrator = await asyncpg.connect(administered)
        await administrator.execute("CREATE DATABASE old TEMPLATE template0")
        await administrator.close()
        async with changing_postgres(self.address) as (_, _, begin), begin() as opened:
            await opened.run_sync(upgrade_to, OLDEST)
        connection = await asyncpg.connect(self.address)
        for statement in filling("postgresql"):
            await connection.execute(statement)
        await connection.execute("ANALYZE")
        await connection.close()

    def look(self) -> Found:
        async def ask() -> Found:
            connection = await asyncpg.connect(self.address)
            found = Found(await connection.fetchval(VERSION), tuple(map(int, await connection.fetchrow(HELD))))
            await connection.close()
            return found

        return asyncio.run(ask())

    def size(self) -> int:
        async def ask() -> int:
            connection = await asyncpg.connect(self.address)
            size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
            await connection.close()
            return size

        return asyncio.run(ask())


class Ran(NamedTuple):
    seconds: float
    code: int
    told: Counter[str]
    """How often each line was in its log."""


def migrate(address: str, data: Path, kill_after_s: float = 0.0) -> Ran:
    settings = {"BESEDA_SERVER_DATA": str(data), "BESEDA_SERVER_DATABASE": address, "BESEDA_LOG_FORMAT": "json"}
    began = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        with subprocess.Popen(
            [sys.executable, "-m", "beseda", "migrate"],
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
            stderr=log,
        ) as running:
            try:
                running.wait(kill_after_s or None)
            except subprocess.TimeoutExpired:
                running.kill()
        seconds = time.perf_counter() - began
        log.seek(0)
        events = [json.loads(line)["event"] for line in log if line.startswith(b"{")]
    return Ran(seconds, running.returncode, Counter(events))


def upgrade(place: Place, data: Path) -> None:
    before = place.look()
    after = Found(SCHEMA, before.held)
    assert before.schema == OLDEST
    print(f"\n{place.name}, {LINES:,} lines, {MEMBERS:,} members, {place.size() / 1e6:.0f} MB, {OLDEST} to {SCHEMA}")
    for seconds in KILLED_AFTER_S:
        killed = migrate(place.address, data, seconds)
        if killed.code != -signal.SIGKILL:
            break  # it was done sooner
        found = place.look()
        assert found in (before, after)
        print(
            f"  killed after  {killed.seconds:7.1f} s, {_words(killed)}: {'as it was' if found == before else 'done'}"
        )
    through = migrate(place.address, data)
    assert through.code == 0
    assert place.look() == after
    size_mb = sum(each.stat().st_size for each in (data / "backups").iterdir()) / 1e6
    print(
        f"  let through   {through.seconds:7.1f} s, {_words(through)}: all lines are there; backup of {size_mb:.0f} MB"
    )


def _words(ran: Ran) -> str:
    told = sum(count for event, count in ran.told.items() if event.startswith(("migrating", "backing up")))
    return f"words {told}"


def main() -> None:
    # Not in the folder for temporary files: that may be no disk at all.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        (Path(folder) / "sqlite").mkdir()
        upgrade(Sqlite(Path(folder) / "sqlite"), Path(folder) / "sqlite")
        with run_postgres(durable=True) as server:
            upgrade(Postgres(server), Path(folder) / "postgres")
