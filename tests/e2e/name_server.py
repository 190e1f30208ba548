"""A name server with a domain and keys, for other people's tools: all on loopback, at high ports."""

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from awake import awake_s
from e2e.serving import BESEDA, Process, environment, started
from ports import free_port

ZONE = "vzor.ru"
CATALOG = "catalog.example"


def until(holds: Callable[[], bool], within_s: float = 30) -> float:
    """How long it takes."""
    start = awake_s()
    while not holds():
        assert awake_s() - start < within_s
        time.sleep(0.02)
    return awake_s() - start


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Place:
    """A server with a domain and keys, and the ports at which its secondaries will be."""

    folder: Path
    process: Process
    port: int
    secondaries: tuple[int, ...]
    update_key: str
    secondary_key: str
    settings: dict[str, str]

    def operator(self, *words: str, given: str = "") -> dict[str, str]:
        command = [*BESEDA, *words, "--data", str(self.folder / "data"), "--json"]
        ran = subprocess.run(
            command, env=environment(self.settings), input=given, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr + ran.stdout
        return json.loads(ran.stdout) if ran.stdout.strip() else {}

    def dig(self, *words: str, port: int = 0) -> list[str]:
        """The lines of a short answer of kdig, in their order."""
        command = ["kdig", "@127.0.0.1", "-p", str(port or self.port), "+short", "+time=8", *words]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return sorted(line for line in ran.stdout.splitlines() if not line.startswith(";"))

    def nsupdate(self, *lines: str, key: str = "", zone: str = ZONE) -> str:
        """What it says; nothing when all went well."""
        script = "\n".join([f"server 127.0.0.1 {self.port}", f"zone {zone}", *lines, "send", ""])
        command = ["nsupdate", "-y", f"hmac-sha256:update.{ZONE}:{key or self.update_key}"]
        ran = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60, check=False)
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
            process.wait(timeout=60)


@contextlib.contextmanager
def serving(folder: Path, *secondaries: int, settings: dict[str, str] | None = None) -> Iterator[Place]:
    """The server, which tells secondaries at these ports."""
    port = free_port()
    given = {
        "BESEDA_DNS_LISTEN": f"127.0.0.1:{port}",
        "BESEDA_DNS_NAME_SERVERS": f"ns1.{ZONE},ns2.{ZONE}",
        "BESEDA_DNS_CATALOG": CATALOG,
        "BESEDA_DNS_SECONDARIES": ",".join(f"127.0.0.1:{each} secondary" for each in secondaries),
        "BESEDA_DNS_RATE_LIMIT": "0",
        **(settings or {}),
    }
    arguments = ("serve", "--data", str(folder / "data"), "--listen", "127.0.0.1:0")
    with started(*arguments, settings=given) as process:
        place = Place(folder, process, port, secondaries, "", "", settings or {})
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


@contextlib.contextmanager
def pebble(place: Place, folder: Path) -> Iterator[tuple[str, Path]]:
    """Let's Encrypt's small server for tests, which asks our name server: its address, and the certificate it shows."""
    folder.mkdir()
    listen, management = free_port(), free_port()
    certificate = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    certificate += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "2"]
    certificate += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(certificate, capture_output=True, check=True)
    config = {
        "listenAddress": f"127.0.0.1:{listen}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "cert.pem"),
        "privateKey": str(folder / "key.pem"),
        "httpPort": 5002,
        "tlsPort": 5001,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
    command = ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{place.port}", "-strict"]
    with place.run("pebble", "env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", *command):
        until(lambda: listens(listen))
        yield f"https://localhost:{listen}/dir", folder / "cert.pem"
