"""Zones: record sets, places in lists, history."""

import pytest

from beseda.adapters.sql import zones
from beseda.adapters.sql.engine import SqlStore
from beseda.domain.domains import Domain, Renewal
from beseda.domain.ids import AccountId, DomainId, RecordSetId, ZoneId
from beseda.domain.records import APEX, Data, Record, RecordSet, records_of
from beseda.domain.zones import Changes, Deed, Plan, ZoneChange, ZoneHead
from contract.made import AT, add_member, do, domain
from contract.places import Place, Places
from contract.test_migrations import older

HOST, OTHER, THIRD = (Data(bytes([192, 0, 2, n]), f"192.0.2.{n}") for n in (1, 2, 3))
WORDS = Data(b"\x03a'b", '"a\'b"')


def hosts(name: str, *data: Data, ttl: int = 600) -> RecordSet:
    return RecordSet(name, "A", ttl, data)


async def add_domain(store: SqlStore, account_id: AccountId, name: str = "vzor.ru") -> Domain:
    return await do(store, lambda unit: unit.domains.add(account_id, domain(name), Renewal.MANUAL, "", AT))


async def add_zone(store: SqlStore, name: str = "vzor.ru", nick: str = "Alena") -> ZoneHead:
    kept = await add_domain(store, (await add_member(store, nick)).id, name)
    return await do(store, lambda unit: unit.zones.add(kept.id, name, 7))


async def change(
    store: SqlStore, head: ZoneHead, *wanted: RecordSet, gone: tuple[RecordSet, ...] = (), note: str = ""
) -> ZoneHead:
    """The sets as they are to be, without asking any rule."""
    sets: Changes = {each.key: each for each in wanted} | {each.key: None for each in gone}
    before = {each.key: each for each in await store.view.zones.sets(head.id)}
    old = records_of(before[key] for key in sets if key in before)
    new = records_of(wanted)
    removed, added = [r for r in old if r not in new], [r for r in new if r not in old]
    count = head.records - len(old) + len(new)
    step = ZoneChange(Deed.CHANGED, head.serial, head.serial + 1, AT, None, note, tuple(removed), tuple(added))
    return await do(store, lambda unit: unit.zones.change(head, Plan(dict(sets), (), (), count), step))


async def listed(store: SqlStore, head: ZoneHead) -> list[tuple[str, str, str]]:
    return [(row.name, row.type, row.data.text) for row in await store.view.zones.rows(head.id)]


async def test_keeps_every_field(store: SqlStore) -> None:
    head = await add_zone(store)
    assert await store.view.zones.find(head.domain_id or DomainId(0)) == head
    assert await store.view.zones.get(head.id) == head
    assert await store.view.zones.get(ZoneId(99)) is None
    wanted = (hosts(APEX, HOST, OTHER), RecordSet("*.lab", "TXT", 2**31 - 1, (WORDS,)))
    changed = await change(store, head, *wanted)
    assert changed == ZoneHead(head.id, head.domain_id, "vzor.ru", 8, 3, 1, 3)
    assert await store.view.zones.get(head.id) == changed
    found = await store.view.zones.sets(head.id)
    assert [(each.name, each.type, each.ttl, each.data) for each in found] == [
        (each.name, each.type, each.ttl, each.data) for each in wanted
    ]
    assert await store.view.zones.sets_at(head.id, ["*.lab", "nikde"]) == [found[1]]
    assert await store.view.zones.sets_of(head.id, ["A", "NS"]) == [found[0]]
    assert await store.view.zones.find_set(head.id, found[0].id) == found[0]
    assert await store.view.zones.find_set(head.id, RecordSetId(99)) is None
    other = await add_zone(store, "jiny.ru", "Brana")
    assert await store.view.zones.find_set(other.id, found[0].id) is None
    assert await store.view.zones.sets(other.id) == []
    assert [each.name for each in await store.view.zones.served()] == ["jiny.ru", "vzor.ru"]


