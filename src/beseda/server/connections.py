"""Who is connected: counts connections, by address and together, and closes those that have missed their moment."""

import asyncio
import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from heapq import nsmallest
from typing import Protocol

from beseda.api.addresses import Network, is_within, read_address
from beseda.domain.limits import LIMITS, Limit

SWEEP_S = 1.0
KEEP_ALIVE_S = 75.0
"""Longer than proxies keep idle connections, so that it is they who close them: else they lose requests."""
ROOM_PART = 20
"""Where all connections are taken, one in so many makes room if it is idle."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections may be open."""

    total: int = 10_000
    per_address: int = 256
    exempt: tuple[Network, ...] = ()
    """Proxies, which bring the connections of many."""
    frames: Limit = LIMITS["socket_frame"]
    """What one WebSocket may send."""
    keep_alive_s: float = KEEP_ALIVE_S
    """How long a connection may be idle between two requests."""


class OpenConnection(Protocol):
    """An open connection, whatever is spoken on it; times are of the loop's clock."""

    transport: asyncio.Transport
    address: str
    """Of the client, as limits see it."""

    @property
    def idle_since(self) -> float | None:
        """Since when all is answered and nothing asked, None while something is under way."""
        ...

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
        self.open: set[OpenConnection] = set()
        self.running: set[asyncio.Task[None]] = set()
        """Requests that are being answered."""
        self.per_address: dict[str, set[OpenConnection]] = {}
        self.may_have_idle = False
        """Whether one may have become idle since none was found."""
        self.refused = 0
        self.made_room = 0
        """Idle ones closed so that others could come."""
        self.timed_out = 0
        self.sockets = 0
        """Of the open ones, those that are WebSockets."""
        self.too_slow = 0
        """WebSockets closed because they did not read what was sent to them."""
        self.flooding = 0
        """WebSockets closed because they sent too much."""
        prefix = secrets.token_hex(4)
        self.request_ids = (f"{prefix}-{number:08x}" for number in itertools.count(1))
        self.date = formatdate(usegmt=True).encode()
        """What answers say of the time."""

    def admit(self, connection: OpenConnection, client: tuple[str, int] | None) -> bool:
        """Whether there is room for one more, if need be in place of the oldest idle ones."""
        alike = self.per_address.get(connection.address, set())
        if len(alike) >= self.limits.per_address and not self._is_exempt(client) and not self._make_room(alike, 1):
            self.refused += 1
            return False
        if len(self.open) >= self.limits.total and not self._make_room_for_all():
            self.refused += 1
            return False
        self._add(connection)
        return True

    def _is_exempt(self, client: tuple[str, int] | None) -> bool:
        return client is not None and is_within(read_address(client[0]), self.limits.exempt)

    def _make_room_for_all(self) -> bool:
        """Several at once, since all are looked at; and not again before there can be any."""
        if self.may_have_idle:
            self.may_have_idle = self._make_room(self.open, max(1, self.limits.total // ROOM_PART))
        return self.may_have_idle

    def _make_room(self, among: Iterable[OpenConnection], number: int) -> bool:
        """Close those that have been idle longest; whether there was any."""
        idle = [(since, id(each), each) for each in among if (since := each.idle_since) is not None]
        for _, _, oldest in nsmallest(number, idle):
            self.remove(oldest)
            oldest.hang_up()
            self.made_room += 1
        return bool(idle)

    def _add(self, connection: OpenConnection) -> None:
        self.open.add(connection)
        self.per_address.setdefault(connection.address, set()).add(connection)

    def replace(self, before: OpenConnection, after: OpenConnection) -> None:
        """The same connection, but spoken to in another way from now on."""
        self.remove(before)
        self._add(after)

    def remove(self, connection: OpenConnection) -> None:
        if connection in self.open:
            self.open.discard(connection)
            alike = self.per_address[connection.address]
            alike.discard(connection)
            if not alike:
                del self.per_address[connection.address]

    def sweep(self, now: float) -> None:
        """Let those whose moment has come do what is due; renew what answers say of the time."""
        self.date = formatdate(usegmt=True).encode()
        self.may_have_idle = True  # slow readers have taken their answers meanwhile
        for connection in [each for each in self.open if each.is_late(now)]:
            self.timed_out += connection.time_out(now)

    async def sweep_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep(loop.time())
