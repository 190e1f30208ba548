"""Questions by UDP, beside Knot, NSD and PowerDNS with the same zone on one core each.

Asked by dnsperf from another core: as many as are answered, then at a fixed rate for the time an answer takes. All
of them come from Debian (`.ci/run` installs them); what is not there is left out. CPU time for an answer is what
compares them on a machine that does other things, too. The goal: 40,000 answers a second. Then zones of 10 and of
10,000 records, of which the large one may cost under 3 times as much.
"""

import asyncio
import contextlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench._processes import CORES, cpu_seconds, free_port, process, server
from beseda.core.accounts import Application
from beseda.core.domains import NewDomain
from beseda.core.zone_files import How
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config

ZONE = "bench.org"
PDNS_SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
HOSTS = 2_000
SECONDS = 5
ROUNDS = 3
STEADY = 5_000
"""Questions a second while the time of an answer is taken."""
SIZES = (10, 10_000)
QUICK = {
    "HOSTS": 50,
    "SECONDS": 1,
    "ROUNDS": 1,
    "STEADY": 500,
    "SIZES": (10, 200),
    "KINDS": {"names that there are": "h{}"},
}
KINDS = {"names that there are": "h{}", "names that there are not": "x{}", "names below a wildcard": "x{}.w"}
RATE = "Queries per second"


def records(hosts: int) -> str:
    """Hosts, and a wildcard, as in master files."""
    made = [f"h{number} 300 A 10.0.{number // 256}.{number % 256}" for number in range(hosts)]
    return "\n".join([*made, "*.w 300 A 10.1.1.1", ""])


async def prepare(data: Path, zones: dict[str, int]) -> None:
    """A database with zones of so many hosts."""
    async with open_core(load_config(environment={}, overrides={"server.data": data})) as parts:
        core = parts.core
        account = await core.accounts.add(Application("Alena", "a long made-up password"))
        for zone, hosts in zones.items():
            await core.domains.give(account.id, NewDomain(zone))
            await core.zone_files.read_in(None, zone, records(hosts), How())


def zone_file(folder: Path) -> Path:
    """The zone for other servers."""
    file = folder / "zone"
    soa = "@ 3600 SOA localhost. hostmaster 1 7200 900 1209600 600"
    file.write_text(f"$ORIGIN {ZONE}.\n{soa}\n@ 3600 NS localhost.\n{records(HOSTS)}")
    return file


def questions(folder: Path, form: str, count: int, zone: str = ZONE) -> Path:
    """So many different names, for dnsperf."""
    file = folder / "questions"
    file.write_text("".join(f"{form.format(number)}.{zone} A\n" for number in range(count)))
    return file


@contextlib.contextmanager
def beseda(folder: Path, port: int, zones: dict[str, int] | None = None) -> Iterator[int]:
    asyncio.run(prepare(folder / "data", zones or {ZONE: HOSTS}))
    http = free_port()
    file = folder / "beseda.toml"
    file.write_text(f'[dns]\nlisten = ["127.0.0.1:{port}"]\n')
    arguments = ("-m", "beseda", "serve", "--config", str(file), "--data", str(folder / "data"))
    with server(*arguments, "--listen", f"127.0.0.1:{http}", port=http) as pid:
        yield pid


@contextlib.contextmanager
def knot(folder: Path, port: int) -> Iterator[int]:
    file = folder / "knot.conf"
    file.write_text(
        f"server:\n  rundir: {folder}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n"
        f"database:\n  storage: {folder}\nzone:\n  - domain: {ZONE}\n    file: {zone_file(folder)}\n"
    )
    with process(found("knotd"), "-c", str(file), port=port) as pid:
        yield pid


@contextlib.contextmanager
def nsd(folder: Path, port: int) -> Iterator[int]:
    file = folder / "nsd.conf"
    places = "".join(f'  {name}: "{folder}/{name}"\n' for name in ("pidfile", "xfrdfile", "zonelistfile", "logfile"))
    file.write_text(
        f'server:\n  ip-address: 127.0.0.1@{port}\n  username: ""\n  server-count: 1\n  xfrdir: "{folder}"\n'
        f'  zonesdir: "{folder}"\n  database: ""\n  rrl-ratelimit: 0\n{places}remote-control:\n  control-enable: no\n'
        f'zone:\n  name: "{ZONE}"\n  zonefile: "{zone_file(folder)}"\n'
    )
    with process(found("nsd"), "-d", "-c", str(file), port=port) as pid:
        yield pid