async def test_a_set_keeps_its_id_as_long_as_it_is_there(store: SqlStore) -> None:
    head = await change(store, await add_zone(store), hosts("www", HOST))
    (before,) = await store.view.zones.sets(head.id)
    head = await change(store, head, hosts("www", OTHER, THIRD, ttl=60))
    (now,) = await store.view.zones.sets(head.id)
    assert (now.id, now.ttl, now.data, head.records) == (before.id, 60, (OTHER, THIRD), 2)
    head = await change(store, head, gone=(now,))
    assert await store.view.zones.sets(head.id) == []
    assert head.records == 0
    head = await change(store, head, hosts("www", HOST))
    assert (await store.view.zones.sets(head.id))[0].id > before.id


async def test_places_begin_with_the_domain_itself_and_www(store: SqlStore) -> None:
    head = await change(store, await add_zone(store), hosts("lab", HOST), RecordSet("b", "TXT", 60, (WORDS,)))
    head = await change(store, head, hosts("www", HOST, OTHER))
    head = await change(store, head, hosts(APEX, HOST))
    assert await listed(store, head) == [
        (APEX, "A", "192.0.2.1"),
        ("www", "A", "192.0.2.1"),
        ("www", "A", "192.0.2.2"),
        ("lab", "A", "192.0.2.1"),
        ("b", "TXT", WORDS.text),
    ]
    for index, (name, _, text) in enumerate((await listed(store, head))[:4]):
        row = await store.view.zones.row_at(head.id, "A", index)
        assert row is not None
        assert (row.name, row.data.text) == (name, text)
    assert await store.view.zones.row_at(head.id, "A", 4) is None
    assert await store.view.zones.row_at(head.id, "MX", 0) is None


async def test_what_takes_the_place_of_another_keeps_it(store: SqlStore) -> None:
    head = await add_zone(store)
    for name in ("a", "b", "c"):
        head = await change(store, head, hosts(name, HOST))
    head = await change(store, head, hosts("b", OTHER))
    assert [name for name, _, _ in await listed(store, head)] == ["a", "b", "c"]
    head = await change(store, head, hosts("d", OTHER), gone=(hosts("b"),))
    assert [name for name, _, _ in await listed(store, head)] == ["a", "d", "c"]
    head = await change(store, head, gone=(hosts("a"),))
    assert [name for name, _, _ in await listed(store, head)] == ["d", "c"]


@pytest.mark.long
async def test_thousands_of_records_at_once(store: SqlStore) -> None:
    head = await add_zone(store)
    many = [hosts(f"h{n}", HOST, OTHER) for n in range(1_200)]
    head = await change(store, head, *many)
    assert head.records == 2_400
    assert [each.name for each in await store.view.zones.sets(head.id)] == [each.name for each in many]
    head = await change(store, head, hosts("h5", OTHER), gone=tuple(many[6:]))
    assert (head.records, len(await listed(store, head))) == (11, 11)
    assert len(await store.view.zones.sets_at(head.id, [each.name for each in many])) == 6


async def told(store: SqlStore, head: ZoneHead, serial: int) -> list[tuple[int, list[Record], list[Record]]] | None:
    steps = await store.view.zones.steps_after(head.id, serial)
    return None if steps is None else [(s.serial_to, list(s.removed), list(s.added)) for s in steps]


