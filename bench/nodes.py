"""Several nodes on one PostgreSQL, as processes: what a second and a third bring, and how soon one hears of another.

Nothing is bound to a core: nodes, PostgreSQL and the client share all of them. Where these are the limit, more nodes
cannot write more; they must not write less, nor spend more on each line. What comes in one turn of a node's loop is
written together: the fewer speak on each node, the more it costs to write for each of them.
"""

import asyncio
import contextlib
import itertools
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, cast

import uvloop

from bench._crowd import frame, handshake
from bench._processes import CORES, cpu_seconds, free_port, process
from beseda.core.ports import NewAccount
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from beseda.testing.nats import run_nats
from beseda.testing.postgres import run_postgres

NODES = (1, 2, 3)
POSTERS = (66, 510)
WATCHED_ROOMS = 1000
ROOMS_A_SOCKET = 20
ROUNDS = 5
LOAD_S = 3.0
WARM_S = 0.5
REST_S, REST_PART, RESTS_MAX = 1.0, 0.05, 30
"""A node is at rest that for so long uses no more than this of a core; it is waited for so many times."""
LINES = 1500
LINES_PER_S = 100
SPEAKERS = 20
"""Who says more than the server can keep up with for a moment is cut off."""
QUICK = {
    "NODES": (1, 2),
    "POSTERS": (66,),
    "WATCHED_ROOMS": 40,
    "ROUNDS": 1,
    "LOAD_S": 0.3,
    "WARM_S": 0.1,
    "REST_S": 0.1,
    "LINES": 20,
}
RATE_GOAL, CPU_GOAL = 0.95, 1.1
"""Of the lines a second, and of the CPU a line, of one node."""
P50_GOAL_MS, P99_GOAL_MS = 10.0, 40.0
SAID_AT = re.compile(rb'"text":"([0-9]+)"')
"""Lines whose text is when they were said, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database with members and rooms, for any number of nodes; `handles` are members in `rooms`."""

    data: Path
    database: str
    handles: Sequence[str]
    rooms: Sequence[int]


@dataclass(frozen=True, slots=True)
class Node:
    port: int
    pid: int


