"""The name server of a running Beseda: changes are answered at once, keys do what they may, secondaries hear."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import dns.versioned
import dns.xfr
import dns.zone
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awake import awake_s
from beseda.adapters.clock import SystemClock
from beseda.api.dns.answers import Peer
from beseda.api.dns.tsig import sign_request
from beseda.api.dns.wire import Message, read_message
from beseda.core.accounts import Application
from beseda.core.domains import NewDomain
from beseda.domain.accounts import Account, Sex
from beseda.domain.errors import ZoneKeyNotFound, ZoneKeyRefused, ZoneKeyTaken
from beseda.domain.sessions import Handle
from beseda.domain.zone_keys import Algorithm, KeyScope
from beseda.testing import BesedaServer, ManualClock

ZONE = "vzor.ru"
ALL = KeyScope(update=True, transfer=True)


@dataclass
class Place:
    """A server with Alena, and how it is asked."""

    server: BesedaServer
    alena: Account

    @property
    def port(self) -> int:
        return int(self.server.beseda.dns[0].rpartition(":")[2])

    def ask(self, name: str, rdtype: str = "A", key: dns.tsig.Key | None = None) -> dns.message.Message:
        message = dns.message.make_query(name, rdtype)
        if key is not None:
            message.use_tsig(key)
        return dns.query.udp(message, "127.0.0.1", timeout=10, port=self.port)

    def data(self, name: str, rdtype: str = "A") -> set[str]:
        return {rdata.to_text() for rrset in self.ask(name, rdtype).answer for rdata in rrset}

    def serial(self, zone: str = ZONE) -> int:
        return int(self.data(zone, "SOA").pop().split()[2])

    def key(
        self, label: str, scope: KeyScope = ALL, zone: str = ZONE, way: Algorithm = Algorithm.SHA256
    ) -> dns.tsig.Key:
        made, secret = self.server.run(self.server.core.zone_keys.give(zone, label, scope, way))
        return dns.tsig.Key(dns.name.from_text(made.name), secret, way.value)

    def send(self, update: dns.update.UpdateMessage, tcp: bool = False) -> str:
        query = dns.query.tcp if tcp else dns.query.udp
        return dns.rcode.to_text(query(update, "127.0.0.1", timeout=10, port=self.port).rcode())

    def add_domain(self, name: str) -> None:
        self.server.run(self.server.core.domains.give(self.alena.id, NewDomain(name)))

    def until(self, holds: Callable[[], bool], within_s: float = 30) -> float:
        """How long it takes."""
        start = awake_s()
        while not holds():
            assert awake_s() - start < within_s
        return awake_s() - start


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    settings = {
        "dns.listen": ["127.0.0.1:0", "[::1]:0"],
        "dns.name_servers": ["ns1.example.org", "ns2.example.org"],
        "dns.catalog": "catalog.example",
    }
    with BesedaServer(settings, clock=cast("ManualClock", SystemClock())) as server:  # signatures tell the time
        application = Application("Alena", "modry zvonek 12", email="alena@example.org", sex=Sex.FEMALE)
        place = Place(server, server.run(server.core.accounts.add(application)))
        place.add_domain(ZONE)
        yield place


def test_a_zone_is_there_as_soon_as_its_domain_and_gone_with_it(place: Place) -> None:
    assert place.ask("novy.ru", "SOA").rcode() == dns.rcode.REFUSED
    place.add_domain("novy.ru")
    assert place.until(lambda: place.ask("novy.ru", "SOA").rcode() == 0) < 1
    assert place.data("novy.ru", "NS") == {"ns1.example.org.", "ns2.example.org."}
    place.server.run(place.server.core.domains.take("novy.ru"))
    place.until(lambda: place.ask("novy.ru", "SOA").rcode() == dns.rcode.REFUSED)


def test_a_domain_that_comes_back_has_its_records_its_keys_and_a_greater_serial(place: Place) -> None:
    core, run = place.server.core, place.server.run
    bearer = run(core.auth.sign_in("Alena", "modry zvonek 12", kind=Handle.BEARER, address="192.0.2.1")).handle
    caller = run(core.auth.caller(Handle.BEARER, bearer, "192.0.2.1"))
    place.add_domain("navrat.ru")
    key = place.key("navrat", zone="navrat.ru")
    update = dns.update.UpdateMessage("navrat.ru", keyring=key)
    update.add("host", 60, "A", "192.0.2.7")
    assert place.send(update) == "NOERROR"
    place.until(lambda: bool(place.data("host.navrat.ru")))
    before, copy = place.serial("navrat.ru"), fetch(place, dns.versioned.Zone("navrat.ru"), key)
    run(core.domains.remove(caller, ["navrat.ru"]))
    place.until(lambda: place.ask("navrat.ru", "SOA").rcode() == dns.rcode.REFUSED)
    run(core.domains.restore(caller, "navrat.ru"))
    place.until(lambda: place.ask("navrat.ru", "SOA").rcode() == 0)
    assert place.data("host.navrat.ru") == {"192.0.2.7"}
    assert place.serial("navrat.ru") > before
    assert fetch(place, copy, key).to_text() == fetch(place, dns.versioned.Zone("navrat.ru"), key).to_text()


def test_it_listens_at_several_addresses(place: Place) -> None:
    port = int(place.server.beseda.dns[1].rpartition(":")[2])
    for query in (dns.query.udp, dns.query.tcp):
        assert query(dns.message.make_query(ZONE, "SOA"), "::1", timeout=10, port=port).answer


def test_an_update_is_answered_for_at_once(place: Place) -> None:
    """The answer tells that the change is durable; it is told of in the same moment."""
    key, before = place.key("update"), place.serial()
    for way in (False, True):
        update = dns.update.UpdateMessage(ZONE, keyring=key)
        update.add("host", 300, "A", "192.0.2.1")
        update.replace("text", 60, "TXT", f'"{way}"')
        assert place.send(update, way) == "NOERROR"
        assert place.until(lambda way=way: place.data(f"text.{ZONE}", "TXT") == {f'"{way}"'}) < 1  # type: ignore[misc]
    assert place.data(f"host.{ZONE}") == {"192.0.2.1"}
    assert place.serial() == before + 2
    remove = dns.update.UpdateMessage(ZONE, keyring=key)
    remove.delete("host", "A", "192.0.2.1")
    remove.delete("text")
    assert place.send(remove) == "NOERROR"
    place.until(lambda: place.ask(f"text.{ZONE}", "TXT").rcode() == dns.rcode.NXDOMAIN)


def test_prerequisites_are_looked_at(place: Place) -> None:
    key, before = place.key("prerequisites"), place.data(ZONE, "SOA").pop()
    first = dns.update.UpdateMessage(ZONE, keyring=key)
    first.add("pre", 300, "A", "192.0.2.1")
    assert place.send(first) == "NOERROR"
    expected: dict[str, tuple[Callable[[dns.update.UpdateMessage], Any], str]] = {
        "present name": (lambda u: u.present("pre"), "NOERROR"),
        "absent name": (lambda u: u.absent("pre"), "YXDOMAIN"),
        "present other": (lambda u: u.present("nobody"), "NXDOMAIN"),
        "absent other": (lambda u: u.absent("nobody"), "NOERROR"),
        "present set": (lambda u: u.present("pre", "A"), "NOERROR"),
        "present other set": (lambda u: u.present("pre", "TXT"), "NXRRSET"),
        "absent set": (lambda u: u.absent("pre", "A"), "YXRRSET"),
        "absent other set": (lambda u: u.absent("pre", "TXT"), "NOERROR"),
        "just this": (lambda u: u.present("pre", "A", "192.0.2.1"), "NOERROR"),
        "just that": (lambda u: u.present("pre", "A", "192.0.2.2"), "NXRRSET"),
        "these two": (lambda u: u.present("pre", "A", "192.0.2.1", "192.0.2.2"), "NXRRSET"),
        "the SOA": (lambda u: u.present("@", "SOA"), "NOERROR"),
        "the SOA of before": (lambda u: u.present("@", "SOA", before), "NXRRSET"),
        "the SOA of now": (lambda u: u.present("@", "SOA", place.data(ZONE, "SOA").pop()), "NOERROR"),
        "the servers": (lambda u: u.present("@", "NS", "ns1.example.org.", "ns2.example.org."), "NOERROR"),
    }
    for what, (presuppose, rcode) in expected.items():
        update = dns.update.UpdateMessage(ZONE, keyring=key)
        presuppose(update)
        update.replace("seen", 60, "TXT", f'"{what}"')
        assert place.send(update) == rcode, what
        if rcode == "NOERROR":
            place.until(lambda what=what: place.data(f"seen.{ZONE}", "TXT") == {f'"{what}"'})  # type: ignore[misc]


def test_what_is_to_be_ignored_is_ignored_in_silence(place: Place) -> None:
    """RFC 2136, 3.4.2.2 and 3.4.2.4: a CNAME beside other data, other data beside a CNAME, the SOA, the last NS."""
    key = place.key("silence")
    update = dns.update.UpdateMessage(ZONE, keyring=key)
    update.add("plain", 300, "A", "192.0.2.1")
    update.add("alias", 300, "CNAME", "plain")
    assert place.send(update) == "NOERROR"
    place.until(lambda: bool(place.data(f"alias.{ZONE}", "CNAME")))
    before = place.serial()
    update = dns.update.UpdateMessage(ZONE, keyring=key)
    update.add("plain", 300, "CNAME", "alias")
    update.add("alias", 300, "A", "192.0.2.2")
    update.add("@", 300, "SOA", f"ns9.{ZONE}. x.{ZONE}. 4000000000 1 1 1 1")
    update.delete("@", "SOA")
    update.delete("@", "NS")
    update.delete("@", "NS", "ns1.example.org.")
    update.delete("@", "NS", "ns2.example.org.")
    update.delete("nobody")
    assert place.send(update) == "NOERROR"
    assert place.data(f"plain.{ZONE}") == {"192.0.2.1"}
    assert place.data(f"alias.{ZONE}", "CNAME") == {f"plain.{ZONE}."}
    place.until(lambda: place.serial() == before + 1)
    assert place.data(ZONE, "NS") == {"ns2.example.org."}
    change = dns.update.UpdateMessage(ZONE, keyring=key)
    change.add("alias", 300, "CNAME", "other")
    change.add("@", 300, "NS", "ns1.example.org.")
    assert place.send(change) == "NOERROR"
    place.until(lambda: place.data(f"alias.{ZONE}", "CNAME") == {f"other.{ZONE}."})


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [
        ("_acme-challenge", "TXT", "NOERROR"),
        ("_acme-challenge.www", "TXT", "NOERROR"),
        ("_acme-challenge.a.b.c", "TXT", "NOERROR"),
        ("_acme-challenge", "A", "REFUSED"),
        ("x_acme-challenge", "TXT", "REFUSED"),
        ("www._acme-challenge", "TXT", "REFUSED"),
        ("www", "TXT", "REFUSED"),
        ("@", "TXT", "REFUSED"),
        ("host.lab", "TXT", "NOERROR"),
        ("lab", "TXT", "REFUSED"),
    ],
)
def test_a_key_does_what_it_may(place: Place, name: str, rdtype: str, rcode: str) -> None:
    label = f"acme{abs(hash((name, rdtype)))}"
    key = place.key(label, KeyScope(names=("_acme-challenge.*", "*.LAB"), types=("txt",)))
    update = dns.update.UpdateMessage(ZONE, keyring=key)
    update.add(name, 60, rdtype, '"x"' if rdtype == "TXT" else "192.0.2.1")
    assert place.send(update) == rcode
    update = dns.update.UpdateMessage(ZONE, keyring=key)
    update.delete(name)
    assert place.send(update) == "REFUSED"  # all types at once are not its own
    assert place.ask(ZONE, "AXFR", key).rcode() in (dns.rcode.REFUSED, dns.rcode.FORMERR)


@pytest.mark.parametrize(
    ("name", "rdtype", "data"),
    [
        ("x", "DNSKEY", "256 3 13 AAAA"),
        ("x", "DNAME", "elsewhere"),
        ("x", "RRSIG", "A 13 2 1 20300101000000 20200101000000 1 . AAAA"),
        ("*", "NS", "elsewhere"),
        ("lonely", "DS", "1 13 2 " + "00" * 32),
    ],
)
def test_policy_is_refused_and_nothing_is_changed(place: Place, name: str, rdtype: str, data: str) -> None:
    key, before = place.key(f"policy-{rdtype.lower()}"), place.serial()
    update = dns.update.UpdateMessage(ZONE, keyring=key)
    update.add("good", 60, "TXT", '"x"')
    update.add(name, 60, rdtype, data)
    assert place.send(update) == "REFUSED"
    assert place.serial() == before


def test_updates_are_refused_without_a_good_signature(place: Place) -> None:
    key = place.key("signed")

    def send(keyring: dns.tsig.Key | None, zone: str = ZONE) -> dns.message.Message:
        update = dns.update.UpdateMessage(zone)
        update.add("x", 60, "TXT", '"x"')
        if keyring is not None:
            update.use_tsig(keyring)
        return dns.query.udp(update, "127.0.0.1", timeout=10, port=place.port)

    assert send(None).rcode() == dns.rcode.REFUSED
    assert send(None, "example.net").rcode() == dns.rcode.NOTAUTH
    assert send(key, "example.net").rcode() == dns.rcode.NOTAUTH
    with pytest.raises(dns.tsig.PeerBadKey):
        send(dns.tsig.Key("nobody.vzor.ru.", key.secret))
    with pytest.raises(dns.tsig.PeerBadKey):
        send(dns.tsig.Key(key.name, key.secret, "hmac-sha512"))
    with pytest.raises(dns.tsig.PeerBadSignature):
        send(dns.tsig.Key(key.name, b"x" * 32))
    place.server.run(place.server.core.zone_keys.take(ZONE, "signed"))
    with pytest.raises(dns.tsig.PeerBadKey):
        send(key)


def test_a_signature_of_another_time_is_answered_with_ours(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    key = place.key("late")
    message = dns.message.make_query(ZONE, "SOA")
    message.use_tsig(key)
    with monkeypatch.context() as patch:
        past = time.time() - 3600
        patch.setattr("dns.message.time.time", lambda: past)
        wire = message.to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.sendto(wire, ("127.0.0.1", place.port))
        answer = sock.recv(4096)
    with pytest.raises(dns.tsig.PeerBadTime):
        dns.message.from_wire(answer, keyring={key.name: key}, request_mac=message.mac)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_signed_questions_get_signed_answers(place: Place, algorithm: Algorithm) -> None:
    answer = place.ask(ZONE, "SOA", place.key(f"q-{algorithm.name.lower()}", way=algorithm))
    assert answer.had_tsig
    assert answer.answer


def fetch(place: Place, zone: dns.zone.Zone, key: dns.tsig.Key | None) -> dns.zone.Zone:
    """Bring a copy to the newest state: wholly, or by differences where it has something."""
    query, _ = dns.xfr.make_query(zone, keyring={key.name: key} if key else None, keyname=key.name if key else None)
    dns.query.inbound_xfr("127.0.0.1", zone, query, port=place.port, lifetime=20)
    return zone


def test_whole_zones_are_told_to_keys_that_may(place: Place) -> None:
    place.add_domain("celek.ru")
    key = place.key("celek", zone="celek.ru")
    for number in range(4):
        update = dns.update.UpdateMessage("celek.ru", keyring=key)
        for host in range(300):
            update.add(f"h{number}-{host}", 300, "TXT", f'"{host} {"x" * 100}"')
        assert place.send(update, tcp=True) == "NOERROR"
    for other in (None, place.key("other"), place.key("no", KeyScope(), "celek.ru")):
        with pytest.raises(dns.xfr.TransferError, match="REFUSED"):
            fetch(place, dns.zone.Zone("celek.ru"), other)
    assert len(fetch(place, dns.zone.Zone("celek.ru"), key).nodes) == 1201


def test_secondaries_follow_by_differences(place: Place) -> None:
    """A copy that asks for what is new is the same as a new copy, whatever was done and however long ago."""
    place.add_domain("kopie.ru")
    key = place.key("kopie", zone="kopie.ru")

    copies = [fetch(place, dns.versioned.Zone("kopie.ru"), key)]
    for number in range(12):
        update = dns.update.UpdateMessage("kopie.ru", keyring=key)
        update.add(f"h{number % 5}", 300 + number, "A", f"192.0.2.{number}")
        update.replace("@", 60, "TXT", f'"{number}"')
        update.delete(f"h{(number + 2) % 5}", "A")
        if number == 7:
            update.add("@", 60, "NS", "ns3.example.org.")
        assert place.send(update) == "NOERROR"
        place.until(lambda number=number: place.data("kopie.ru", "TXT") == {f'"{number}"'})  # type: ignore[misc]
        copies.append(fetch(place, dns.versioned.Zone("kopie.ru"), key))
    newest = copies[-1].to_text()
    assert "ns3" in newest
    for copy in copies:
        assert fetch(place, copy, key).to_text() == newest


def test_the_catalog_is_told_to_keys_for_every_zone_alone(place: Place) -> None:
    place.add_domain("katalog.ru")
    secondary = place.key("secondary", KeyScope(update=False, transfer=True), "")
    assert place.ask("catalog.example", "SOA").rcode() == dns.rcode.REFUSED
    assert place.ask("catalog.example", "SOA", place.key("zvedava")).rcode() == dns.rcode.REFUSED
    first = int(place.ask("catalog.example", "SOA", secondary).answer[0][0].serial)

    def catalog() -> set[str]:
        zone = fetch(place, dns.zone.Zone("catalog.example"), secondary)
        assert zone.find_rdataset("version", "TXT")[0].to_text() == '"2"'
        return {rdata.to_text() for _, _, rdata in zone.iterate_rdatas("PTR")}

    assert {"vzor.ru.", "katalog.ru."} <= catalog()
    place.server.run(place.server.core.domains.take("katalog.ru"))
    place.until(lambda: "katalog.ru." not in catalog())
    assert int(place.ask("catalog.example", "SOA", secondary).answer[0][0].serial) > first
    assert fetch(place, dns.zone.Zone(ZONE), secondary).nodes


def test_keys_are_made_within_bounds(place: Place) -> None:
    keys, run = place.server.core.zone_keys, place.server.run
    place.key("once")
    with pytest.raises(ZoneKeyTaken):
        place.key("ONCE")
    for label, scope, zone in (
        ("", ALL, ZONE),
        ("a.b", ALL, ZONE),
        ("x" * 41, ALL, ZONE),
        ("nothing", KeyScope(update=False), ZONE),
        ("names", KeyScope(names=("a b",)), ZONE),
        ("names", KeyScope(names=tuple(f"n{each}" for each in range(101))), ZONE),
        ("every", ALL, ""),
    ):
        with pytest.raises(ZoneKeyRefused):
            run(keys.give(zone, label, scope))
    with pytest.raises(ZoneKeyNotFound):
        run(keys.take(ZONE, "nobody"))
    assert "once" in [key.label for key in run(keys.list_of(ZONE))]


WIRE = dns.update.UpdateMessage(ZONE)
WIRE.present("www", "A")
WIRE.absent("x")
WIRE.present("@", "NS", "ns1.example.org.")
WIRE.add("fuzz", 300, "MX", "10 fuzz")
WIRE.add("fuzz", 300, "TYPE65280", r"\# 3 010203")
WIRE.delete("fuzz", "MX", "10 fuzz")
WIRE.delete("fuzz")


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """An update, or a question for a transfer, with some octets changed, cut or doubled."""
    transfer = dns.message.make_query(ZONE, draw(st.sampled_from(["AXFR", "IXFR", "SOA", "TKEY", "ANY"])))
    wire = bytearray(draw(st.sampled_from([WIRE, WIRE, WIRE, transfer])).to_wire())
    for _ in range(draw(st.integers(0, 5))):
        wire[draw(st.integers(2, len(wire) - 1))] = draw(st.sampled_from([0, 1, 2, 5, 6, 12, 63, 0xC0, 253, 254, 255]))
    return bytes(wire[: draw(st.integers(12, len(wire)))]) if draw(st.booleans()) else bytes(wire)


def check_signed(place: Place, key: dns.tsig.Key, wire: bytes) -> None:
    """Whatever was signed by a good key is answered, and signed, unless it is no message at all."""
    running: Any = place.server.beseda.services.all[-1].hears
    server, peer, secret = running.__self__, Peer("127.0.0.1", True), bytes(key.secret)
    packet = sign_request(wire, key.name.to_text(), Algorithm.SHA256.value, secret, int(time.time()))
    message = server.answers.answer(packet, peer)
    if not isinstance(message, Message):
        return

    async def collect() -> list[bytes]:
        return [reply async for reply in server.requests.answer(message, peer)]

    replies = place.server.run(collect())
    assert replies
    for reply in map(read_message, replies):
        assert (reply.id, reply.opcode, reply.question) == (message.id, message.opcode, message.question)
        assert reply.tsig or message.tsig is None or reply.flags & 15 == dns.rcode.FORMERR


@given(spoiled())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_signed_is_answered(place: Place, fuzz_key: dns.tsig.Key, wire: bytes) -> None:
    check_signed(place, fuzz_key, wire)


@pytest.mark.long
@pytest.mark.timeout(280)
@given(spoiled())
@settings(max_examples=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_very_much_that_is_signed_is_answered(place: Place, fuzz_key: dns.tsig.Key, wire: bytes) -> None:
    check_signed(place, fuzz_key, wire)


@pytest.fixture(scope="module")
def fuzz_key(place: Place) -> dns.tsig.Key:
    return place.key("fuzz")


def test_who_gets_a_domain_gets_none_of_its_old_keys(place: Place) -> None:
    place.add_domain("stary.ru")
    key = place.key("klic", zone="stary.ru")
    assert place.ask("stary.ru", "SOA", key).had_tsig
    boris = place.server.run(
        place.server.core.accounts.add(Application("Boris", "tichy potok 34", email="b@example.org", sex=Sex.MALE))
    )
    place.server.run(place.server.core.domains.take("stary.ru"))
    with pytest.raises(dns.tsig.PeerBadKey):
        place.ask("stary.ru", "SOA", key)
    place.server.run(place.server.core.domains.give(boris.id, NewDomain("stary.ru")))
    with pytest.raises(dns.tsig.PeerBadKey):
        place.ask("stary.ru", "SOA", key)
    assert place.server.run(place.server.core.zone_keys.list_of("stary.ru")) == []
    assert place.key("klic", zone="stary.ru").secret != key.secret
