"""Other people's tools and name servers work with ours: nsupdate, kdig, dnsperf, NSD and Knot as secondaries, lego.

They come from Debian; `.ci/run` installs them. All is on loopback, at high ports, as whoever runs the tests.
"""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.serving import BESEDA, Process, environment, started

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
ZONE = "vzor.ru"
CATALOG = "catalog.example"


def free_port() -> int:
    """Free for UDP and TCP a moment ago."""
    with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        stream.bind(("127.0.0.1", 0))
        port: int = stream.getsockname()[1]
        datagram.bind(("127.0.0.1", port))
        return port


def until(holds: Callable[[], bool], within_s: float = 30) -> float:
    """How long it takes."""
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < within_s
        time.sleep(0.02)
    return time.monotonic() - start


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Place:
    """A server with a domain and keys, and the ports at which its secondaries will be."""

    folder: Path
    process: Process
    port: int
    nsd_port: int
    knot_port: int
    update_key: str
    secondary_key: str

    def operator(self, *words: str, given: str = "") -> dict[str, str]:
        command = [*BESEDA, *words, "--data", str(self.folder / "data"), "--json"]
        ran = subprocess.run(command, env=environment(), input=given, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr + ran.stdout
        return json.loads(ran.stdout) if ran.stdout.strip() else {}

    def dig(self, *words: str, port: int = 0) -> list[str]:
        """The lines of a short answer of kdig, in their order."""
        command = ["kdig", "@127.0.0.1", "-p", str(port or self.port), "+short", "+time=2", *words]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return sorted(line for line in ran.stdout.splitlines() if not line.startswith(";"))

    def nsupdate(self, *lines: str, key: str = "", zone: str = ZONE) -> str:
        """What it says; nothing when all went well."""
        script = "\n".join([f"server 127.0.0.1 {self.port}", f"zone {zone}", *lines, "send", ""])
        command = ["nsupdate", "-y", f"hmac-sha256:update.{ZONE}:{key or self.update_key}"]
        ran = subprocess.run(command, input=script, capture_output=True, text=True, timeout=30, check=False)
        return ran.stdout + ran.stderr

    def run(self, name: str, *command: str) -> contextlib.AbstractContextManager[None]:
        return running(self.folder / f"{name}.log", *command)


@contextlib.contextmanager
def running(log: Path, *command: str) -> Iterator[None]:
    """Another server, until the block is left."""
    with log.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    missing = [
        name
        for name in ("nsupdate", "kdig", "dnsperf", "nsd", "knotd", "kzonecheck", "pebble", "lego")
        if not which(name)
    ]
    assert not missing, "see .ci/run"
    folder = tmp_path_factory.mktemp("dns")
    port, nsd_port, knot_port = free_port(), free_port(), free_port()
    settings = {
        "BESEDA_DNS_LISTEN": f"127.0.0.1:{port}",
        "BESEDA_DNS_NAME_SERVERS": f"ns1.{ZONE},ns2.{ZONE}",
        "BESEDA_DNS_CATALOG": CATALOG,
        "BESEDA_DNS_SECONDARIES": f"127.0.0.1:{nsd_port} secondary,127.0.0.1:{knot_port} secondary",
        "BESEDA_DNS_RATE_LIMIT": "0",
    }
    arguments = ("serve", "--data", str(folder / "data"), "--listen", "127.0.0.1:0")
    with started(*arguments, settings=settings) as process:
        place = Place(folder, process, port, nsd_port, knot_port, "", "")
        place.operator("account", "add", "Alena", "--password-stdin", given="modry zvonek 12\n")
        place.operator("domain", "add", "Alena", ZONE)
        place.update_key = place.operator("domain", "key", "add", ZONE, "update", "--transfer")["secret"]
        place.secondary_key = place.operator("domain", "key", "add", "*", "secondary")["secret"]
        hosts = [f"update add ns{number}.{ZONE} 300 A 192.0.2.{number}" for number in (1, 2)]
        until(lambda: bool(place.dig(ZONE, "SOA")))
        assert place.nsupdate(*hosts) == ""
        yield place
        assert process.stop() == 0


def which(name: str) -> str | None:
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")


def test_nsupdate_changes_a_zone_and_kdig_sees_it(place: Place) -> None:
    assert place.nsupdate(f"update add a.{ZONE}. 300 A 192.0.2.1") == ""
    assert until(lambda: place.dig(f"a.{ZONE}", "A") == ["192.0.2.1"]) < 5
    assert (
        place.nsupdate(f"prereq nxdomain a.{ZONE}.", f"update add a.{ZONE}. 300 A 192.0.2.2")
        == "update failed: YXDOMAIN\n"
    )
    assert "NOTAUTH" in place.nsupdate(f"update add b.{ZONE}. 300 A 192.0.2.2", zone="example.net")
    assert "BADSIG" in place.nsupdate(f"update add b.{ZONE}. 300 A 192.0.2.2", key="A" * 43 + "=")
    assert place.nsupdate(f"update delete a.{ZONE}.") == ""
    until(lambda: place.dig(f"a.{ZONE}", "A") == [])


def test_kdig_reads_what_it_may_and_finds_cookies_and_streams(place: Place) -> None:
    command = ["kdig", "@127.0.0.1", "-p", str(place.port), ZONE, "SOA", "+cookie", "+edns", "+nsid"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert "status: NOERROR" in ran.stdout
    assert "COOKIE" in ran.stdout
    assert place.dig(ZONE, "SOA", "+tcp", "+keepopen")
    key = f"hmac-sha256:update.{ZONE}:{place.update_key}"
    assert len(place.dig(ZONE, "AXFR", "-y", key)) >= 5
    assert place.dig(ZONE, "AXFR") == []


def names(place: Place) -> list[tuple[str, str]]:
    return [
        (ZONE, "SOA"),
        (ZONE, "NS"),
        (ZONE, "TXT"),
        (f"ns1.{ZONE}", "A"),
        (f"www.{ZONE}", "A"),
        (f"gone.{ZONE}", "A"),
    ]


def same(place: Place, port: int) -> bool:
    return all(place.dig(*each, port=port) == place.dig(*each) for each in names(place))


def test_nsd_follows_as_a_secondary(place: Place) -> None:
    """Told by NOTIFY, it fetches what changed by IXFR; all signed."""
    folder = place.folder / "nsd"
    folder.mkdir()
    (folder / "nsd.conf").write_text(f"""
server:
    ip-address: 127.0.0.1@{place.nsd_port}
    username: ""
    zonesdir: "{folder}"
    xfrdir: "{folder}"
    database: ""
    pidfile: "{folder}/nsd.pid"
    xfrdfile: "{folder}/xfrd.state"
    zonelistfile: "{folder}/zone.list"
    server-count: 1
    verbosity: 2
remote-control:
    control-enable: no
key:
    name: "secondary"
    algorithm: hmac-sha256
    secret: "{place.secondary_key}"
zone:
    name: "{ZONE}"
    allow-notify: 127.0.0.1 secondary
    request-xfr: 127.0.0.1@{place.port} secondary
""")
    with place.run("nsd", str(which("nsd")), "-d", "-c", str(folder / "nsd.conf")):
        until(lambda: same(place, place.nsd_port))
        for number in range(3):
            assert (
                place.nsupdate(
                    f"update add www.{ZONE}. 60 A 192.0.2.{80 + number}",
                    f"update delete {ZONE}. TXT",
                    f'update add {ZONE}. 60 TXT "state {number}"',
                )
                == ""
            )
            until(lambda number=number: place.dig(ZONE, "TXT") == [f'"state {number}"'])  # type: ignore[misc]
            assert until(lambda: same(place, place.nsd_port)) < 10


def test_knot_learns_of_zones_from_the_catalog_and_signs_them(place: Place) -> None:
    """As docs/dns.md has it: Knot signs what it fetches, and answers the world."""
    folder = place.folder / "knot"
    folder.mkdir()
    changes = {
        "server:\n": f'server:\n    rundir: "{folder}"\n',
        "192.0.2.53@53": f"127.0.0.1@{place.knot_port}",
        "192.0.2.1@53": f"127.0.0.1@{place.port}",
        "address: 192.0.2.1\n": "address: 127.0.0.1\n",
        "SECRET": place.secondary_key,
        "template:\n": f'database:\n    storage: "{folder}"\ntemplate:\n  - id: default\n    storage: "{folder}"\n',
        "  - id: member\n": f'  - id: member\n    storage: "{folder}"\n',
    }
    (config,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "dns.md").read_text("utf-8"), re.DOTALL)
    for shown, here in changes.items():
        assert shown in config
        config = config.replace(shown, here)
    (folder / "knot.conf").write_text(config)
    with place.run("knot", str(which("knotd")), "-c", str(folder / "knot.conf")):
        until(lambda: bool(place.dig(ZONE, "DNSKEY", port=place.knot_port)), 60)
        until(lambda: place.dig(f"ns1.{ZONE}", "A", port=place.knot_port) == ["192.0.2.1"])
        assert any(
            "RRSIG" in line or " 13 " in line for line in place.dig(ZONE, "SOA", "+dnssec", port=place.knot_port)
        )
        place.operator("domain", "add", "Alena", "druhy.ru")
        until(lambda: bool(place.dig("druhy.ru", "DNSKEY", port=place.knot_port)), 60)
        assert place.nsupdate(f"update add signed.{ZONE}. 60 A 192.0.2.99") == ""
        until(lambda: place.dig(f"signed.{ZONE}", "A", port=place.knot_port) == ["192.0.2.99"])
        until((folder / f"{ZONE}.zone").exists)
        place.operator("domain", "remove", "druhy.ru")
        until(lambda: not place.dig("druhy.ru", "SOA", port=place.knot_port), 60)
    checked = subprocess.run(
        ["kzonecheck", "-d", "on", "-o", ZONE, str(folder / f"{ZONE}.zone")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_dnsperf_loses_nothing(place: Place) -> None:
    queries = place.folder / "queries"
    queries.write_text("".join(f"{name} {rdtype}\n" for name, rdtype in names(place)))
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(place.port), "-d", str(queries), "-Q", "2000", "-l", "5", "-e"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "Queries lost:         0 (0.00%)" in ran.stdout, ran.stdout


def test_lego_gets_a_certificate_for_a_name_and_its_wildcard(place: Place) -> None:
    """By DNS-01 with RFC 2136, from Pebble, which asks our name server; with a key that may do nothing else."""
    folder = place.folder / "acme"
    folder.mkdir()
    made = place.operator("domain", "key", "add", ZONE, "lego", "--name", "_acme-challenge.*", "--type", "TXT")
    listen, management = free_port(), free_port()
    certificate = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    certificate += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "2"]
    certificate += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(certificate, capture_output=True, check=True)
    (folder / "pebble.json").write_text(
        json.dumps(
            {
                "pebble": {
                    "listenAddress": f"127.0.0.1:{listen}",
                    "managementListenAddress": f"127.0.0.1:{management}",
                    "certificate": str(folder / "cert.pem"),
                    "privateKey": str(folder / "key.pem"),
                    "httpPort": 5002,
                    "tlsPort": 5001,
                }
            }
        )
    )
    command = ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{place.port}", "-strict"]
    with place.run("pebble", "env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", *command):
        until(lambda: listens(listen))
        lego = {
            "LEGO_CA_CERTIFICATES": str(folder / "cert.pem"),
            "RFC2136_NAMESERVER": f"127.0.0.1:{place.port}",
            "RFC2136_TSIG_ALGORITHM": "hmac-sha256.",
            "RFC2136_TSIG_KEY": made["name"],
            "RFC2136_TSIG_SECRET": made["secret"],
            "RFC2136_PROPAGATION_TIMEOUT": "20",
            "RFC2136_POLLING_INTERVAL": "1",
            "RFC2136_SEQUENCE_INTERVAL": "1",
        }
        arguments = ["lego", "--accept-tos", "--email", "alena@example.org", "--dns", "rfc2136", "--path", str(folder)]
        arguments += ["--server", f"https://localhost:{listen}/dir", "--dns.disable-cp"]
        arguments += ["--dns.resolvers", f"127.0.0.1:{place.port}"]
        arguments += ["--domains", ZONE, "--domains", f"*.{ZONE}", "run"]
        ran = subprocess.run(arguments, env=lego, capture_output=True, text=True, timeout=100, check=False)
        assert ran.returncode == 0, ran.stderr
    assert (folder / "certificates" / f"{ZONE}.crt").exists()
    until(lambda: place.dig(f"_acme-challenge.{ZONE}", "TXT") == [])
