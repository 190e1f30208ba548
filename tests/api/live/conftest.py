"""A server with a room and some members."""

from collections.abc import Iterator

import pytest

from api.live.client import register
from beseda.testing import BesedaServer


@pytest.fixture
def settings() -> dict[str, object]:
    """Of the configuration; a parameter may say otherwise."""
    return {}


@pytest.fixture
def server(settings: dict[str, object]) -> Iterator[BesedaServer]:
    with BesedaServer(settings) as running:
        running.run(running.core.rooms.add("Praha"))
        register(running, "Alena", "Brana", "Cyril")
        yield running
