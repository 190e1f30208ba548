"""`async def` tests here run beside their server, on each kind of loop that it may run on."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest
import uvloop

from api.wire.line import Server
from beseda.server.http import ConnectionLimits

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    runner = pyfuncitem.funcargs["runner"]
    assert isinstance(runner, asyncio.Runner)
    runner.run(pyfuncitem.obj(**arguments))
    return True


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
