"""A database that is full, locked or gone: exactly the units of that batch are refused, and the next one works."""

import asyncio
import contextlib
import resource
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from awake import awake_s
from beseda.adapters.sql import sqlite as sqlite_adapter
from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.postgres import open_postgres
from beseda.adapters.sql.sqlite import SqliteDatabase
from beseda.core.patience import be_patient
from beseda.core.ports import Unit
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable
from beseda.domain.events import Event
from contract.made import AT, do, event, insert, there
from contract.places import CUT_ALL, PostgresPlace, SqlitePlace
from contract.test_posts import Talk

BIG = "x" * 200_000
"""More than what is left in a full database."""


async def insert_big(unit: Unit) -> None:
    await unit.accounts.add_invite(BIG, 1, AT)


class TestSqlite:
    @pytest.fixture
    def engine(self) -> str:
        return "sqlite"

    @pytest.fixture
    def database(self, runner: asyncio.Runner, place: SqlitePlace) -> SqliteDatabase:
        return runner.run(place.open())

    @pytest.fixture
    def store(self, runner: asyncio.Runner, database: SqliteDatabase, events: list[Event]) -> Iterator[SqlStore]:
        store = SqlStore(database, events.extend)
        yield store
        runner.run(store.close())

    async def test_a_full_database_refuses_its_batch(
        self, store: SqlStore, database: SqliteDatabase, events: list[Event]
    ) -> None:
        await insert(store, "0")
        pages = database.raw.execute("PRAGMA page_count").fetchone()[0]
        database.raw.execute(f"PRAGMA max_page_count = {pages + 4}")
        batch = await asyncio.gather(
            insert(store, "1"), do(store, insert_big), insert(store, "2"), return_exceptions=True
        )
        # SQLite itself takes back the whole transaction; who had not begun yet finds room in the next one.
        assert [type(result) for result in batch] == [StoreUnavailable, StoreUnavailable, type(None)]
        assert events == [event("0"), event("2")]
        database.raw.execute("PRAGMA max_page_count = 1000000")
        await do(store, insert_big)
        assert await there(store, [*"012", BIG]) == ["0", "2", BIG]

    async def test_a_text_waits_for_a_slow_commit_no_longer_than_its_author(
        self, store: SqlStore, database: SqliteDatabase
    ) -> None:
        talk, slow = await Talk(store).begin("Alena"), threading.Event()

        async def say() -> None:
            be_patient(0.1)
            await talk.say()

        try:
            waiting = asyncio.create_task(database._thread.do(slow.wait))  # as a disk that answers nothing
            async with asyncio.timeout(20):
                with pytest.raises(OutcomeUnknown):
                    await asyncio.create_task(say())
        finally:
            slow.set()
        await waiting
        assert await talk.say(text="a zase") is not None

    async def test_a_commit_that_does_not_fit_on_the_disk(
        self, store: SqlStore, database: SqliteDatabase, events: list[Event]
    ) -> None:
        await insert(store, "0")
        with files_up_to(database.path.with_name(f"{database.path.name}-wal").stat().st_size + 4096):
            batch = await asyncio.gather(*(insert(store, name) for name in "123"), return_exceptions=True)
            assert [type(result) for result in batch] == [StoreUnavailable] * 3
            with pytest.raises(StoreUnavailable):
                await do(store, insert_big)
            assert await store.view.accounts.find_by_nick("nobody") is None
        await insert(store, "4")
        assert await there(store, list("01234")) == ["0", "4"]
        assert events == [event("0"), event("4")]

    async def test_waits_while_another_process_writes(self, store: SqlStore, database: SqliteDatabase) -> None:
        with writing_elsewhere(database.path) as other:
            waiting = asyncio.create_task(insert(store, "1"))
            for _ in range(100):
                await asyncio.sleep(0)
                database.others_wrote()
            other.execute("ROLLBACK")
            await waiting
        assert await there(store, ["1"]) == ["1"]

    async def test_all_who_wait_too_long_are_refused_at_once(
        self, store: SqlStore, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_adapter, "BUSY_MS", 20)
        with writing_elsewhere(database.path):
            tries = await asyncio.gather(*(insert(store, str(n)) for n in range(100)), return_exceptions=True)
        assert {type(result) for result in tries} == {StoreUnavailable}
        await insert(store, "1")
        assert await there(store, ["0", "1"]) == ["1"]

    async def test_cancelled_while_it_waits_for_another_process(
        self, store: SqlStore, database: SqliteDatabase
    ) -> None:
        with writing_elsewhere(database.path) as other:
            cancelled = asyncio.create_task(insert(store, "1"))
            after_it = asyncio.create_task(insert(store, "2"))
            await asyncio.sleep(0)
            cancelled.cancel()
            await asyncio.sleep(0)
            other.execute("ROLLBACK")
            await after_it
        assert cancelled.cancelled()
        assert await there(store, ["1", "2"]) == ["2"]


