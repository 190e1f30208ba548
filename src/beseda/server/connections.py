"""Who is connected: counts connections, by address and together, and closes those that have missed their moment."""

import asyncio
import itertools
import secrets
from collections import Counter
from dataclasses import dataclass
from email.utils import formatdate
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

from beseda.domain.limits import LIMITS, Limit

SWEEP_S = 1.0


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections may be open."""

    total: int = 10_000
    per_address: int = 256
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies, which bring the connections of many."""
    frames: Limit = LIMITS["socket_frame"]
    """What one WebSocket may send."""


class Connection(Protocol):
    """An open connection, whatever is spoken on it; times are of the loop's clock."""

    transport: asyncio.Transport

    def is_late(self, now: float) -> bool:
        """Whether its moment has come."""
        ...

    def time_out(self, now: float) -> bool:
        """Do what is due; whether that ends a connection that was alive."""
        ...

    def shutdown(self) -> None:
        """The server stops: finish what is under way, then hang up."""
        ...

    def hang_up(self) -> None:
        """Nothing is under way any more: end, but let out what was sent."""
        ...


class Connections:
    """All open connections."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open: set[Connection] = set()
        self.per_address: Counter[str] = Counter()
        self.refused = 0
        self.timed_out = 0
        self.sockets = 0
        """Of the open ones, those that are WebSockets."""
        self.too_slow = 0
        """WebSockets closed because they did not read what was sent to them."""
        self.flooding = 0
        """WebSockets closed because they sent too much."""
        prefix = secrets.token_hex(4)
        self.request_ids = (f"{prefix}-{number:08x}" for number in itertools.count(1))
        self.date_header: tuple[bytes, bytes] = (b"date", formatdate(usegmt=True).encode())

    def admit(self, connection: Connection, client: tuple[str, int] | None, address: str) -> bool:
        """Whether there is room for one more."""
        crowded = self.per_address[address] >= self.limits.per_address and not self._is_exempt(client)
        if crowded or len(self.open) >= self.limits.total:
            self.refused += 1
            return False
        self.open.add(connection)
        self.per_address[address] += 1
        return True

    def _is_exempt(self, client: tuple[str, int] | None) -> bool:
        return client is not None and any(ip_address(client[0]) in network for network in self.limits.exempt)

    def replace(self, before: Connection, after: Connection) -> None:
        """The same connection, but spoken to in another way from now on."""
        self.open.discard(before)
        self.open.add(after)

    def remove(self, connection: Connection, address: str) -> None:
        if connection in self.open:
            self.open.discard(connection)
            self.per_address[address] -= 1
            if not self.per_address[address]:
                del self.per_address[address]

    def sweep(self, now: float) -> None:
        """Let those whose moment has come do what is due; renew what answers say of the time."""
        self.date_header = (b"date", formatdate(usegmt=True).encode())
        for connection in [each for each in self.open if each.is_late(now)]:
            self.timed_out += connection.time_out(now)

    async def sweep_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep(loop.time())
