"""Names that members ask for, and domains that they offer each other, on both engines."""

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.domains import Renewal
from beseda.domain.ownership import DomainRequest, Offer
from contract.made import AT, STRANGE, add_member, after, do, domain


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
