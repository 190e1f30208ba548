"""`beseda_server`: a server for one test, for whoever has Beseda installed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from beseda.testing.server import BesedaServer


@pytest.fixture
def beseda_server() -> "Iterator[BesedaServer]":
    """A Beseda server with an empty database on a free port, and a clock that the test moves."""
    from beseda.testing.server import BesedaServer

    with BesedaServer() as server:
        yield server
