"""`async def` tests here run beside their server, on each kind of loop that it may run on."""

import asyncio
from collections.abc import Iterator

import pytest
import uvloop

from api.wire.line import Server
from beseda.server.connections import ConnectionLimits

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=LOOPS)
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
        yield runner


@pytest.fixture
def limits() -> ConnectionLimits:
    """A parameter may say otherwise."""
    return ConnectionLimits()


@pytest.fixture
def server(runner: asyncio.Runner, limits: ConnectionLimits) -> Iterator[Server]:
    server = Server(limits)
    runner.run(server.listener.start(server.app))
    yield server
    runner.run(server.close())
