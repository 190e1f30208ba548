"""HTTP on the wire: httptools' parser, with deadlines, limits and a request id.

Every connection has a moment by which it must have got on, looked at once a second; heads are bounded. The parser lets
pass what a proxy in front may read differently: here two Host headers, two lengths, or a length together with chunks
end the connection before anything is executed. What follows a refused request on its connection is never read; what
came before it is still answered.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import unquote

import httptools

from beseda.api.addresses import read_address
from beseda.api.base import FACTS, NAMED, ClientGone, address_of, named_headers
from beseda.api.hub import EXTENSION, HandshakeRefused, Socket, SocketHandler
from beseda.server.connections import KEEP_ALIVE_S as KEEP_ALIVE_S
from beseda.server.connections import Connections
from beseda.server.cycle import Cycle
from beseda.server.flow import HIGH_WATER_BYTES, Flow
from beseda.server.heads import COMPLETE, TOO_SLOW, Asked, asks_for_socket, refusal, refusal_of, remember
from beseda.server.sockets import WebSocket, handshake
from beseda.server.target import read_target

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
LINGER_S, LINGER_MAX_BYTES = 10.0, 16 * 1024 * 1024
"""What is passed over after the last answer: who is cut off while he sends never reads it (RFC 9112, 9.6)."""
BEYOND_MAX_BYTES = 16 * 1024
"""How much of another protocol a client may send before it knows that the server speaks it."""
FLUSH_S = 30.0
"""How long a client may take nothing of what is sent to it."""
ASGI = {"version": "3.0", "spec_version": "2.3"}


class HttpProtocol(asyncio.Protocol):
    """One connection, whose requests `app` (ASGI) answers.

    `deadline` is the moment of the loop's clock by which the client must have sent more, None while the server is the
    one who is due; `flush_by` the one by which it must have taken what was sent, None while it keeps up.
    """

    all: Connections
    """Set by the listener on a subclass of its own."""
    transport: asyncio.Transport
    flow: Flow
    scope: Any

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app
        self.loop = asyncio.get_running_loop()
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # else that spoils the answer
        self.client: tuple[str, int] | None = None
        self.server: tuple[str, int] | None = None
        self.cycle: Cycle = None  # type: ignore[assignment]
        """Of the newest request; there is none before the first."""
        self.pipeline: deque[Cycle] = deque()
        """Requests that wait for those before them, the newest first."""
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.deadline: float | None = None
        self.flush_by: float | None = None
        self.address = ""
        self._idle_since: float | None = None
        self._refused = False
        """Nothing more that comes is taken."""
        self._in_head = True
        self._head_bytes = 0
        self._shared_bytes = 0
        """Of the piece in which a head began behind another request."""
        self._chunk_bytes = 0
        self._body_began_at = 0.0
        self._body_bytes = 0
        self._wire_bytes = 0
        self._unread_from = 0
        self._running: Cycle | None = None
        self._beyond: bytearray | None = None
        """What came after a request to speak another protocol."""
        self._asked: Asked | None = None
        """The last request, if it was one that may come again."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport, self.flow = transport, Flow(transport)
        if here := transport.get_extra_info("sockname"):
            self.server = here[:2]
        if peer := transport.get_extra_info("peername"):
            address = read_address(peer[0])  # IPv4 on a socket for both is IPv4
            self.client = (str(address or peer[0]), peer[1])
        self.address = address_of({"client": self.client})
        if not self.all.admit(self, self.client):
            transport.abort()
            return
        self.deadline = self.loop.time() + FIRST_BYTE_S

    def connection_lost(self, exc: Exception | None) -> None:
        """The newest request is told, and the one that is being answered."""
        self.all.remove(self)
        for cycle in (self.cycle, self._running):
            if cycle is not None:
                cycle.disconnected = cycle.disconnected or not cycle.response_complete
                cycle.tell()
        self.flow.resume_writing()
        self.parser = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.parser is None or self.transport.is_closing():
            return
        if self._refused:
            self._wire_bytes += len(data)
            if self._wire_bytes > LINGER_MAX_BYTES:
                self.hang_up()
            return
        if self._beyond is not None:
            self._beyond += data
            if len(self._beyond) > BEYOND_MAX_BYTES:
                self.flow.pause_reading()
            return
        begins = self._in_head and not self._head_bytes and (self.cycle is None or self.cycle.response_complete)
        if begins and self._asked is not None and self._asked.is_again(data):
            self._repeat(self._asked, data)
            return
        self._chunk_bytes = len(data)
        if self._in_head:
            if not self._head_bytes:
                self.deadline, self._idle_since = self.loop.time() + HEAD_S, None
            self._head_bytes += self._chunk_bytes
        else:
            self._wire_bytes += self._chunk_bytes
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(400, "Invalid HTTP request received.")
        except httptools.HttpParserUpgrade as upgrade:
            self._beyond = bytearray(data[upgrade.args[0] :])
        if self._in_head and self._head_bytes > HEAD_MAX_BYTES:
            self._refuse(431, "Request head too large.")
        elif not self._in_head and self._wire_bytes > CHUNK_OVERHEAD * self._body_bytes + HEAD_MAX_BYTES:
            self._refuse(400, "More around the body than in it.")
        elif begins:
            is_whole = self._in_head and not self._head_bytes and not self.pipeline and self._beyond is None
            self._asked = remember(data, self.cycle) if is_whole and isinstance(self.cycle, Cycle) else None

    def _repeat(self, asked: Asked, data: bytes) -> None:
        """The same head came again, with a body as long: what the parser would say of it is known."""
        self.deadline = self._idle_since = None
        self.scope = {**asked.scope, "request_id": next(self.all.request_ids)}
        self.cycle = cycle = self._make_cycle(keep_alive=True)
        cycle.body, cycle.more_body = data[len(asked.head) :], False
        cycle.tell()
        self._start(cycle)

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        if not self._head_bytes:  # it came behind another, in the same piece
            self._head_bytes, self._shared_bytes, self._idle_since = 1, self._chunk_bytes, None
            self.deadline = None if self.pipeline else self.loop.time() + HEAD_S

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if len(self.headers) > HEAD_MAX_LINES or self._is_head_too_large():
            self._refuse(431, "Request head too large.")
            raise httptools.HttpParserError("too large")
        version, named = self.parser.get_http_version(), named_headers(self.headers)
        if refusal := refusal_of(version, self.headers, named):
            raise httptools.HttpParserError(refusal)
        if len(self.pipeline) >= PIPELINE_MAX:
            raise httptools.HttpParserError("too many requests before the first is answered")
        path, query = read_target(self.url, self.headers)
        if self.url[:1] != b"/":  # the host in it has taken the place of the header's
            named = named_headers(self.headers)
        self._begin_cycle(version, path, query, named)
        self._in_head, self.headers = False, COMPLETE
        self._head_bytes = self._shared_bytes = self._body_bytes = self._wire_bytes = 0
        self._body_began_at = self.loop.time()
        self.deadline = self._body_began_at + BODY_S

    def _begin_cycle(self, version: str, raw_path: bytes, query: bytes, named: dict[bytes, bytes]) -> None:
        """Start the application, or let the request wait until those before it are answered."""
        path = raw_path.decode("ascii")
        upgrades = self.parser.should_upgrade()
        before = self.cycle
        scope: Any = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": "http",
            "method": self.parser.get_method().decode("ascii"),
            "root_path": "",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": self.headers,
            NAMED: named,
            FACTS: {},
            "request_id": next(self.all.request_ids),
        }
        self.scope = scope
        self.cycle = cycle = self._make_cycle(
            # What follows an upgrade is another protocol, in which nobody listens.
            keep_alive=version != "1.0" and self.parser.should_keep_alive() and not upgrades
        )
        cycle.waiting_for_100_continue = b"expect" in named and named[b"expect"].lower() == b"100-continue"
        if upgrades and asks_for_socket(version, scope["method"], named):
            scope["extensions"] = {EXTENSION: partial(self._accept, cycle)}
        if before is None or before.response_complete:
            self._start(cycle)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft(cycle)

    def _make_cycle(self, *, keep_alive: bool) -> Cycle:
        return Cycle(
            self.scope,
            self.transport,
            self.flow,
            self.all.date,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )

    def _accept(
        self,
        cycle: Cycle,
        handler: SocketHandler,
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        keep_silent: bool = False,
    ) -> Socket:
        """An `Accept`: the connection goes over to a WebSocket, and this protocol, its parser and all, is let go."""
        if cycle.disconnected or self._refused or self.transport.is_closing():
            raise ClientGone
        if self.flow.write_paused:
            raise HandshakeRefused(503, "The answers before this one have not been taken.")
        head = handshake(cycle.scope["headers"], (*cycle.default_headers, *headers))
        cycle.finish()
        self.transport.write(head)
        socket = WebSocket(self.transport, self.all, self.address, keep_silent)
        self.transport.set_protocol(socket)
        self.flow.resume_reading()
        self.all.replace(self, socket)
        self.parser = self.cycle = self.scope = self._running = None  # type: ignore[assignment]
        socket.begin(handler, bytes(self._beyond or b""))
        return socket

    def _is_head_too_large(self) -> bool:
        if self._head_bytes + self._shared_bytes <= HEAD_MAX_BYTES and self._chunk_bytes <= HEAD_MAX_BYTES:
            return False  # nor is any part of it
        lines = sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
        return len(self.url) + lines > HEAD_MAX_BYTES

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            if self._body_bytes > self._unread_from + UNREAD_MAX_BYTES:
                self._linger()
            return
        self.deadline = self._body_began_at + BODY_S + self._body_bytes / BODY_MIN_BYTES_PER_S
        if self.cycle.body:
            self.cycle.body += body
        else:
            self.cycle.body = bytearray(body)
        if len(self.cycle.body) > HIGH_WATER_BYTES:
            self.flow.pause_reading()
        self.cycle.tell()

    def on_message_complete(self) -> None:
        self._in_head = True
        if self.cycle.response_complete:
            self._rest(self.loop.time())
            return
        self.deadline = None
        self.cycle.more_body = False
        self.cycle.tell()

    def on_response_complete(self) -> None:
        """The next request that waits is answered; else there is a moment by which the client must ask again."""
        now = self.loop.time()
        if self.transport.is_closing():
            self.flush_by = now + FLUSH_S
            return
        if self._running is not None and not self._running.keep_alive:
            (self.hang_up if self._in_head and not self._refused else self._linger)()
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start(self.pipeline.pop())
        elif not self._in_head:
            self.deadline, self._unread_from = now + UNREAD_S, self._body_bytes
        elif not self._head_bytes:
            self._rest(now)
        elif self.deadline is None:  # of the next request a part came before reading was paused
            self.deadline = now + HEAD_S

    def _rest(self, now: float) -> None:
        """The client has its answer, and may ask for more."""
        self._idle_since, self.deadline = now, now + self.all.limits.keep_alive_s
        self.all.may_have_idle = True

    @property
    def idle_since(self) -> float | None:
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            return None
        return self._idle_since

    def pause_writing(self) -> None:
        self.flow.pause_writing()
        self.flush_by = self.loop.time() + FLUSH_S

    def resume_writing(self) -> None:
        self.flow.resume_writing()
        if not self.transport.is_closing():
            self.flush_by = None

    def _start(self, cycle: Cycle) -> None:
        self._running = cycle
        task = self.loop.create_task(cycle.run(self.app))
        self.all.running.add(task)
        task.add_done_callback(self.all.running.discard)

    def is_late(self, now: float) -> bool:
        late = self.deadline is not None and self.deadline < now
        return late or (self.flush_by is not None and self.flush_by < now)

    def time_out(self, now: float) -> bool:
        """The client did not get on: say so if it waits for an answer, and hang up; in the end cut it off."""
        was_alive = not (self.transport.is_closing() or self._refused)
        if self.flush_by is not None and self.flush_by < now:
            self.transport.abort()
        elif not self._refused and (self._head_bytes or not (self._in_head or self.cycle.response_complete)):
            self._refuse(TOO_SLOW, "Request not received in time.")
        else:
            (self.hang_up if self._in_head or self._refused else self._linger)()
        return was_alive

    def _refuse(self, status: int, text: str) -> None:
        """Answer a bad request without the application, and hang up."""
        if self._refused:
            return
        self._refused, self.deadline = True, None
        bad = None if self._in_head else self.cycle
        if bad is not None and self.pipeline:
            self.pipeline.popleft()  # it was waiting its turn, and is never executed
            bad = None
        earlier = self.pipeline[0] if self.pipeline else self._running
        if earlier is not None and earlier is not bad and not earlier.response_complete:
            earlier.keep_alive = False  # let the answers that are due go out, then hang up
            self.flow.pause_reading()
            return
        if bad is None or not bad.response_started:
            self.transport.write(refusal(status, text, self.all.date, next(self.all.request_ids)))
        if bad is not None:
            bad.disconnected = True
            bad.tell()
        (self.hang_up if status == TOO_SLOW else self._linger)()

    def shutdown(self) -> None:
        """The server stops: the answer that is under way is the last."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def _linger(self) -> None:
        """Say no more, and pass over what still comes."""
        self._refused, self.deadline, self._wire_bytes = True, self.loop.time() + LINGER_S, 0
        self.flow.resume_reading()
        self.transport.write_eof()

    def hang_up(self) -> None:
        """Close when all that was sent is out."""
        self.deadline, self.flush_by = None, self.loop.time() + FLUSH_S
        self.transport.close()
