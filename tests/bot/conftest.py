"""What the tests of bots share."""

import asyncio
from collections.abc import Iterator

import pytest

from beseda.testing import BesedaServer


@pytest.fixture(autouse=True)
def runner() -> Iterator[asyncio.Runner]:
    """The loop in which `async def` tests run."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    """A server of one's own: bots come and go, clocks move."""
    with BesedaServer() as running:
        yield running
