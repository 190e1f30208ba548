"""Beseda beside the servers that people run instead, all in one run and by turns: one room, and talk in it.

Each server has one core, the client, which only counts, has another. All have their limits lifted, speak in the clear
over loopback, and keep what is said where they can: what each syncs, and how often, stands in the table, for they
promise different things, and ngircd keeps nothing at all. A round is one message of each sender, and ends when every
member has heard all of them. Bytes are what a member gets of a message: JSON, XML and IRC are not equally long.

"Kept" is a message that its sender saw come back, a millisecond before the server was killed by SIGKILL, and that is
in its files afterwards. Prosody, ejabberd and ngircd are Debian's; what is not installed is left out and named.
Synapse is not in here: measured by hand once, it delivered a hundredth of the least of these.
"""

import asyncio
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from bench._crowd import PING, PONG
from bench._peers import MARK, PEERS, Peer, Tongue, is_here
from bench._processes import cpu_seconds, family, free_port, memory_kib, stay_off_the_servers_core
from beseda.server.config import LogConfig
from beseda.server.logs import configure_logs

ROUNDS = 5
ROUND_S = 2.0
MEMBERS = 200
SENDERS = 16
LATENCY_S = 5.0
MESSAGES_PER_S = 20
KILLS = 20
SYNC_ROUNDS = 10
ONLY = tuple(peer.name for peer in PEERS)
QUICK = {
    "ROUNDS": 1,
    "ROUND_S": 0.2,
    "MEMBERS": 20,
    "LATENCY_S": 0.3,
    "KILLS": 1,
    "SYNC_ROUNDS": 5,
    "ONLY": ("Beseda, SQLite", "ngircd"),
}
WAIT_S, SETTLE_S = 60, 0.5
KEPT_NOTHING = "ngircd"


class _Member(asyncio.Protocol):
    """Goes through the steps, then counts how often the mark comes."""

    def __init__(self, room: "Room", steps: list[tuple[bytes, bytes]]) -> None:
        self.room = room
        self.steps = steps
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.steps[0][0])

    def data_received(self, data: bytes) -> None:
        if data.startswith(PING):
            self.transport.write(PONG)
        room = self.room
        if self.steps:
            self.heard += data
            if self.steps[0][1] in self.heard:
                self.heard = b""
                del self.steps[0]
                if self.steps:
                    self.transport.write(self.steps[0][0])
                else:
                    room.entered.set()
            return
        room.bytes += len(data)
        count = (self.heard + data).count(room.mark)
        self.heard = data[1 - len(room.mark) :]
        if count:
            room.count(count)


def _itself(member: _Member) -> _Member:
    return member


@dataclass
class Room:
    """All members at one server."""

    port: int
    tongue: Tongue
    mark: bytes = MARK.encode()
    members: list[_Member] = field(default_factory=list)
    bytes: int = 0
    got: int = 0
    target: int = 0
    arrivals: list[float] | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, number: int) -> None:
        self.got += number
        if self.arrivals is not None:
            self.arrivals += [time.perf_counter()] * number
        if self.got >= self.target:
            self.reached.set()

    async def grow(self, number: int) -> None:
        """One after another: rooms of XMPP tell everybody of everybody."""
        loop = asyncio.get_running_loop()
        for each in range(len(self.members), len(self.members) + number):
            self.entered.clear()
            member = _Member(self, self.tongue.enter(each))
            await loop.create_connection(partial(_itself, member), "127.0.0.1", self.port)
            self.members.append(member)
            await asyncio.wait_for(self.entered.wait(), WAIT_S)

    @property
    def hearings(self) -> int:
        """How often one message comes, all in all."""
        return len(self.members) - 1 + self.tongue.own

    def say(self, senders: int, word: str = "") -> None:
        self.target += senders * self.hearings
        self.reached.clear()
        for member in self.members[:senders]:
            member.transport.write(self.tongue.say(word))

    async def talk(self, senders: int) -> None:
        """A round."""
        self.say(senders)
        await asyncio.wait_for(self.reached.wait(), WAIT_S)

    def leave(self) -> None:
        for member in self.members:
            member.transport.abort()


