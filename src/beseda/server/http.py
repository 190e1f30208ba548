"""HTTP on the wire: uvicorn's parser, with deadlines, limits and a request id of our own.

uvicorn has no deadline for receiving a request, and its parser lets pass what a proxy in front may read differently.
Here every connection has a moment by which it must have got on, looked at once a second; heads are bounded; two Host
headers, two lengths, or a length together with chunks end the connection before anything is executed. What follows a
refused request on its connection is never read; what came before it is still answered.
"""

import asyncio
import itertools
import secrets
from collections import Counter
from dataclasses import dataclass
from email.utils import formatdate
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from beseda.api.base import address_of
from beseda.server.cycle import Cycle

HEAD_MAX_BYTES = 16 * 1024
HEAD_MAX_LINES = 64
PIPELINE_MAX = 32
"""Requests that may wait on a connection behind the one that is being answered."""
FIRST_BYTE_S = 5.0
HEAD_S = 10.0
BODY_S = 30.0
BODY_MIN_BYTES_PER_S = 1024
CHUNK_OVERHEAD = 8
"""Bytes on the wire for each byte of a chunked body, at most: chunks of one byte take six."""
UNREAD_S = 1.0
UNREAD_MAX_BYTES = 256 * 1024
"""How much of a body is passed over after the answer, so that the connection can be kept."""
KEEP_ALIVE_S = 5.0
FLUSH_S = 30.0
"""How long a client may take nothing of what is sent to it."""
SWEEP_S = 1.0
PHRASES = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
ASGI = {"version": "3.0", "spec_version": "2.3"}
SINGLE = frozenset({b"host", b"content-length", b"transfer-encoding"})
"""Headers of which a request has one; two of them are two readings."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections may be open."""

    total: int = 10_000
    per_address: int = 256
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies, which bring the connections of many."""


class _Complete(list[tuple[bytes, bytes]]):
    """Stands in for a request's header lines once there must come no more: some send lines after the body."""

    def append(self, line: tuple[bytes, bytes]) -> None:
        raise httptools.HttpParserError("header lines after the body")


COMPLETE = _Complete()