@contextlib.contextmanager
def files_up_to(size_bytes: int) -> Iterator[None]:
    """As on a full disk: this process cannot make any file longer than that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def writing_elsewhere(path: Path) -> Iterator[sqlite3.Connection]:
    """A process of somebody else, in the middle of a transaction."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


class TestPostgres:
    @pytest.fixture
    def engine(self) -> str:
        return "postgres"

    async def test_connections_cut_inside_a_batch(
        self, store: SqlStore, place: PostgresPlace, events: list[Event]
    ) -> None:
        async def insert_and_cut(unit: Unit) -> None:
            await unit.accounts.add_invite("2", 1, AT)
            await place.run(CUT_ALL)

        await insert(store, "0")
        batch = await asyncio.gather(
            insert(store, "1"), do(store, insert_and_cut), insert(store, "3"), return_exceptions=True
        )
        assert [type(result) for result in batch] == [StoreUnavailable] * 3
        await insert(store, "4")
        assert await there(store, list("01234")) == ["0", "4"]
        assert events == [event("0"), event("4")]

    async def test_connections_cut_before_the_commit(self, store: SqlStore, place: PostgresPlace) -> None:
        async def insert_and_cut(unit: Unit) -> None:
            await unit.accounts.add_invite("1", 1, AT)
            await place.run(CUT_ALL)

        before = store.node
        with pytest.raises(StoreUnavailable):
            await do(store, insert_and_cut)
        assert store.node != before  # if it takes place after all, the journal tells of it as of somebody else's
        assert await there(store, ["1"]) == []

    async def test_connections_cut_between_units(self, store: SqlStore, place: PostgresPlace) -> None:
        await insert(store, "0")
        await place.run(CUT_ALL)
        with contextlib.suppress(StoreUnavailable):
            await insert(store, "1")
        await insert(store, "2")
        assert await store.view.accounts.find_by_nick("nobody") is None

    async def test_an_error_that_a_unit_hides_spoils_the_batch(self, store: SqlStore) -> None:
        async def hide(unit: Unit) -> None:
            await unit.accounts.add_invite("1", 1, AT)
            with contextlib.suppress(Exception):
                await unit.accounts.add_invite("1", 1, AT)

        with pytest.raises(StoreUnavailable):
            await do(store, hide)
        batch = await asyncio.gather(insert(store, "2"), do(store, hide), insert(store, "3"), return_exceptions=True)
        assert [type(result) for result in batch] == [StoreUnavailable] * 3
        assert await there(store, list("123")) == []

    async def test_a_database_that_is_not_there(self, place: PostgresPlace) -> None:
        with pytest.raises(StoreUnavailable):
            await open_postgres("postgresql://postgres@/postgres?host=/nowhere")
        with pytest.raises(StoreUnavailable):
            await open_postgres(place.server.format("nothing"))

    async def test_who_stops_inside_a_unit_is_refused_and_holds_up_others_for_a_second(
        self, store: SqlStore, place: PostgresPlace
    ) -> None:
        other = SqlStore(await place.open(), lambda events: None)
        began_s, began_awake_s = monotonic(), awake_s()

        async def stop(unit: Unit) -> None:
            await unit.accounts.add_invite("1", 1, AT)
            await insert(other, "2")

        with pytest.raises(StoreUnavailable):
            await do(store, stop)
        assert monotonic() - began_s > 0.5
        assert awake_s() - began_awake_s < 3
        await insert(store, "3")
        assert await there(store, ["1", "2", "3"]) == ["2", "3"]
        await other.close()

    async def test_a_database_that_goes_away_refuses_all_who_wait(self, store: SqlStore, place: PostgresPlace) -> None:
        await insert(store, "0")
        async with place.away():
            for _ in range(2):
                tries = await asyncio.gather(*(insert(store, str(n)) for n in range(1, 50)), return_exceptions=True)
                assert {type(result) for result in tries} == {StoreUnavailable}
        await insert(store, "60")
        assert await there(store, ["0", "1", "49", "60"]) == ["0", "60"]
