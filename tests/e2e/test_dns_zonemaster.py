"""Zonemaster, by which registries judge delegations, finds no fault in a zone that Beseda answers for.

It wants port 53 and the whole way from the root, so all of it is in a network namespace of its own (which takes root):
Knot is the root and the zone above, Beseda answers at the addresses of two name servers. The tools come from Debian
(`.ci/run`).
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.name_server import ZONE, running, until, which
from e2e.serving import BESEDA, environment, started

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
ROOT, ABOVE = "10.53.0.1", "10.53.0.2"
OURS = ("10.53.1.1", "10.53.2.1")
MODULES = ("basic", "nameserver", "consistency", "zone", "syntax")
DNS = {
    "BESEDA_DNS_LISTEN": ",".join(f"{address}:53" for address in OURS),
    "BESEDA_DNS_NAME_SERVERS": f"ns1.{ZONE},ns2.{ZONE}",
    "BESEDA_DNS_FIRST_RECORDS": f"ns1 A {OURS[0]},ns2 A {OURS[1]},@ MX 10 mail,mail A {OURS[0]},www CNAME mail",
    "BESEDA_DNS_CONTACT": f"hostmaster@{ZONE}",
    "BESEDA_DOMAINS_OWNERSHIP": "open",
}
SOA = "@ 3600 SOA {} hostmaster.example. 1 14400 3600 604800 3600"


@pytest.fixture
def inside() -> Iterator[tuple[str, ...]]:
    """What runs a program in a new network namespace, where there are our addresses and nothing else."""
    tools = ("unshare", "nsenter", "ip", "zonemaster-cli", "knotd")
    assert [name for name in tools if not which(name)] == [], "see .ci/run"
    script = "ip link set lo up && " + "".join(f"ip address add {each}/32 dev lo && " for each in (ROOT, ABOVE, *OURS))
    command = ["unshare", "--net", "sh", "-c", f"{script} echo ready && exec cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"ready\n"
            yield ("nsenter", f"--net=/proc/{holder.pid}/ns/net", "--")
        finally:
            holder.terminate()


def knot(folder: Path) -> Path:
    """The configuration of the root and of the zone above, each at its address."""
    folder.mkdir()
    tld = ZONE.rpartition(".")[2]
    (folder / "root.zone").write_text(f"""$ORIGIN .
{SOA.format("ns.root.")}
@ 3600 NS ns.root.
ns.root. 3600 A {ROOT}
{tld}. 3600 NS ns.{tld}.
ns.{tld}. 3600 A {ABOVE}
""")
    glue = "".join(f"{ZONE}. 3600 NS ns{n}.{ZONE}.\nns{n}.{ZONE}. 3600 A {at}\n" for n, at in enumerate(OURS, 1))
    (folder / "above.zone").write_text(f"""$ORIGIN {tld}.
{SOA.format("ns")}
@ 3600 NS ns
ns 3600 A {ABOVE}
{glue}""")
    (folder / "hints").write_text(f". 3600 NS ns.root.\nns.root. 3600 A {ROOT}\n")
    for name, address, zone in (("root", ROOT, "."), ("above", ABOVE, tld)):
        (folder / f"{name}.conf").write_text(f"""
server:
    rundir: "{folder}/{name}"
    listen: {address}@53
database:
    storage: "{folder}/{name}"
zone:
  - domain: {zone}
    file: "{folder}/{name}.zone"
""")
        (folder / name).mkdir()
    return folder


def test_zonemaster_finds_no_fault(tmp_path: Path, inside: tuple[str, ...]) -> None:
    folder, data = knot(tmp_path / "knot"), ["--data", str(tmp_path / "data")]
    knotd = [*inside, str(which("knotd")), "-c"]
    with (
        running(folder / "root.log", *knotd, str(folder / "root.conf")),
        running(folder / "above.log", *knotd, str(folder / "above.conf")),
        started("serve", *data, "--listen", "127.0.0.1:0", settings=DNS, under=inside) as server,
    ):
        for words, given in (
            (("account", "add", "Alena", "--password-stdin"), "modry zvonek 12\n"),
            (("domain", "add", "Alena", ZONE), ""),
        ):
            subprocess.run(
                [*BESEDA, *words, *data], env=environment(DNS), input=given, capture_output=True, text=True, check=True
            )
        for address, name in ((ROOT, "."), (ABOVE, ZONE.rpartition(".")[2]), *((each, ZONE) for each in OURS)):
            ask = [*inside, "kdig", f"@{address}", name, "SOA", "+short", "+time=1", "+retry=0"]
            until(lambda ask=ask: bool(subprocess.run(ask, capture_output=True, check=False).stdout.strip()))  # type: ignore[misc]
        command = [
            *inside,
            "zonemaster-cli",
            "--hints",
            str(folder / "hints"),
            "--no-ipv6",
            "--level",
            "INFO",
            "--json",
        ]
        tests = [word for module in MODULES for word in ("--test", module)]
        ran = subprocess.run([*command, *tests, ZONE], capture_output=True, text=True, timeout=200, check=False)
        assert ran.returncode == 0, ran.stderr
        told = json.loads(ran.stdout)
        assert server.stop() == 0
    assert {each["module"] for each in told} >= {module.upper() for module in MODULES}
    assert [each for each in told if each["level"] in ("WARNING", "ERROR", "CRITICAL")] == []
