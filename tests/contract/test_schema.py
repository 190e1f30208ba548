"""Bringing a database to the schema of the code, or refusing to touch it."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

from beseda.adapters.sql import schema
from beseda.adapters.sql.schema import OLDEST_CODE, SCHEMA, TABLES, SchemaRefused
from beseda.domain.errors import StoreUnavailable
from beseda.server.config import Config, load_config
from beseda.server.storage import open_database
from contract.places import Place, Places, PostgresPlace, SqlitePlace

NEWER = f"UPDATE schema_state SET version = {SCHEMA + 2}, oldest_code = {SCHEMA + 1}"  # noqa: S608 - constants
REFUSED = [
    ((NEWER,), "Install a newer Beseda"),
    (("UPDATE schema_state SET unfinished = '0002'",), "'0002' of this database was cut short"),
    (("DELETE FROM schema_state",), "cut short"),
    (("DROP TABLE visits", "DROP TABLE app_tokens"), "lacks the tables app_tokens, visits"),
]
START = """
import asyncio, os, signal, sys
from beseda.adapters.sql import schema
from beseda.server.config import LogConfig, load_config
from beseda.server.logs import configure_logs
from beseda.server.storage import open_database

upgrade = schema._upgrade

def upgrade_and_die(connection, done):
    upgrade(connection, done)
    os.kill(os.getpid(), signal.SIGKILL)

async def start(data, database):
    config = load_config(environment={}, overrides={"server.data": data, "server.database": database})
    database, migrated = await open_database(config)
    print(migrated)
    await database.close()

if sys.argv[3] == "die":
    schema._upgrade = upgrade_and_die
configure_logs(LogConfig(), libraries=False)  # how far long work is stands in the log, not in the answer
asyncio.run(start(*sys.argv[1:3]))
"""
"""A process that opens the database as the server does, or is killed before the migration is committed."""


@pytest.fixture
def empty(runner: asyncio.Runner, places: Places, engine: str) -> Place:
    return runner.run(places.empty(engine))


@pytest.fixture
def place(runner: asyncio.Runner, empty: Place) -> Place:
    """One to be spoiled."""
    runner.run(empty.migrate())
    return empty


def address(place: Place) -> str:
    """The setting `server.database`."""
    if isinstance(place, PostgresPlace):
        return place.dsn
    assert isinstance(place, SqlitePlace)
    return f"sqlite://{place.path}"


def config(place: Place, data: Path) -> Config:
    return load_config(environment={}, overrides={"server.data": data, "server.database": address(place)})


def start(place: Place, data: Path, how: str = "") -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", START, str(data), address(place), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def open_and_close(place: Place, data: Path) -> bool:
    """Whether there was something to migrate."""
    database, migrated = await open_database(config(place, data))
    await database.close()
    return migrated


def content(place: Place) -> bytes:
    """The bytes of an SQLite file; of PostgreSQL's there is nothing to compare."""
    return place.path.read_bytes() if isinstance(place, SqlitePlace) else b""


async def test_an_empty_database_is_migrated_once(empty: Place, tmp_path: Path) -> None:
    assert await open_and_close(empty, tmp_path)
    before, columns = content(empty), await empty.columns()
    assert {table for table, _ in columns} == TABLES.keys() | {"schema_state", "alembic_version"}
    assert not await open_and_close(empty, tmp_path)
    assert content(empty) == before


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
async def test_refused_and_left_as_it_is(place: Place, tmp_path: Path, changes: tuple[str, ...], reason: str) -> None:
    await place.run(*changes)
    before, columns = content(place), await place.columns()
    with pytest.raises(SchemaRefused, match=reason):
        await open_and_close(place, tmp_path)
    assert content(place) == before
    assert await place.columns() == columns


async def test_newer_but_made_for_this_code_too(place: Place, tmp_path: Path) -> None:
    await place.run(f"UPDATE schema_state SET version = {SCHEMA + 1}, oldest_code = {OLDEST_CODE}")  # noqa: S608 - constants
    assert not await open_and_close(place, tmp_path)


async def test_the_database_of_another_program_is_left_alone(empty: Place, tmp_path: Path) -> None:
    before = b""
    if isinstance(empty, SqlitePlace):
        import sqlite3

        other = sqlite3.connect(empty.path)
        other.execute("CREATE TABLE recipes (name TEXT)")
        other.close()
        before = content(empty)
    else:
        await empty.run("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(SchemaRefused, match="tables that are not Beseda's \\(recipes\\)"):
        await open_and_close(empty, tmp_path)
    assert content(empty) == before
    assert await empty.columns() == {("recipes", "name")}


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path / "photo.jpg")
    place.path.write_bytes(bytes(range(256)) * 40)
    before = content(place)
    with pytest.raises(StoreUnavailable):
        await open_and_close(place, tmp_path)
    assert content(place) == before


async def test_text_must_be_kept_as_unicode(places: Places, tmp_path: Path) -> None:
    latin = PostgresPlace(places.server, "beseda_latin")
    await PostgresPlace(places.server, "postgres").run(
        f"CREATE DATABASE {latin.name} ENCODING 'LATIN2' TEMPLATE template0"
    )
    with pytest.raises(SchemaRefused, match="LATIN2"):
        await open_and_close(latin, tmp_path)


@pytest.mark.long
def test_two_that_start_at_once_both_come_up(empty: Place, tmp_path: Path) -> None:
    both = [start(empty, tmp_path) for _ in range(2)]
    answers = [process.communicate(timeout=60)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(answers) == ["False", "True"]


@pytest.mark.long
def test_killed_in_the_middle_it_leaves_the_old_schema(empty: Place, tmp_path: Path, runner: asyncio.Runner) -> None:
    with start(empty, tmp_path, "die") as killed:
        assert killed.wait(timeout=60) == -signal.SIGKILL
    assert runner.run(empty.columns()) == set()
    assert runner.run(open_and_close(empty, tmp_path))
    assert not runner.run(open_and_close(empty, tmp_path))


def test_the_last_migration_is_the_schema_of_the_code() -> None:
    script = AlembicConfig()
    script.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(script).get_current_head() == f"{SCHEMA:04}"


async def test_both_engines_have_the_same_tables_and_columns(places: Places) -> None:
    sqlite, postgres = await places.migrated("sqlite"), await places.migrated("postgres")
    assert await sqlite.columns() == await postgres.columns()
