"""Spaces: hot calls beside raw ASGI, idle channels, and how soon the receiver hears of a letter.

Calls a second are measured as in `bench.http`, each beside raw ASGI that sends as many bytes. `sendMessage` is durable
when it is answered: members write to as many others, each letter another, each when the one before is answered. One
sender waits for a commit a letter; what many send at once shares one. PostgreSQL is on any core, on the disk of the
folder for temporary files. Channels are of as many members as there are sockets.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from bench._crowd import Crowd, handshake
from bench._load import fetch, load
from bench._processes import cpu_seconds, free_port, memory_kib, process, server, stay_off_the_servers_core
from bench.http import RAW, request
from bench.nodes import postgres_pid
from beseda.core.ports import NewAccount
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.server.config import LogConfig, load_config
from beseda.server.logs import configure_logs
from beseda.testing.postgres import run_postgres

ROUNDS = 5
ROUND_S = 1.5
WRITERS = 64
SENDERS = (1, 16, WRITERS)
IDLE = 5_000
LISTENERS = 1_000
OPENED_AT_ONCE = 100
LETTERS_PER_S = 20
LATENCY_S = 5.0
QUICK = {"ROUNDS": 1, "ROUND_S": 0.2, "IDLE": 200, "LISTENERS": 100, "LATENCY_S": 0.3}


@dataclass(frozen=True, slots=True)
class Member:
    nick: str
    sid: str
    channel: str


async def prepare(data: Path, count: int, database: str = "") -> list[Member]:
    """Members with sessions, but without passwords: hashing so many would take minutes."""
    overrides = {"server.data": data, "server.database": database}
    async with open_core(load_config(environment={}, overrides=overrides)) as parts:
        return list(await asyncio.gather(*(add(parts, f"Clen {number}") for number in range(count))))


async def add(parts: Parts, nick: str) -> Member:
    async with parts.store.unit() as unit:
        account = await unit.accounts.add(NewAccount(True, nick, None, "$none$"), parts.clock.now())
        session, sid = await parts.core.auth.start(unit, account.id, Handle.SID)
    return Member(nick, sid, parts.core.auth.channel(session))


class Writer(asyncio.Protocol):
    """Sends one letter after another, each when the one before is answered."""

    def __init__(self, sender: Member, receiver: Member, counts: list[int]) -> None:
        self._start = f"method=sendMessage&user={receiver.nick}&sid={sender.sid}&CK={sender.sid[-4:]}&texttT=letter+"
        self._counts = counts
        self._sent = 0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._write()

    def _write(self) -> None:
        self._sent += 1
        self._transport.write(request("POST /neoapi/mail", f"{self._start}{self._sent}".encode()))

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) if end else 1
        if end and len(body) >= length:
            assert b'"code":"00000"' in body, body
            self._answer = b""
            self._counts[0] += 1
            self._write()


async def write(
    port: int, pid: int, members: list[Member], *, senders: int = WRITERS, database: int | None = None
) -> tuple[float, float, float]:
    """Letters a second, and CPU of the server, and of a database that is a process, for each in microseconds."""
    loop, counts = asyncio.get_running_loop(), [0]
    pairs = zip(members[:senders], members[WRITERS : WRITERS + senders], strict=True)
    opened = [await loop.create_connection(partial(Writer, *pair, counts), "127.0.0.1", port) for pair in pairs]
    await asyncio.sleep(0.3)
    pids = [pid, database] if database else [pid]
    counted, cpu, began = counts[0], [cpu_seconds(each) for each in pids], time.perf_counter()
    await asyncio.sleep(ROUND_S)
    counted, took = counts[0] - counted, time.perf_counter() - began
    spent = [(cpu_seconds(each) - before) / max(counted, 1) * 1e6 for each, before in zip(pids, cpu, strict=True)]
    for transport, _ in opened:
        transport.abort()
    return counted / took, spent[0], sum(spent[1:])


def calls(folder: Path, port: int, pid: int, members: list[Member]) -> None:
    """check, getTopCounts and sendMessage, each in turn with raw ASGI."""
    print(f"{'':28} {'beseda/s':>9} {'raw/s':>9} {'ratio':>6} {'beseda us':>10} {'raw us':>7}")
    body = f"method={{}}&sid={members[0].sid}".format
    letter = f"method=sendMessage&user={members[1].nick}&sid={members[0].sid}&CK={members[0].sid[-4:]}&texttT=first"
    for name, asked in (
        ("session.check", request("POST /neoapi/session", body("check").encode())),
        ("common.getTopCounts", request("POST /neoapi/common", body("getTopCounts").encode())),
        ("mail.sendMessage", request("POST /neoapi/mail", letter.encode())),
    ):
        _, answer = asyncio.run(fetch("127.0.0.1", port, asked))
        (folder / "answer").write_bytes(answer)
        raw_port, ours, raws = free_port(), [], []
        with server("-c", RAW, str(raw_port), str(folder / "answer"), port=raw_port) as raw_pid:
            for _ in range(ROUNDS):
                if name == "mail.sendMessage":
                    ours.append(uvloop.run(write(port, pid, members))[:2])
                else:
                    mine = load("127.0.0.1", port, asked, pid)
                    ours.append((mine.per_second, mine.cpu_us))
                raw = load("127.0.0.1", raw_port, asked, raw_pid)
                raws.append((raw.per_second, raw.cpu_us))
        (rate, cpu), (raw_rate, raw_cpu) = (
            [statistics.median(each[part] for each in rounds) for part in (0, 1)] for rounds in (ours, raws)
        )
        print(f"{name:28} {rate:9.0f} {raw_rate:9.0f} {rate / raw_rate:6.2f} {cpu:10.1f} {raw_cpu:7.1f}")


def letters(name: str, port: int, pid: int, members: list[Member], database: int | None = None) -> None:
    """sendMessage by few and by many."""
    found: dict[int, list[tuple[float, float, float]]] = {senders: [] for senders in SENDERS}
    for _ in range(ROUNDS):
        for senders, rounds in found.items():
            rounds.append(uvloop.run(write(port, pid, members, senders=senders, database=database)))
    for senders, rounds in found.items():
        rate, cpu, more = (statistics.median(each[part] for each in rounds) for part in range(3))
        beside = f" + PostgreSQL {more:7.1f}" if database else ""
        print(f"letters, {name:10} {senders:3} at once: {rate:7.0f}/s   CPU a letter {cpu:7.1f}{beside} us")


def letters_on_postgres(database: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        members = asyncio.run(prepare(Path(name), 2 * WRITERS, database))
        serve = (sys.executable, "-m", "beseda", "serve", "--data", name, "--listen", f"127.0.0.1:{port}")
        with process(*serve, port=port, settings={"BESEDA_SERVER_DATABASE": database}) as pid:
            letters("PostgreSQL", port, pid, members, postgres_pid(database))


async def open_channels(crowd: Crowd, port: int, members: list[Member]) -> None:
    for start in range(0, len(members), OPENED_AT_ONCE):
        some = members[start : start + OPENED_AT_ONCE]
        await asyncio.gather(*(crowd.grow(port, 1, handshake(f"/ws/{member.channel}")) for member in some))


async def idle(port: int, pid: int, members: list[Member]) -> None:
    crowd = Crowd()
    await open_channels(crowd, port, members[:10])
    await crowd.rest()
    before = memory_kib(pid)
    await open_channels(crowd, port, members[10 : IDLE + 10])
    await crowd.rest()
    print(f"{IDLE:,} idle channels of as many members: {(memory_kib(pid) - before) / IDLE:.2f} KiB each")
    for transport in crowd.transports:
        transport.abort()


async def latency(port: int, members: list[Member]) -> None:
    """From the writing of the request to the arrival of event 1, while others' channels are open."""
    crowd, receiver = Crowd(), Crowd()
    await open_channels(crowd, port, members[2 : LISTENERS + 2])
    await open_channels(receiver, port, members[1:2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    start = f"method=sendMessage&user={members[1].nick}&sid={members[0].sid}&CK={members[0].sid[-4:]}&texttT="
    delays = []
    await receiver.rest()
    for number in range(int(LATENCY_S * LETTERS_PER_S)):
        receiver.arrivals = []
        began = time.perf_counter()
        writer.write(request("POST /neoapi/mail", f"{start}measured+{number}".encode()))
        await asyncio.sleep(began + 1 / LETTERS_PER_S - time.perf_counter())
        while not receiver.arrivals:  # noqa: ASYNC110 - on a machine that has other things to do
            await asyncio.sleep(0.001)
        delays.append(receiver.arrivals[0] - began)
        await reader.read(65536)
    delays.sort()
    p50, p99 = (delays[len(delays) * part // 100] * 1000 for part in (50, 99))
    print(f"event 1 with {LISTENERS:,} channels open, {LETTERS_PER_S} letters/s: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    for transport in (*crowd.transports, *receiver.transports):
        transport.abort()
    writer.close()


def main() -> None:
    configure_logs(LogConfig(level="error"))
    with run_postgres(durable=True) as dsn:  # before this process, and what it starts, is kept to some of the cores
        stay_off_the_servers_core()
        measure(dsn.format("postgres"))


def measure(database: str) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as name:
        folder, port = Path(name), free_port()
        members = asyncio.run(prepare(folder, IDLE + 10))
        with server("-m", "beseda", "serve", "--data", name, "--listen", f"127.0.0.1:{port}", port=port) as pid:
            uvloop.run(idle(port, pid, members))
            calls(folder, port, pid, members)
            letters("SQLite", port, pid, members)
            uvloop.run(latency(port, members))
    letters_on_postgres(database)
