"""When the settings make other zones, each serial rises once, on both engines, whoever is killed and whoever starts."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from beseda.adapters.dns_records import DnsRecords
from beseda.adapters.sql.engine import SqlStore
from beseda.core import zones
from beseda.core.ports import Unit
from beseda.core.zones import Zones
from beseda.domain.domains import Renewal
from beseda.domain.events import Event, ZoneChanged
from beseda.domain.records import APEX, RecordSet
from beseda.domain.zones import Changes, Soa, ZoneHead, is_after
from beseda.testing import ManualClock
from contract.made import AT, add_member, do, domain
from contract.places import Place

OLD = Soa(("ns1.example.org", "ns2.example.org"))
NEW = Soa(("ns3.example.org",))
NAMES = [f"{letter}.ru" for letter in "abcde"]


class KilledError(Exception):
    """The process is no more."""


class LastClock(ManualClock):
    """Whoever looks at it too often is killed."""

    left = 3

    def now(self) -> datetime:
        self.left -= 1
        if self.left < 0:
            raise KilledError
        return super().now()


def node(store: SqlStore, soa: Soa, clock: ManualClock | None = None) -> Zones:
    return Zones(store, clock or ManualClock(), DnsRecords, soa, 600)


async def add_zones(store: SqlStore) -> None:
    alena = await add_member(store)

    async def make(unit: Unit) -> None:
        for name in NAMES:
            kept = await unit.domains.add(alena.id, domain(name), Renewal.MANUAL, "", AT)
            await node(store, OLD).make(unit, kept, alena.id)

    await do(store, make)


async def serials(store: SqlStore) -> list[int]:
    return [head.serial for head in await store.view.zones.served()]


async def risen(store: SqlStore, before: list[int]) -> list[int]:
    """How many steps each zone has taken, all of which tell the whole zone."""
    found = []
    for head, serial in zip(await store.view.zones.served(), before, strict=True):
        steps = await store.view.zones.steps_after(head.id, serial)
        assert steps is not None
        assert not any(each.is_difference for each in steps)
        assert head.serial == serial or is_after(head.serial, serial)
        found.append(len(steps))
    return found


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "RAISED_AT_ONCE", 2)


async def test_every_serial_rises_once_for_what_is_served_otherwise(store: SqlStore, events: list[Event]) -> None:
    await add_zones(store)
    first = await serials(store)
    for _ in "first start", "same settings":
        await node(store, OLD).settle()
        assert await serials(store) == first
    await node(store, replace(OLD, name_servers=OLD.name_servers[::-1], contact="a.b@example.org")).settle()
    events.clear()
    assert await risen(store, first) == [1] * 5
    for soa in (NEW, NEW, replace(NEW, minimum=60), replace(NEW, ttl=60), replace(NEW, ttl=60)):
        await node(store, soa).settle()
    assert await risen(store, first) == [4] * 5
    assert len([each for each in events if isinstance(each, ZoneChanged)]) == 15


async def test_whoever_starts_after_a_kill_goes_on(store: SqlStore) -> None:
    await add_zones(store)
    await node(store, OLD).settle()
    first, clock = await serials(store), LastClock()
    clock.left = 2 * 2 + 1  # two looks a zone: in the second unit
    with pytest.raises(KilledError):
        await node(store, NEW, clock).settle()
    assert await risen(store, first) == [1, 1, 0, 0, 0]
    await node(store, NEW).settle()
    assert await risen(store, first) == [1] * 5
    await node(store, NEW).settle()
    assert await risen(store, first) == [1] * 5


async def test_nodes_with_other_settings_do_not_fight(place: Place) -> None:
    stores = [SqlStore(await place.open(), lambda events: None) for _ in range(2)]
    await add_zones(stores[0])
    await node(stores[0], Soa()).settle()
    first = await serials(stores[0])
    nodes = [node(store, soa) for store, soa in zip(stores, (OLD, NEW), strict=True)]
    await asyncio.gather(*(each.settle() for each in nodes))
    took = await risen(stores[0], first)
    assert set(took) <= {1, 2}
    (winner,) = [each for each in nodes if await each.are_settled()]
    await winner.settle()
    assert await risen(stores[0], first) == took
    (other,) = {*nodes} - {winner}
    await other.settle()
    assert (await winner.are_settled(), await other.are_settled()) == (False, True)
    assert await risen(stores[0], first) == [each + 1 for each in took]
    for store in stores:
        await store.close()


async def test_what_takes_away_ns_that_others_do_not_serve_is_told_as_a_whole(store: SqlStore) -> None:
    await add_zones(store)
    old = node(store, OLD)
    await node(store, NEW).settle()
    head = (await store.view.zones.served())[0]
    own = RecordSet(APEX, "NS", 600, (old.codec.data(head.name, APEX, "NS", "ns.example.net."),))

    async def decide(unit: Unit, head: ZoneHead) -> Changes:
        return {own.key: own}

    changed = await old.update(head.id, decide, author_id=None)
    steps = await store.view.zones.steps_after(head.id, head.serial)
    assert changed is not None
    assert steps is not None
    assert [each.is_difference for each in steps] == [True, False]
    assert changed.serial == steps[-1].serial_to
