"""SpaceWeb's DNS calls over HTTP beside raw ASGI, and what a large zone costs beside a small one.

Over HTTP: `info` of ten records, and an `editTxt` that changes nothing the second time. In the process, on SQLite with
every commit synced: an edit that changes a record, and `info` up to its bytes. Goals: an edit in a zone of 10,000
records under 3 times that of 10; `info` under 5 us a row.
"""

import asyncio
import itertools
import json
import statistics
import tempfile
import time
from pathlib import Path

from bench._processes import free_port, server, stay_off_the_servers_core
from bench.http import Case, measure, request
from beseda.api.spaceweb.codec import encode_answer
from beseda.api.spaceweb.dns import dns_rows
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.core.records import Wanted
from beseda.core.zone_files import How, WrittenSet
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.server.config import LogConfig, load_config
from beseda.server.logs import configure_logs

RECORDS = (10, 10_000)
EDITS = 300
READS = 5
QUICK = {"RECORDS": (10, 200), "EDITS": 5, "READS": 1}
PASSWORD = "a long made-up password"
LIMITS = "dns_change=100000000/0.001"


async def prepare(data: Path) -> tuple[list[Case], dict[int, tuple[float, float]]]:
    """The requests over HTTP, and microseconds of an edit and of a row of `info` by size of the zone."""
    settings = {"server.data": data, "server.limits": dict([LIMITS.split("=")])}
    async with open_core(load_config(environment={}, overrides=settings)) as parts:
        await parts.core.accounts.add(Application("Alena", PASSWORD))
        signed_in = await parts.core.auth.sign_in("Alena", PASSWORD, kind=Handle.BEARER, address="::1")
        caller = Caller("::1", signed_in.account, signed_in.session)
        costs = {size: await _zone(parts, caller, size) for size in RECORDS}
    bearer = f"Authorization: Bearer {signed_in.handle}"
    edit = {"domain": f"z{RECORDS[0]}.ru", "action": "add", "subDomain": "_acme-challenge", "value": "x" * 43}
    calls = {"info": {"domain": f"z{RECORDS[0]}.ru"}, "editTxt": edit}
    return [
        Case(
            f"domains/dns.{method}",
            request(
                "POST /rpc/domains/dns",
                json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode(),
                bearer,
                "Content-Type: application/json",
            ),
            0.3,
        )
        for method, params in calls.items()
    ], costs


async def _zone(parts: Parts, caller: Caller, size: int) -> tuple[float, float]:
    name = f"z{size}.ru"
    await parts.core.domains.add(caller, NewDomain(name))
    sets = [WrittenSet(f"h{number}", "A", ("192.0.2.1",)) for number in range(size - 1)]
    await parts.core.zone_files.replace(caller, name, [*sets, WrittenSet("t", "TXT", ('"0"',))], How())
    took = []
    for number in itertools.islice(itertools.count(1), EDITS):
        began = time.perf_counter()
        await parts.core.records.edit(caller, name, "TXT", 0, lambda row, n=number: Wanted(None, "TXT", f'"{n}"'))  # type: ignore[misc]
        took.append(time.perf_counter() - began)
    read = []
    for _ in range(READS):
        began = time.process_time()
        encode_answer(1, dns_rows(await parts.core.records.rows(caller, name)))
        read.append((time.process_time() - began) / size)
    return statistics.median(took) * 1e6, statistics.median(read) * 1e6


def main() -> None:
    configure_logs(LogConfig(level="error"))
    stay_off_the_servers_core()
    results: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases, costs = asyncio.run(prepare(folder))
        for size, (edit, row) in costs.items():
            print(f"{size:6,} records: {edit:8.0f} us an edit, {row:6.2f} us a row of info")
            results.append({"records": size, "edit_us": edit, "row_us": row})
        small, large = (costs[size][0] for size in RECORDS)
        print(f"an edit of {RECORDS[1]:,} beside {RECORDS[0]}: {large / small:.2f} (goal 3)")
        port = free_port()
        config = folder / "beseda.toml"
        config.write_text('[server.limits]\n{} = "{}"\n'.format(*LIMITS.split("=")))
        arguments = ["-m", "beseda", "serve", "--config", str(config), "--data", name, "--listen", f"127.0.0.1:{port}"]
        with server(*arguments, port=port) as pid:
            for case in cases:
                ours, raws = measure(case, port, pid, folder)
                mine, raw = (statistics.median(each.per_second for each in loads) for loads in (ours, raws))
                cpu = statistics.median(each.cpu_us for each in ours)
                print(f"{case.name:22} {mine:8.0f}/s, raw {raw:8.0f}/s: {mine / raw:.2f}, {cpu:.0f} us of CPU")
                results.append({"case": case.name, "per_second": mine, "raw": raw, "ratio": mine / raw})
    print(json.dumps(results))
