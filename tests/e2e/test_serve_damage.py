"""Whatever is wrong with what lies in the data folder is told in one line, and left as it is."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from beseda.testing.postgres import run_postgres
from e2e.console import Console
from e2e.serving import QUICK_HASHES, started
from e2e.test_serve import LISTEN, NO_RIGHTS_OF_ROOT, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data of a server with a member."""
    Console(tmp_path / "data").begin().json("account", "add", "Alena")
    return tmp_path / "data"


def sql(*statements: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "beseda.db")) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    return harm


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return harm


def truncate(folder: Path) -> None:
    content = (folder / "beseda.db").read_bytes()
    (folder / "beseda.db").write_bytes(content[: len(content) // 3])


def put_folder(folder: Path) -> None:
    (folder / "beseda.db").unlink()
    (folder / "beseda.db").mkdir()


def spoil_schema(folder: Path) -> None:
    """Bytes that are no UTF-8 in what SQLite quotes when it complains."""
    content = bytearray((folder / "beseda.db").read_bytes())
    at = content.index(b"CREATE TABLE accounts")
    content[at : at + 21] = b"CR\xff\xfe\xfdE TABLE \xffccounts"
    (folder / "beseda.db").write_bytes(content)


def remove(folder: Path) -> None:
    (folder / "beseda.db").unlink()


def put_foreign(folder: Path) -> None:
    remove(folder)
    with closing(sqlite3.connect(folder / "beseda.db")) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")


GONE = "holds no database, but {folder}/server.key is there"
DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "garbage": (write("beseda.db", bytes(range(256)) * 64), "beseda.db: file is not a database"),
    "truncated": (truncate, "beseda.db: "),
    "folder": (put_folder, "beseda.db: is no file"),
    "not_utf8": (spoil_schema, "beseda.db: is damaged: its schema is no text"),
    "foreign": (put_foreign, "tables that are not Beseda's (recipes)"),
    "newer": (sql("UPDATE schema_state SET version = 99, oldest_code = 99"), "Install a newer Beseda"),
    "cut_short": (sql("UPDATE schema_state SET unfinished = '0009'"), "cut short"),
    "no_state": (sql("DELETE FROM schema_state"), "cut short"),
    "strange_state": (sql("UPDATE schema_state SET version = 'new'"), "cut short"),
    "state_without_columns": (
        sql("DROP TABLE schema_state", "CREATE TABLE schema_state (x)"),
        "beseda.db: no such column",
    ),
    "unknown_migration": (
        sql("UPDATE schema_state SET version = 1", "UPDATE alembic_version SET version_num = '7777'"),
        "cannot be migrated",
    ),
    "lost_table": (sql("DROP TABLE visits"), "lacks the tables visits"),
    "lost_column": (sql("ALTER TABLE accounts RENAME COLUMN nick TO nickname"), "nick"),
    "empty": (write("beseda.db", b""), GONE),
    "removed": (remove, GONE),
    "empty_key": (write("server.key", b""), "server.key is no key"),
    "binary_key": (write("server.key", b"\xff\x00\xfe"), "server.key is no key"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_in_one_line(folder: Path, damage: str) -> None:
    harm, told = DAMAGES[damage]
    harm(folder)
    before = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    done = Console(folder).run("serve", *LISTEN)
    assert (done.code, done.out) == (1, ""), done.err
    (line,) = done.err.splitlines()
    assert line.startswith("beseda: ")
    assert told.format(folder=folder) in line
    after = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    assert after.keys() - before.keys() <= {"beseda.db-wal", "beseda.db-shm"}
    assert {name: content for name, content in after.items() if name in before} == before


@pytest.mark.long
def test_what_may_not_be_read(folder: Path) -> None:
    (folder / "beseda.db").chmod(0)
    done = run("serve", "--data", str(folder), *LISTEN, under=NO_RIGHTS_OF_ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"beseda: database: {folder}/beseda.db: unable to open database file\n"


@pytest.mark.long
def test_damage_anywhere_is_told_or_does_no_harm(folder: Path) -> None:
    """A hundred files with random bytes in them, by the command line: a line and 1, or an answer."""
    chance, whole = random.Random(9), (folder / "beseda.db").read_bytes()
    console, refused = Console(folder), 0
    for _ in range(100):
        content = bytearray(whole)
        begin = chance.choice([0, 100, 4096, chance.randrange(len(content))])
        for at in range(begin, min(begin + chance.choice([1, 20, 400]), len(content))):
            content[at] = chance.randrange(256)
        for left in folder.glob("beseda.db-*"):
            left.unlink()
        (folder / "beseda.db").write_bytes(content)
        done = console.run("account", "list")
        if done.code:
            refused += 1
            assert (done.code, done.out) == (1, "")
            assert len(done.err.splitlines()) == 1
            assert done.err.startswith("beseda: ")
    assert refused > 20


@pytest.mark.parametrize("harm", [remove, write("beseda.db", b"")], ids=["removed", "empty"])
@pytest.mark.long
def test_new_begins_afresh_and_only_then(folder: Path, harm: Callable[[Path], None]) -> None:
    done = run("serve", "--new", "--data", str(folder), *LISTEN)
    assert (done.returncode, "holds a database already" in done.stderr) == (1, True)
    assert [each["nick"] for each in Console(folder).json("account", "list")] == ["Alena"]
    key = (folder / "server.key").read_text()
    harm(folder)
    with started("serve", "--new", "--data", str(folder), *LISTEN, settings=QUICK_HASHES) as server:
        assert "There is no account yet" in server.printed
        assert server.stop() == 0
    assert (folder / "server.key").read_text() == key
    Console(folder).json("account", "add", "Brana")
    with started("serve", "--data", str(folder), *LISTEN, settings=QUICK_HASHES) as server:
        assert server.stop() == 0


@pytest.mark.long
def test_new_on_a_new_folder(tmp_path: Path) -> None:
    with started("serve", "--new", "--data", str(tmp_path / "data"), *LISTEN, settings=QUICK_HASHES) as server:
        assert server.stop() == 0


@pytest.mark.long
def test_a_log_without_its_database_is_kept(folder: Path) -> None:
    """What is in it may be all that is left."""
    shutil.copy(folder / "beseda.db", folder / "beseda.db-wal")
    remove(folder)
    before = (folder / "beseda.db-wal").read_bytes()
    assert run("serve", "--data", str(folder), *LISTEN).returncode == 1
    assert (folder / "beseda.db-wal").read_bytes() == before


async def do(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.long
def test_postgresql(tmp_path: Path) -> None:
    """The same with PostgreSQL: no schema, no rights, a key without a database, damage."""
    console = Console(tmp_path)

    def refused(database: str, *words: str) -> str:
        done = console.run(*words, "--database", database)
        assert (done.code, done.out) == (1, "")
        (line,) = done.err.splitlines()
        return line

    with run_postgres() as server:
        dsn = server.format("postgres")
        assert refused(dsn, "account", "list") == (
            "beseda: postgresql:///postgres holds no database of Beseda; `beseda serve` makes one. Nothing was changed"
        )
        assert not (tmp_path / "server.key").exists()
        asyncio.run(do(dsn, "CREATE ROLE guest LOGIN", "CREATE DATABASE other"))
        guest = dsn.replace("postgres@", "guest@")
        assert "permission denied" in refused(guest, "serve", *LISTEN)
        asyncio.run(make(tmp_path, dsn))
        lost = refused(server.format("other"), "serve", *LISTEN)
        assert f"postgresql:///other holds no database, but {tmp_path}/server.key is there" in lost
        for statement, told in (
            ("ALTER TABLE visits RENAME TO visits_2", "lacks the tables visits"),
            ("ALTER TABLE schema_state RENAME COLUMN version TO v", "column"),
            ("DROP TABLE alembic_version, schema_state", "tables that are not Beseda's"),
        ):
            asyncio.run(do(dsn, statement))
            for words in (("serve", *LISTEN), ("account", "list")):
                assert told in refused(dsn, *words)
            asyncio.run(do(dsn, "ALTER TABLE IF EXISTS visits_2 RENAME TO visits"))


async def make(data: Path, dsn: str) -> None:
    """A database as `beseda serve` makes it."""
    settings = {"server.data": data, "server.database": dsn}
    async with open_core(load_config(environment={}, overrides=settings)):
        pass
