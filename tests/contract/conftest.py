"""The contract of storage runs on both engines: SQLite in a file, and the PostgreSQL of all tests."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.live.client import register
from beseda.adapters.sql.engine import SqlStore
from beseda.domain.events import Event
from beseda.testing import BesedaServer, ManualClock
from contract.places import Place, Places, PostgresPlace

ENGINES = ("sqlite", "postgres")


@pytest.fixture(autouse=True)
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Places:
    places = Places(tmp_path_factory.mktemp("contract"), postgres)
    asyncio.run(places.prepare())
    return places


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(runner: asyncio.Runner, places: Places, engine: str) -> Place:
    """A migrated database without a row."""
    return runner.run(places.migrated(engine))


@pytest.fixture
def events() -> list[Event]:
    """What the store published."""
    return []


@pytest.fixture
def store(runner: asyncio.Runner, place: Place, events: list[Event]) -> Iterator[SqlStore]:
    store = SqlStore(runner.run(place.open()), events.extend)
    yield store
    runner.run(store.close())


@pytest.fixture
def nodes(place: Place, tmp_path: Path) -> Iterator[tuple[BesedaServer, BesedaServer]]:
    """They share the clock, the database and the key."""
    clock = ManualClock()
    database = place.dsn if isinstance(place, PostgresPlace) else "sqlite:///" + str(tmp_path / "beseda.db")
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(BesedaServer({"server.database": database}, data=tmp_path, clock=clock)) for _ in "12"
        )
        register(one, "Alena")
        yield one, other
