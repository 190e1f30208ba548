"""WebSockets on the wire (RFC 6455): the handshake, and the server's end of one connection.

Thousands of them lie idle, so each keeps little: a parser is had only while a message comes in. What goes out is not
looked at here: `write` is the transport's own, which keeps what the client does not take, up to a bound.
"""

import asyncio
import itertools
import re
import socket as sockets
from base64 import b64encode
from binascii import Error, a2b_base64
from collections.abc import Callable, Iterable
from enum import Enum, auto
from hashlib import sha1
from typing import TYPE_CHECKING

import structlog

from beseda.api.base import Headers
from beseda.api.hub import BROKEN, GOING_AWAY, POLICY, TOO_SLOW, HandshakeRefused, SocketHandler, text_frame
from beseda.domain.limits import Bucket, take
from beseda.server.connections import Connections

if TYPE_CHECKING:
    from websockets.frames import Frame

    from beseda.server.frames import Parser

MESSAGE_MAX_BYTES = 16 * 1024
WRITE_MAX_BYTES = 256 * 1024
"""What waits for a client that does not read; once here, and about as much again in the kernel."""
PING_S = 30.0
SILENCE_S = 90.0
CLOSE_S = 5.0
"""How long the client may take for its part of the closing handshake."""
SLICE_BYTES = 4096
"""What is parsed at once: the smallest frames have six bytes, and between two slices they are counted."""
VERSIONS = (b"13", b"8")
"""COMPAT(spaces): Android clients announce version 8, which is the same on the wire."""
PING = b"\x89\x00"
PONG = 0x8A
MASKED = 0x80
MASKED_HEAD_BYTES = 6
CONTROL_MAX_BYTES = 125
SPARE_MAX = 16
CONT, TEXT, BINARY = 0, 1, 2
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What shows that the server knows of the protocol (RFC 6455, 1.3)."""
NOT_UTF8 = 1007
UNSUPPORTED = 1003

_CONTROL = re.compile(b"[\x00-\x08\x0a-\x1f\x7f]")
_spare: "list[Parser]" = []
"""Parsers that know nothing, for whoever sends something next."""
_phases = itertools.cycle(range(10))
"""Seconds by which pings are apart for those who came together, as all do after a restart."""


def handshake(request: Headers, more: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head that answers an upgrade request (RFC 6455, 4.2.2), with `more` header lines. Raises HandshakeRefused."""
    if _only(request, b"sec-websocket-version") not in VERSIONS:
        headers = ((b"upgrade", b"websocket"), (b"sec-websocket-version", VERSIONS[0]))
        raise HandshakeRefused(426, "Another version of WebSocket.", headers)
    key = _only(request, b"sec-websocket-key")
    try:
        is_key = len(a2b_base64(key, strict_mode=True)) == 16
    except Error:
        is_key = False
    if not is_key:
        raise HandshakeRefused(400, "Not a WebSocket handshake: no valid key.")
    lines = [
        b"HTTP/1.1 101 Switching Protocols",
        b"upgrade: websocket",
        b"connection: Upgrade",
        b"sec-websocket-accept: " + b64encode(sha1(key + GUID, usedforsecurity=False).digest()),
        *(name + b": " + value for name, value in more),
    ]
    if any(_CONTROL.search(line) for line in lines):
        raise RuntimeError("a header holds a line end or another control character")
    return b"\r\n".join([*lines, b"", b""])


def _only(headers: Headers, name: bytes) -> bytes:
    """The value of a header that stands once, else b""."""
    values = [value.strip() for key, value in headers if key == name]
    return values[0] if len(values) == 1 else b""


def _drop(data: bytes) -> None:
    """Where a closed socket writes to."""


def _is_pong(data: bytes) -> bool:
    """Whether this is one pong and nothing else, as what idle clients send is."""
    if len(data) < MASKED_HEAD_BYTES or data[0] != PONG or not data[1] & MASKED:
        return False
    size = data[1] & ~MASKED
    return size <= CONTROL_MAX_BYTES and len(data) == MASKED_HEAD_BYTES + size


class _State(Enum):
    OPEN = auto()
    CLOSING = auto()
    """Our close frame is out, the client's is waited for."""
    OVER = auto()
    """Nothing that comes in matters any more."""


