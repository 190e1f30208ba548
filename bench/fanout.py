"""A thousand WebSockets in one room, 200-byte messages: Beseda's hub beside `websockets.broadcast` and nginx with nchan.

The servers run on one core, the client, which only counts bytes, on another, in turn. A publisher speaks by WebSocket
too: 16 messages in one packet, or one after another, the next when the last has reached everybody. Latency is from the
publisher's clock to the reader's at 20 messages a second, the client's own queue included.

Goals: in bursts 15 times `websockets.broadcast` and 5 times nchan; one by one at least nchan; p99 under 20 ms; under
6 KiB for an idle socket. nchan needs Debian's nginx-light and libnginx-mod-nchan, and is left out where they are not.
"""

import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import uvloop

from bench._processes import cpu_seconds, free_port, memory_kib, process, server, stay_off_the_servers_core

ROUNDS = 5
ROUND_S = 1.5
SUBSCRIBERS = 1_000
IDLE = 5_000
MESSAGE_BYTES = 200
BURST = 16
LATENCY_S = 4.0
MESSAGES_PER_S = 20
QUIET_S = 0.3
CONNECT_AT_ONCE = 100
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

BROADCAST = """
import asyncio, sys, uvloop
from websockets.asyncio.server import broadcast, serve
subscribers = set()
async def handler(socket):
    if socket.request.path == "/sub":
        subscribers.add(socket)
        await socket.wait_closed()
        subscribers.discard(socket)
    else:
        async for message in socket:
            broadcast(subscribers, message)
async def main():
    async with serve(handler, "127.0.0.1", int(sys.argv[1]), compression=None, ping_interval=None):
        await asyncio.get_running_loop().create_future()
uvloop.run(main())
"""

NGINX = """
load_module {module};
daemon off; pid {folder}/pid; error_log {folder}/error.log crit; worker_processes 1; worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
    scgi_temp_path {folder}; nchan_max_reserved_memory 64M;
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        nchan_channel_id room; nchan_message_buffer_length 64; nchan_message_timeout 5s;
        location = /sub {{ nchan_subscriber websocket; nchan_subscriber_first_message newest; }}
        location = /pub {{ nchan_publisher websocket; }}
    }}
}}
"""


def beseda(port: int, folder: Path) -> AbstractContextManager[int]:
    return server("-m", "bench._room", str(port), port=port)


def broadcast(port: int, folder: Path) -> AbstractContextManager[int]:
    return server("-c", BROADCAST, str(port), port=port)


def nchan(port: int, folder: Path) -> AbstractContextManager[int]:
    folder.chmod(0o777)  # nginx works as another user
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(module=NCHAN, folder=folder, port=port))
    return process("nginx", "-c", str(configuration), "-e", str(folder / "error.log"), port=port)


Start = Callable[[int, Path], AbstractContextManager[int]]


def contestants() -> dict[str, Start]:
    found: dict[str, Start] = {"beseda": beseda, "websockets.broadcast": broadcast}
    if shutil.which("nginx") and NCHAN.exists():
        found["nginx+nchan"] = nchan
    else:
        print("!! nginx+nchan is LEFT OUT: apt-get install nginx-light libnginx-mod-nchan")
    return found


def handshake(path: str) -> bytes:
    lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *lines, key, "", ""]).encode()


def message() -> bytes:
    """A masked text frame (RFC 6455, 5.2); the mask is zero."""
    return bytes((0x81, 0x80 | 126)) + MESSAGE_BYTES.to_bytes(2, "big") + bytes(4) + b"a" * MESSAGE_BYTES


@dataclass
class Room:
    """The subscribers of one server, as one: how many bytes they got."""

    got: int = 0
    target: int = 0
    reached: "asyncio.Future[None] | None" = None
    opened: int = 0
    arrivals: list[float] | None = None
    """When the bytes came, while this is asked for."""
    transports: list[asyncio.Transport] = field(default_factory=list)

    async def until(self, more_bytes: int) -> None:
        """Wait for so many bytes after those waited for before."""
        self.target += more_bytes
        if self.got < self.target:
            self.reached = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self.reached, 30)

    async def rest(self) -> None:
        """Let the line become quiet, and begin to count again."""
        await asyncio.sleep(QUIET_S)
        self.got = self.target = 0


class Subscriber(asyncio.BufferedProtocol):
    """Counts bytes; what they are, nobody looks at."""

    buffer = memoryview(bytearray(256 * 1024))

    def __init__(self, room: Room, path: str) -> None:
        self.room = room
        self.path = path

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(handshake(self.path))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, size: int) -> None:
        room = self.room
        if self.path:
            assert bytes(self.buffer[:12]) == b"HTTP/1.1 101", bytes(self.buffer[:size])
            self.path = ""
            room.opened += 1
            return
        room.got += size
        if room.arrivals is not None:
            room.arrivals.append(time.perf_counter())
        if room.got >= room.target and room.reached is not None:
            room.reached.set_result(None)
            room.reached = None


async def fill(room: Room, port: int, number: int, path: str = "/sub") -> None:
    """Open so many sockets."""
    loop, due = asyncio.get_running_loop(), room.opened + number
    for start in range(0, number, CONNECT_AT_ONCE):
        opening = [
            loop.create_connection(lambda: Subscriber(room, path), "127.0.0.1", port)
            for _ in range(min(CONNECT_AT_ONCE, number - start))
        ]
        room.transports += [transport for transport, _ in await asyncio.gather(*opening)]
    while room.opened < due:  # noqa: ASYNC110 - once a server
        await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    cpu_us: float
    """Of the server, for each delivery."""


