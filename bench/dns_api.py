"""SpaceWeb's DNS calls over HTTP beside raw ASGI, and what a large zone costs beside a small one.

Over HTTP: `info` of ten records, and an `editTxt` that changes nothing the second time. In the process, on SQLite with
every commit synced, in CPU time: an edit that changes a record, a question that is answered after it (the name server
follows the edit, and has kept no answer), and `info` up to its bytes, right after an edit and once more. Goals: an edit
and a question in a zone of 10,000 records under 3 times those of 10, for which nothing may be loaded anew; `info` under
5 us a row.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import dns.message

from bench._processes import free_port, server, stay_off_the_servers_core
from bench.http import Case, measure, request
from beseda.api.dns.answers import Answers, Peer
from beseda.api.dns.book import ZoneBook
from beseda.api.dns.edns import Cookies
from beseda.api.dns.mirror import Mirror
from beseda.api.dns.rates import Rates
from beseda.api.spaceweb.codec import encode_answer
from beseda.api.spaceweb.dns import info
from beseda.api.spaceweb.table import Gateway
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
ASKER = Peer("127.0.0.1", False)


@dataclass(frozen=True, slots=True)
class Costs:
    """Medians in microseconds of CPU; of an edit as it took by the clock, too."""

    edit: float
    edit_took: float
    question: float
    row_after_an_edit: float
    row: float


async def prepare(data: Path) -> tuple[list[Case], dict[int, Costs]]:
    """The requests over HTTP, and what a zone costs by its size."""
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


async def _zone(parts: Parts, caller: Caller, size: int) -> Costs:
    name, core = f"z{size}.ru", parts.core
    await core.domains.add(caller, NewDomain(name))
    sets = [WrittenSet(f"h{number}", "A", ("192.0.2.1",)) for number in range(size - 1)]
    await core.zone_files.replace(caller, name, [*sets, WrittenSet("t", "TXT", ('"0"',))], How())
    book = ZoneBook()
    answers = Answers(book, Cookies(bytes(16)), Rates(0, (), time.monotonic), time.time)
    mirror = Mirror(core.zones, book, lambda origin: None, lambda: None)
    await mirror.load()
    gateway = Gateway(core, 0, 0)

    async def edit(number: int) -> None:
        await core.records.edit(caller, name, "TXT", 0, lambda row: Wanted(None, "TXT", f'"{number}"'))

    async def read() -> None:
        encode_answer(1, await info(gateway, caller, name))

    edits, took, questions = [], [], []
    first_reads: list[float] = []
    reads: list[float] = []
    for number in range(1, EDITS + 1):
        question = dns.message.make_query(f"h{number % (size - 1)}.{name}", "A").to_wire()
        spent, began = _stopwatch(), time.perf_counter()
        await edit(number)
        edits.append(spent())
        took.append((time.perf_counter() - began) * 1e6)
        spent = _stopwatch()
        await mirror.catch_up()
        assert answers.answer(question, ASKER)
        questions.append(spent())
    for number in range(READS):
        await edit(-1 - number)
        for times in (first_reads, reads):
            spent = _stopwatch()
            await read()
            times.append(spent() / size)
    return Costs(*map(statistics.median, (edits, took, questions, first_reads, reads)))


def _stopwatch() -> Callable[[], float]:
    """Microseconds of CPU since."""
    began = time.process_time()
    return lambda: (time.process_time() - began) * 1e6


def main() -> None:
    configure_logs(LogConfig(level="error"))
    stay_off_the_servers_core()
    results: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases, costs = asyncio.run(prepare(folder))
        for size, each in costs.items():
            print(
                f"{size:6,} records: {each.edit:6.0f} us an edit ({each.edit_took:.0f} with its sync),"
                f" {each.question:5.0f} us to follow it and answer a question,"
                f" {each.row:5.2f} us a row of info, {each.row_after_an_edit:.2f} after an edit"
            )
            results.append({"records": size, **asdict(each)})
        small, large = (costs[size] for size in RECORDS)
        print(
            f"{RECORDS[1]:,} records beside {RECORDS[0]}: an edit {large.edit / small.edit:.2f},"
            f" a question {large.question / small.question:.2f} (goal 3)"
        )
        port = free_port()
        config = folder / "beseda.toml"
        config.write_text('[server.limits]\n{} = "{}"\n'.format(*LIMITS.split("=")))
        arguments = ["-m", "beseda", "serve", "--config", str(config), "--data", name, "--listen", f"127.0.0.1:{port}"]
        with server(*arguments, port=port) as pid:
            for case in cases:
                ours, raws = measure(case, port, pid, folder)
                mine, raw = (statistics.median(each.per_second for each in loads) for loads in (ours, raws))
                cpu, raw_cpu = (statistics.median(each.cpu_us for each in loads) for loads in (ours, raws))
                print(
                    f"{case.name:22} {mine:8.0f}/s, raw {raw:8.0f}/s: {mine / raw:.2f};"
                    f" {cpu:.0f} us of CPU, raw {raw_cpu:.0f}: {raw_cpu / cpu:.2f}"
                )
                results.append(
                    {"case": case.name, "per_second": mine, "raw": raw, "cpu_us": cpu, "raw_cpu_us": raw_cpu}
                )
    print(json.dumps(results))
