"""A proxy that the server was not told of is noticed."""

from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs

from beseda.server.proxies import CLIENTS_MIN, PEERS_MAX, UntrustedProxies


def through(proxies: UntrustedProxies, peer: str, *clients: str) -> None:
    for client in clients:
        headers = [(b"host", b"chat.example.org")] + ([(b"x-forwarded-for", client.encode())] if client else [])
        proxies.note({"client": (peer, 1), "headers": headers})


MANY = [f"203.0.113.{number}" for number in range(CLIENTS_MIN)]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.17.0.1", "::1", "fd00::1"])
def test_many_clients_from_an_address_nearby(peer: str) -> None:
    proxies = UntrustedProxies(())
    with capture_logs() as logs:
        through(proxies, peer, *MANY, *MANY, "198.51.100.1")
    assert peer in proxies.warnings()["proxy"]
    assert "server.trusted_proxies" in proxies.warnings()["proxy"]
    assert [(each["event"], each["address"]) for each in logs] == [("untrusted proxy", peer)]


@pytest.mark.parametrize(
    ("peer", "clients"),
    [
        ("127.0.0.1", ["", "", ""]),
        ("127.0.0.1", MANY[:1] * 9),
        ("8.8.8.8", MANY),
        ("10.0.0.7", MANY),
        ("no address", MANY),
    ],
)
def test_what_is_none(peer: str, clients: list[str]) -> None:
    proxies = UntrustedProxies((ip_network("10.0.0.0/24"),))
    with capture_logs() as logs:
        through(proxies, peer, *clients)
        proxies.note({"client": None, "headers": [(b"x-forwarded-for", b"203.0.113.1")]})
    assert proxies.warnings() == {}
    assert logs == []


def test_it_keeps_little() -> None:
    proxies = UntrustedProxies(())
    for number in range(3 * PEERS_MAX):
        through(proxies, f"10.0.{number // 250}.{number % 250}", "203.0.113.1")
    assert len(proxies._clients) == PEERS_MAX
