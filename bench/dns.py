"""Questions by UDP, beside Knot and NSD with the same zone on one core each.

Asked by dnsperf from another core: as many as are answered, then at a fixed rate for the time an answer takes. All
three come from Debian (`.ci/run` installs them); what is not there is left out. The goal: 40,000 answers a second.
"""

import asyncio
import contextlib
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench._processes import CORES, free_port, process, server
from beseda.core.accounts import Application
from beseda.core.domains import NewDomain
from beseda.core.ports import Unit
from beseda.domain.records import RecordSet
from beseda.domain.zones import Changes, ZoneHead
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config

ZONE = "bench.org"
HOSTS = 2_000
SECONDS = 5
ROUNDS = 3
STEADY = 5_000
"""Questions a second while the time of an answer is taken."""
QUICK = {"HOSTS": 50, "SECONDS": 1, "ROUNDS": 1, "STEADY": 500}
KINDS = ("names that there are", "names that there are not", "names below a wildcard")


async def prepare(data: Path) -> None:
    """A database with one zone of so many hosts, and a wildcard."""
    async with open_core(load_config(environment={}, overrides={"server.data": data})) as parts:
        core = parts.core
        account = await core.accounts.add(Application("Alena", "a long made-up password"))
        domain = await core.domains.give(account.id, NewDomain(ZONE))
        (head,) = [each for each in await core.zones.served() if each.domain_id == domain.id]

        async def decide(_unit: Unit, _head: ZoneHead) -> Changes:
            names = {f"h{number}": f"10.0.{number // 256}.{number % 256}" for number in range(HOSTS)} | {
                "*.w": "10.1.1.1"
            }
            made = [
                RecordSet(name, "A", 300, (core.zones.codec.data(ZONE, name, "A", ip),)) for name, ip in names.items()
            ]
            return {each.key: each for each in made}

        await core.zones.update(head.id, decide, author_id=None)


def zone_file(folder: Path) -> Path:
    """The same for other servers."""
    hosts = "".join(f"h{number} 300 A 10.0.{number // 256}.{number % 256}\n" for number in range(HOSTS))
    file = folder / "zone"
    file.write_text(f"$ORIGIN {ZONE}.\n@ 3600 SOA localhost. hostmaster 1 7200 900 1209600 600\n@ 3600 NS localhost.\n"
                    f"*.w 300 A 10.1.1.1\n{hosts}")  # fmt: skip
    return file


def questions(folder: Path) -> dict[str, Path]:
    """A file for each kind, with and without EDNS as dnsperf is told."""
    files: dict[str, Path] = {}
    for kind, form in zip(KINDS, ("h{}", "x{}", "x{}.w"), strict=True):
        files[kind] = folder / f"{len(files)}.questions"
        files[kind].write_text("".join(f"{form.format(number)}.{ZONE} A\n" for number in range(HOSTS)))
    return files


@contextlib.contextmanager
def beseda(folder: Path, port: int) -> Iterator[None]:
    asyncio.run(prepare(folder / "data"))
    http = free_port()
    file = folder / "beseda.toml"
    file.write_text(f'[dns]\nlisten = ["127.0.0.1:{port}"]\n')
    arguments = ("-m", "beseda", "serve", "--config", str(file), "--data", str(folder / "data"))
    with server(*arguments, "--listen", f"127.0.0.1:{http}", port=http):
        yield


@contextlib.contextmanager
def knot(folder: Path, port: int) -> Iterator[None]:
    file = folder / "knot.conf"
    file.write_text(
        f"server:\n  rundir: {folder}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n"
        f"database:\n  storage: {folder}\nzone:\n  - domain: {ZONE}\n    file: {zone_file(folder)}\n"
    )
    with process(found("knotd"), "-c", str(file), port=port):
        yield


@contextlib.contextmanager
def nsd(folder: Path, port: int) -> Iterator[None]:
    file = folder / "nsd.conf"
    places = "".join(f'  {name}: "{folder}/{name}"\n' for name in ("pidfile", "xfrdfile", "zonelistfile", "logfile"))
    file.write_text(
        f'server:\n  ip-address: 127.0.0.1@{port}\n  username: ""\n  server-count: 1\n  xfrdir: "{folder}"\n'
        f'  zonesdir: "{folder}"\n  database: ""\n{places}remote-control:\n  control-enable: no\n'
        f'zone:\n  name: "{ZONE}"\n  zonefile: "{zone_file(folder)}"\n'
    )
    with process(found("nsd"), "-d", "-c", str(file), port=port):
        yield


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


def main() -> None:
    if not found("dnsperf"):
        print("dns: dnsperf is not installed (.ci/run installs it): 0 questions asked")
        return
    servers = {"Beseda": beseda} | {
        name: run for name, program, run in (("Knot", "knotd", knot), ("NSD", "nsd", nsd)) if found(program)
    }
    for name, run in servers.items():
        with tempfile.TemporaryDirectory(prefix="beseda-bench-") as folder:
            port, files = free_port(), questions(Path(folder))
            with run(Path(folder), port):
                for kind, file in files.items():
                    rates = [ask(port, file, "-e", "-q", "200")["Queries per second"] for _ in range(ROUNDS)]
                    steady = ask(port, file, "-e", "-Q", str(STEADY), "-v")
                    print(
                        f"{name}, {kind}: {statistics.median(rates):,.0f} answers/s;"
                        f" at {STEADY:,}/s p99 {steady.get('p99', 0) * 1000:.2f} ms, {steady['Queries lost']:.0f} lost"
                    )
