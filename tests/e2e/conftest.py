"""What the tests of the whole share."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import pytest

from beseda.adapters.sql.schema import migrate_postgres
from postgres import create_database, drop_database

T = TypeVar("T")

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from e2e.browser import SHELL, chromium

    with chromium(program=SHELL) as running:
        yield running


def run(deed: Coroutine[None, None, T]) -> T:
    """In a thread of its own: in ours there is a loop as long as there is a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, deed).result()


@pytest.fixture(scope="session")
def migrated(postgres: str) -> str:
    """A database with Beseda's tables and nothing in them, for others to be made like it."""
    address = run(create_database(postgres))
    run(migrate_postgres(address))
    return address


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The setting `server.database` for a server on SQLite, and for one on PostgreSQL."""
    if request.param == "sqlite":
        yield ""
        return
    postgres = request.getfixturevalue("postgres")
    address = run(create_database(postgres, request.getfixturevalue("migrated")))
    yield address
    run(drop_database(postgres, address))


@pytest.fixture(autouse=True)
def _windows_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser is shared by tests, their windows are not: each that is left open works on beside all that follow."""
    browser: Browser | None = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    yield
    for context in browser.contexts if browser is not None else ():
        context.close()
