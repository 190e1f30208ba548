"""A load client: so many keep-alive connections that each send the same request again as soon as it is answered."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import uvloop

from bench._processes import cpu_seconds

LOAD_S = 1.5
WARM_S = 0.3
QUICK = {"LOAD_S": 0.2, "WARM_S": 0.1}


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: answers a second, and CPU of the server for each, in microseconds."""

    per_second: float
    cpu_us: float


class _Client(asyncio.Protocol):
    """Asks again when an answer is whole. Its head comes in one piece, and says how long it is."""

    def __init__(self, request: bytes, counts: list[int]) -> None:
        self._request = request
        self._counts = counts
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._left:
            head_bytes = data.index(b"\r\n\r\n") + 4
            start = data.lower().index(b"content-length:", 0, head_bytes) + 15
            self._left = head_bytes + int(data[start : data.index(b"\r", start)])
        self._left -= len(data)
        if not self._left:
            self._counts[0] += 1
            self._transport.write(self._request)


async def fetch(host: str, port: int, request: bytes) -> tuple[bytes, bytes]:
    """The head and the body of one answer."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(length)
    writer.close()
    return head, body


async def _run(host: str, port: int, request: bytes, pid: int, connections: int) -> Load:
    loop, counts = asyncio.get_running_loop(), [0]
    transports = []
    for _ in range(connections):
        transport, _client = await loop.create_connection(lambda: _Client(request, counts), host, port)
        transports.append(transport)
    await asyncio.sleep(WARM_S)
    counted, cpu, began = counts[0], cpu_seconds(pid), time.perf_counter()
    await asyncio.sleep(LOAD_S)
    counted, cpu, took = counts[0] - counted, cpu_seconds(pid) - cpu, time.perf_counter() - began
    for transport in transports:
        transport.abort()
    return Load(counted / took, cpu / max(counted, 1) * 1e6)


def load(host: str, port: int, request: bytes, pid: int, *, connections: int = 64) -> Load:
    """Load a server that runs as process `pid` on another core."""
    return uvloop.run(_run(host, port, request, pid, connections))
