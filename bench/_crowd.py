"""A client that is many: sockets of one room, which only count the bytes they get, and those who talk there."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

QUIET_S = 0.3
QUICK = {"QUIET_S": 0.1}
CONNECT_AT_ONCE = 100
MESSAGE_BYTES = 200
PING, PONG = b"\x89\x00", b"\x8a\x80" + bytes(4)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one talks to a server: what a socket sends when it is open, and when it says something.

    `speakers` say one message each when several are published together; a single one says them all in one packet.
    """

    listen: bytes
    talk: bytes
    message: bytes
    size: Callable[[int], int]
    """Bytes that each listener gets of the message with this number, from 0."""
    first: bytes = b""
    """What a listener sends after the handshake."""
    speakers: int = 1


def handshake(path: str, *lines: str) -> bytes:
    upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *upgrade, key, *lines, "", ""]).encode()


def frame(payload: bytes) -> bytes:
    """A masked text frame (RFC 6455, 5.2); the mask is zero."""
    size = len(payload)
    head = bytes((0x80 | size,)) if size < 126 else bytes((0x80 | 126,)) + size.to_bytes(2, "big")
    return b"\x81" + head + bytes(4) + payload


@dataclass
class Crowd:
    """Sockets to one server, counted as one."""

    got: int = 0
    target: int = 0
    reached: "asyncio.Future[None] | None" = None
    opened: int = 0
    arrivals: list[float] | None = None
    """When bytes came, while this is asked for."""
    transports: list[asyncio.Transport] = field(default_factory=list)

    async def grow(self, port: int, number: int, head: bytes, first: bytes = b"") -> None:
        """Open so many sockets more."""
        loop, due = asyncio.get_running_loop(), self.opened + number
        for start in range(0, number, CONNECT_AT_ONCE):
            opening = [
                loop.create_connection(lambda: _Member(self, head, first), "127.0.0.1", port)
                for _ in range(min(CONNECT_AT_ONCE, number - start))
            ]
            self.transports += [transport for transport, _ in await asyncio.gather(*opening)]
        while self.opened < due:  # noqa: ASYNC110 - once a server
            await asyncio.sleep(0.01)

    async def until(self, more_bytes: int) -> None:
        """Wait for so many bytes after those waited for before."""
        self.target += more_bytes
        if self.got < self.target:
            self.reached = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self.reached, 30)

    async def rest(self) -> None:
        """Let the line become quiet, and begin to count again."""
        before = -1
        while before != self.got:
            before = self.got
            await asyncio.sleep(QUIET_S)
        self.got = self.target = 0


class _Member(asyncio.BufferedProtocol):
    """Counts bytes; what they are, nobody looks at, but for the first."""

    buffer = memoryview(bytearray(256 * 1024))

    def __init__(self, crowd: Crowd, head: bytes, first: bytes) -> None:
        self.crowd = crowd
        self.head = head
        self.first = first

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.head)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, size: int) -> None:
        crowd = self.crowd
        if self.head:
            assert bytes(self.buffer[:12]) == b"HTTP/1.1 101", bytes(self.buffer[:size])
            self.head = b""
            crowd.opened += 1
            if self.first:
                self.transport.write(self.first)
            return
        if self.buffer[0] == PING[0]:
            self.transport.write(PONG)
            size -= len(PING)
        crowd.got += size
        if crowd.arrivals is not None:
            crowd.arrivals.append(time.perf_counter())
        if crowd.got >= crowd.target and crowd.reached is not None:
            crowd.reached.set_result(None)
            crowd.reached = None
