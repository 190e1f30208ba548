"""A thousand WebSockets in one room, 200-byte messages: Beseda's hub beside `websockets.broadcast`, nginx with nchan.

The servers run on one core, the client, which only counts bytes, on another, in turn. A publisher speaks by WebSocket
too: 16 messages in one packet, or one after another, the next when the last has reached everybody. Latency is from the
publisher's clock to the reader's at 20 messages a second, the client's own queue included. `GET /live` is the whole
server beside its hub alone: sixteen post one message each, as JSON, which is heard when it is durable.

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
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import _live
from bench._crowd import MESSAGE_BYTES, QUIET_S, Crowd, Dialect, frame, handshake
from bench._processes import cpu_seconds, free_port, memory_kib, process, server, stay_off_the_servers_core
from beseda.server.config import LogConfig
from beseda.server.logs import configure_logs

ROUNDS = 5
ROUND_S = 1.5
SUBSCRIBERS = 1_000
IDLE = 5_000
BURST = 16
LATENCY_S = 4.0
MESSAGES_PER_S = 20
QUICK = {"ROUNDS": 1, "ROUND_S": 0.2, "QUIET_S": 0.1, "SUBSCRIBERS": 100, "IDLE": 200, "LATENCY_S": 0.3}
HUB, LIVE = "hub", "GET /live"
ROW = "{:22}{:>13} {:24}{:>6}{:>12} {:22}{:>6}{:>8}{:>8}{:>7}"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

BROADCAST = """
import asyncio, contextlib, sys, uvloop
from websockets.asyncio.server import broadcast, serve
from websockets.exceptions import ConnectionClosedError
subscribers = set()
async def handler(socket):
    if socket.request.path == "/sub":
        subscribers.add(socket)
        await socket.wait_closed()
        subscribers.discard(socket)
    else:
        with contextlib.suppress(ConnectionClosedError):
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
        nchan_channel_id room; nchan_message_buffer_length 1000; nchan_message_timeout 5s;
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


PLAIN = Dialect(handshake("/sub"), handshake("/pub"), frame(b"a" * MESSAGE_BYTES), lambda number: 4 + MESSAGE_BYTES)
Start = Callable[[int, Path], AbstractContextManager[int]]


@dataclass(frozen=True, slots=True)
class Entrant:
    """Starts a server, and says how one talks to it; its folder is made in `place`, "" where temporary files are."""

    name: str
    start: Start
    dialect: Callable[[Path], Dialect] = lambda folder: PLAIN
    place: str | None = None


def entrants() -> list[Entrant]:
    """Beseda's two come first."""
    found = [
        Entrant(HUB, beseda),
        Entrant(LIVE, _live.start, lambda folder: _live.prepared(folder, BURST), "."),
        Entrant("websockets.broadcast", broadcast),
    ]
    if shutil.which("nginx") and NCHAN.exists():
        found.append(Entrant("nginx+nchan", nchan))
    else:
        print("!! nginx+nchan is LEFT OUT: apt-get install nginx-light libnginx-mod-nchan")
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    cpu_us: float
    """Of the server, for each delivery."""


class Contest:
    """A server and its full room."""

    def __init__(self, entrant: Entrant, dialect: Dialect, pid: int, port: int) -> None:
        self.name = entrant.name
        self.pid = pid
        self.port = port
        self.dialect = dialect
        self.room = Crowd()
        self.speakers = Crowd()
        self.published = 0
        self.bursts: list[Rate] = []
        self.singles: list[Rate] = []
        self.latencies_ms: list[tuple[float, float]] = []
        self.idle_kib = 0.0

    async def open(self) -> None:
        dialect = self.dialect
        await self.room.grow(self.port, SUBSCRIBERS, dialect.listen, dialect.first)
        await self.speakers.grow(self.port, dialect.speakers, dialect.talk)
        await self.room.rest()
        due = self.publish(1)
        await self.room.until(due)
        await asyncio.sleep(QUIET_S)
        assert self.room.got == due, f"{self.name}: {self.room.got} bytes of {due} have come"

    def publish(self, number: int) -> int:
        """Say so many messages at once; the bytes that all listeners together will get."""
        transports = self.speakers.transports
        if len(transports) == 1:
            transports[0].write(self.dialect.message * number)
        else:
            for transport in transports[:number]:
                transport.write(self.dialect.message)
        size = sum(self.dialect.size(self.published + each) for each in range(number))
        self.published += number
        return SUBSCRIBERS * size

    async def rate(self, at_once: int) -> Rate:
        """Deliveries a second when so many messages are published together."""
        await self.room.rest()
        done, cpu, began = 0, cpu_seconds(self.pid), time.perf_counter()
        while time.perf_counter() - began < ROUND_S:
            await self.room.until(self.publish(at_once))
            done += at_once * SUBSCRIBERS
        took, cpu = time.perf_counter() - began, cpu_seconds(self.pid) - cpu
        return Rate(done / took, cpu / done * 1e6)

    async def latency(self) -> tuple[float, float]:
        """Median and 99th percentile in milliseconds."""
        await self.room.rest()
        told: list[tuple[float, list[float]]] = []
        for _ in range(int(LATENCY_S * MESSAGES_PER_S)):
            arrivals: list[float] = []
            self.room.arrivals = arrivals
            began = time.perf_counter()
            self.publish(1)
            await asyncio.sleep(began + 1 / MESSAGES_PER_S - time.perf_counter())
            told.append((began, arrivals))
        await self.room.rest()
        self.room.arrivals = None
        delays = sorted(arrival - began for began, arrivals in told for arrival in arrivals)
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


