"""A server with a room and some members."""

from collections.abc import Iterator

import pytest

from api.live.client import register
from beseda.testing import BesedaServer


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Praha"))
        register(running, "Alena", "Brana", "Cyril")
        yield running
