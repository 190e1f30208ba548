"""DNS over TCP (RFC 7766): each message after its length; several may be asked before the first is answered.

Whoever sends no whole message for a while is hung up on, however busily; where there are too many, the one that has
been idle for longest makes room.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import cast

from beseda.api.dns.answers import Peer
from beseda.api.dns.datagrams import Answer
from beseda.api.dns.wire import Message

IDLE_S = 10.0
SWEEP_S = 1.0
WRITE_BYTES = 256 * 1024
BUFFER_BYTES = 2 + 65_535
BACKLOG = 1024

Stream = Callable[[Message, Peer], AsyncIterator[bytes]]
"""The messages that answer one: many for a whole zone."""


class Connections:
    """A bound socket, and who has connected. Raises OSError when the address cannot be had."""

    def __init__(self, host: str, port: int, most: int, per_address: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.bind((host, port))
            self._socket.listen(BACKLOG)
        except OSError:
            self._socket.close()
            raise
        self.most, self.per_address = most, per_address
        self.open: dict[DnsConnection, float] = {}
        """Since when each has sent no whole message; the longest first."""
        self.by_address: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()
        self.refused = 0
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, answer: Answer, stream: Stream) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: DnsConnection(self, answer, stream), sock=self._socket, backlog=BACKLOG
        )
        self._sweeper = loop.create_task(self._sweep())

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self.hang_up_idle(loop.time())

    def hang_up_idle(self, now_s: float) -> None:
        for connection, since_s in list(self.open.items()):
            if now_s - since_s < IDLE_S:
                break
            connection.abort()

    def admit(self, connection: "DnsConnection", now_s: float) -> bool:
        """Count a new one in, unless its address has too many."""
        if self.by_address[connection.peer.host] >= self.per_address:
            self.refused += 1
            return False
        if len(self.open) >= self.most:
            next(iter(self.open)).abort()
        self.by_address[connection.peer.host] += 1
        self.open[connection] = now_s
        return True

    def leave(self, connection: "DnsConnection") -> None:
        if self.open.pop(connection, None) is None:
            return
        self.by_address[connection.peer.host] -= 1
        if not self.by_address[connection.peer.host]:
            del self.by_address[connection.peer.host]

    def note(self, connection: "DnsConnection", now_s: float) -> None:
        """It sent or took a whole message: it is the least idle now."""
        if self.open.pop(connection, None) is not None:
            self.open[connection] = now_s

    def close(self) -> None:
        """Hang up on everybody; to be called in the loop."""
        (self._server or self._socket).close()
        for task in (*self.tasks, *([self._sweeper] if self._sweeper else [])):
            task.cancel()
        for connection in list(self.open):
            connection.abort()


class DnsConnection(asyncio.Protocol):
    """One client. Its messages are answered in the order in which they come."""

    __slots__ = ("_all", "_answer", "_buffer", "_closed", "_ended", "_room", "_stream", "_task", "_transport", "peer")

    def __init__(self, all_: Connections, answer: Answer, stream: Stream) -> None:
        self._all, self._answer, self._stream = all_, answer, stream
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._room: asyncio.Event | None = None
        """Unset while the client does not read."""
        self._closed = self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        address = transport.get_extra_info("peername")
        self.peer = Peer(address[0] if address else "0.0.0.0", True)  # noqa: S104 - gone already
        self._transport.set_write_buffer_limits(high=WRITE_BYTES)
        if not self._all.admit(self, asyncio.get_running_loop().time()):
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._closed = True
        self._all.leave(self)
        if self._task is not None:
            self._task.cancel()

    def abort(self) -> None:
        self._all.leave(self)
        self._closed = True
        self._transport.abort()

    def pause_writing(self) -> None:
        self._room = asyncio.Event()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._room is not None:
            self._room.set()
            self._room = None
        self._go_on()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._task is None and self._room is None:
            self._work()
        if len(self._buffer) >= BUFFER_BYTES:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Who has nothing more to ask still gets the answers that are on the way."""
        self._ended = True
        return self._task is not None or self._room is not None

    def _work(self) -> None:
        """Answer what is there, as long as the client takes it."""
        at, buffer = 0, self._buffer
        while self._task is None and self._room is None and not self._closed:
            end = at + 2 + int.from_bytes(buffer[at : at + 2], "big")
            if len(buffer) < at + 2 or len(buffer) < end:
                break
            reply = self._answer(buffer[at + 2 : end], self.peer)
            at = end
            self._all.note(self, asyncio.get_running_loop().time())
            if isinstance(reply, bytes):
                self._write(reply)
            elif reply is not None:
                self._task = asyncio.get_running_loop().create_task(self._send_all(reply))
                self._all.tasks.add(self._task)
                self._task.add_done_callback(self._done)
        self._buffer = buffer[at:]

    def _go_on(self) -> None:
        """Something is out of the way: answer what has come meanwhile, and read on."""
        if self._task is None:
            self._work()
        if self._task is not None or self._room is not None or self._closed:
            return
        if self._ended:
            self._transport.close()
        elif len(self._buffer) < BUFFER_BYTES:
            self._transport.resume_reading()

    async def _send_all(self, message: Message) -> None:
        async for packet in self._stream(message, self.peer):
            self._write(packet)
            self._all.note(self, asyncio.get_running_loop().time())
            if self._room is not None:
                await self._room.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._all.tasks.discard(task)
        self._task = None
        if task.cancelled() or task.exception() is not None or self._closed:
            self.abort()
            return
        self._go_on()

    def _write(self, packet: bytes) -> None:
        self._transport.write(len(packet).to_bytes(2, "big") + packet)
