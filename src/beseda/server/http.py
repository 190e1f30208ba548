"""HTTP on the wire: uvicorn's parser, with deadlines, limits and a request id of our own.

uvicorn has no deadline for receiving a request, and its parser lets pass what a proxy in front may read differently.
Here every connection has a moment by which it must have got on, looked at once a second; heads are bounded; two Host
headers, two lengths, or a length together with chunks end the connection before anything is executed.
"""

import asyncio
import itertools
import secrets
from collections import Counter
from dataclasses import dataclass
from email.utils import formatdate
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

HEAD_MAX_BYTES = 16 * 1024
HEAD_MAX_LINES = 64
FIRST_BYTE_S = 5.0
HEAD_S = 10.0
BODY_S = 30.0
BODY_MIN_BYTES_PER_S = 1024
SWEEP_S = 1.0
SINGLE = frozenset({b"host", b"content-length", b"transfer-encoding"})
"""Headers of which a request has one; two of them are two readings."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections may be open."""

    total: int = 10_000
    per_address: int = 256
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies, which bring the connections of many."""


class Connections:
    """All open connections: counts them, and closes those that have missed their moment."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open: set[HttpProtocol] = set()
        self.per_address: Counter[str] = Counter()
        self.refused = 0
        self.timed_out = 0
        prefix = secrets.token_hex(4)
        self.request_ids = (f"{prefix}-{number:x}" for number in itertools.count(1))
        self.date_header: tuple[bytes, bytes] = (b"date", formatdate(usegmt=True).encode())

    def admit(self, protocol: "HttpProtocol", address: str) -> bool:
        """Whether there is room for one more."""
        crowded = self.per_address[address] >= self.limits.per_address and not self._is_exempt(address)
        if crowded or len(self.open) >= self.limits.total:
            self.refused += 1
            return False
        self.open.add(protocol)
        self.per_address[address] += 1
        return True

    def _is_exempt(self, address: str) -> bool:
        return any(ip_address(address) in network for network in self.limits.exempt)

    def remove(self, protocol: "HttpProtocol", address: str) -> None:
        if protocol in self.open:
            self.open.discard(protocol)
            self.per_address[address] -= 1
            if not self.per_address[address]:
                del self.per_address[address]

    def sweep(self, now: float) -> None:
        """Close what has missed its moment; renew what answers say of the time."""
        self.date_header = (b"date", formatdate(usegmt=True).encode())
        for protocol in [each for each in self.open if each.deadline is not None and each.deadline < now]:
            self.timed_out += 1
            protocol.time_out()

    async def sweep_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep(loop.time())


class HttpProtocol(HttpToolsProtocol):
    """One connection. `deadline` is a moment of the loop's clock, None while the server is the one who is due."""

    all: Connections
    """Set by the listener on a subclass of its own."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.deadline: float | None = None
        self._address = ""
        self._head_bytes = 0
        self._in_head = True
        self._body_began_at = 0.0
        self._body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not self.all.admit(self, self._address):
            transport.abort()
            return
        self.deadline = self.loop.time() + FIRST_BYTE_S

    def connection_lost(self, exc: Exception | None) -> None:
        self.all.remove(self, self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.parser is None or self.transport.is_closing():
            return
        if self._in_head:
            if not self._head_bytes:
                self.deadline = self.loop.time() + HEAD_S
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MAX_BYTES and b"\r\n\r\n" not in data[: HEAD_MAX_BYTES + 3]:
                self._refuse(431, "Request head too large.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        if refusal := self._refusal():
            self._in_head = True
            raise httptools.HttpParserError(refusal)
        now = self.loop.time()
        self._body_began_at, self._body_bytes = now, 0
        self.deadline = now + BODY_S
        super().on_headers_complete()

    def _refusal(self) -> str:
        """Why a request is not taken, "" when it is."""
        if len(self.headers) > HEAD_MAX_LINES:
            return "too many header lines"
        seen: set[bytes] = set()
        for name, value in self.headers:
            if name in SINGLE:
                if name in seen:
                    return "a header stands twice"
                seen.add(name)
                if name == b"content-length" and not value.isdigit():
                    return "the length is no number"
        if b"content-length" in seen and b"transfer-encoding" in seen:
            return "both a length and chunks"
        if b"host" not in seen and self.parser.get_http_version() == "1.1":
            return "no Host header"
        return ""

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self.deadline = self._body_began_at + BODY_S + self._body_bytes / BODY_MIN_BYTES_PER_S
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self.deadline = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_head and not self._head_bytes:
            self.deadline = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        request_id = next(self.all.request_ids)
        cycle.scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key]
        cycle.default_headers = [self.all.date_header, (b"x-request-id", request_id.encode())]
        super()._start_asgi_task(cycle, app)

    def time_out(self) -> None:
        """The client did not get on: say so if it waits for an answer, and hang up."""
        if self._head_bytes or not self._in_head:
            self._refuse(408, "Request not received in time.")
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg)

    def _refuse(self, status: int, text: str) -> None:
        """Answer a bad request without the application, and hang up."""
        self.deadline = None
        under_way = self.cycle is not None and not self.cycle.response_complete
        if under_way and self._in_head:
            # An earlier request of this connection is still being answered: let that go out, then hang up.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if not (under_way and self.cycle.response_started):
            phrase = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}[status]
            self.transport.write(
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}".encode("ascii")
            )
        if under_way:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
