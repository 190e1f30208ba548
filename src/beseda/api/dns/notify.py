"""Telling secondaries that a zone has changed (RFC 1996), again and again until they say that they heard."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from beseda.api.dns.encode import Body
from beseda.api.dns.wire import AA, HEADER, IN, NOTIFY, SOA, split_text
from beseda.api.dns.zone import Zone
from beseda.domain.errors import BesedaError

WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""How long an answer is waited for, time after time."""
AT_ONCE = 64

FindSecret = Callable[[str], Awaitable[tuple[str, bytes] | None]]
"""The algorithm and the secret of a key, by its name."""


@dataclass(frozen=True, slots=True)
class Secondary:
    """Where another name server hears of changes; `key` is the name of the key by which it is told, "" for none."""

    host: str
    port: int
    key: str = ""


def notification(zone: Zone, ident: int) -> bytes:
    """The message, with the SOA as it is now."""
    question = zone.origin + SOA.to_bytes(2, "big") + IN.to_bytes(2, "big")
    body = Body(zone.origin, HEADER.size + len(question))
    body.add([(zone.origin, zone.soa)])
    return HEADER.pack(ident, NOTIFY << 11 | AA, 1, 1, 0, 0) + question + bytes(body.out)


class Notifier:
    """`find` gives a zone as it is now, or None when it is gone."""

    def __init__(
        self,
        secondaries: Sequence[Secondary],
        find: Callable[[bytes], Zone | None],
        secret: FindSecret,
        now_s: Callable[[], float],
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        self._secondaries = secondaries
        self._find = find
        self._secret = secret
        self._now_s = now_s
        self._waits_s = waits_s
        self._due: set[tuple[bytes, Secondary]] = set()
        self._tasks: dict[tuple[bytes, Secondary], asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self.unheard = 0

    def tell(self, origin: bytes) -> None:
        """Tell all secondaries; one that is being told of an earlier change is told anew."""
        for each in self._secondaries:
            key = (origin, each)
            self._due.add(key)
            if key not in self._tasks:
                task = self._tasks[key] = asyncio.get_running_loop().create_task(self._tell(*key))
                task.add_done_callback(lambda _, key=key: self._tasks.pop(key, None))  # type: ignore[misc]

    async def _tell(self, origin: bytes, to: Secondary) -> None:
        async with self._at_once:
            while (origin, to) in self._due:
                self._due.discard((origin, to))
                if not await self._try(origin, to):
                    self.unheard += 1
                    log = structlog.get_logger()
                    log.warning("a secondary does not answer", zone=split_text(origin), host=to.host, port=to.port)

    async def _try(self, origin: bytes, to: Secondary) -> bool:
        """Send until there is an answer, or another change to be told of; whether there was either."""
        for wait_s in self._waits_s:
            zone = self._find(origin)
            if zone is None or (origin, to) in self._due:
                return True
            try:
                if await self._ask(zone, to, wait_s):
                    return True
            except (OSError, BesedaError) as error:
                structlog.get_logger().info("a secondary was not told", host=to.host, reason=str(error))
                await asyncio.sleep(wait_s)
        return False

    async def _ask(self, zone: Zone, to: Secondary, wait_s: float) -> bool:
        ident = secrets.randbelow(65_536)
        packet = notification(zone, ident)
        if to.key:
            found = await self._secret(to.key)
            if found is None:
                raise OSError(f"there is no key {to.key}")
            from beseda.api.dns.tsig import sign_request  # with dnspython

            packet = sign_request(packet, to.key, *found, int(self._now_s()))
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        family = socket.AF_INET6 if ":" in to.host else socket.AF_INET
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Ear(ident, heard), remote_addr=(to.host, to.port), family=family
        )
        try:
            transport.sendto(packet)
            await asyncio.wait_for(heard, wait_s)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            transport.close()

    async def stop(self) -> None:
        """Tell nobody any more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Ear(asyncio.DatagramProtocol):
    """Waits for the answer to one message, from where it was sent."""

    def __init__(self, ident: int, heard: "asyncio.Future[None]") -> None:
        self._ident, self._heard = ident.to_bytes(2, "big"), heard

    def datagram_received(self, data: bytes, address: Any) -> None:
        if data[:2] == self._ident and len(data) >= HEADER.size and data[2] & 0xF8 == 0xA0 and not self._heard.done():
            self._heard.set_result(None)


def read_secondary(text: str) -> Secondary:
    """`ADDRESS:PORT`, with a space and the name of a key after it. Raises ValueError."""
    address, _, key = text.strip().partition(" ")
    host, port = read_address(address)
    if not port:
        raise ValueError(f"{text!r} names no port")
    return Secondary(host, port, key.strip().lower().rstrip("."))


def read_address(text: str) -> tuple[str, int]:
    """`192.0.2.53:53` or `[2001:db8::53]:53`. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    try:
        socket.inet_pton(socket.AF_INET6 if host.startswith("[") else socket.AF_INET, bare)
    except OSError:
        colon = ""
    if not colon or not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65_535:
        raise ValueError(f"{text!r} is no ADDRESS:PORT")
    return bare, int(port)
