"""Zones: what is served, changes by every rule, serials that only rise."""

from collections.abc import Iterator

import pytest

from beseda.core.domains import NewDomain
from beseda.core.ports import Unit
from beseda.core.zones import Zones
from beseda.domain.errors import BesedaError, RecordRefused, RecordsRefused, ZoneFull
from beseda.domain.events import Event, ZoneChanged
from beseda.domain.records import APEX, RecordSet
from beseda.domain.zones import RECORDS_MAX, Changes, Deed, Zone, ZoneHead, is_after
from unit.core.world import World

DNS = {
    "dns.name_servers": "ns1.example.org,NS2.example.org",
    "dns.contact": "dns.admin@example.org",
    "dns.first_records": ["@ A 192.0.2.80", "www CNAME @"],
}


@pytest.fixture
def world() -> Iterator[World]:
    with World(DNS) as world:
        yield world


async def make(world: World, name: str = "vzor.ru", nick: str = "Alena") -> ZoneHead:
    await world.core.domains.add(await world.member_in(nick), NewDomain(name))
    return next(each for each in await world.core.zones.served() if each.name == name)


def a_set(world: World, name: str, type_: str, *data: str, ttl: int = 600, zone: str = "vzor.ru") -> RecordSet:
    codec = world.core.zones.codec
    return RecordSet(name, type_, ttl, tuple(codec.data(zone, name, type_, each) for each in data))


async def put(world: World, head: ZoneHead, *sets: RecordSet, gone: tuple[tuple[str, str], ...] = ()) -> ZoneHead:
    changes: Changes = {each.key: each for each in sets} | dict.fromkeys(gone)

    async def decide(_unit: Unit, _head: ZoneHead) -> Changes:
        return changes

    changed = await world.core.zones.update(head.id, decide, author_id=None, note="test")
    assert changed is not None
    return changed


async def served(world: World, head: ZoneHead) -> Zone:
    zone = await world.core.zones.load(head.id)
    assert zone is not None
    return zone


def shown(zone: Zone) -> list[str]:
    return [f"{each.name} {each.ttl} {each.type} {data.text}" for each in zone.sets for data in each.data]


async def test_a_new_zone_has_what_the_settings_say(world: World) -> None:
    head = await make(world)
    assert shown(await served(world, head)) == [
        "@ 3600 SOA ns1.example.org. dns\\.admin.example.org. 2026112000 7200 900 1209600 600",
        "@ 3600 NS ns1.example.org.",
        "@ 3600 NS ns2.example.org.",
        "@ 3600 A 192.0.2.80",
        "www 3600 CNAME vzor.ru.",
    ]
    assert (head.serial, head.records) == (2026112000, 2)


async def test_a_change_is_one_step_with_a_rising_serial_and_one_event(world: World) -> None:
    heard: list[Event] = []
    world.parts.feed.subscribe(heard.append)
    head = await make(world)
    end = await world.core.zones.journal_end()
    heard.clear()
    changed = await put(
        world, head, a_set(world, "a", "A", "192.0.2.1"), a_set(world, "b", "TXT", "x"), gone=(("www", "CNAME"),)
    )
    assert changed.serial == 2026112001
    assert heard == [ZoneChanged(world.clock.now(), head.id, "vzor.ru", 2026112001)]
    (step,) = await world.core.zones.steps_after(head.id, head.serial) or []
    assert (step.deed, step.serial_from, step.serial_to, step.note) == (
        Deed.CHANGED,
        head.serial,
        changed.serial,
        "test",
    )
    assert [(name, type_, data.text) for name, type_, _, data in step.removed] == [("www", "CNAME", "vzor.ru.")]
    assert [(name, type_, data.text) for name, type_, _, data in step.added] == [
        ("a", "A", "192.0.2.1"),
        ("b", "TXT", '"x"'),
    ]
    assert [(each.zone_id, each.serial) for each in await world.core.zones.journal(end)] == [(head.id, changed.serial)]
    world.clock.move(86_400)
    assert (await put(world, head, a_set(world, "c", "A", "192.0.2.1"))).serial == 2026112100
    world.clock.move(-10 * 86_400)
    assert (await put(world, head, a_set(world, "d", "A", "192.0.2.1"))).serial == 2026112101


