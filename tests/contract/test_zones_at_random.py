"""Random changes of one zone by two members on two nodes: nothing is lost, the serial rises, steps lead to now."""

import asyncio
import random

from beseda.adapters.dns_records import DnsRecords
from beseda.adapters.sql.engine import SqlStore
from beseda.core.ports import Unit
from beseda.core.zones import Zones
from beseda.domain.domains import Renewal
from beseda.domain.records import Record, RecordSet, records_of
from beseda.domain.zones import Changes, Soa, ZoneChange, ZoneHead, is_after
from beseda.testing import ManualClock
from contract.made import AT, add_member, do, domain
from contract.places import Place

ROUNDS = 60


async def test_two_nodes_lose_nothing(place: Place) -> None:
    stores = [SqlStore(await place.open(), lambda events: None) for _ in range(2)]
    codec, alena, brana = DnsRecords(), await add_member(stores[0]), await add_member(stores[0], "Brana")
    nodes = [Zones(store, ManualClock(), DnsRecords, Soa(), 600) for store in stores]
    name = domain("vzor.ru")

    async def make(unit: Unit) -> ZoneHead:
        kept = await unit.domains.add(alena.id, name, Renewal.MANUAL, "", AT)
        return await nodes[0].make(unit, kept, alena.id)

    head = await do(stores[0], make)
    serials: list[int] = []

    async def work(node: Zones, seed: int) -> None:
        chance = random.Random(seed)
        for number in range(ROUNDS):
            mine = f"w{seed}-{number}"
            host = f"h{chance.randrange(5)}"

            async def decide(unit: Unit, now: ZoneHead, mine: str = mine, host: str = host) -> Changes:
                had = (await node.sets_at(unit, now, host)).get((host, "TXT"))
                left = [each for each in had.data if chance.random() < 0.7] if had else []
                left.append(codec.data("vzor.ru", host, "TXT", f'"{mine}"'))
                kept = codec.data("vzor.ru", mine, "A", "192.0.2.1")
                return {
                    (host, "TXT"): RecordSet(host, "TXT", chance.choice([60, 600]), tuple(left)),
                    (mine, "A"): RecordSet(mine, "A", 60, (kept,)),
                }

            changed = await node.update(head.id, decide, author_id=(alena, brana)[seed // 2].id)
            assert changed is not None
            serials.append(changed.serial)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(node, seed) for node, seed in zip(nodes * 2, range(4), strict=True)))
    assert len(set(serials)) == 4 * ROUNDS
    zone = await nodes[0].load(head.id)
    assert zone is not None
    assert zone.head.serial == max(serials)
    hosts = {each.name for each in zone.sets if each.type == "A"}
    assert hosts == {f"w{seed}-{number}" for seed in range(4) for number in range(ROUNDS)}
    now = {record for record in records_of(zone.sets) if record[1] != "SOA"}
    assert zone.head.records == len(now) - 1  # the NS is the server's
    steps = await _check_steps(nodes[1], head, now)
    assert {each.author_id for each in steps} == {alena.id, brana.id}
    for store in stores:
        await store.close()


async def _check_steps(node: Zones, head: ZoneHead, now: set[Record]) -> list[ZoneChange]:
    """Applying the steps from any serial on ends in what is served now (RFC 1995, 4)."""
    steps = await node.steps_after(head.id, head.serial)
    assert steps is not None
    assert len(steps) == 4 * ROUNDS
    state = set(records_of([node.own_ns]))
    states = {head.serial: frozenset(state)}
    for step in steps:
        assert is_after(step.serial_to, step.serial_from)
        assert state >= set(step.removed)
        state = (state - set(step.removed)) | set(step.added)
        states[step.serial_to] = frozenset(state)
    assert state == now
    for serial in random.Random(1).sample(sorted(states), 10):
        reached = set(states[serial])
        for step in await node.steps_after(head.id, serial) or []:
            reached = (reached - set(step.removed)) | set(step.added)
        assert reached == now
    return steps
