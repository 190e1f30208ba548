"""A Beseda to start inside tests: a real server on a free port, with a clock that the test moves."""

from beseda.testing.clock import ManualClock
from beseda.testing.server import BesedaServer

__all__ = ["BesedaServer", "ManualClock"]
