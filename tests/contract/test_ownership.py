"""Names that members ask for, and domains that they offer each other, on both engines."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.domains import Renewal
from beseda.domain.ownership import Claim, DomainRequest, Offer
from contract.made import AT, STRANGE, add_member, after, do, domain
from contract.places import Place, Places
from contract.test_migrations import older


async def test_a_request_is_kept_whole_denied_and_settled(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    name = domain("vzor.ru")
    kept = store.view.ownership
    mine = await do(store, lambda unit: unit.ownership.ask(alena.id, name, Renewal.NO, STRANGE, AT))
    hers = await do(store, lambda unit: unit.ownership.ask(ivana.id, name, Renewal.MANUAL, "", AT))
    other = await do(store, lambda unit: unit.ownership.ask(alena.id, domain("druhy.ru"), Renewal.NO, "", AT))
    assert await kept.find(mine.id) == mine == DomainRequest(mine.id, alena.id, name, Renewal.NO, STRANGE, AT)
    assert await kept.asked(alena.id, "vzor.ru") == mine
    assert await kept.asked(alena.id, "nikde.ru") is None
    assert await kept.list_requests(denied=False) == [mine, hers, other]
    assert await kept.count_waiting(alena.id) == 2
    await do(store, lambda unit: unit.ownership.deny(other.id, after(1), STRANGE))
    (denied,) = await kept.list_requests(denied=True)
    assert (denied.denied_at, denied.reason) == (after(1), STRANGE)
    assert await kept.count_waiting(alena.id) == 1
    await do(store, lambda unit: unit.ownership.forget_denied(AT))
    assert await kept.find(other.id) == denied
    await do(store, lambda unit: unit.ownership.forget_denied(after(1)))
    assert await kept.find(other.id) is None
    await do(store, lambda unit: unit.ownership.settle("vzor.ru"))
    assert await kept.list_requests(denied=False) == []


async def test_an_offer_is_one_for_a_domain_and_of_who_has_it(store: SqlStore) -> None:
    alena, ivana, jana = [await add_member(store, nick) for nick in ("Alena", "Ivana", "Jana")]
    name = domain("vzor.ru")
    had = await do(store, lambda unit: unit.domains.add(alena.id, name, Renewal.NO, "", AT))
    await do(store, lambda unit: unit.ownership.offer(had.id, alena.id, jana.id, AT))
    await do(store, lambda unit: unit.ownership.offer(had.id, alena.id, ivana.id, after(1)))
    kept = store.view.ownership
    told = [Offer(name, alena.id, ivana.id, after(1))]
    assert await kept.offers(alena.id, AT) == await kept.offers(ivana.id, AT) == told
    assert await kept.offers(jana.id, AT) == await kept.offers(alena.id, after(1)) == []
    await do(store, lambda unit: unit.ownership.forget_offers(AT))
    assert await kept.offers(alena.id, AT) == told
    await do(store, lambda unit: unit.domains.set_account(had.id, jana.id))
    assert await kept.offers(ivana.id, AT) == []
    await do(store, lambda unit: unit.domains.set_account(had.id, alena.id))
    await do(store, lambda unit: unit.ownership.end_offer(had.id))
    assert await kept.offers(ivana.id, AT) == []


async def test_who_else_has_names_below(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    async with store.unit() as unit:
        for each in ("a.vzor.ru", "xvzor.ru", "ru"):
            await unit.domains.add(alena.id, domain(each), Renewal.NO, "", AT)
    below = store.view.domains.others_below
    assert await below("vzor.ru", ivana.id)
    assert not await below("vzor.ru", alena.id)
    assert not await below("zor.ru", ivana.id)
    assert not await below("a.vzor.ru", ivana.id)


async def test_claims_are_ones_own_the_newest_and_over_when_somebody_has_the_name(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    kept = store.view.ownership
    for who, name, at in ((alena, "a.ru", 0), (alena, "b.ru", 1), (alena, "a.ru", 2), (ivana, "a.ru", 3)):
        claimed = domain(name)
        await do(store, lambda unit: unit.ownership.claim(who.id, claimed, after(at), keep=2))  # noqa: B023
    assert await kept.claims(alena.id, AT) == [Claim(domain("a.ru"), after(2)), Claim(domain("b.ru"), after(1))]
    await do(store, lambda unit: unit.ownership.claim(alena.id, domain("c.ru"), after(4), keep=2))
    assert [each.name.ascii for each in await kept.claims(alena.id, AT)] == ["c.ru", "a.ru"]
    assert [each.name.ascii for each in await kept.claims(alena.id, after(2))] == ["c.ru"]
    request = await do(store, lambda unit: unit.ownership.ask(alena.id, domain("c.ru"), Renewal.NO, "", AT))
    await do(store, lambda unit: unit.ownership.deny(request.id, AT, ""))
    await do(store, lambda unit: unit.ownership.withdraw(alena.id, "c.ru"))
    assert [each.id for each in await kept.requests_of(alena.id)] == [request.id]
    assert [each.name.ascii for each in await kept.claims(alena.id, AT)] == ["a.ru"]
    await do(store, lambda unit: unit.ownership.forget_claims(after(2)))
    assert (await kept.claims(alena.id, AT), len(await kept.claims(ivana.id, AT))) == ([], 1)
    await do(store, lambda unit: unit.ownership.settle("a.ru"))
    assert await kept.claims(ivana.id, AT) == []


async def test_a_database_of_before_takes_claims(places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0030"):
        assert await place.migrate()
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    alena = await add_member(store, "Alena")
    await do(store, lambda unit: unit.ownership.claim(alena.id, domain("vzor.ru"), AT, keep=1))
    assert await store.view.ownership.claims(alena.id, after(-1)) == [Claim(domain("vzor.ru"), AT)]
    await store.close()
