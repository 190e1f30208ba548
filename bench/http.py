"""Hot answers over HTTP, each beside a raw ASGI application on plain uvicorn that sends the same bytes.

The servers run on one core, the load on another, in turn. Raw ASGI reads the body of a POST, and decodes and encodes
the envelope of a JSON-RPC call. Goals: GET and a JSON-RPC call at least 90 % of raw ASGI, a session check 85 %.
"""

import asyncio
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench._load import Load, fetch, load
from bench._processes import free_port, server, stay_off_the_servers_core
from beseda.core.accounts import Application
from beseda.domain.ledger import Pocket
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import LogConfig, load_config
from beseda.server.logs import configure_logs

ROUNDS = 5
ROOMS = 1_000
QUICK = {"ROUNDS": 1, "ROOMS": 20}


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    request: bytes
    goal: float
    """Answers a second as a part of raw ASGI's."""


async def prepare(data: Path) -> list[Case]:
    """A database with rooms, a member with money, and requests that use them."""
    config = load_config(environment={}, overrides={"server.data": data})
    async with open_core(config) as parts:
        for number in range(ROOMS):
            await parts.core.rooms.add(f"Room number {number}", description=f"Talk about subject {number}")
        account = await parts.core.accounts.add(Application("Alena", "a long made-up password"))
        await parts.core.billing.credit(account.id, Pocket.REAL, 50_000, "bench")
        handles = {}
        for kind in (Handle.SID, Handle.BEARER):
            signed_in = await parts.core.auth.sign_in("Alena", "a long made-up password", kind=kind, address="::1")
            handles[kind] = signed_in.handle
    rpc = b'{"jsonrpc":"2.0","version":"1.62.20260101000000","method":"getBalance","params":{},"id":"1.abc"}'
    bearer = f"Authorization: Bearer {handles[Handle.BEARER]}"
    check = f"method=check&sid={handles[Handle.SID]}".encode()
    return [
        Case(f"GET /api/rooms, {ROOMS:,} rooms", request("GET /api/rooms"), 0.9),
        Case("GET /api/room/1", request("GET /api/room/1"), 0.9),
        Case("JSON-RPC pay.getBalance", request("POST /rpc/pay", rpc, bearer, "Content-Type: application/json"), 0.9),
        Case("session check", request("POST /neoapi/session", check), 0.85),
    ]


def request(line: str, body: bytes = b"", *headers: str) -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    form = ["Content-Type: application/x-www-form-urlencoded"] if body and not headers else []
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, *form, *length, "", ""]).encode() + body


RAW = """
import sys, msgspec, uvicorn
body = open(sys.argv[2], "rb").read()
headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
async def app(scope, receive, send):
    if scope["method"] == "POST":
        asked = (await receive())["body"]
        if asked[:1] == b"{":
            msgspec.json.encode(msgspec.json.decode(asked))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", loop="uvloop", http="httptools", access_log=False)
"""


def measure(case: Case, port: int, pid: int, folder: Path) -> tuple[list[Load], list[Load]]:
    """Beseda and raw ASGI in turn."""
    _, body = asyncio.run(fetch("127.0.0.1", port, case.request))
    answer, raw_port = folder / "answer", free_port()
    answer.write_bytes(body)
    ours, raws = [], []
    with server("-c", RAW, str(raw_port), str(answer), port=raw_port) as raw_pid:
        for _ in range(ROUNDS):
            ours.append(load("127.0.0.1", port, case.request, pid))
            raws.append(load("127.0.0.1", raw_port, case.request, raw_pid))
    return ours, raws


def main() -> None:
    configure_logs(LogConfig(level="error"))
    stay_off_the_servers_core()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = asyncio.run(prepare(folder))
        port = free_port()
        arguments = ["-m", "beseda", "serve", "--data", name, "--listen", f"127.0.0.1:{port}"]
        with server(*arguments, port=port) as pid:
            print(f"{'':28} {'beseda/s':>9} {'raw/s':>9} {'ratio':>6} {'goal':>5} {'beseda us':>10} {'raw us':>7}")
            for case in cases:
                ours, raws = measure(case, port, pid, folder)
                mine, raw = (statistics.median(each.per_second for each in loads) for loads in (ours, raws))
                cpu, raw_cpu = (statistics.median(each.cpu_us for each in loads) for loads in (ours, raws))
                ratio = mine / raw
                print(f"{case.name:28} {mine:9.0f} {raw:9.0f} {ratio:6.2f} {case.goal:5.2f} {cpu:10.1f} {raw_cpu:7.1f}")
                results.append({"case": case.name, "per_second": mine, "raw": raw, "ratio": ratio, "goal": case.goal})
    print(json.dumps(results))
