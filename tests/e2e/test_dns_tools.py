"""Other people's tools and name servers work with ours: nsupdate, kdig, dnsperf, NSD and Knot as secondaries, lego.

They come from Debian; `.ci/run` installs them. All is on loopback, at high ports, as whoever runs the tests.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.name_server import ZONE, Place, names, pebble, same, serving, until, which
from ports import free_port

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    tools = ("nsupdate", "kdig", "dnsperf", "nsd", "knotd", "kzonecheck", "pebble", "lego")
    assert [name for name in tools if not which(name)] == [], "see .ci/run"
    with serving(tmp_path_factory.mktemp("dns"), free_port(), free_port()) as place:
        yield place


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


def test_nsd_follows_as_a_secondary(place: Place) -> None:
    """Told by NOTIFY, it fetches what changed by IXFR; all signed."""
    folder = place.folder / "nsd"
    folder.mkdir()
    (folder / "nsd.conf").write_text(f"""
server:
    ip-address: 127.0.0.1@{place.secondaries[0]}
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
        until(lambda: same(place, place.secondaries[0]))
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
            assert until(lambda: same(place, place.secondaries[0])) < 10


def test_knot_learns_of_zones_from_the_catalog_and_signs_them(place: Place) -> None:
    """As docs/dns.md has it: Knot signs what it fetches, and answers the world."""
    folder = place.folder / "knot"
    folder.mkdir()
    changes = {
        "server:\n": f'server:\n    rundir: "{folder}"\n',
        "192.0.2.53@53": f"127.0.0.1@{place.secondaries[1]}",
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
        until(lambda: bool(place.dig(ZONE, "DNSKEY", port=place.secondaries[1])), 60)
        until(lambda: place.dig(f"ns1.{ZONE}", "A", port=place.secondaries[1]) == ["192.0.2.1"])
        assert any(
            "RRSIG" in line or " 13 " in line for line in place.dig(ZONE, "SOA", "+dnssec", port=place.secondaries[1])
        )
        place.operator("domain", "add", "Alena", "druhy.ru")
        until(lambda: bool(place.dig("druhy.ru", "DNSKEY", port=place.secondaries[1])), 60)
        assert place.nsupdate(f"update add signed.{ZONE}. 60 A 192.0.2.99") == ""
        until(lambda: place.dig(f"signed.{ZONE}", "A", port=place.secondaries[1]) == ["192.0.2.99"])
        until((folder / f"{ZONE}.zone").exists)
        place.operator("domain", "remove", "druhy.ru")
        until(lambda: not place.dig("druhy.ru", "SOA", port=place.secondaries[1]), 60)
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
    made = place.operator("domain", "key", "add", ZONE, "lego", "--name", "_acme-challenge.*", "--type", "TXT")
    with pebble(place, folder) as (server, certificate):
        lego = {
            "LEGO_CA_CERTIFICATES": str(certificate),
            "RFC2136_NAMESERVER": f"127.0.0.1:{place.port}",
            "RFC2136_TSIG_ALGORITHM": "hmac-sha256.",
            "RFC2136_TSIG_KEY": made["name"],
            "RFC2136_TSIG_SECRET": made["secret"],
            "RFC2136_PROPAGATION_TIMEOUT": "20",
            "RFC2136_POLLING_INTERVAL": "1",
            "RFC2136_SEQUENCE_INTERVAL": "1",
        }
        arguments = ["lego", "--accept-tos", "--email", "alena@example.org", "--dns", "rfc2136", "--path", str(folder)]
        arguments += ["--server", server, "--dns.disable-cp"]
        arguments += ["--dns.resolvers", f"127.0.0.1:{place.port}"]
        arguments += ["--domains", ZONE, "--domains", f"*.{ZONE}", "run"]
        ran = subprocess.run(arguments, env=lego, capture_output=True, text=True, timeout=100, check=False)
        assert ran.returncode == 0, ran.stderr
    assert (folder / "certificates" / f"{ZONE}.crt").exists()
    until(lambda: place.dig(f"_acme-challenge.{ZONE}", "TXT") == [])