class WebSocket(asyncio.Protocol):
    """The server's end: a `Socket` for its handler, a `Connection` for the listener."""

    __slots__ = (
        "_all",
        "_bucket",
        "_handler",
        "_heard_at",
        "_keep_silent",
        "_parser",
        "_parts",
        "_state",
        "_wake_at",
        "address",
        "is_closed",
        "transport",
        "write",
    )

    def __init__(self, transport: asyncio.Transport, connections: Connections, address: str, keep_silent: bool) -> None:
        self.transport = transport
        self.write: Callable[[bytes], None] = transport.write
        self.is_closed = False
        self._all = connections
        self.address = address
        self._keep_silent = keep_silent
        self._handler: SocketHandler | None = None
        self._parser: Parser | None = None
        self._parts: list[bytes] | None = None
        """Of a message in fragments."""
        self._bucket: Bucket | None = None
        self._state = _State.OPEN
        self._heard_at = asyncio.get_running_loop().time() - next(_phases)
        self._wake_at = self._heard_at + PING_S

    def begin(self, handler: SocketHandler, received: bytes) -> None:
        """The handshake is out, and the transport's protocol is this; `received` came early."""
        self._all.sockets += 1
        self._handler = handler
        self.transport.set_write_buffer_limits(high=WRITE_MAX_BYTES)
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, WRITE_MAX_BYTES)
        try:
            handler.connected(self)
        except Exception:
            self._crash()
        if received:
            self.data_received(received)

    def send_text(self, payload: bytes) -> None:
        self.write(text_frame(payload))

    def close(self, code: int, reason: str = "") -> None:
        if self.is_closed:
            return
        parser = self._parser or self._have_parser()
        if parser.is_open:  # else the client was first, and its answer is about to go out
            parser.send_close(code, reason)
        self._state = _State.CLOSING
        self._detach()
        self._write_out(parser)

    def _detach(self) -> None:
        """For its handler, the socket ends here; for the client, it has so long to say goodbye."""
        loop = asyncio.get_running_loop()
        if not self.is_closed:
            self.is_closed, self.write = True, _drop
            self._wake_at = loop.time() + CLOSE_S
            self._parts = None
            if self._handler is not None:
                loop.call_soon(self._handler.closed)
            self._handler = None

    def data_received(self, data: bytes) -> None:
        if self._state is _State.OVER:
            return
        self._heard_at = asyncio.get_running_loop().time()
        if self._parser is None and _is_pong(data):
            if not self._may():
                self._fail(POLICY, "too many frames")
            return
        for start in range(0, len(data), SLICE_BYTES):
            if not self._feed(data[start : start + SLICE_BYTES]):
                return

    def _feed(self, data: bytes) -> bool:
        """Whether what follows matters."""
        parser = self._parser or self._have_parser()
        parser.receive_data(data)
        if pongs := parser.take_pongs():  # an answer to what came later goes out later
            self.transport.write(pongs)
        for frame in parser.frames_received():
            if not self._may():
                self._fail(POLICY, "too many frames")
            elif self._state is _State.OPEN:
                self._receive(frame)
            if self._state is _State.OVER:
                return False
        self._write_out(parser)
        if parser.knows_nothing() and len(_spare) < SPARE_MAX:
            self._parser = None
            _spare.append(parser)
        return self._state is not _State.OVER

    def _may(self) -> bool:
        """Count a frame, control frames and fragments too."""
        self._bucket, wait_s = take(self._all.limits.frames, self._bucket, self._heard_at)
        self._all.flooding += wait_s > 0
        return not wait_s

    def _receive(self, frame: "Frame") -> None:
        if frame.opcode == BINARY:
            self._fail(UNSUPPORTED, "text only")
        elif frame.opcode == TEXT and frame.fin:
            self._tell(frame.data)
        elif frame.opcode == TEXT:
            self._parts = [bytes(frame.data)]
        elif frame.opcode == CONT and self._parts is not None:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                message, self._parts = b"".join(self._parts), None
                self._tell(message)

    def _tell(self, message: bytes | bytearray | memoryview) -> None:
        try:
            text = str(message, "utf-8")
        except UnicodeDecodeError:
            self._fail(NOT_UTF8, "not UTF-8")
            return
        try:
            if self._handler is not None:
                self._handler.received(text)
        except Exception:
            self._crash()

    def _crash(self) -> None:
        structlog.get_logger().exception("crashed", protocol="websocket")
        self.close(BROKEN, "something went wrong here")

    def _have_parser(self) -> "Parser":
        if not _spare:
            from beseda.server.frames import Parser

            _spare.append(Parser(MESSAGE_MAX_BYTES))
        self._parser = _spare.pop()
        return self._parser

    def _fail(self, code: int, reason: str) -> None:
        """End because of what the client did (RFC 6455, 7.1.7)."""
        parser = self._parser or self._have_parser()
        parser.fail(code, reason)
        self._write_out(parser)

    def _write_out(self, parser: "Parser") -> None:
        """Send what the parser wants sent: pongs, close frames, the end."""
        writes = parser.data_to_send()
        if not writes:
            return
        self.transport.write(b"".join(writes))
        if writes[-1]:
            return
        self._state = _State.OVER
        self._detach()
        if parser.parser_exc is None and parser.close_rcvd is not None:
            self.transport.close()
        else:  # what still comes is read and dropped: a reset would overtake our close frame
            self.transport.write_eof()

    def pause_writing(self) -> None:
        """The client does not read: others do not wait for it."""
        if not self.is_closed:
            self._all.too_slow += 1
            self.close(TOO_SLOW, "too slow, resume with your cursor")

    def eof_received(self) -> None:
        self._state = _State.OVER
        self._detach()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.remove(self)
        self._all.sockets -= 1
        self._state = _State.OVER
        self._detach()
        self._parser = None

    @property
    def idle_since(self) -> float | None:
        """Who is silent may be listening."""
        return None

    def is_late(self, now: float) -> bool:
        return self._wake_at < now

    def time_out(self, now: float) -> bool:
        """Ping who is quiet, close who has been for long, cut off who does not say goodbye."""
        if self.is_closed:
            self.transport.abort()
            return False
        quiet_s = now - self._heard_at
        if quiet_s >= SILENCE_S and not self._keep_silent:
            self.close(GOING_AWAY, "no sign of life")
            return True
        if quiet_s >= PING_S:
            self.transport.write(PING)
            self._wake_at = now + PING_S
        else:
            self._wake_at = self._heard_at + PING_S
        return False

    def shutdown(self) -> None:
        self.close(GOING_AWAY, "the server stops")

    def hang_up(self) -> None:
        self.close(GOING_AWAY, "the server stops")