async def test_what_changes_nothing_is_no_step(world: World) -> None:
    head = await put(world, await make(world), a_set(world, "a", "A", "192.0.2.1", "192.0.2.2"))
    again = await put(world, head, a_set(world, "a", "A", "192.0.2.2", "192.0.2.1"), gone=(("nikde", "A"),))
    assert again == head


async def test_a_new_time_to_live_is_told_record_by_record(world: World) -> None:
    head = await put(world, await make(world), a_set(world, "a", "A", "192.0.2.1", "192.0.2.2"))
    await put(world, head, a_set(world, "a", "A", "192.0.2.1", "192.0.2.2", ttl=60))
    (step,) = await world.core.zones.steps_after(head.id, head.serial) or []
    assert [(ttl, data.text) for _, _, ttl, data in step.removed] == [(600, "192.0.2.1"), (600, "192.0.2.2")]
    assert [(ttl, data.text) for _, _, ttl, data in step.added] == [(60, "192.0.2.1"), (60, "192.0.2.2")]


async def test_the_zones_own_ns_take_the_place_of_the_servers(world: World) -> None:
    head = await make(world)
    head = await put(world, head, a_set(world, APEX, "NS", "ns2.example.org.", "ns.else.example.", ttl=3600))
    assert [line for line in shown(await served(world, head)) if " NS " in line] == [
        "@ 3600 NS ns2.example.org.",
        "@ 3600 NS ns.else.example.",
    ]
    (step,) = await world.core.zones.steps_after(head.id, head.serial - 1) or []
    assert [data.text for _, _, _, data in step.removed] == ["ns1.example.org."]
    assert [data.text for _, _, _, data in step.added] == ["ns.else.example."]
    head = await put(world, head, gone=((APEX, "NS"),))
    assert sum(" NS " in line for line in shown(await served(world, head))) == 2
    (step,) = await world.core.zones.steps_after(head.id, head.serial - 1) or []
    assert [data.text for _, _, _, data in step.added] == ["ns1.example.org."]


REFUSED = [
    ("cname_not_alone", [("a", "CNAME", "b"), ("a", "A", "192.0.2.1")]),
    ("cname_not_alone", [("www", "TXT", "x")]),
    ("cname_at_apex", [(APEX, "CNAME", "www")]),
    ("ds_at_apex", [(APEX, "DS", "1 13 2 " + "ab" * 32)]),
    ("ds_without_ns", [("sub", "DS", "1 13 2 " + "ab" * 32)]),
    ("wildcard", [("*.sub", "NS", "ns.example.org.")]),
    ("target_address", [("sub", "NS", "192.0.2.1")]),
    ("target_address", [(APEX, "MX", "10 192.0.2.1.")]),
    ("target_alias", [(APEX, "MX", "10 www")]),
    ("target_alias", [("sub", "NS", "www")]),
    ("target_alias", [("_sip._udp", "SRV", "0 0 5060 www")]),
    ("target_alias", [("mail", "CNAME", "@"), (APEX, "MX", "10 mail")]),
    ("data_invalid", [("sub", "NS", ".")]),
    ("null_mx", [(APEX, "MX", "10 .")]),
]


@pytest.mark.parametrize(("reason", "records"), REFUSED)
async def test_refuses_what_no_zone_may_have(world: World, reason: str, records: list[tuple[str, str, str]]) -> None:
    head = await make(world)
    sets = [a_set(world, *each) for each in records]
    with pytest.raises((RecordRefused, RecordsRefused)) as refused:
        await put(world, head, *sets)
    refusals: list[BesedaError] = list(getattr(refused.value, "refusals", [refused.value]))
    assert {getattr(each, "reason", "") for each in refusals} >= {reason}
    assert (await served(world, head)).head == head


