"""Backups: the same from either engine, put back into either, and nothing that is not whole is taken for one."""

import asyncio
import gzip
import io
import os
import sqlite3
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from beseda.adapters.sql.dump import DumpReader, DumpRefused, Table
from beseda.adapters.sql.dump_postgres import PostgresSource
from beseda.adapters.sql.dump_sqlite import SqliteSource
from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.schema import SCHEMA, SchemaRefused
from beseda.adapters.sql.statements import Row
from beseda.core.ports import NewAccount
from beseda.core.ports.mail import NewLetter
from beseda.core.search import SearchIndex
from beseda.domain.ids import AccountId, LetterId
from beseda.domain.messages import Kind
from beseda.domain.search import ask
from beseda.server.backup import back_up
from beseda.server.bootstrap import open_core
from beseda.server.config import Config, load_config
from beseda.server.restore import BackupRefused, examine, restore
from beseda.server.storage import NoDatabase
from contract.made import AT, add_member, add_room, do
from contract.places import Place, Places, PostgresPlace, SqlitePlace
from meta.sources import ROOT

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures/schemas").glob("*.jsonl.gz"))
NEWEST = FIXTURES[-1]


def unpacked(file: str | Path) -> bytes:
    return gzip.decompress(Path(file).read_bytes())


LINES = unpacked(NEWEST)
SCHEMA_TOLD = f'"schema":{SCHEMA}'.encode()


def config_of(place: Place, folder: Path) -> Config:
    """A server on this database with a data folder and a key of its own."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "data/server.key").write_text("5a" * 32)
    address = place.dsn if isinstance(place, PostgresPlace) else f"sqlite://{place.path}"  # type: ignore[attr-defined]
    return load_config(environment={}, overrides={"server.data": folder / "data", "server.database": address})


async def restored(places: Places, engine: str, file: Path, folder: Path) -> Config:
    config = config_of(await places.empty(engine), folder)
    await restore(config, file)
    return config


def test_there_is_a_database_of_every_schema() -> None:
    """`.venv/bin/python tools/schemas.py` makes those that are missing."""
    migrations = (ROOT / "adapters/sql/migrations/versions").glob("[0-9]*.py")
    assert [path.name[:4] for path in FIXTURES] == sorted(path.name[:4] for path in migrations)


@pytest.mark.parametrize(
    "fixture",
    [FIXTURES[0], *(pytest.param(each, marks=pytest.mark.long) for each in FIXTURES[1:-1]), NEWEST],
    ids=lambda path: path.name[:4],
)
async def test_every_schema_so_far_comes_forward_to_the_same(places: Places, fixture: Path, tmp_path: Path) -> None:
    before = examine(fixture)
    assert before.verified
    contents = []
    told: dict[str, tuple[int, ...]] = {}
    for engine in ("sqlite", "postgres"):
        config = await restored(places, engine, fixture, tmp_path / engine)
        report = await back_up(
            config, tmp_path / f"{engine}.jsonl.gz", progress=lambda what, *done: told.update({what: done})
        )
        assert [*told.values()] == [(report.rows, report.rows), (report.size_bytes, report.size_bytes)]
        assert (report.schema, report.problems) == (SCHEMA, [])
        assert report.rows >= before.rows
        contents.append(report.content)
    assert contents[0] == contents[1]


async def test_from_one_engine_to_the_other_and_back(places: Places, tmp_path: Path) -> None:
    first = await back_up(await restored(places, "sqlite", NEWEST, tmp_path / "a"), tmp_path / "1.jsonl.gz")
    second = await back_up(
        await restored(places, "postgres", Path(first.file), tmp_path / "b"), tmp_path / "2.jsonl.gz"
    )
    third = await back_up(await restored(places, "sqlite", Path(second.file), tmp_path / "c"), tmp_path / "3.jsonl.gz")
    assert first.content == second.content == third.content == examine(Path(first.file)).content
    assert (first.engine, second.engine, third.engine) == ("sqlite", "postgresql", "sqlite")
    lines = [unpacked(each.file).splitlines()[1:] for each in (first, second, third)]
    assert lines[0] == lines[1] == lines[2]


@pytest.mark.long
async def test_what_was_said_is_found_after_all(places: Places, engine: str, tmp_path: Path) -> None:
    """The index of words is in no backup, for no engine has that of the other: it is filled anew."""
    place = await places.empty(engine)
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    alena, room = await add_member(store), await add_room(store)
    await do(store, lambda unit: unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text="ahoj"))
    await do(store, lambda unit: unit.mail.add_letters([NewLetter(alena.id, alena.id, "nazdar")], AT))
    await SearchIndex(store).settle()
    await store.close()
    await back_up(config_of(place, tmp_path / "a"), tmp_path / "b.jsonl.gz")
    for other in ("sqlite", "postgres"):
        config = await restored(places, other, tmp_path / "b.jsonl.gz", tmp_path / other)
        async with open_core(config) as parts:
            await parts.core.search_index.settle()
            find = parts.store.view.search
            assert await find.find_lines(room.id, ask("ahoj"), 1, 9, 9) == [1], other
            assert await find.find_letters(alena.id, ask("nazdar"), LetterId(9), 9) == [1], other


@pytest.mark.long
async def test_numbers_go_on_where_they_were(places: Places, engine: str, tmp_path: Path) -> None:
    """Also that of who is no longer there: no line or letter of somebody else's becomes his who comes next."""
    place = await places.empty(engine)
    assert await place.migrate()
    await place.run(*(_ACCOUNT.format(name) for name in "abc"), "DELETE FROM accounts WHERE nick = 'c'")
    await back_up(config_of(place, tmp_path / "a"), tmp_path / "b.jsonl.gz")
    for other in ("sqlite", "postgres"):
        config = await restored(places, other, tmp_path / "b.jsonl.gz", tmp_path / other)
        async with open_core(config) as parts, parts.store.unit() as unit:
            new = NewAccount(registered=True, nick="Dana", sex=None, password_hash="none")
            assert (await unit.accounts.add(new, parts.clock.now())).id == 4


