"""A database of its own for each test of failure, and something between it and us."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from failure.relay import Relay, relayed
from postgres import create_database


@pytest.fixture
def relay(postgres: str) -> Iterator[tuple[Relay, str]]:
    """Something between us and a new database, and the address to use."""
    address = asyncio.run(create_database(postgres))
    with tempfile.TemporaryDirectory(prefix="relay-") as folder, relayed(Path(folder), address) as made:
        yield made