class Contest:
    """A server and its full room."""

    def __init__(self, name: str, pid: int, port: int) -> None:
        self.name = name
        self.pid = pid
        self.port = port
        self.room = Room()
        self.publisher = Room()
        self.frame_bytes = 0
        self.bursts: list[Rate] = []
        self.singles: list[Rate] = []
        self.latencies_ms: list[tuple[float, float]] = []
        self.idle_kib = 0.0

    async def open(self) -> None:
        await fill(self.room, self.port, SUBSCRIBERS)
        await fill(self.publisher, self.port, 1, "/pub")
        await self.room.rest()
        self.publish(1)
        await asyncio.sleep(QUIET_S)
        self.frame_bytes, rest = divmod(self.room.got, SUBSCRIBERS)
        assert not rest, "a message has not reached everybody"

    def publish(self, number: int) -> None:
        self.publisher.transports[0].write(message() * number)

    async def rate(self, at_once: int) -> Rate:
        """Deliveries a second when so many messages are published together."""
        await self.room.rest()
        done, cpu, began = 0, cpu_seconds(self.pid), time.perf_counter()
        while time.perf_counter() - began < ROUND_S:
            self.publish(at_once)
            await self.room.until(at_once * SUBSCRIBERS * self.frame_bytes)
            done += at_once * SUBSCRIBERS
        took, cpu = time.perf_counter() - began, cpu_seconds(self.pid) - cpu
        return Rate(done / took, cpu / done * 1e6)

    async def latency(self) -> tuple[float, float]:
        """Median and 99th percentile in milliseconds."""
        await self.room.rest()
        delays: list[float] = []
        for _ in range(int(LATENCY_S * MESSAGES_PER_S)):
            self.room.arrivals = arrivals = []
            published = time.perf_counter()
            self.publish(1)
            await asyncio.sleep(published + 1 / MESSAGES_PER_S - time.perf_counter())
            delays += [arrival - published for arrival in arrivals]
        self.room.arrivals = None
        delays.sort()
        return delays[len(delays) // 2] * 1000, delays[len(delays) * 99 // 100] * 1000


async def race(contests: list[Contest]) -> None:
    """All in turn, several times."""
    for contest in contests:
        await contest.open()
    for _ in range(ROUNDS):
        for contest in contests:
            contest.bursts.append(await contest.rate(BURST))
        for contest in contests:
            contest.singles.append(await contest.rate(1))
        for contest in contests:
            contest.latencies_ms.append(await contest.latency())


async def idle_kib(pid: int, port: int) -> float:
    """KiB for each of many sockets on which nothing has happened yet."""
    room = Room()
    await fill(room, port, 10)
    await asyncio.sleep(1)
    before = memory_kib(pid)
    await fill(room, port, IDLE)
    await asyncio.sleep(1)
    each = (memory_kib(pid) - before) / IDLE
    for transport in room.transports:
        transport.abort()
    return each


def median(rates: list[Rate]) -> Rate:
    return Rate(statistics.median(it.per_second for it in rates), statistics.median(it.cpu_us for it in rates))


def report(contests: list[Contest]) -> None:
    print(
        f"{SUBSCRIBERS:,} subscribers, {MESSAGE_BYTES} bytes; median of {ROUNDS} (lowest to highest); us: CPU a delivery"
    )
    columns = ("bursts/s", "", "us", "singles/s", "", "us", "p50 ms", "p99 ms", "idle KiB")
    print(f"{'':22}{columns[0]:>11} {columns[1]:23}{columns[2]:>6}{columns[3]:>11} {columns[4]:21}", end="")
    print(f"{columns[5]:>6}{columns[6]:>8}{columns[7]:>8}{columns[8]:>10}")
    for it in contests:
        burst, single = median(it.bursts), median(it.singles)
        p50, p99 = (statistics.median(each[part] for each in it.latencies_ms) for part in (0, 1))
        print(
            f"{it.name:22}{burst.per_second:11,.0f} {spread(it.bursts):23}{burst.cpu_us:6.2f}"
            f"{single.per_second:11,.0f} {spread(it.singles):21}{single.cpu_us:6.2f}"
            f"{p50:8.2f}{p99:8.2f}{it.idle_kib:10.2f}"
        )
    ours, *others = contests
    results = {}
    for it in others:
        ratios = [of(ours) / of(it) for of in (lambda c: median(c.bursts).per_second, lambda c: median(c.singles).per_second)]
        print(f"beseda / {it.name:20} bursts {ratios[0]:6.1f}x   one by one {ratios[1]:5.2f}x")
        results[it.name] = {"bursts": ratios[0], "singles": ratios[1]}
    print(json.dumps(results))


def spread(rates: list[Rate]) -> str:
    numbers = [it.per_second for it in rates]
    return f"({min(numbers):,.0f} to {max(numbers):,.0f})"


def main() -> None:
    stay_off_the_servers_core()
    starts, contests = contestants(), []
    with ExitStack() as stack:
        for name, start in starts.items():
            port, folder = free_port(), Path(stack.enter_context(tempfile.TemporaryDirectory()))
            contests.append(Contest(name, stack.enter_context(start(port, folder)), port))
        uvloop.run(race(contests))
    for contest in contests:
        port = free_port()
        with tempfile.TemporaryDirectory() as folder_name, starts[contest.name](port, Path(folder_name)) as pid:
            contest.idle_kib = uvloop.run(idle_kib(pid, port))
    report(contests)
