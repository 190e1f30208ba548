"""Money: nobody spends what he has not, however many ask at once."""

import asyncio

import pytest

from beseda.core.caller import Caller
from beseda.domain.errors import (
    AccountNotFound,
    AlreadyMoved,
    AmountInvalid,
    BalanceTooLow,
    NotSignedIn,
    RegisteredOnly,
)
from beseda.domain.ids import AccountId
from beseda.domain.ledger import Balance, Pocket
from unit.core.world import HERE, World


async def books(world: World) -> dict[str, int]:
    """The sums of all postings, and that they are the kept ones."""
    summed = await world.parts.database.reader.fetch(
        "SELECT book, sum(amount_minor) FROM ledger_postings GROUP BY book"
    )
    kept = await world.parts.database.reader.fetch("SELECT book, balance_minor FROM ledger_books")
    assert dict(map(tuple, kept)) == dict(map(tuple, summed))
    assert sum(amount for _, amount in summed) == 0
    return dict(map(tuple, summed))


async def test_a_hundred_charges_at_once_on_money_for_fifty(world: World) -> None:
    alena = await world.known("Alena")
    await world.core.billing.credit(alena.id, Pocket.REAL, 3000, "given")
    await world.core.billing.credit(alena.id, Pocket.BONUS, 2000, "given")
    charges = [world.core.billing.charge(alena.id, 100, f"charge {number}") for number in range(100)]
    outcomes = await asyncio.gather(*charges, return_exceptions=True)
    assert sum(isinstance(outcome, BalanceTooLow) for outcome in outcomes) == 50
    assert await world.core.billing.balance_of(alena.id) == Balance(0, 0)
    assert await books(world) == {"outside": -5000, "income": 5000, f"real:{alena.id}": 0, f"bonus:{alena.id}": 0}


async def test_bonus_money_goes_first(world: World) -> None:
    alena = await world.known("Alena")
    await world.core.billing.credit(alena.id, Pocket.REAL, 300, "given")
    await world.core.billing.credit(alena.id, Pocket.BONUS, 200, "given")
    for amount, left in ((150, Balance(300, 50)), (100, Balance(250, 0)), (250, Balance(0, 0))):
        await world.core.billing.charge(alena.id, amount, "spent")
        assert await world.core.billing.balance_of(alena.id) == left
    await books(world)


async def test_a_refused_charge_changes_nothing(world: World) -> None:
    alena = await world.known("Alena")
    await world.core.billing.credit(alena.id, Pocket.REAL, 300, "given")
    with pytest.raises(BalanceTooLow) as refusal:
        await world.core.billing.charge(alena.id, 301, "spent")
    assert (refusal.value.needed_minor, refusal.value.available_minor) == (301, 300)
    for amount in (0, -1, 10**15 + 1):
        with pytest.raises(AmountInvalid):
            await world.core.billing.charge(alena.id, amount, "spent")
        with pytest.raises(AmountInvalid):
            await world.core.billing.credit(alena.id, Pocket.REAL, amount, "given")
    assert await world.core.billing.balance_of(alena.id) == Balance(300, 0)
    await books(world)


class TestKey:
    async def test_twice_is_once(self, world: World) -> None:
        alena = await world.known("Alena")
        given = [await world.core.billing.credit(alena.id, Pocket.REAL, 500, "given", key="g") for _ in range(3)]
        assert len({entry.id for entry in given}) == 1
        spent = [await world.core.billing.charge(alena.id, 500, "spent", key="s") for _ in range(3)]
        assert spent[0] == spent[1] == spent[2]
        assert await world.core.billing.balance_of(alena.id) == Balance(0, 0)
        await books(world)

    async def test_at_once_is_once(self, world: World) -> None:
        alena = await world.known("Alena")
        await world.core.billing.credit(alena.id, Pocket.REAL, 500, "given")
        entries = await asyncio.gather(*(world.core.billing.charge(alena.id, 500, "spent", key="s") for _ in range(50)))
        assert len({entry.id for entry in entries}) == 1
        assert await world.core.billing.balance_of(alena.id) == Balance(0, 0)

    async def test_that_moved_something_else_is_refused(self, world: World) -> None:
        alena, boris = await world.known("Alena"), await world.known("Boris")
        billing = world.core.billing
        for pocket in Pocket:
            await billing.credit(alena.id, pocket, 500, "given", key=f"g {pocket}")
        await billing.charge(alena.id, 300, "spent", key="s")
        for deed in (
            billing.credit(alena.id, Pocket.REAL, 501, "given", key="g real"),
            billing.credit(boris.id, Pocket.REAL, 500, "given", key="g real"),
            billing.charge(alena.id, 299, "spent", key="s"),
            billing.charge(boris.id, 300, "spent", key="s"),
        ):
            with pytest.raises(AlreadyMoved):
                await deed
        assert await billing.balance_of(alena.id) == Balance(500, 200)
        assert await billing.balance_of(boris.id) == Balance(0, 0)
        await books(world)

    async def test_none_is_another_each_time(self, world: World) -> None:
        alena = await world.known("Alena")
        for _ in range(2):
            await world.core.billing.credit(alena.id, Pocket.REAL, 100, "given")
        assert await world.core.billing.balance_of(alena.id) == Balance(200, 0)


async def test_money_is_for_members(world: World) -> None:
    alena = await world.member_in("Alena")
    visitor, _ = await world.visitor_in("Host")
    assert await world.core.billing.balance(alena) == Balance(0, 0)
    for caller, refusal in ((Caller(HERE), NotSignedIn), (visitor, RegisteredOnly)):
        with pytest.raises(refusal):
            await world.core.billing.balance(caller)
    for nobody in (visitor.signed_in()[0].id, AccountId(99)):
        with pytest.raises(AccountNotFound):
            await world.core.billing.credit(nobody, Pocket.REAL, 100, "given")
        with pytest.raises(AccountNotFound):
            await world.core.billing.charge(nobody, 100, "spent")
        with pytest.raises(AccountNotFound):
            await world.core.billing.balance_of(nobody)
