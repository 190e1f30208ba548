"""Programs of others that change zones: certbot, octoDNS, external-dns's calls, Kea, sweb-api; as they are.

All is on loopback. certbot and Kea come from Debian (`.ci/run`), octoDNS and sweb-api from PyPI into an environment of
the test's own.
"""

import json
import re
import socket
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import dns.zone
import pytest

from e2e.name_server import ZONE, Place, pebble, serving, until, which
from ports import free_port

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
GUIDE = Path(__file__).parents[2] / "docs/dns.md"
PACKAGES = ("octodns==1.22.0", "octodns-bind==1.1.0", "sweb-api==0.1.3")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with serving(tmp_path_factory.mktemp("dns"), settings={"BESEDA_DOMAINS_ZONES": ""}) as place:
        yield place


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with these packages and nothing of ours."""
    folder = tmp_path_factory.mktemp("others")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=100)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", *PACKAGES], check=True, timeout=200)
    return folder / "bin"


def run(*command: str, **environment: str) -> str:
    ran = subprocess.run(command, env=environment or None, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_certbot_gets_a_certificate_for_a_name_and_its_wildcard(place: Place) -> None:
    """By its own plugin for RFC 2136, with a key that may do nothing else."""
    assert which("certbot"), "see .ci/run"
    folder = place.folder / "certbot"
    key = place.operator("domain", "key", "add", ZONE, "certbot", "--name", "_acme-challenge.*", "--type", "TXT")
    with pebble(place, folder) as (server, certificate):
        (folder / "credentials.ini").write_text(f"""
dns_rfc2136_server = 127.0.0.1
dns_rfc2136_port = {place.port}
dns_rfc2136_name = {key["name"]}.
dns_rfc2136_secret = {key["secret"]}
dns_rfc2136_algorithm = HMAC-SHA256
""")
        (folder / "credentials.ini").chmod(0o600)
        folders = [word for kind in ("config", "work", "logs") for word in (f"--{kind}-dir", str(folder / kind))]
        run(
            *("certbot", "certonly", "--non-interactive", "--agree-tos", "-m", "alena@example.org", *folders),
            *("--dns-rfc2136", "--dns-rfc2136-credentials", str(folder / "credentials.ini")),
            *("--dns-rfc2136-propagation-seconds", "1", "--server", server, "-d", ZONE, "-d", f"*.{ZONE}"),
            REQUESTS_CA_BUNDLE=str(certificate),
            PATH="/usr/bin:/bin",
        )
    assert (folder / "config/live" / ZONE / "fullchain.pem").exists()
    until(lambda: place.dig(f"_acme-challenge.{ZONE}", "TXT") == [])


def test_octodns_brings_a_zone_to_what_a_file_says(place: Place, others: Path) -> None:
    place.operator("domain", "add", "Alena", "plan.ru")
    key = place.operator("domain", "key", "add", "plan.ru", "octodns", "--transfer")
    until(lambda: bool(place.dig("plan.ru", "SOA")))
    folder = place.folder / "octodns"
    (folder / "zones").mkdir(parents=True)
    (folder / "config.yaml").write_text(f"""
providers:
  files:
    class: octodns.provider.yaml.YamlProvider
    directory: {folder}/zones
    enforce_order: false
  beseda:
    class: octodns_bind.Rfc2136Provider
    host: 127.0.0.1
    port: {place.port}
    key_name: {key["name"]}
    key_secret: {key["secret"]}
    key_algorithm: hmac-sha256
zones:
  plan.ru.:
    sources: [files]
    targets: [beseda]
""")
    for www, mail in (("192.0.2.1", "mail1"), ("192.0.2.2", "mail2")):
        (folder / "zones/plan.ru.yaml").write_text(f"""
'':
  - {{type: MX, ttl: 300, values: [{{exchange: {mail}.example.org., preference: 10}}]}}
  - {{type: TXT, ttl: 300, value: v=spf1 -all}}
