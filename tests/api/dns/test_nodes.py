"""Several Besedas on one database answer alike, whichever of them a change came to."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import pytest

from api.dns.test_server import Place
from beseda.adapters.clock import SystemClock
from beseda.core.accounts import Application
from beseda.core.domains import NewDomain
from beseda.core.ports import Unit
from beseda.domain.accounts import Sex
from beseda.domain.records import RecordSet
from beseda.domain.zones import Changes, ZoneHead
from beseda.testing import BesedaServer
from beseda.testing.postgres import run_postgres

ZONE = "vzor.ru"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def nodes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Place]]:
    """Two nodes with one key."""
    folder: Path = tmp_path_factory.mktemp("nodes")
    settings = {"dns.listen": ["127.0.0.1:0"], "dns.rate_limit": 0}
    with contextlib.ExitStack() as stack:
        if request.param == "postgres":
            settings["server.database"] = stack.enter_context(run_postgres()).format("postgres")
        servers = []
        for _ in range(2):
            server = BesedaServer(settings, data=folder, clock=SystemClock())  # type: ignore[arg-type]
            servers.append(stack.enter_context(server))
        first = servers[0]
        application = Application("Alena", "modry zvonek 12", email="alena@example.org", sex=Sex.FEMALE)
        alena = first.run(first.core.accounts.add(application))
        yield [Place(server, alena) for server in servers]


async def put(place: Place, *sets: tuple[str, str, str]) -> int:
    """Change the zone through this node; the serial after it."""
    zones = place.server.core.zones
    head = next(each for each in await zones.served() if each.name == ZONE)

    async def decide(unit: Unit, now: ZoneHead) -> Changes:
        return {
            (name, type_): RecordSet(name, type_, 60, (zones.codec.data(ZONE, name, type_, text),)) if text else None
            for name, type_, text in sets
        }

    changed = await zones.update(head.id, decide, author_id=None)
    assert changed is not None
    return changed.serial


def test_a_change_is_told_by_the_other_node_within_a_second(nodes: list[Place]) -> None:
    nodes[0].add_domain(ZONE)
    for place in nodes:
        place.until(lambda place=place: place.ask(ZONE, "SOA").rcode() == 0)  # type: ignore[misc]
    took = []
    for number in range(10):
        here, there = nodes[number % 2], nodes[1 - number % 2]
        serial = here.server.run(put(here, ("text", "TXT", f'"{number}"')))
        assert here.until(lambda: here.serial() == serial) < 1  # noqa: B023 - called at once
        took.append(there.until(lambda: there.serial() == serial))  # noqa: B023
        assert there.data(f"text.{ZONE}", "TXT") == {f'"{number}"'}
    assert max(took) < 3  # on a machine that does other things too
    assert sorted(took)[5] < 1


def test_random_changes_through_both_nodes_end_in_the_same_zone(nodes: list[Place]) -> None:
    """Followed step by step, each node's zone is what a node has that loads it anew; both have the same cookies."""
    chance = random.Random(7)
    for _ in range(40):
        place = chance.choice(nodes)
        names = chance.sample(["a", "b", "a.b", "x.a.b", "*.w", "@"], 3)
        sets = [(name, "TXT", chance.choice(["", '"1"', '"2"', '"3"'])) for name in names]
        place.server.run(put(place, *sets))
    last = nodes[0].server.run(put(nodes[0], ("end", "TXT", '"end"')))
    shown = []
    for place in nodes:
        place.until(lambda place=place: place.serial() == last)  # type: ignore[misc]
        key = place.key(f"copy{place.port}")
        query = dns.message.make_query(ZONE, "AXFR")
        query.use_tsig(key)
        answer = dns.query.tcp(query, "127.0.0.1", timeout=10, port=place.port)
        shown.append(sorted(line for rrset in answer.answer for line in rrset.to_text().splitlines()))
    loaded = nodes[0].server.run(fresh(nodes[0]))
    assert shown[0] == shown[1]
    assert {line.split()[0] for line in shown[0]} == loaded


async def fresh(place: Place) -> set[str]:
    """The names of the zone as they are in the database."""
    zones = place.server.core.zones
    head = next(each for each in await zones.served() if each.name == ZONE)
    zone = await zones.load(head.id)
    assert zone is not None
    return {f"{ZONE}." if each.name == "@" else f"{each.name}.{ZONE}." for each in zone.sets}


def test_a_cookie_of_one_node_is_good_at_the_other(nodes: list[Place]) -> None:
    client = b"12345678"
    message = dns.message.make_query(ZONE, "SOA")
    for place in nodes:
        message.use_edns(0, options=[dns.edns.CookieOption(client, b"")])
        given = dns.query.udp(message, "127.0.0.1", timeout=10, port=place.port).options[0]
        for other in nodes:
            message.use_edns(0, options=[given])
            assert dns.query.udp(message, "127.0.0.1", timeout=10, port=other.port).options[0] == given


def test_a_domain_that_is_taken_away_is_answered_for_by_nobody(nodes: list[Place]) -> None:
    last = nodes[0].serial()
    nodes[1].server.run(nodes[1].server.core.domains.take(ZONE))
    for place in nodes:
        place.until(lambda place=place: place.ask(ZONE, "SOA").rcode() == dns.rcode.REFUSED)  # type: ignore[misc]
    nodes[1].server.run(nodes[1].server.core.domains.give(nodes[1].alena.id, NewDomain(ZONE)))
    for place in nodes:
        place.until(lambda place=place: place.ask(ZONE, "SOA").rcode() == 0)  # type: ignore[misc]
        assert place.serial() > last
