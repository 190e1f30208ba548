"""Every refusal has a form in every protocol."""

from collections.abc import Mapping
from importlib import import_module

import pytest

from beseda.domain.errors import BesedaError, leaves

PROTOCOLS = ("chatcz", "spaces", "spaceweb")


def table(protocol: str) -> Mapping[type[BesedaError], object]:
    found = import_module(f"beseda.api.{protocol}.errors").ERRORS
    assert isinstance(found, Mapping)
    return found


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: str(leaf.code))
def test_a_refusal_is_mapped(protocol: str, leaf: type[BesedaError]) -> None:
    assert leaf in table(protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_else_is(protocol: str) -> None:
    assert set(table(protocol)) == set(leaves())
