"""Every test of the core has a world of its own; `async def` tests run in its loop."""

from collections.abc import Iterator

import pytest

from unit.core.world import World


@pytest.fixture
def settings() -> dict[str, object]:
    """Of the configuration; a module or a parameter may say otherwise."""
    return {}


@pytest.fixture
def world(settings: dict[str, object]) -> Iterator[World]:
    with World(settings) as world:
        yield world
