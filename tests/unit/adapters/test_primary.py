"""Which servers an address names. What is done with them: tests/failure/test_failover.py."""

from typing import Any

import pytest

from beseda.adapters.sql.primary import _places

A, B = {"host": "a"}, {"host": "b"}


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("postgresql://u@a/db", [{}]),
        ("postgresql://u@a:1/db", [{}]),
        ("postgresql:///db?host=/var/run/postgresql", [{}]),
        ("postgresql:///db", [{}]),
        ("postgresql://u@a,b/db", [A, B]),
        ("postgresql://u:p%40s@a:1,b:2/db", [A | {"port": 1}, B | {"port": 2}]),
        ("postgresql://a:1,b/db?sslmode=require", [A | {"port": 1}, B]),
        ("postgresql://[::1]:1,[fe80::2]/db", [{"host": "::1", "port": 1}, {"host": "fe80::2"}]),
        ("postgresql://u@/db?host=a,b&port=1,2", [A | {"port": 1}, B | {"port": 2}]),
        ("postgresql://u@/db?host=a,b&port=5433", [A | {"port": 5433}, B | {"port": 5433}]),
        ("postgresql://u@%2Frun%2Fone,%2Frun%2Ftwo/db", [{"host": "/run/one"}, {"host": "/run/two"}]),
    ],
)
def test_servers_of_an_address(address: str, places: list[dict[str, Any]]) -> None:
    assert _places(address) == places