@contextlib.contextmanager
def powerdns(folder: Path, port: int) -> Iterator[int]:
    with contextlib.closing(sqlite3.connect(folder / "pdns.sqlite3")) as database:
        database.executescript(PDNS_SCHEMA.read_text(encoding="ascii"))
    (folder / "pdns.conf").write_text(
        f"launch=gsqlite3\ngsqlite3-database={folder}/pdns.sqlite3\nlocal-address=127.0.0.1\nlocal-port={port}\n"
        f"socket-dir={folder}\nreceiver-threads=1\ndistributor-threads=1\nsecurity-poll-suffix=\nloglevel=0\n"
    )
    there = f"--config-dir={folder}"
    subprocess.run(
        [found("pdnsutil"), there, "load-zone", ZONE, str(zone_file(folder))], capture_output=True, check=True
    )
    with process(found("pdns_server"), there, "--daemon=no", "--guardian=no", port=port) as pid:
        yield pid


def found(name: str) -> str:
    """Where a program of Debian's is, "" when it is not."""
    return shutil.which(name, path="/usr/sbin:/usr/bin") or ""


def ask(port: int, file: Path, *options: str) -> dict[str, float]:
    """What dnsperf says."""
    command = ["taskset", "-c", str(CORES[-1]), "dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(file)]
    ran = subprocess.run([*command, "-l", str(SECONDS), *options], capture_output=True, text=True, check=True)
    numbers = re.findall(r"^ +([A-Z][A-Za-z ]*)(?:\(s\))?: +([0-9.]+)", ran.stdout, re.MULTILINE)
    latencies = sorted(
        float(each) for each in re.findall(r"(?:NOERROR|NXDOMAIN) .* ([0-9.]+)$", ran.stdout, re.MULTILINE)
    )
    told = {name.strip(): float(number) for name, number in numbers}
    return told | ({"p99": latencies[int(len(latencies) * 0.99)]} if latencies else {})


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers a second, and microseconds of the server's CPU for each: medians of all rounds."""

    rate: float
    cpu_us: float


def ask_all(port: int, pid: int, file: Path) -> Asked:
    """As many questions as are answered."""
    rates, costs = [], []
    for _ in range(ROUNDS):
        before = cpu_seconds(pid)
        told = ask(port, file, "-e", "-q", "200")
        rates.append(told[RATE])
        costs.append((cpu_seconds(pid) - before) * 1e6 / max(told["Queries completed"], 1))
    return Asked(statistics.median(rates), statistics.median(costs))


def compare() -> None:
    """Beside others."""
    others = (("Knot", "knotd", knot), ("NSD", "nsd", nsd), ("PowerDNS", "pdns_server", powerdns))
    servers = {"Beseda": beseda} | {name: run for name, program, run in others if found(program)}
    for name, run in servers.items():
        with tempfile.TemporaryDirectory(prefix="beseda-bench-") as folder:
            port = free_port()
            with run(Path(folder), port) as pid:
                for kind, form in KINDS.items():
                    file = questions(Path(folder), form, HOSTS)
                    asked = ask_all(port, pid, file)
                    steady = ask(port, file, "-e", "-Q", str(STEADY), "-v")
                    print(
                        f"{name}, {kind}: {asked.rate:,.0f} answers/s, {asked.cpu_us:.1f} us of CPU each;"
                        f" at {STEADY:,}/s p99 {steady.get('p99', 0) * 1000:.2f} ms, {steady['Queries lost']:.0f} lost"
                    )


def sizes() -> None:
    """A large zone beside a small one."""
    with tempfile.TemporaryDirectory(prefix="beseda-bench-") as folder:
        port, zones = free_port(), {f"z{size}.org": size - 1 for size in SIZES}
        with beseda(Path(folder), port, zones) as pid:
            costs = [ask_all(port, pid, questions(Path(folder), "h{}", hosts, zone)) for zone, hosts in zones.items()]
    small, large = (each.cpu_us for each in costs)
    told = f"{large:.1f} us of CPU an answer beside {small:.1f}"
    print(f"{SIZES[1]:,} records beside {SIZES[0]}: {told}: {large / small:.2f} (goal 3)")


def main() -> None:
    if not found("dnsperf"):
        print("dns: dnsperf is not installed (.ci/run installs it): 0 questions asked")
        return
    compare()
    sizes()
