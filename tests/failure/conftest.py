"""A PostgreSQL for all tests of failure, a database of its own for each."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from beseda.testing.postgres import run_postgres
from failure.postgres import create_database
from failure.relay import Relay, relayed


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Its address, `{}` in place of a database's name."""
    with run_postgres() as address:
        yield address


@pytest.fixture
def relay(postgres: str) -> Iterator[tuple[Relay, str]]:
    """Something between us and a new database, and the address to use."""
    address = asyncio.run(create_database(postgres))
    with tempfile.TemporaryDirectory(prefix="relay-") as folder, relayed(Path(folder), address) as made:
        yield made
