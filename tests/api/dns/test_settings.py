"""Servers that start with other settings: secondaries hear of it and fetch the zones whole, from who serves them so."""

import socket
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype
import dns.tsig
import dns.update
import dns.versioned
import dns.xfr
import pytest

from api.dns.test_server import ZONE, Place, fetch
from beseda.adapters.clock import SystemClock
from beseda.core.accounts import Application
from beseda.domain.accounts import Sex
from beseda.testing import BesedaServer


def soas(place: Place, serial: int, key: dns.tsig.Key) -> int:
    """How many SOA the answer to IXFR has: 2 of a whole zone, 4 or more of differences."""
    query = dns.message.make_query(ZONE, "IXFR")
    query.authority.append(dns.rrset.from_text(f"{ZONE}.", 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
    query.use_tsig(key)
    answer = dns.query.tcp(query, "127.0.0.1", timeout=10, port=place.port, one_rr_per_rrset=True).answer
    types = [each.rdtype for each in answer]
    assert types[0] == types[-1] == dns.rdatatype.SOA
    return types.count(dns.rdatatype.SOA)


def add(place: Place, key: dns.tsig.Key, name: str) -> None:
    update = dns.update.UpdateMessage(ZONE, keyring=key)
    update.add(name, 60, "A", "192.0.2.1")
    assert place.send(update) == "NOERROR"
    place.until(lambda: bool(place.data(f"{name}.{ZONE}")))


def hear(ear: socket.socket, serial: int) -> None:
    """Until a secondary has been told of a greater one."""
    while True:
        told = dns.message.from_wire(ear.recv(4096))
        if told.question[0].name.to_text() == f"{ZONE}." and told.answer[0][0].serial > serial:
            return


@pytest.mark.long
def test_other_settings_are_heard_of_by_secondaries(tmp_path: Path) -> None:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("127.0.0.1", 0))
    ear.settimeout(10)

    def serve(name_server: str) -> BesedaServer:
        settings = {
            "dns.listen": ["127.0.0.1:0"],
            "dns.name_servers": [name_server],
            "dns.secondaries": [f"127.0.0.1:{ear.getsockname()[1]}"],
        }
        return BesedaServer(settings, data=tmp_path, clock=SystemClock())  # type: ignore[arg-type]

    with ear:
        with serve("ns1.example.org") as server:
            application = Application("Alena", "modry zvonek 12", email="alena@example.org", sex=Sex.FEMALE)
            alena = server.run(server.core.accounts.add(application))
            first = Place(server, alena)
            first.add_domain(ZONE)
            key, made = first.key("secondary"), first.serial()
            add(first, key, "www")
            before, copy = first.serial(), fetch(first, dns.versioned.Zone(ZONE), key)
        with serve("ns1.example.org") as unchanged:
            old = Place(unchanged, alena)
            assert old.serial() == before
            assert soas(old, made, key) == 4
            with serve("ns9.example.org") as changed:
                new = Place(changed, alena)
                raised = new.serial()
                assert raised > before
                assert new.data(ZONE, "NS") == {"ns9.example.org."}
                hear(ear, before)
                assert {soas(new, serial, key) for serial in (made, before)} == {2}
                assert fetch(new, copy, key).to_text() == fetch(new, dns.versioned.Zone(ZONE), key).to_text()
                old.until(lambda: old.serial() == raised)
                with pytest.raises(dns.xfr.TransferError, match="SERVFAIL"):
                    fetch(old, dns.versioned.Zone(ZONE), key)
                add(new, key, "dalsi")
                assert soas(new, raised, key) == 4
                last = new.serial()
        with serve("ns9.example.org") as again:
            assert Place(again, alena).serial() == last