www: {{type: A, ttl: 300, values: [{www}, 192.0.2.9]}}
""")
        command = [str(others / "octodns-sync"), f"--config-file={folder}/config.yaml", "--doit", "--force"]
        run(*command)
        assert place.dig("www.plan.ru", "A") == [www, "192.0.2.9"]
        assert place.dig("plan.ru", "MX") == [f"10 {mail}.example.org."]
        assert "No changes" in subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr


def test_external_dns_reads_by_transfer_and_changes_what_is_its_own(place: Place) -> None:
    """What its rfc2136 provider sends: AXFR, then one update for each change, with its TXT record of ownership."""
    key = {dns.name.from_text(f"update.{ZONE}"): b64decode(place.update_key)}

    def listed() -> set[tuple[str, str, str]]:
        query = dns.message.make_query(ZONE, "AXFR")
        query.use_tsig(key, algorithm=dns.tsig.HMAC_SHA256)
        zone = dns.zone.Zone(ZONE)
        dns.query.inbound_xfr("127.0.0.1", zone, query, port=place.port, timeout=10)
        return {(str(n), d.to_text().split()[0], str(r)) for n, d in zone.nodes.items() for d in d for r in d}

    def send(old: list[tuple[str, str, str]], new: list[tuple[str, str, str]]) -> str:
        update = dns.update.UpdateMessage(ZONE, keyring=key, keyalgorithm=dns.tsig.HMAC_SHA256)
        for name, kind, text in old:
            update.delete(name, kind, text)
        for name, kind, text in new:
            update.add(name, 300, kind, text)
        return dns.rcode.to_text(dns.query.tcp(update, "127.0.0.1", port=place.port, timeout=10).rcode())

    owner = ("a-shop", "TXT", '"heritage=external-dns,external-dns/owner=cluster,external-dns/resource=ingress/shop"')
    first, second = ("shop", "A", "192.0.2.10"), ("shop", "A", "192.0.2.11")
    before = listed()
    assert send([], [first, owner]) == "NOERROR"
    assert send([first], [second]) == "NOERROR"
    assert place.dig(f"shop.{ZONE}", "A") == ["192.0.2.11"]
    assert {name for name, _, _ in listed() - before if name != "@"} == {"shop", "a-shop"}
    assert send([second, owner], []) == "NOERROR"
    assert send([second, owner], []) == "NOERROR"  # as after a restart that lost the answer
    assert place.dig(f"shop.{ZONE}", "A") == []
    assert {each for each in listed() ^ before if each[0] != "@"} == set()


def test_kea_puts_leases_into_zones_and_takes_them_out_again(place: Place) -> None:
    """Name change requests, as its DHCP servers send them by UDP, become signed updates of a zone and its reverse."""
    assert which("kea-dhcp-ddns"), "see .ci/run"
    reverse, folder, port = "2.0.192.in-addr.arpa", place.folder / "kea", free_port()
    folder.mkdir()
    place.operator("domain", "add", "Alena", reverse)
    until(lambda: bool(place.dig(reverse, "SOA")))
    keys = [place.operator("domain", "key", "add", zone, "kea") for zone in (ZONE, reverse)]
    (shown,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    config = json.loads(shown)["DhcpDdns"] | {"ip-address": "127.0.0.1", "port": port}
    ((key_shown,), (domain_shown,)) = config["tsig-keys"], config["forward-ddns"]["ddns-domains"]
    servers = [{"ip-address": "127.0.0.1", "port": place.port}]
    config["tsig-keys"] = [key_shown | {"name": key["name"], "secret": key["secret"]} for key in keys]
    for zone, key, direction in zip((ZONE, reverse), keys, ("forward-ddns", "reverse-ddns"), strict=True):
        domain = domain_shown | {"name": f"{zone}.", "key-name": key["name"], "dns-servers": servers}
        config[direction]["ddns-domains"] = [domain]
    (folder / "kea.json").write_text(json.dumps({"DhcpDdns": config}))

    def lease(address: str, identity: str, *, ends: bool = False) -> None:
        request = {
            "change-type": int(ends),
            "forward-change": True,
            "reverse-change": True,
            "fqdn": f"laptop.{ZONE}.",
            "ip-address": address,
            "dhcid": identity,
            "lease-expires-on": "20990101000000",
            "lease-length": 1300,
            "use-conflict-resolution": True,
        }
        told = json.dumps(request).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(len(told).to_bytes(2, "big") + told, ("127.0.0.1", port))

    hers, his = "000201" + "61" * 32, "000201" + "62" * 32
    places = (f"KEA_LOCKFILE_DIR={folder}", f"KEA_PIDFILE_DIR={folder}")
    with place.run("kea", "env", *places, str(which("kea-dhcp-ddns")), "-d", "-c", str(folder / "kea.json")):
        until(lambda: taken(port))
        lease("192.0.2.50", hers)
        until(lambda: place.dig("50.2.0.192.in-addr.arpa", "PTR") == [f"laptop.{ZONE}."])
        assert place.dig(f"laptop.{ZONE}", "A") == ["192.0.2.50"]
        assert len(place.dig(f"laptop.{ZONE}", "DHCID")) == 1
        lease("192.0.2.60", his)  # the name is another client's: nothing of it changes
        lease("192.0.2.51", hers)
        until(lambda: place.dig("51.2.0.192.in-addr.arpa", "PTR") == [f"laptop.{ZONE}."])
        assert place.dig(f"laptop.{ZONE}", "A") == ["192.0.2.51"]
        assert place.dig("60.2.0.192.in-addr.arpa", "PTR") == []
        lease("192.0.2.51", hers, ends=True)
        until(lambda: place.dig("51.2.0.192.in-addr.arpa", "PTR") == [])
        assert place.dig(f"laptop.{ZONE}", "A") == place.dig(f"laptop.{ZONE}", "DHCID") == []


def taken(port: int) -> bool:
    """Whether somebody listens there by UDP. Looked up: whoever tried to do so himself would keep him out."""
    lines = Path("/proc/net/udp").read_text("ascii").splitlines()
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)


SWEB = """
import sys
from sweb_api import SwebClient
SwebClient.BASE_URL = sys.argv[1]
client = SwebClient("Alena", "modry zvonek 12")
print(client.domains.move("sweb.ru", "manual"))
print(client.domains_dns.edit_txt("sweb.ru", "add", 0, sub_domain="_acme-challenge", value="one"))
print(client.domains_dns.edit_mx("sweb.ru", "add", 0, priority=10, value="mx.example.org."))
print([(row["type"], row["value"]) for row in client.domains_dns.info("sweb.ru")])
print(client.domains_dns.get_file("sweb.ru")["name"], client.domains.get_domain_info("sweb.ru")["autoprolong"])
print(client.domains_dns.edit_txt("sweb.ru", "del", index=0, sub_domain="_acme-challenge", value="one"))
print(client.pay.get_balance()["real_balance"], client.domains.reg_available("volny.ru"))
try:
    client.domains_dns.info("nikde.ru")
except Exception as error:
    print(type(error).__name__, error)
print(client.domains.remove("sweb.ru"))
"""


def test_sweb_api_does_what_it_does_with_the_original(place: Place, others: Path) -> None:
    told = run(str(others / "python"), "-c", SWEB, f"{place.process.url}/rpc").splitlines()
    assert told[:3] == ["1", "True", "1"]
    assert told[3] == "[('MX', 'mx.example.org.'), ('TXT', 'one')]"
    assert told[4:7] == ["sweb.ru.zone.txt manual", "True", "0 1"]
    assert "Нет доступа к домену" in told[7]
    assert told[8] == "1"
