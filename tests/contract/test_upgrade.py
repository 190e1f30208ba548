"""Upgrading: a backup before it, word of how far it is, and nothing done by halves."""

import asyncio
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from beseda.adapters.sql import dump_postgres, dump_sqlite
from beseda.adapters.sql.schema import SCHEMA, SchemaRefused, check, postgres_state, sqlite_state
from beseda.server import storage
from beseda.server.backup import back_up
from beseda.server.bootstrap import open_core
from beseda.server.config import Config, load_config
from beseda.server.progress import MigrationProgress
from beseda.server.restore import examine, restore
from beseda.server.storage import open_database
from contract.places import Places
from contract.test_dump import FIXTURES, config_of


async def test_a_backup_is_made_before_a_migration(
    places: Places, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = await older(places, engine, tmp_path, monkeypatch)
    async with open_core(config) as parts:
        assert parts.migrated
    (file,) = (config.server.data / "backups").iterdir()
    assert (examine(file).schema, file.name[: file.name.rindex("-")]) == (1, f"before-schema-{SCHEMA}-from-1")
    async with open_core(config) as parts:
        assert not parts.migrated
    assert len(list(file.parent.iterdir())) == 1


async def older(places: Places, engine: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A database of schema 1: restored by code of that time."""
    config = config_of(await places.empty(engine), folder)
    with monkeypatch.context() as patch:
        patch.setattr(dump_sqlite, "SCHEMA", 1)
        patch.setattr(dump_sqlite.load_sqlite, "__kwdefaults__", {"version": 1})
        patch.setattr(dump_postgres, "SCHEMA", 1)
        patch.setattr("beseda.server.restore._wrong", lambda connection, version: [])
        await restore(config, FIXTURES[0])
    return config


async def test_without_room_for_a_backup_nothing_is_migrated(
    places: Places, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = await older(places, engine, tmp_path, monkeypatch)
    config.server.data.joinpath("backups").write_text("no folder")
    with pytest.raises(SchemaRefused, match=r"backup\.before_migration = false"):
        async with open_core(config):
            pass
    assert await version_of(config) == 1
    off = load_config(
        environment={},
        overrides={
            "server.data": config.server.data,
            "server.database": config.server.database,
            "backup.before_migration": False,
        },
    )
    async with open_core(off) as parts:
        assert parts.migrated


KILLED = """
import asyncio, os, signal, sys
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from beseda.server.progress import MigrationProgress

def die(progress, schema):
    if schema == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

async def start(data, database):
    async with open_core(load_config(environment={}, overrides={"server.data": data, "server.database": database})):
        pass

MigrationProgress.done = die
asyncio.run(start(*sys.argv[1:3]))
"""
"""Opens a database as the server does, and is killed when the step to this schema has been taken."""


@pytest.mark.long
async def test_killed_at_any_step_of_a_migration_it_has_not_happened(
    places: Places, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is started after that comes to the same as if nothing had been."""
    config = await older(places, engine, tmp_path / "killed", monkeypatch)
    for schema in (2, 14, SCHEMA):
        told = [str(config.server.data), config.server.database, str(schema)]
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, *told)
        assert await process.wait() == -signal.SIGKILL
        assert await version_of(config) == 1
        (backup,) = (config.server.data / "backups").iterdir()
        backup.unlink()
    contents = []
    for each in (config, await older(places, engine, tmp_path / "other", monkeypatch)):
        async with open_core(each) as parts:
            assert parts.migrated
        contents.append((await back_up(each, each.server.data / "b.jsonl.gz")).content)
    assert contents[0] == contents[1]


async def test_who_waits_for_a_migration_hears_how_far_it_is(
    places: Places, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step here takes until it has been told of the one before."""
    config = await older(places, engine, tmp_path, monkeypatch)
    seen: list[int] = []
    heard = threading.Event()

    class Log:
        def warning(self, event: str, **more: int) -> None:
            assert (event, more["to"]) == ("migrating", SCHEMA)
            seen.append(more["done"])
            heard.set()

    class Patient(MigrationProgress):
        def __init__(self) -> None:
            super().__init__(every_s=0.001)

        def done(self, schema: int) -> None:
            super().done(schema)
            while schema < 4 and schema not in seen:
                heard.clear()
                assert heard.wait(30)

    monkeypatch.setattr("beseda.server.progress.structlog.get_logger", Log)
    monkeypatch.setattr(storage, "MigrationProgress", Patient)
    database, migrated = await open_database(config)
    await database.close()
    assert migrated
    assert {2, 3} <= set(seen)
    assert seen == sorted(seen)


async def version_of(config: Config) -> int:
    if config.server.database.startswith("postgres"):
        import asyncpg

        connection = await asyncpg.connect(config.server.database)
        try:
            state, tables = await postgres_state(connection)
        finally:
            await connection.close()
    else:
        with closing(sqlite3.connect(config.server.database.removeprefix("sqlite://"))) as opened:
            state, tables = sqlite_state(opened)
    assert check(state, tables) == (state.version < SCHEMA)
    return state.version