class Socket(asyncio.Protocol):
    """One WebSocket, which gives each frame that comes to `heard`."""

    def __init__(self, handle: str) -> None:
        self._handle = handle
        self._data = b""
        self._answers: list[asyncio.Future[bytes]] = []
        self.opened: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.heard: Callable[[bytes], None] = self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(handshake("/live", f"Authorization: Bearer {self._handle}"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.opened.done():
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._data = rest
            self.opened.set_result(head)
        while (taken := _first_frame(self._data)) is not None:
            self._data = self._data[taken[1] :]
            self.heard(taken[0])

    def _answer(self, payload: bytes) -> None:
        if payload.startswith(b'{"re"'):
            self._answers.pop(0).set_result(payload)

    async def call(self, message: bytes) -> bytes:
        """What is answered."""
        self._answers.append(asyncio.get_running_loop().create_future())
        self.transport.write(frame(message))
        answer = await self._answers[-1]
        assert b'"ok":true' in answer, answer
        return answer


def _first_frame(data: bytes) -> tuple[bytes, int] | None:
    """The payload of a server's frame (RFC 6455, 5.2), and where it ends."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    if size == 126:
        size, start = int.from_bytes(data[2:4]), 4
    return (data[start : start + size], start + size) if len(data) >= start + size else None


async def open_socket(node: Node, handle: str) -> Socket:
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(handle), "127.0.0.1", node.port)
    await socket.opened
    return socket


async def prepare(data: Path, database: str, watched: int) -> Place:
    """Members, all in the first room, and as many in others as sockets can follow."""
    rooms = [f"Room {number}" for number in range(watched + 1)]
    config = load_config(environment={}, overrides={"server.data": data, "server.database": database})
    async with open_core(config) as parts:
        core, handles = parts.core, []
        ids = [(await core.rooms.add(name)).id for name in rooms]
        for number in range(max(*POSTERS, watched // ROOMS_A_SOCKET)):
            new = NewAccount(registered=True, nick=f"Member {number}", sex=None, password_hash="none")
            async with parts.store.unit() as unit:
                account = await unit.accounts.add(new, parts.clock.now())
                _, handle = await core.auth.start(unit, account.id, Handle.BEARER)
            caller = await core.auth.caller(Handle.BEARER, handle, "::1")
            first = 1 + number * ROOMS_A_SOCKET
            for name in (rooms[0], *rooms[first : first + ROOMS_A_SOCKET]):
                await core.rooms.enter(caller, name)
            await core.messages.post(caller, ids[0], "first in this hour")
            handles.append(handle)
    return Place(data, database, handles, ids)


@contextlib.contextmanager
def running(place: Place, count: int, bus: str = "") -> Iterator[list[Node]]:
    """So many nodes."""
    settings = {"BESEDA_SERVER_DATABASE": place.database, "BESEDA_SERVER_BUS": bus, "BESEDA_BACKUP_EVERY": ""}
    with contextlib.ExitStack() as stack:
        nodes = []
        for _ in range(count):
            port = free_port()
            command = (sys.executable, "-m", "beseda", "serve", "--data", str(place.data))
            listen = ("--listen", f"127.0.0.1:{port}")
            pid = stack.enter_context(process(*command, *listen, port=port, cores=CORES, settings=settings))
            nodes.append(Node(port, pid))
        _let_settle(nodes)
        yield nodes


def _let_settle(nodes: Sequence[Node]) -> None:
    """What a node does once, when it has started, belongs to no line."""
    for _ in range(RESTS_MAX):
        before = [cpu_seconds(node.pid) for node in nodes]
        time.sleep(REST_S)
        if all(cpu_seconds(node.pid) - used <= REST_PART * REST_S for node, used in zip(nodes, before, strict=True)):
            break


@dataclass
class Talk:
    """Members who each say the next thing when the last is answered, spread over the nodes."""

    place: Place
    said: int = 0
    _transports: list[asyncio.Transport] = field(default_factory=list)

    async def start(self, nodes: Sequence[Node], room: int, posters: int) -> None:
        post = frame(b'{"op":"post","room":%d,"text":"Dobr\xc3\xbd den, jak se m\xc3\xa1te?"}' % room)
        for handle, node in zip(self.place.handles[:posters], itertools.cycle(nodes), strict=False):
            socket = await open_socket(node, handle)

            def heard(payload: bytes, socket: Socket = socket) -> None:
                if payload.startswith(b'{"re"'):
                    assert b'"ok":true' in payload, payload
                    self.said += 1
                    socket.transport.write(post)

            socket.heard = heard
            self._transports.append(socket.transport)
            socket.transport.write(post)

    def stop(self) -> None:
        for transport in self._transports:
            transport.abort()


@dataclass(frozen=True, slots=True)
class Rate:
    """Lines a second, and CPU of nodes and of PostgreSQL for each, in microseconds."""

    per_s: float
    node_us: float
    postgres_us: float


def postgres_pid(database: str) -> int:
    return int((Path(database.partition("host=")[2]) / "data" / "postmaster.pid").read_text("ascii").split()[0])


async def talk(place: Place, nodes: Sequence[Node], posters: int, *, followed: bool) -> Rate:
    """All in one room, which on each node somebody follows, or nobody does."""
    room, everybody, postgres = place.rooms[0], Talk(place), postgres_pid(place.database)
    followers = [await open_socket(node, place.handles[0]) for node in nodes if followed]
    for follower in followers:
        await follower.call(b'{"op":"follow","room":%d}' % room)
        follower.heard = lambda payload: None
    await everybody.start(nodes, room, posters)
    await asyncio.sleep(WARM_S)
    said, began, cpu = everybody.said, time.perf_counter(), _cpu(nodes, postgres)
    await asyncio.sleep(LOAD_S)
    said, took = everybody.said - said, time.perf_counter() - began
    of_nodes, of_postgres = (now - before for now, before in zip(_cpu(nodes, postgres), cpu, strict=True))
    everybody.stop()
    for follower in followers:
        follower.transport.abort()
    return Rate(said / took, of_nodes / max(said, 1) * 1e6, of_postgres / max(said, 1) * 1e6)


def _cpu(nodes: Sequence[Node], postgres: int) -> tuple[float, float]:
    return sum(cpu_seconds(node.pid) for node in nodes), cpu_seconds(postgres)


def rates(place: Place) -> None:
    found: dict[tuple[int, bool, int], list[Rate]] = {}
    for _, count in itertools.product(range(ROUNDS), NODES):
        with running(place, count) as nodes:
            for posters, followed in itertools.product(POSTERS, (False, True)):
                rate = uvloop.run(talk(place, nodes, posters, followed=followed))
                found.setdefault((posters, followed, count), []).append(rate)
    for posters, followed in itertools.product(POSTERS, (False, True)):
        one = _median(found[posters, followed, 1])
        print(f"\n{posters} posters in one room by /live, {'a follower on each node' if followed else 'no followers'}:")
        for count in NODES:
            rate = _median(found[posters, followed, count])
            print(
                f"  {count} node{'s' if count > 1 else ' '} {rate.per_s:9,.0f}/s {rate.per_s / one.per_s:5.2f}x"
                f" (goal {RATE_GOAL})   CPU a line {rate.node_us:5.1f} + PostgreSQL {rate.postgres_us:5.1f} us"
                f" {rate.node_us / one.node_us:5.2f}x" + ("" if followed else f" (goal {CPU_GOAL})")
            )


def _median(found: Sequence[Rate]) -> Rate:
    columns = zip(*((rate.per_s, rate.node_us, rate.postgres_us) for rate in found), strict=True)
    return Rate(*map(statistics.median, columns))


async def delays(place: Place, nodes: Sequence[Node]) -> list[list[float]]:
    """Milliseconds from saying a line on the first node to hearing it there, and on the second."""
    room = place.rooms[0]
    others = [await open_socket(node, handle) for node, handle in zip(nodes, place.handles, strict=False)]
    speakers = [await open_socket(nodes[0], handle) for handle in place.handles[2 : 2 + SPEAKERS]]
    found: list[list[float]] = [[], []]
    for listener, delays in zip(others, found, strict=True):
        await listener.call(b'{"op":"follow","room":%d}' % room)

        def heard(payload: bytes, delays: list[float] = delays) -> None:
            if said := SAID_AT.search(payload):
                delays.append((time.perf_counter_ns() - int(said[1])) / 1e6)

        listener.heard = heard
    for speaker in speakers:
        speaker.heard = _accepted
    began = time.perf_counter()
    for number, speaker in zip(range(LINES), itertools.cycle(speakers), strict=False):
        await asyncio.sleep(began + number / LINES_PER_S - time.perf_counter())
        text = b'{"op":"post","room":%d,"text":"%d"}' % (room, time.perf_counter_ns())
        speaker.transport.write(frame(text))
    await _wait_until(lambda: min(map(len, found)) >= LINES)
    for socket in (*speakers, *others):
        socket.transport.abort()
    return found


def _accepted(payload: bytes) -> None:
    assert not payload.startswith(b'{"re"') or b'"ok":true' in payload, payload


async def _wait_until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not fact():  # noqa: ASYNC110 - once a measurement
            await asyncio.sleep(0.05)


class Idle(NamedTuple):
    """CPU of a node where nothing happens, as a part of one core: when nobody talks elsewhere, and when many do."""

    quiet: float
    busy: float
    said_per_s: float


async def idle(place: Place, nodes: Sequence[Node]) -> Idle:
    """The second node is followed in many rooms; the others talk in another, on the first node."""
    sockets = []
    for start in range(1, WATCHED_ROOMS, ROOMS_A_SOCKET):
        socket = await open_socket(nodes[1], place.handles[start // ROOMS_A_SOCKET])
        for room in place.rooms[start : start + ROOMS_A_SOCKET]:
            await socket.call(b'{"op":"follow","room":%d}' % room)
        sockets.append(socket)
    await asyncio.sleep(WARM_S)
    quiet = await _load_of(nodes[1])
    everybody = Talk(place)
    await everybody.start(nodes[:1], place.rooms[0], POSTERS[0])
    await asyncio.sleep(WARM_S)
    said = everybody.said
    busy = await _load_of(nodes[1])
    said = everybody.said - said
    everybody.stop()
    for socket in sockets:
        socket.transport.abort()
    return Idle(quiet, busy, said / LOAD_S)


async def _load_of(node: Node) -> float:
    before, began = cpu_seconds(node.pid), time.perf_counter()
    await asyncio.sleep(LOAD_S)
    return (cpu_seconds(node.pid) - before) / (time.perf_counter() - began)


@dataclass
class Bus:
    """How nodes hear of each other, and what was measured with it."""

    title: str
    url: str = ""
    here_ms: list[float] = field(default_factory=list)
    there_ms: list[float] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)

    def tell(self) -> None:
        for title, found in (("on the same node", self.here_ms), ("on the other", self.there_ms)):
            goals = f" (goals {P50_GOAL_MS:.0f}, {P99_GOAL_MS:.0f})" if found is self.there_ms else ""
            p50, p99 = statistics.median(found), statistics.quantiles(found, n=100)[98]
            print(f"  {self.title:14} {title:17} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms{goals}")
        quiet, busy, said = (statistics.median(each) for each in zip(*self.idle, strict=True))
        print(
            f"  {self.title:14} CPU of a node with {WATCHED_ROOMS:,} followed rooms: {quiet:.1%} of a core when all are"
            f" silent, {busy:.1%} while its neighbour writes {said:,.0f} lines/s elsewhere"
        )


async def both(place: Place, nodes: Sequence[Node], bus: Bus) -> None:
    here, there = await delays(place, nodes)
    bus.here_ms += here
    bus.there_ms += there
    bus.idle.append(await idle(place, nodes))


def main() -> None:
    with run_postgres(durable=True) as dsn, run_nats() as nats, tempfile.TemporaryDirectory() as folder:
        place = uvloop.run(prepare(Path(folder), dsn.format("postgres"), WATCHED_ROOMS))
        rates(place)
        buses = (Bus("LISTEN/NOTIFY"), Bus("NATS", nats.url))
        for _, bus in itertools.product(range(ROUNDS), buses):
            with running(place, 2, bus.url) as nodes:
                uvloop.run(both(place, nodes, bus))
    print(f"\nTwo nodes; a line is heard, {LINES_PER_S} a second:")
    for bus in buses:
        bus.tell()
