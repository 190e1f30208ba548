"""What the tests of the client share: a server with made-up members, for both forms."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator

import pytest

from beseda.core.accounts import Application
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"
NAMES = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[BesedaServer]:
    """One for all tests that do not move its clock; each makes members and rooms of its own."""
    with BesedaServer() as running:
        yield running


@pytest.fixture
def fresh_server() -> Iterator[BesedaServer]:
    """One for a test that moves the clock."""
    with BesedaServer() as running:
        yield running


Register = Callable[..., str]
AsyncSending = Callable[[], Awaitable[int]]
"""Does something that a channel tells of; its number."""
Sending = Callable[[], int]
"""The same without `await`."""


@pytest.fixture
def register(server: BesedaServer) -> Register:
    return make_register(server)


@pytest.fixture(autouse=True)
def runner() -> Iterator[asyncio.Runner]:
    """The loop in which `async def` tests run."""
    with asyncio.Runner() as running:
        yield running


def make_register(server: BesedaServer) -> Register:
    """Makes members: the nick of a new one, which nobody else has."""

    def register(beginning: str = "Alena") -> str:
        nick = f"{beginning}{next(NAMES)}"
        server.run(server.core.accounts.add(Application(nick, PASSWORD)))
        return nick

    return register


@pytest.fixture
def room(server: BesedaServer) -> str:
    """The name of a permanent room."""
    name = f"Praha {next(NAMES)}"
    server.run(server.core.rooms.add(name))
    return name
