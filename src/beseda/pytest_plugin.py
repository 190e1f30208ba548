"""`beseda_server`: a server for one test, for whoever has Beseda installed.

Every start of pytest imports this, whatever is tested: it must be light, and need nothing that may not be there.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from beseda.extras import needs_server

if TYPE_CHECKING:
    from beseda.testing.server import BesedaServer


@pytest.fixture
def beseda_server() -> "Iterator[BesedaServer]":
    """A Beseda server with an empty database on a free port, and a clock that the test moves."""
    try:
        from beseda.testing.server import BesedaServer
    except ModuleNotFoundError as error:
        pytest.fail(f"beseda_server: {needs_server(error)}", pytrace=False)

    with BesedaServer() as server:
        yield server
