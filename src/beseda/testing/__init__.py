"""A Beseda to start inside tests: a real server on a free port, with a clock that the test moves (docs/testing.md)."""

from beseda.extras import needs_server

try:
    from beseda.testing.async_server import AsyncBesedaServer, AsyncRoom
    from beseda.testing.backstage import PASSWORD, App, Member, Place, Said, Sid
    from beseda.testing.clock import ManualClock
    from beseda.testing.server import BesedaServer, Room
except ModuleNotFoundError as error:
    raise ImportError(f"beseda.testing: {needs_server(error)}") from error

__all__ = [
    "PASSWORD",
    "App",
    "AsyncBesedaServer",
    "AsyncRoom",
    "BesedaServer",
    "ManualClock",
    "Member",
    "Place",
    "Room",
    "Said",
    "Sid",
]