async def test_refuses_an_alias_that_others_point_to(world: World) -> None:
    head = await put(world, await make(world), a_set(world, APEX, "MX", "10 mail", "20 backup.example.org."))
    with pytest.raises(RecordRefused) as refused:
        await put(world, head, a_set(world, "mail", "CNAME", "@"))
    assert (refused.value.reason, refused.value.name) == ("target_alias", APEX)
    await put(world, head, a_set(world, "mail", "CNAME", "@"), gone=((APEX, "MX"),))


async def test_takes_what_looks_odd_and_is_right(world: World) -> None:
    await put(
        world,
        await make(world),
        a_set(world, "quiet", "MX", "0 ."),
        a_set(world, "_none._tcp", "SRV", "0 0 0 ."),
        a_set(world, "*.lab", "MX", "10 elsewhere.example.org."),
        a_set(world, "sub", "NS", "ns.sub"),
        a_set(world, "sub", "DS", "1 13 2 " + "ab" * 32),
        a_set(world, "a.www", "CNAME", "www"),
        a_set(world, APEX, "TXT", '"one"', '"two"'),
        a_set(world, APEX, "NS", "111."),
        a_set(world, "max", "A", "192.0.2.1", ttl=2**31 - 1),
        a_set(world, "min", "A", "192.0.2.1", ttl=1),
    )


@pytest.mark.parametrize("ttl", [0, -1, 2**31])
async def test_bounds_of_times_to_live(world: World, ttl: int) -> None:
    with pytest.raises(RecordRefused) as refused:
        await put(world, await make(world), a_set(world, "a", "A", "192.0.2.1", ttl=ttl))
    assert refused.value.reason == "ttl_invalid"


@pytest.mark.long
async def test_bounds_of_size(world: World) -> None:
    head = await make(world)
    many = [a_set(world, f"h{n}", "A", "192.0.2.1") for n in range(RECORDS_MAX - 2)]
    head = await put(world, head, *many)
    assert head.records == RECORDS_MAX
    with pytest.raises(ZoneFull):
        await put(world, head, a_set(world, "x", "A", "192.0.2.1"))
    await put(world, head, a_set(world, "x", "A", "192.0.2.1"), gone=(("h1", "A"),))
    with pytest.raises(RecordRefused) as refused:
        await put(world, head, a_set(world, "h2", "TXT", *(f"{n} {'x' * 250}" for n in range(240))))
    assert refused.value.reason == "set_too_large"


async def test_a_zone_that_comes_back_has_a_serial_above_all_before(world: World) -> None:
    head = await make(world)
    alena = await world.member_in("Brana")
    for name in ("a", "b", "c"):
        head = await put(world, head, a_set(world, name, "A", "192.0.2.1"))
    await world.core.domains.take("vzor.ru")
    assert await world.core.zones.load(head.id) is None
    assert await world.core.zones.served() == []
    world.clock.move(-400 * 86_400)
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    (again,) = await world.core.zones.served()
    assert again.id != head.id
    assert is_after(again.serial, head.serial)
    steps = [(each.deed, each.serial) for each in await world.core.zones.journal(0)]
    assert steps[-2:] == [(Deed.REMOVED, head.serial), (Deed.MADE, again.serial)]
    assert await put_nothing(world.core.zones, head) is None


async def put_nothing(zones: Zones, head: ZoneHead) -> ZoneHead | None:
    async def decide(_unit: Unit, _head: ZoneHead) -> Changes:
        raise AssertionError("nobody asks for what is not served")

    return await zones.update(head.id, decide, author_id=None)


def test_first_records_that_do_not_suit_are_left_out() -> None:
    with World({**DNS, "dns.first_records": ["@ MX 10 vzor.ru.", "mail A 192.0.2.1", "ns CNAME @"]}) as world:
        assert world.run(make(world)).records == 3
    with World({**DNS, "dns.first_records": ["@ MX 10 mail", "mail CNAME @"]}) as world:
        assert world.run(make(world)).records == 0