async def idle_kib(dialect: Dialect, pid: int, port: int) -> float:
    """KiB for each of many sockets on which nothing has happened yet."""
    crowd = Crowd()
    await crowd.grow(port, 10, dialect.listen, dialect.first)
    await crowd.rest()
    before = memory_kib(pid)
    await crowd.grow(port, IDLE, dialect.listen, dialect.first)
    await crowd.rest()
    each = (memory_kib(pid) - before) / IDLE
    for transport in crowd.transports:
        transport.abort()
    return each


def median(rates: list[Rate]) -> Rate:
    return Rate(statistics.median(it.per_second for it in rates), statistics.median(it.cpu_us for it in rates))


def spread(rates: list[Rate]) -> str:
    numbers = [it.per_second for it in rates]
    return f"({min(numbers):,.0f} to {max(numbers):,.0f})"


def report(contests: list[Contest]) -> None:
    print(f"{SUBSCRIBERS:,} sockets, {MESSAGE_BYTES} bytes; deliveries/s, median of {ROUNDS} (lowest to highest)")
    print(f"us: CPU of the server for a delivery; ms: latency; KiB: an idle socket of {IDLE:,}")
    names = (f"bursts of {BURST}", "", "us", "one by one", "", "us", "p50 ms", "p99 ms", "KiB")
    print(ROW.format("", *names))
    for it in contests:
        burst, single = median(it.bursts), median(it.singles)
        latency = [statistics.median(each[part] for each in it.latencies_ms) for part in (0, 1)]
        row = [
            *(f"{burst.per_second:,.0f}", spread(it.bursts), f"{burst.cpu_us:.2f}"),
            *(f"{single.per_second:,.0f}", spread(it.singles), f"{single.cpu_us:.2f}"),
            *(f"{each:.2f}" for each in (*latency, it.idle_kib)),
        ]
        print(ROW.format(it.name, *row))
    results = {}
    for it in contests[:2]:
        for other in contests[2:]:
            bursts = median(it.bursts).per_second / median(other.bursts).per_second
            singles = median(it.singles).per_second / median(other.singles).per_second
            print(f"{it.name:9} / {other.name:22} in bursts {bursts:6.1f}x   one by one {singles:5.2f}x")
            results[f"{it.name} / {other.name}"] = {"bursts": bursts, "singles": singles}
    print(json.dumps(results))


def main() -> None:
    configure_logs(LogConfig(level="error"))
    stay_off_the_servers_core()
    contests, all_entrants = [], entrants()
    with ExitStack() as stack:
        for entrant in all_entrants:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=entrant.place)))
            dialect, port = entrant.dialect(folder.absolute()), free_port()
            pid = stack.enter_context(entrant.start(port, folder.absolute()))
            contests.append(Contest(entrant, dialect, pid, port))
        uvloop.run(race(contests))
    for contest, entrant in zip(contests, all_entrants, strict=True):
        with tempfile.TemporaryDirectory(prefix="bench-", dir=entrant.place) as name:
            dialect, port = entrant.dialect(Path(name).absolute()), free_port()
            with entrant.start(port, Path(name).absolute()) as pid:
                contest.idle_kib = uvloop.run(idle_kib(dialect, pid, port))
    report(contests)
