"""What the library costs: a call beside bare httpx, lines through one iterator beside bare decoding, the import; a
further server in the process of somebody's tests.

Calls go to a Beseda on the other core, by both in turn. All times are CPU time of the process that asks, which other
work on the machine does not lengthen. Goals: a call at most 15 % above httpx, the import at most
1.3 times that of httpx, websockets and msgspec together, a server 40 ms.
"""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import httpx
import msgspec

from bench._processes import free_port, server, stay_off_the_servers_core
from beseda.client import ChatCz, Live, Manners
from beseda.client._platform import Socket, SocketClosed
from beseda.testing import BesedaServer
from beseda.wire import live

ROUNDS = 15
CALLS = 150
LINES = 100_000
IMPORTS = 9
QUICK = {"ROUNDS": 1, "CALLS": 10, "LINES": 1_000, "IMPORTS": 1}
UNBOUND = Manners(calls_per_s=None, timeout_s=60)
HELLO = '{"hello":{"version":1,"account":{"id":1,"nick":"Alena","registered":true}}}'
ENTERED = '{"re":1,"ok":true,"room":7}'
FOLLOWED = '{"re":2,"ok":true,"room":7,"cursor":0}'


class Told:
    """A socket on which everything has come already."""

    def __init__(self, lines: list[str]) -> None:
        self._messages = itertools.chain((HELLO, ENTERED, FOLLOWED), lines)

    def send(self, text: str) -> None:
        pass

    def receive(self, timeout_s: float | None) -> str:
        try:
            return next(self._messages)
        except StopIteration:
            raise SocketClosed(1000) from None

    def close(self) -> None:
        pass


def line(seq: int) -> str:
    alena = live.Person(1, "Alena", True)
    told = live.Line(7, seq, 1_795_168_800_000 + seq, "text", alena, text="Dobrý den, jak se dnes máte?")
    return live.encode(live.LineTold(told)).decode()


def us_per_call(call: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - began) / CALLS * 1e6


def measure_calls() -> dict[str, float]:
    """Microseconds a call, the median of rounds in turn."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        arguments = ["-m", "beseda", "serve", "--data", data, "--listen", f"127.0.0.1:{port}"]
        with (
            server(*arguments, port=port),
            httpx.Client(base_url=url, timeout=60) as bare,
            ChatCz(url, manners=UNBOUND) as site,
        ):
            ours, theirs = [], []
            for _ in range(ROUNDS):
                theirs.append(us_per_call(lambda: bare.get("/api/rooms").json()))
                ours.append(us_per_call(site.rooms))
    return {"client_us": statistics.median(ours), "httpx_us": statistics.median(theirs)}


def measure_lines() -> dict[str, float]:
    """Lines a second, from text to typed lines; and bare decoding to the wire's structs."""
    lines = [line(seq) for seq in range(1, LINES + 1)]
    began = time.process_time()
    decode = msgspec.json.Decoder(live.LineTold).decode
    for each in lines:
        decode(each)
    bare_s = time.process_time() - began
    with Live("http://127.0.0.1:1", token="t", connector=lambda url, headers, timeout_s: connect(lines)) as client:
        room = client.enter("Praha")
        began = time.process_time()
        for _ in itertools.islice(room.lines(), LINES):
            pass
        client_s = time.process_time() - began
    return {"lines_per_s": LINES / client_s, "decoded_per_s": LINES / bare_s}


def connect(lines: list[str]) -> Socket:
    return Told(lines)


def measure_imports() -> dict[str, float]:
    """Milliseconds, the median of processes in turn."""

    def import_ms(names: str) -> float:
        program = f"import time; t = time.process_time(); import {names}; print((time.process_time() - t) * 1e3)"
        return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)

    ours, theirs = [], []
    for _ in range(IMPORTS):
        theirs.append(import_ms("httpx, websockets, msgspec"))
        ours.append(import_ms("beseda.client"))
    return {"import_ms": statistics.median(ours), "libraries_ms": statistics.median(theirs)}


def measure_servers() -> dict[str, float]:
    """Milliseconds until one answers, the median, the first of the process apart."""
    taken = []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        with BesedaServer():
            taken.append((time.process_time() - began) * 1e3)
    return {"further_server_ms": statistics.median(taken[1:])}


def main() -> None:
    stay_off_the_servers_core()
    found = measure_calls() | measure_lines() | measure_imports() | measure_servers()
    print(f"a call       {found['client_us']:9.0f} us  httpx {found['httpx_us']:9.0f} us", end="")
    print(f"  ratio {found['client_us'] / found['httpx_us']:5.2f}  goal 1.15")
    print(f"lines        {found['lines_per_s']:9.0f} /s  bare decoding {found['decoded_per_s']:9.0f} /s")
    print(f"the import   {found['import_ms']:9.0f} ms  its libraries {found['libraries_ms']:9.0f} ms", end="")
    print(f"  ratio {found['import_ms'] / found['libraries_ms']:5.2f}  goal 1.30")
    print(f"a server     {found['further_server_ms']:9.0f} ms  goal 40")
    print(json.dumps(found))