async def test_the_history_tells_what_each_step_took_and_gave(store: SqlStore) -> None:
    head = await change(store, await add_zone(store), hosts("www", HOST), note="first")
    head = await change(store, head, hosts("www", OTHER))
    assert await told(store, head, 8) == [(9, [("www", "A", 600, HOST)], [("www", "A", 600, OTHER)])]
    assert await told(store, head, 9) == []
    for unknown in (7, 6, 10):
        assert await told(store, head, unknown) is None
    first, *others = [await store.view.zones.step(head.id, number) for number in (1, 2, 3)]
    assert first is not None
    assert (first.note, first.removed, first.added) == ("first", (), (("www", "A", 600, HOST),))
    assert [each and (each.serial_to, each.removed) for each in others] == [(9, (("www", "A", 600, HOST),)), None]
    steps = await store.view.zones.history(head.id, before=99, limit=10)
    assert [(each.number, each.serial_from, each.serial_to, each.note, each.at) for each in steps] == [
        (2, 8, 9, "", AT),
        (1, 7, 8, "first", AT),
    ]
    assert [each.number for each in await store.view.zones.history(head.id, before=2, limit=10)] == [1]
    journal = await store.view.zones.journal(0, 10)
    assert [(each.name, each.deed, each.serial) for each in journal] == [("vzor.ru", Deed.CHANGED, n) for n in (8, 9)]
    assert await store.view.zones.journal(journal[0].id, 10) == journal[1:]
    assert await store.view.zones.journal_end() == journal[1].id


async def test_the_history_is_bounded(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "CHANGES_KEPT", 5)
    monkeypatch.setattr(zones, "CHANGED_RECORDS_KEPT", 8)
    head = await add_zone(store)
    for n in range(9):
        head = await change(store, head, hosts(f"h{n}", HOST))
    assert [each.number for each in await store.view.zones.history(head.id, before=99, limit=99)] == [9, 8, 7, 6, 5]
    head = await change(store, head, *(hosts(f"x{n}", HOST) for n in range(7)))
    assert [each.number for each in await store.view.zones.history(head.id, before=99, limit=99)] == [10, 9]
    head = await change(store, head, *(hosts(f"y{n}", HOST) for n in range(20)))
    assert [each.number for each in await store.view.zones.history(head.id, before=99, limit=99)] == [11]
    assert len(await told(store, head, 16) or []) == 0


async def test_a_zone_that_is_not_served_leaves_its_serial(store: SqlStore) -> None:
    head = await change(store, await add_zone(store), hosts("www", HOST))
    assert await store.view.zones.last_serial("vzor.ru") is None
    await do(store, lambda unit: unit.zones.set_served(head.id, None))
    assert await store.view.zones.last_serial("vzor.ru") == 8
    assert await store.view.zones.served() == []
    assert (await store.view.zones.get(head.id)) == ZoneHead(head.id, None, "vzor.ru", 8, 1, 1, 1)
    await do(store, lambda unit: unit.zones.set_served(head.id, head.domain_id))
    assert [each.id for each in await store.view.zones.served()] == [head.id]
    await do(store, lambda unit: unit.zones.erase(head.id))
    assert await store.view.zones.get(head.id) is None
    assert await store.view.zones.last_serial("vzor.ru") == 8


async def test_older_code_leaves_zones_behind_that_are_not_served(store: SqlStore) -> None:
    head = await add_zone(store)
    await do(store, lambda unit: unit.domains.remove("vzor.ru"))
    assert await store.view.zones.served() == []
    assert await store.view.zones.get(head.id) == head


async def test_domains_of_before_get_zones(places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0015"):
        assert await place.migrate()
    account = "INSERT INTO accounts (registered, nick, nick_key, password_hash, standing, created_ms, accessed_ms)"
    kept = "INSERT INTO domains (account_id, name, readable, renewal, directory, created_ms)"
    await place.run(
        f"{account} VALUES (1, 'Alena', 'alena', 'none', 'active', 0, 0)",
        *(f"{kept} VALUES (1, '{name}', '{name}', 'manual', '', 0)" for name in ("b.ru", "a.ru")),
    )
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    assert [(each.name, each.serial, each.records) for each in await store.view.zones.served()] == [
        ("a.ru", 1, 0),
        ("b.ru", 1, 0),
    ]
    head = (await store.view.zones.served())[1]
    assert await store.view.zones.find(DomainId(1)) == head
    assert await told(store, await change(store, head, hosts("www", HOST)), 1) is None
    await store.close()
