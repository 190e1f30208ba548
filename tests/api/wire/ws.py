"""The same server with WebSockets, and a client that can also break the rules."""

import asyncio
import struct

from api.wire.line import HOST, WAIT_S, Client, Server, settle
from beseda.api.base import Receive, Scope, Send
from beseda.api.hub import Hub, Socket, open_socket
from beseda.server.connections import ConnectionLimits
from beseda.server.sockets import WebSocket

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455, 1.3."""
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x01\x02\x03\x04"


def upgrade(path: str, *, version: str = "13", method: str = "GET", leave_out: str = "", also: str = "") -> str:
    lines = {
        "Upgrade": "websocket",
        "Connection": "keep-alive, Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": version,
    }
    lines.pop(leave_out, None)
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{HOST}{head}{also}\r\n"


def frame(opcode: int, payload: str | bytes = b"", *, fin: bool = True, masked: bool = True) -> bytes:
    data = payload.encode() if isinstance(payload, str) else payload
    size = len(data)
    head = bytes([fin << 7 | opcode])
    if size < 126:
        head += bytes([masked << 7 | size])
    else:
        head += bytes([masked << 7 | 126]) + struct.pack("!H", size)
    if not masked:
        return head + data
    return head + MASK + bytes(byte ^ MASK[index % 4] for index, byte in enumerate(data))


def close_frame(code: int, reason: str = "") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


class Peer:
    """A client whose connection is a WebSocket."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def send(self, *frames: bytes) -> None:
        await self.client.send(b"".join(frames))

    async def say(self, text: str) -> None:
        await self.send(frame(TEXT, text))

    async def next(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; the server neither masks nor fragments."""
        reader = self.client.reader
        first, size = await asyncio.wait_for(reader.readexactly(2), WAIT_S)
        assert first & 0x80
        if size == 126:
            size = struct.unpack("!H", await reader.readexactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", await reader.readexactly(8))[0]
        return first & 0x7F, await asyncio.wait_for(reader.readexactly(size), WAIT_S)

    async def hear(self) -> str:
        opcode, payload = await self.next()
        assert opcode == TEXT, (opcode, payload)
        return payload.decode()

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the server's close frame, which is the next; it is answered, and the connection ends."""
        opcode, payload = await self.next()
        assert opcode == CLOSE, (opcode, payload)
        await self.send(frame(CLOSE, payload))
        self.client.writer.close()
        await settle()
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()


class Guest:
    """The server's side: echoes on /echo, and at once on /at_once; joins the room of its path elsewhere; breaks on
    "crash"."""

    def __init__(self, server: "Live", path: str) -> None:
        self.server = server
        self.path = path
        self.socket: Socket | None = None
        self.heard: list[str] = []
        self.ends = 0

    def connected(self, socket: Socket) -> None:
        self.socket = socket
        if self.path.startswith("/room"):
            self.server.hub.join(self.path, socket)
        elif self.path == "/crash":
            raise LookupError("crash")

    def received(self, text: str) -> None:
        assert self.socket
        self.heard.append(text)
        if text == "crash":
            raise LookupError("crash")
        if text == "bye":
            self.socket.close(4001, "as you wish")
        elif self.path == "/echo":
            self.server.hub.send(self.socket, text.encode())
        elif self.path == "/at_once":
            self.socket.send_text(text.encode())

    def closed(self) -> None:
        assert self.socket
        self.ends += 1
        self.server.hub.leave_all(self.socket)


class Live(Server):
    """WebSockets on /echo, /at_once, /room*, /silent, /crash, /subprotocol; the rest as its parent does."""

    def __init__(self, limits: ConnectionLimits) -> None:
        super().__init__(limits)
        self.hub = Hub()
        self.guests: list[Guest] = []

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if not path.startswith(("/echo", "/at_once", "/room", "/silent", "/crash", "/subprotocol")):
            await super().app(scope, receive, send)
            return
        self.executed.append(path)
        guest = Guest(self, path)
        self.guests.append(guest)
        headers = [(b"sec-websocket-protocol", b"beseda")] if path == "/subprotocol" else []
        await open_socket(scope, send, guest, headers=headers, keep_silent=path == "/silent")

    async def peer(self, path: str = "/echo") -> Peer:
        """Through the handshake."""
        client = await self.connect()
        await client.send(upgrade(path))
        assert (await client.answer())[0] == 101
        return Peer(client)

    def sockets_of(self, guest: int) -> WebSocket:
        """The socket of the guest who came as this one, from 0."""
        socket = self.guests[guest].socket
        assert isinstance(socket, WebSocket)
        return socket
