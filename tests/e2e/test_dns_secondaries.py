"""BIND and PowerDNS learn of zones from the catalog, and follow; `.ci/run` installs them from Debian."""

import contextlib
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.name_server import CATALOG, ZONE, Place, same, serving, until, which
from ports import free_port

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    assert [name for name in ("named", "pdns_server", "pdnsutil") if not which(name)] == [], "see .ci/run"
    with serving(tmp_path_factory.mktemp("dns"), free_port(), free_port()) as place:
        yield place


def follows(place: Place, port: int, name: str, adopt: Callable[[str], object] = str) -> None:
    """A new zone is there, a change is told, and a zone that is removed is gone. `adopt` is what each new one takes."""
    adopt(ZONE)
    until(lambda: bool(place.dig(ZONE, "SOA", port=port)) and same(place, port), 30)
    place.operator("domain", "add", "Alena", name)
    adopt(name)
    until(lambda: bool(place.dig(name, "SOA", port=port)), 60)
    assert place.nsupdate(f"update delete {ZONE}. TXT", f'update add {ZONE}. 60 TXT "{name}"') == ""
    until(lambda: place.dig(ZONE, "TXT", port=port) == [f'"{name}"'], 60)
    assert same(place, port)
    place.operator("domain", "remove", name)
    until(lambda: not place.dig(name, "SOA", port=port), 60)


def test_bind_follows_the_catalog(place: Place) -> None:
    folder, port = place.folder / "bind", place.secondaries[0]
    folder.mkdir()
    (folder / "named.conf").write_text(f"""
key "secondary" {{ algorithm hmac-sha256; secret "{place.secondary_key}"; }};
options {{
    directory "{folder}";
    pid-file "{folder}/named.pid";
    session-keyfile "{folder}/session.key";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    allow-notify {{ key "secondary"; }};
    masterfile-format text;
    catalog-zones {{
        zone "{CATALOG}" default-primaries {{ 127.0.0.1 port {place.port} key "secondary"; }} min-update-interval 1;
    }};
}};
controls {{ }};
zone "{CATALOG}" {{
    type secondary;
    file "catalog.zone";
    primaries {{ 127.0.0.1 port {place.port} key "secondary"; }};
}};
""")
    with place.run("named", str(which("named")), "-f", "-4", "-c", str(folder / "named.conf")):
        follows(place, port, "druhy.ru")


def test_powerdns_follows_the_catalog(place: Place) -> None:
    folder, port = place.folder / "pdns", place.secondaries[1]
    folder.mkdir()
    with sqlite3.connect(folder / "pdns.sqlite3") as database:
        database.executescript(SCHEMA.read_text())
    (folder / "pdns.conf").write_text(f"""
launch=gsqlite3
gsqlite3-database={folder}/pdns.sqlite3
local-address=127.0.0.1
local-port={port}
secondary=yes
allow-notify-from=127.0.0.0/8
xfr-cycle-interval=1
socket-dir={folder}
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
""")

    def pdnsutil(*words: str) -> bool:
        command = [str(which("pdnsutil")), f"--config-dir={folder}", *words]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return ran.returncode == 0

    def adopt(zone: str) -> None:
        """The zones that a catalog names do not have its key (4.7): docs/dns.md."""
        with contextlib.closing(sqlite3.connect(folder / "pdns.sqlite3")) as database:
            known = "SELECT 1 FROM domains WHERE name = ?"
            until(lambda: database.execute(known, (zone,)).fetchone() is not None, 30)
        until(lambda: pdnsutil("activate-tsig-key", zone, "secondary", "secondary"))

    assert pdnsutil("import-tsig-key", "secondary", "hmac-sha256", place.secondary_key)
    assert pdnsutil("create-secondary-zone", CATALOG, f"127.0.0.1:{place.port}")
    assert pdnsutil("set-kind", CATALOG, "consumer")
    assert pdnsutil("activate-tsig-key", CATALOG, "secondary", "secondary")
    command = [str(which("pdns_server")), f"--config-dir={folder}", "--daemon=no", "--guardian=no"]
    with place.run("pdns", *command):
        follows(place, port, "treti.ru", adopt)
