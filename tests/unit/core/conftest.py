"""Every test of the core has a world of its own; `async def` tests run in its loop."""

import inspect
from collections.abc import Iterator

import pytest

from unit.core.world import World


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    world = pyfuncitem.funcargs["world"]
    assert isinstance(world, World)
    world.run(pyfuncitem.obj(**arguments))
    return True


@pytest.fixture
def settings() -> dict[str, object]:
    """Of the configuration; a module or a parameter may say otherwise."""
    return {}


@pytest.fixture
def world(settings: dict[str, object]) -> Iterator[World]:
    with World(settings) as world:
        yield world
