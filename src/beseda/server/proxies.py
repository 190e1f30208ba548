"""Notices a proxy that nobody told the server of: then all who come through it are one address to every limit."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog

from beseda.api.base import Scope, header

CLIENTS_MIN = 3
"""So many different clients come through a proxy, and no longer one who writes the header himself."""
PEERS_MAX = 100


class UntrustedProxies:
    """Private and loopback addresses that send X-Forwarded-For and are no trusted proxies."""

    def __init__(self, trusted: tuple[IPv4Network | IPv6Network, ...]) -> None:
        self._clients: dict[str, set[bytes]] = {}
        self._is_near = lru_cache(maxsize=PEERS_MAX)(lambda address: _is_near(address, trusted))

    def note(self, scope: Scope) -> None:
        """A request, before the headers of trusted proxies are believed."""
        forwarded = header(scope, b"x-forwarded-for")
        if forwarded is None or scope["client"] is None or not self._is_near(peer := scope["client"][0]):
            return
        if peer not in self._clients and len(self._clients) >= PEERS_MAX:
            return
        clients = self._clients.setdefault(peer, set())
        if len(clients) < CLIENTS_MIN and forwarded not in clients:
            clients.add(forwarded)
            if len(clients) == CLIENTS_MIN:
                structlog.get_logger().warning("untrusted proxy", address=peer, consequence=_TEXT.format(peer))

    def warnings(self) -> dict[str, str]:
        """What to tell the operator; empty when there is nothing."""
        found = [peer for peer, clients in self._clients.items() if len(clients) >= CLIENTS_MIN]
        return {"proxy": _TEXT.format(", ".join(found))} if found else {}


_TEXT = "members come through {}, which server.trusted_proxies does not name: limits take them all for one"


def _is_near(address: str, trusted: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return (parsed.is_private or parsed.is_loopback) and not any(parsed in network for network in trusted)