@dataclass
class Contest:
    """A server with a full room, and what was found of it."""

    peer: Peer
    pid: int
    room: Room
    rates: dict[int, list[float]] = field(default_factory=dict)
    """Messages a second, by senders."""
    cpu_us: dict[int, list[float]] = field(default_factory=dict)
    """Of a delivery."""
    latencies_ms: list[tuple[float, float]] = field(default_factory=list)
    bytes: float = 0
    idle_mib: float = 0
    member_kib: float = 0
    starts_s: list[float] = field(default_factory=list)
    kept: str = "-"
    syncs: dict[int, float | None] = field(default_factory=dict)

    async def open(self) -> None:
        room = self.room
        await room.grow(1)  # then the server is up: some listen before they are
        await asyncio.sleep(SETTLE_S)
        self.idle_mib, before = memory_kib(self.pid) / 1024, memory_kib(self.pid, "Anonymous")
        await room.grow(MEMBERS - 1)
        await asyncio.sleep(SETTLE_S)  # what enters is told to those who are in
        self.member_kib = (memory_kib(self.pid, "Anonymous") - before) / (MEMBERS - 1)
        await room.talk(1)
        await asyncio.sleep(0.2)
        assert room.got == room.target, f"{self.peer.name}: {room.got} hearings, and not {room.target}"

    async def rate(self, senders: int) -> None:
        rounds, cpu, began, got = 0, cpu_seconds(self.pid), time.perf_counter(), self.room.bytes
        while time.perf_counter() - began < ROUND_S:
            await self.room.talk(senders)
            rounds += 1
        took, cpu = time.perf_counter() - began, cpu_seconds(self.pid) - cpu
        messages = rounds * senders
        self.rates.setdefault(senders, []).append(messages / took)
        self.cpu_us.setdefault(senders, []).append(cpu / (messages * MEMBERS) * 1e6)
        self.bytes = (self.room.bytes - got) / (messages * self.room.hearings)

    async def latency(self) -> None:
        delays: list[float] = []
        for _ in range(int(LATENCY_S * MESSAGES_PER_S)):
            self.room.arrivals, began = [], time.perf_counter()
            await self.room.talk(1)
            delays += [arrival - began for arrival in self.room.arrivals]
            await asyncio.sleep(max(0, began + 1 / MESSAGES_PER_S - time.perf_counter()))
        self.room.arrivals = None
        delays.sort()
        self.latencies_ms.append((delays[len(delays) // 2] * 1000, delays[len(delays) * 99 // 100] * 1000))

    async def count_syncs(self, senders: int, folder: Path) -> None:
        """By strace, which slows a server down: so nothing else is measured meanwhile."""
        self.syncs[senders] = None
        if shutil.which("strace") is None:
            return
        trace = folder / f"strace-{senders}"
        pids = [word for pid in family(self.pid) for word in ("-p", str(pid))]
        command = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,msync", "-o", str(trace), *pids]
        running = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
        await asyncio.sleep(0.5)
        if running.returncode is None:
            for _ in range(SYNC_ROUNDS):
                await self.room.talk(senders)
            running.send_signal(signal.SIGINT)
            await running.communicate()
            lines = trace.read_text().splitlines()
            self.syncs[senders] = sum("resumed" not in line for line in lines) / (SYNC_ROUNDS * senders)


async def race(contests: list[Contest], folder: Path) -> None:
    """All in turn, several times."""
    for contest in contests:
        await contest.open()
    for _ in range(ROUNDS):
        for senders in (1, SENDERS):
            for contest in contests:
                await contest.rate(senders)
        for contest in contests:
            await contest.latency()
    for contest in contests:
        for senders in (1, SENDERS):
            await contest.count_syncs(senders, folder)
        contest.room.leave()


def kill(contest: Contest, place: Path) -> None:
    """How long it takes from a start to a member in the room; what is kept of what was said just before a SIGKILL."""
    kept = 0
    for number in range(KILLS):
        with tempfile.TemporaryDirectory(dir=place, prefix="killed-") as name:
            folder, port, word = Path(name), free_port(), f"kept{number:06}"
            room = Room(port, contest.peer.prepare(folder, 2), word.encode())
            began = time.perf_counter()
            with contest.peer.start(port, folder) as pid:
                uvloop.run(_say_and_kill(contest, room, pid, word, began))
            kept += any(word.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    if contest.peer.name != KEPT_NOTHING:
        contest.kept = f"{kept} of {KILLS}"


async def _say_and_kill(contest: Contest, room: Room, pid: int, word: str, began: float) -> None:
    """A millisecond after the sender has it back, or the other member of two where senders do not hear themselves."""
    await room.grow(1)
    contest.starts_s.append(time.perf_counter() - began)
    await room.grow(1)
    room.say(1, word)
    await asyncio.wait_for(room.reached.wait(), WAIT_S)
    await asyncio.sleep(0.001)
    for each in family(pid):
        os.kill(each, signal.SIGKILL)
    room.leave()


def _median(numbers: list[float]) -> float:
    return statistics.median(numbers)


def report(contests: list[Contest]) -> None:
    print(f"a room of {MEMBERS}; texts of 200 bytes; median of {ROUNDS} rounds (lowest to highest)")
    print(f"1: one sender, {SENDERS}: as many at once; us: CPU of the server for a delivery; B: bytes of a delivery")
    print(f"{'':18}{'1, msg/s':>24}{'us':>7}{f'{SENDERS}, msg/s':>26}{'us':>7}{'B':>6}{'p50 ms':>8}{'p99 ms':>8}")
    for it in contests:
        cells = ""
        for senders in (1, SENDERS):
            rates = it.rates[senders]
            told = f"{_median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
            cells += f"{told:>{24 if senders == 1 else 26}}{_median(it.cpu_us[senders]):>7.2f}"
        p50, p99 = (_median([each[part] for each in it.latencies_ms]) for part in (0, 1))
        print(f"{it.peer.name:18}{cells}{it.bytes:>6.0f}{p50:>8.2f}{p99:>8.2f}")
    print(
        f"\n{'':18}{'idle MiB':>9}{'member KiB':>12}{'start s':>9}{'kept':>10}{'syncs: 1':>10}{SENDERS:>6}   keeps in"
    )
    for it in contests:
        syncs = [f"{each:.2f}" if each is not None else "?" for each in it.syncs.values()]
        print(
            f"{it.peer.name:18}{it.idle_mib:>9.1f}{it.member_kib:>12.1f}{_median(it.starts_s):>9.3f}{it.kept:>10}"
            f"{syncs[0]:>10}{syncs[1]:>6}   {it.peer.keeps}"
        )
    ours, results = contests[0], {}
    for other in contests[1:]:
        ratios = {senders: _median(ours.rates[senders]) / _median(other.rates[senders]) for senders in (1, SENDERS)}
        print(f"Beseda / {other.peer.name:18} one sender {ratios[1]:6.2f}x   {SENDERS} senders {ratios[SENDERS]:6.2f}x")
        results[other.peer.name] = ratios
    print(json.dumps(results))


def main() -> None:
    configure_logs(LogConfig(level="error"))
    stay_off_the_servers_core()
    peers = [peer for peer in PEERS if peer.name in ONLY and is_here(peer)]
    for peer in PEERS:
        if peer not in peers:
            why = f"apt-get install {peer.needs}" if not is_here(peer) else "it is not in the short form"
            print(f"!! {peer.name} is LEFT OUT: {why}")
    contests = []
    with ExitStack() as stack:  # not in the folder for temporary files: that may be no disk at all
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd())))
        with ExitStack() as running:
            for number, peer in enumerate(peers):
                folder, port = place / str(number), free_port()
                folder.mkdir()
                tongue = peer.prepare(folder, MEMBERS)
                pid = running.enter_context(peer.start(port, folder))
                contests.append(Contest(peer, pid, Room(port, tongue)))
            uvloop.run(race(contests, place))
        for contest in contests:
            kill(contest, place)
    sys.stdout.flush()
    report(contests)
