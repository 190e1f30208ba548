"""What proxies say of the client behind them: its address, and the scheme that it came by.

Ours are believed. One that nobody told the server of is noticed: to every limit all who come through it are one
address.
"""

from functools import lru_cache

import structlog

from beseda.api.addresses import Network, is_within, read_address
from beseda.api.base import Scope, header

SCHEMES = {b"http": "http", b"https": "https", b"ws": "http", b"wss": "https"}
"""What stands in X-Forwarded-Proto; some proxies name the schemes of WebSockets."""


def believe_proxy(scope: Scope, proxies: tuple[Network, ...]) -> None:
    """Take the client's address and scheme from the headers, if a proxy of ours wrote them.

    A proxy adds to what the client sent, on the same line or on another: the last address that is none of our
    proxies' is the client's. What stands before it may be anything. If all are our proxies', the first is the client:
    it asks on its own behalf. Of several schemes the first is what the client came by; who lies harms himself alone.
    """
    if scope["client"] is None or not is_within(read_address(scope["client"][0]), proxies):
        return
    for part in reversed(_values(scope, b"x-forwarded-for")):
        address = read_address(part.decode("latin-1"))
        if address is None:
            break
        scope["client"] = (str(address), 0)
        if not is_within(address, proxies):
            break
    schemes = _values(scope, b"x-forwarded-proto")
    if schemes and (scheme := SCHEMES.get(schemes[0].lower())):
        scope["scheme"] = scheme


def _values(scope: Scope, name: bytes) -> list[bytes]:
    """All values of a header that is a list, whichever lines they stand on; stray commas are none."""
    lines = [value for key, value in scope["headers"] if key == name]
    return [value for part in b",".join(lines).split(b",") if (value := part.strip())]


CLIENTS_MIN = 3
"""So many different clients come through a proxy, and no longer one who writes the header himself."""
PEERS_MAX = 100


class UntrustedProxies:
    """Private and loopback addresses that send X-Forwarded-For and are no trusted proxies."""

    def __init__(self, trusted: tuple[Network, ...]) -> None:
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


def _is_near(peer: str, trusted: tuple[Network, ...]) -> bool:
    address = read_address(peer)
    return address is not None and (address.is_private or address.is_loopback) and not is_within(address, trusted)
