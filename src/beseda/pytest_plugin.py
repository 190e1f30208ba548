"""`beseda_server`: a server for one test, for whoever has Beseda installed.

Every start of pytest imports this, whatever is tested: it must be light, and need nothing that may not be there.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from beseda.testing import AsyncBesedaServer, BesedaServer


@pytest.fixture
def beseda_server() -> "Iterator[BesedaServer]":
    """A Beseda server with an empty database on a free port, and a clock that the test moves."""
    try:
        from beseda.testing import BesedaServer
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    with BesedaServer() as server:
        yield server


@pytest.fixture
def async_beseda_server(beseda_server: "BesedaServer") -> "AsyncBesedaServer":
    """The same for tests that are coroutines, whatever plugin runs them: its calls are awaited."""
    from beseda.testing import AsyncBesedaServer

    return AsyncBesedaServer(plain=beseda_server)