_ACCOUNT = (
    "INSERT INTO accounts (registered, nick, nick_key, password_hash, standing, created_ms, accessed_ms)"
    " VALUES (1, '{0}', '{0}', 'none', 'active', 0, 0)"
)


async def test_a_backup_is_of_one_moment(
    places: Places, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever registers, or loses money, while the tables are read one after another is in none of them."""
    place = await places.empty(engine)
    config = config_of(place, tmp_path)
    await restore(config, NEWEST)
    before = await back_up(config, tmp_path / "before.jsonl.gz")
    store = SqlStore(await place.open(), lambda events: None)
    source: Any = SqliteSource if engine == "sqlite" else PostgresSource
    read = source.rows

    async def disturbed(self: object, table: Table) -> AsyncIterator[Sequence[Row]]:
        async with store.unit() as unit:
            new = NewAccount(registered=True, nick=table.name, sex=None, password_hash="none")
            await unit.accounts.add(new, datetime(2026, 11, 27, tzinfo=UTC))
        async for found in read(self, table):
            yield found

    monkeypatch.setattr(source, "rows", disturbed)
    during = await back_up(config, tmp_path / "during.jsonl.gz")
    await store.close()
    assert during.content == before.content
    assert await store_count(place) > before.tables


async def store_count(place: Place) -> int:
    store = SqlStore(await place.open(), lambda events: None)
    found = await store.view.accounts.list_registered(after=AccountId(0), limit=1_000)
    await store.close()
    return len(found)


async def test_what_holds_something_is_left_alone(places: Places, engine: str, tmp_path: Path) -> None:
    config = await restored(places, engine, FIXTURES[0], tmp_path)
    before = await back_up(config, tmp_path / "1.jsonl.gz")
    with pytest.raises(SchemaRefused, match="already"):
        await restore(config, NEWEST)
    assert (await back_up(config, tmp_path / "2.jsonl.gz")).content == before.content
    with pytest.raises(BackupRefused, match="there already"):
        await back_up(config, tmp_path / "2.jsonl.gz")


async def test_where_there_is_nothing_nothing_is_backed_up(places: Places, engine: str, tmp_path: Path) -> None:
    with pytest.raises(NoDatabase):
        await back_up(config_of(await places.empty(engine), tmp_path), tmp_path / "b.jsonl.gz")
    assert {path.name for path in tmp_path.iterdir()} <= {"data"}  # noqa: ASYNC240 - nothing else runs


async def test_a_refused_backup_leaves_the_place_empty(places: Places, engine: str, tmp_path: Path) -> None:
    """The end is missing: all but the last line has been put back when that shows."""
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(LINES[: LINES.index(b'{"rows"')]))
    place = await places.empty(engine)
    config = config_of(place, tmp_path)
    with pytest.raises(BackupRefused, match="cut off"):
        await restore(config, cut)
    if isinstance(place, SqlitePlace):
        assert not place.path.exists()
    else:
        assert await place.columns() == set()
    await restore(config, NEWEST)


def read_all(content: bytes) -> str:
    dump = DumpReader(io.BytesIO(content))
    for _, batches in dump.tables():
        list(batches)
    assert dump.sums is not None
    return dump.sums.content


def holds(content: bytes, wanted: bytes) -> bool:
    """Whether nothing was changed after all: bits between two blocks of deflate say nothing."""
    try:
        return gzip.decompress(content) == wanted
    except (OSError, EOFError, zlib.error):
        return False


def test_nothing_that_is_cut_or_changed_is_taken_for_whole() -> None:
    whole = NEWEST.read_bytes()
    damaged = [whole[:end] for end in (*range(0, len(whole), 97), len(whole) - 1)]
    # What stands before the tenth byte says when and how it was packed.
    damaged += [whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :] for at in range(10, len(whole), 61)]
    for content in damaged:
        if holds(content, gzip.decompress(whole)):
            continue
        with pytest.raises(DumpRefused) as refused:
            read_all(content)
        assert "\n" not in str(refused.value)
    assert read_all(whole) == examine(NEWEST).content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no backup"),
        (b"SQLite format 3\0", "no backup"),
        (gzip.compress(b""), "no backup"),
        (gzip.compress(b'{"beseda":"export"}\n'), "no backup"),
        (gzip.compress(LINES.replace(b'"format":1', b'"format":2', 1)), "newer Beseda"),
        (gzip.compress(LINES.replace(SCHEMA_TOLD, b'"schema":999', 1)), "newer Beseda"),
        (gzip.compress(LINES.replace(SCHEMA_TOLD, b'"schema":"x"', 1)), "damaged"),
        (gzip.compress(LINES.replace(b"Ahoj", b"Nazdar")), "checksum of"),
        (gzip.compress(LINES.replace(b'"nick_key"', b'"nick\\"; DROP TABLE"', 1)), "columns that this schema"),
        (gzip.compress(LINES.replace(b'{"table":"rooms"', b'{"table":"roomz"', 1)), "does not have: roomz"),
        (gzip.compress(LINES.replace(b'{"table":"rooms"', b'{"table":"visits"', 1)), "damaged"),
        (gzip.compress(LINES + LINES), "follows its end"),
        (gzip.compress(LINES.replace(b"[1,1,", b"[1,", 1)), "as many values"),
        (gzip.compress(LINES.replace(b"[1,1,", b'["one",1,', 1)), "damaged|does not take"),
    ],
    ids=range(14),
)
def test_what_is_none_is_refused_in_one_line(content: bytes, told: str, tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl.gz"
    file.write_bytes(content)
    with pytest.raises(BackupRefused, match=told) as refused:
        examine(file)
    assert str(refused.value).startswith(str(file))


async def test_what_is_wrong_with_a_database_is_kept_and_told(places: Places, engine: str, tmp_path: Path) -> None:
    place = await places.empty(engine)
    config = config_of(place, tmp_path)
    await restore(config, NEWEST)
    await place.run("UPDATE ledger_books SET balance_minor = 7 WHERE book <> 'outside'")
    report = await back_up(config, tmp_path / "b.jsonl.gz")
    assert not report.verified
    assert report.problems == ["1 rows against: books are the sum of their postings"]
    assert examine(tmp_path / "b.jsonl.gz").content == report.content
    restored_there = await restore(config_of(await places.empty(engine), tmp_path / "there"), Path(report.file))
    assert (restored_there.verified, restored_there.problems) == (False, report.problems)


async def test_a_long_one_is_synced_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(environment={}, overrides={"server.data": tmp_path / "data"})
    await restore(config, NEWEST)
    sizes, sync = [], os.fsync

    def noted(fd: int) -> None:
        sizes.append(os.fstat(fd).st_size)
        sync(fd)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr("beseda.server.backup.SYNC_EVERY_BYTES", 1_000)
    report = await back_up(config, tmp_path / "b.jsonl.gz")
    assert any(100 < size < report.size_bytes for size in sizes)
    assert report.size_bytes in sizes
    assert examine(tmp_path / "b.jsonl.gz").content == report.content


@pytest.mark.long
async def test_the_key_is_under_a_passphrase(places: Places, tmp_path: Path) -> None:
    config = await restored(places, "sqlite", FIXTURES[0], tmp_path / "a")
    key = (config.server.data / "server.key").read_bytes()
    with pytest.raises(BackupRefused, match="8 characters"):
        await back_up(config, tmp_path / "b.jsonl.gz", passphrase="short")
    report = await back_up(config, tmp_path / "b.jsonl.gz", passphrase="dlouhé heslo")
    assert report.with_key
    assert key.strip() not in unpacked(report.file)
    other = config_of(await places.empty("sqlite"), tmp_path / "c")
    (other.server.data / "server.key").unlink()
    with pytest.raises(BackupRefused, match="passphrase is not"):
        await restore(other, Path(report.file), passphrase="jiné heslo")
    assert not (other.server.data / "server.key").exists()
    await restore(other, Path(report.file), passphrase="dlouhé heslo")
    assert (other.server.data / "server.key").read_bytes() == key
    third = config_of(await places.empty("sqlite"), tmp_path / "d")
    (third.server.data / "server.key").write_text("11" * 32)
    with pytest.raises(BackupRefused, match="another key"):
        await restore(third, Path(report.file), passphrase="dlouhé heslo")


def test_the_log_is_cut_after_a_long_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from beseda.adapters.sql import sqlite

    monkeypatch.setattr(sqlite, "LOG_MAX_BYTES", 100_000)
    place = SqlitePlace(tmp_path / "b.db")
    asyncio.run(place.migrate())
    with closing(sqlite.connect(place.path, durable=False)) as writer, closing(sqlite3.connect(place.path)) as reader:
        reader.isolation_level = None
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM notes").fetchall()
        for _ in range(20):
            writer.execute("INSERT INTO invites VALUES (hex(randomblob(200000)), 1, 0)")
        log = tmp_path / "b.db-wal"
        assert log.stat().st_size > 4_000_000
        reader.execute("COMMIT")
        for _ in range(3):
            writer.execute("INSERT INTO invites VALUES (hex(randomblob(10)), 1, 0)")
            writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
        assert log.stat().st_size <= 200_000