class Connections:
    """All open connections: counts them, and closes those that have missed their moment."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open: set[HttpProtocol] = set()
        self.per_address: Counter[str] = Counter()
        self.refused = 0
        self.timed_out = 0
        prefix = secrets.token_hex(4)
        self.request_ids = (f"{prefix}-{number:08x}" for number in itertools.count(1))
        self.date_header: tuple[bytes, bytes] = (b"date", formatdate(usegmt=True).encode())

    def admit(self, protocol: "HttpProtocol", address: str) -> bool:
        """Whether there is room for one more."""
        crowded = self.per_address[address] >= self.limits.per_address and not self._is_exempt(protocol.client)
        if crowded or len(self.open) >= self.limits.total:
            self.refused += 1
            return False
        self.open.add(protocol)
        self.per_address[address] += 1
        return True

    def _is_exempt(self, client: tuple[str, int] | None) -> bool:
        return client is not None and any(ip_address(client[0]) in network for network in self.limits.exempt)

    def remove(self, protocol: "HttpProtocol", address: str) -> None:
        if protocol in self.open:
            self.open.discard(protocol)
            self.per_address[address] -= 1
            if not self.per_address[address]:
                del self.per_address[address]

    def sweep(self, now: float) -> None:
        """Close what has missed its moment; renew what answers say of the time."""
        self.date_header = (b"date", formatdate(usegmt=True).encode())
        for protocol in [each for each in self.open if each.is_late(now)]:
            self.timed_out += not protocol.transport.is_closing()
            protocol.time_out(now)

    async def sweep_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep(loop.time())


class HttpProtocol(HttpToolsProtocol):
    """One connection.

    `deadline` is the moment of the loop's clock by which the client must have sent more, None while the server is the
    one who is due; `flush_by` the one by which it must have taken what was sent, None while it keeps up.
    """

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
        self.flush_by: float | None = None
        self._address = ""
        self._refused = False
        self._in_head = True
        self._head_bytes = 0
        self._chunk_bytes = 0
        self._body_began_at = 0.0
        self._body_bytes = 0
        self._wire_bytes = 0
        self._unread_from = 0
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client and self.client[0].startswith("::ffff:"):  # IPv4 on a socket for both (RFC 4291, 2.5.5.2)
            self.client = (self.client[0].removeprefix("::ffff:"), self.client[1])
        self._address = address_of({"client": self.client})
        if not self.all.admit(self, self._address):
            transport.abort()
            return
        self.deadline = self.loop.time() + FIRST_BYTE_S

    def connection_lost(self, exc: Exception | None) -> None:
        """uvicorn tells the newest request only; the one that is being answered may be an earlier one."""
        self.all.remove(self, self._address)
        super().connection_lost(exc)
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def data_received(self, data: bytes) -> None:
        if self.parser is None or self._refused or self.transport.is_closing():
            return
        self._chunk_bytes = len(data)
        if self._in_head:
            if not self._head_bytes:
                self.deadline = self.loop.time() + HEAD_S
            self._head_bytes += self._chunk_bytes
        else:
            self._wire_bytes += self._chunk_bytes
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_MAX_BYTES:
            self._refuse(431, "Request head too large.")
        elif not self._in_head and self._wire_bytes > CHUNK_OVERHEAD * self._body_bytes + HEAD_MAX_BYTES:
            self._refuse(400, "More around the body than in it.")

    def on_message_begin(self) -> None:
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        if len(self.headers) > HEAD_MAX_LINES or self._is_head_too_large():
            self._refuse(431, "Request head too large.")
            raise httptools.HttpParserError("too large")
        if refusal := self._refusal():
            raise httptools.HttpParserError(refusal)
        self._begin_cycle()
        self._in_head, self.headers = False, COMPLETE
        self._head_bytes = self._body_bytes = self._wire_bytes = 0
        self._body_began_at = self.loop.time()
        self.deadline = self._body_began_at + BODY_S

    def _begin_cycle(self) -> None:
        """Start the application, or let the request wait until those before it are answered."""
        target = httptools.parse_url(self.url)
        raw_path = target.path or b"/"
        path = raw_path.decode("ascii")
        version = self.parser.get_http_version()
        request_id = next(self.all.request_ids)
        scope: Any = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": self.parser.get_method().decode("ascii"),
            "root_path": "",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": target.query or b"",
            "headers": self.headers,
            "request_id": request_id,
        }
        before, self.scope = self.cycle, scope
        self.cycle = Cycle(
            scope,
            self.transport,
            self.flow,
            [self.all.date_header, (b"x-request-id", request_id.encode())],
            expect_100_continue=self.expect_100_continue,
            # What follows an upgrade is another protocol, in which nobody listens.
            keep_alive=version != "1.0" and self.parser.should_keep_alive() and not self.parser.should_upgrade(),
            on_response=self.on_response_complete,
            logger=self.logger,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _is_head_too_large(self) -> bool:
        if self._head_bytes <= HEAD_MAX_BYTES and self._chunk_bytes <= HEAD_MAX_BYTES:
            return False  # nor is any part of it
        lines = sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
        return len(self.url) + lines > HEAD_MAX_BYTES

    def _refusal(self) -> str:
        """Why a request is not taken, "" when it is."""
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            return "another version of HTTP"
        if len(self.pipeline) >= PIPELINE_MAX:
            return "too many requests before the first is answered"
        headers = dict(self.headers)
        if len(headers) != len(self.headers):
            names = [name for name, _ in self.headers]
            if any(names.count(name) > 1 for name in SINGLE):
                return "a header stands twice"
        if b"host" not in headers and version == "1.1":
            return "no Host header"
        length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
        if length is not None and not length.isdigit():
            return "the length is no number"
        if coding is None:
            return ""
        if length is not None:
            return "both a length and chunks"
        if coding.lower() != b"chunked":
            return "a transfer coding other than chunked"
        return "" if version == "1.1" else "chunks in HTTP/1.0"

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if not self.cycle.response_complete:
            self.deadline = self._body_began_at + BODY_S + self._body_bytes / BODY_MIN_BYTES_PER_S
        elif self._body_bytes > self._unread_from + UNREAD_MAX_BYTES:
            self._hang_up()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True
        self.deadline = self.loop.time() + KEEP_ALIVE_S if self.cycle.response_complete else None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn does it, but without a timer for each request."""
        self.server_state.total_requests += 1
        now = self.loop.time()
        if self.transport.is_closing():
            self.flush_by = now + FLUSH_S
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif not self._in_head:
            self.deadline, self._unread_from = now + UNREAD_S, self._body_bytes
        elif not self._head_bytes:
            self.deadline = now + KEEP_ALIVE_S

    def pause_writing(self) -> None:
        super().pause_writing()
        self.flush_by = self.loop.time() + FLUSH_S

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self.flush_by = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        task = self.loop.create_task(cycle.run_asgi(app))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def is_late(self, now: float) -> bool:
        late = self.deadline is not None and self.deadline < now
        return late or (self.flush_by is not None and self.flush_by < now)

    def time_out(self, now: float) -> None:
        """The client did not get on: say so if it waits for an answer, and hang up; in the end cut it off."""
        if self.flush_by is not None and self.flush_by < now:
            self.transport.abort()
        elif self._head_bytes or not (self._in_head or self.cycle.response_complete):
            self._refuse(408, "Request not received in time.")
        else:
            self._hang_up()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg)

    def _refuse(self, status: int, text: str) -> None:
        """Answer a bad request without the application, and hang up."""
        if self._refused:
            return
        self._refused, self.deadline = True, None
        bad = None if self._in_head else self.cycle
        if bad is not None and self.pipeline:
            self.pipeline.popleft()  # it was waiting its turn, and is never executed
            bad = None
        earlier = self.pipeline[0][0] if self.pipeline else self._running
        if earlier is not None and earlier is not bad and not earlier.response_complete:
            earlier.keep_alive = False  # let the answers that are due go out, then hang up
            self.flow.pause_reading()
            return
        if bad is None or not bad.response_started:
            self._write_refusal(status, text)
        if bad is not None:
            bad.disconnected = True
            bad.message_event.set()
        self._hang_up()

    def _write_refusal(self, status: int, text: str) -> None:
        head = [
            f"HTTP/1.1 {status} {PHRASES[status]}",
            f"date: {self.all.date_header[1].decode()}",
            f"x-request-id: {next(self.all.request_ids)}",
            "content-type: text/plain; charset=utf-8",
            f"content-length: {len(text)}",
            "cache-control: no-store",
            "connection: close",
        ]
        self.transport.write("\r\n".join([*head, "", text]).encode("ascii"))

    def _hang_up(self) -> None:
        """Close when all that was sent is out."""
        self.deadline, self.flush_by = None, self.loop.time() + FLUSH_S
        self.transport.close()
