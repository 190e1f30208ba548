"""Domains that go from one member to another."""

import asyncio

import pytest

from beseda.core.domains import NewDomain
from beseda.core.records import Wanted
from beseda.domain.accounts import Standing
from beseda.domain.errors import AccountNotFound, DomainNotFound, DomainOfferNotFound, DomainPresent
from beseda.domain.zone_keys import KeyScope
from unit.core.world import World, account_id


async def test_a_domain_goes_with_its_records_and_without_its_keys(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    await world.core.records.add(alena, "vzor.ru", Wanted("www", "A", "192.0.2.1"))
    await world.core.subdomains.create(alena, "vzor.ru", "blog", "b")
    key, _ = await world.core.zone_keys.add(alena, "vzor.ru", "lego", KeyScope())
    (before,) = await world.core.zones.served()
    await world.core.handovers.offer(alena, "VZOR.ru.", "brana")
    for who in (alena, brana):
        (told,) = await world.core.handovers.offers(who)
        assert (told.offer.name.ascii, told.giver, told.taker) == ("vzor.ru", "Alena", "Brana")
    with pytest.raises(DomainOfferNotFound):
        await world.core.handovers.accept(alena, "vzor.ru")
    assert (await world.core.domains.get(alena, "vzor.ru")).account_id == account_id(alena)
    domain = await world.core.handovers.accept(brana, "vzor.ru")
    assert [row.name for row in await world.core.records.rows(brana, "vzor.ru")] == ["www"]
    hosts = await world.core.subdomains.list_of([domain])
    assert [each.machine for each in hosts[domain.id]] == ["blog"]
    with pytest.raises(DomainNotFound):
        await world.core.records.rows(alena, "vzor.ru")
    assert await world.core.zone_keys.find(key.name) is None
    assert await world.core.zones.served() == [before]
    assert await world.core.handovers.offers(brana) == []
    await world.core.handovers.offer(brana, "vzor.ru", "Alena")
    await world.core.handovers.accept(alena, "vzor.ru")
    assert await world.core.zone_keys.find(key.name) is None  # the old key is no good even so


async def test_an_offer_ends(world: World) -> None:
    alena, brana, cyril = [await world.member_in(nick) for nick in ("Alena", "Brana", "Cyril")]
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    await world.core.handovers.offer(alena, "vzor.ru", "Cyril")
    await world.core.handovers.offer(alena, "vzor.ru", "Brana")
    with pytest.raises(DomainOfferNotFound):
        await world.core.handovers.accept(cyril, "vzor.ru")
    for who in (alena, brana):
        await world.core.handovers.offer(alena, "vzor.ru", "Brana")
        with pytest.raises(DomainOfferNotFound):
            await world.core.handovers.end(cyril, "vzor.ru")
        await world.core.handovers.end(who, "vzor.ru")
        with pytest.raises(DomainOfferNotFound):
            await world.core.handovers.accept(brana, "vzor.ru")
    await world.core.handovers.offer(alena, "vzor.ru", "Brana")
    await world.core.domains.remove(alena, ["vzor.ru"])
    await world.core.domains.restore(alena, "vzor.ru")
    with pytest.raises(DomainOfferNotFound):
        await world.core.handovers.accept(brana, "vzor.ru")
    await world.core.handovers.offer(alena, "vzor.ru", "Brana")
    world.clock.move(7 * 86_400)
    with pytest.raises(DomainOfferNotFound):
        await world.core.handovers.accept(brana, "vzor.ru")
    await world.core.domains.forget_removed()
    assert await world.core.handovers.offers(alena) == []


async def test_only_ones_own_is_offered_and_only_to_another_who_is_there(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    with pytest.raises(DomainNotFound):
        await world.core.handovers.offer(brana, "vzor.ru", "Alena")
    with pytest.raises(DomainPresent):
        await world.core.handovers.offer(alena, "vzor.ru", "alena")
    with pytest.raises(AccountNotFound):
        await world.core.handovers.offer(alena, "vzor.ru", "Nikdo")
    await world.core.accounts.set_standing(account_id(brana), Standing.BLOCKED)
    with pytest.raises(AccountNotFound):
        await world.core.handovers.offer(alena, "vzor.ru", "Brana")


async def test_it_is_accepted_once_or_removed_first(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    await world.core.handovers.offer(alena, "vzor.ru", "Brana")
    found = await asyncio.gather(
        *(world.core.handovers.accept(brana, "vzor.ru") for _ in range(5)),
        world.core.domains.remove(alena, ["vzor.ru"]),
        return_exceptions=True,
    )
    assert sum(not isinstance(each, Exception) for each in found) == 1
    assert len(await world.core.zones.served()) == 1


async def test_an_operator_gives_it_at_once(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    handed = await world.core.handovers.hand_over("vzor.ru", account_id(brana))
    assert handed.account_id == account_id(brana)
    with pytest.raises(DomainPresent):
        await world.core.handovers.hand_over("vzor.ru", account_id(brana))
    with pytest.raises(DomainNotFound):
        await world.core.handovers.hand_over("nikde.ru", account_id(brana))
