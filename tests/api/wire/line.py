"""A listener and its clients in one loop, so that a test decides what time it is."""

import asyncio
import re

from beseda.api.base import BodyTooLarge, ClientGone, Receive, Scope, Send, read_body, send_body
from beseda.server.connections import ConnectionLimits
from beseda.server.listener import Listener

A_MOMENT_S = 0.1
WAIT_S = 30.0
BIG = 5_000_000
HOST = "Host: x\r\n"


def get(path: str, *lines: str) -> str:
    return f"GET {path} HTTP/1.1\r\n{HOST}" + "".join(f"{line}\r\n" for line in lines) + "\r\n"


def post(path: str, length: int, body: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\n{HOST}Content-Length: {length}\r\n\r\n{body}"


def chunked(path: str, body: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{body}"


async def settle() -> None:
    """Let both ends do what they can."""
    for pause in (0.001, 0.001, *(0,) * 20):
        await asyncio.sleep(pause)


class Client:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = ""

    async def send(self, data: str | bytes) -> None:
        self.writer.write(data.encode() if isinstance(data, str) else data)
        await self.writer.drain()
        await settle()

    async def answer(self, *, has_body: bool = True) -> tuple[int, str]:
        """Status and body of the next answer; its head is kept in `head`."""
        self.head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT_S)).decode()
        length = re.search(r"content-length: (\d+)", self.head)
        body = await self.reader.readexactly(int(length[1])) if length and has_body else b""
        return int(self.head.split(" ", 2)[1]), body.decode()

    async def rest(self) -> str:
        """What else comes before the server hangs up."""
        return (await asyncio.wait_for(self.reader.read(), WAIT_S)).decode()

    async def is_closed(self) -> bool:
        """Whether the server hangs up and says nothing more. Raises TimeoutError when it does neither."""
        try:
            return await asyncio.wait_for(self.reader.read(1), WAIT_S) == b""
        except ConnectionError:
            return True

    async def stays_open(self) -> bool:
        """Whether the server says nothing, and does not hang up."""
        try:
            await asyncio.wait_for(self.reader.read(1), A_MOMENT_S)
        except TimeoutError:
            return True
        return False


class Server:
    """Answers /wait when the gate opens, /stay never, /read with the size of the body, /big with five megabytes, else
    the path."""

    def __init__(self, limits: ConnectionLimits, address: str = "127.0.0.1") -> None:
        self.listener = Listener(address, 0, limits)
        self.gate = asyncio.Event()
        self.executed: list[str] = []
        self.gone: list[str] = []
        self.scopes: list[Scope] = []
        self._clients: list[Client] = []

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        self.executed.append(path)
        self.scopes.append(scope)
        text = path.encode()
        if path.startswith("/wait"):
            await self.gate.wait()
        elif path.startswith("/stay"):
            while (await receive())["type"] != "http.disconnect":
                pass
            self.gone.append(path)
            return
        elif path.startswith("/read"):
            try:
                text = str(len(await read_body(receive, max_bytes=65536))).encode()
            except BodyTooLarge:
                text = b"too large"
            except ClientGone:
                self.gone.append(path)
                return
        elif path.startswith("/big"):
            text = b"b" * BIG
        await send_body(send, b"text/plain", text)

    async def sweep(self, seconds: float) -> None:
        """The server looks at its connections as it would so many seconds from now."""
        self.listener.connections.sweep(asyncio.get_running_loop().time() + seconds)
        await settle()

    @property
    def open(self) -> int:
        return len(self.listener.connections.open)

    async def connect(self, to: str = "127.0.0.1", *, come_from: str | None = None) -> Client:
        port, local = int(self.listener.url.rpartition(":")[2]), (come_from, 0) if come_from else None
        client = Client(*await asyncio.open_connection(to, port, local_addr=local))
        self._clients.append(client)
        await settle()
        return client

    async def close(self) -> None:
        self.gate.set()
        for client in self._clients:
            client.writer.transport.abort()
        await self.listener.stop(1)
        await settle()
