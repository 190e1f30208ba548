"""A server with members who write each other."""

import pytest

from api.spaces.client import Client, make_members
from beseda.testing import BesedaServer


@pytest.fixture
def server(beseda_server: BesedaServer) -> BesedaServer:
    make_members(beseda_server, "Alena", "Brana")
    return beseda_server


@pytest.fixture
def alena(server: BesedaServer) -> Client:
    return Client(server, "Alena")


@pytest.fixture
def brana(server: BesedaServer) -> Client:
    return Client(server, "Brana")
