"""Second factors and recovery codes, on both engines."""

import asyncio
from pathlib import Path

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.caller import Caller
from beseda.domain.errors import BesedaError, SecondFactorNeeded, SecondFactorWrong
from beseda.domain.second_factor import SecondFactor, code_at, step_of
from beseda.domain.sessions import Handle
from beseda.testing.clock import ManualClock
from contract.made import AT, MAX, add_member, do
from contract.places import Place, Places
from contract.test_migrations import ACCOUNT, older
from contract.test_shared_limits import HOME, STRANGE, two_nodes
from contract.test_sign_ins import PASSWORD


async def test_they_come_back_whole_and_go_with_their_codes(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    factor, factors = SecondFactor("nonce", AT, 59_000_000), store.view.second_factors
    for account in (alena, brana):
        await do(store, lambda unit, account=account: unit.second_factors.add(account.id, factor))  # type: ignore[misc]
        await do(store, lambda unit, account=account: unit.second_factors.set_recovery(account.id, ["a", "b", "c"]))  # type: ignore[misc]
    await do(store, lambda unit: unit.second_factors.set_last_step(alena.id, MAX))
    assert await factors.find(alena.id) == SecondFactor("nonce", AT, MAX)
    assert await factors.find(brana.id) == factor
    used = [await do(store, lambda unit: unit.second_factors.use_recovery(alena.id, "b")) for _ in range(2)]
    assert used == [True, False]
    assert [await factors.count_recovery(each.id) for each in (alena, brana)] == [2, 3]
    await do(store, lambda unit: unit.second_factors.set_recovery(alena.id, ["b"]))
    assert await factors.count_recovery(alena.id) == 1
    await do(store, lambda unit: unit.second_factors.remove(alena.id))
    assert (await factors.find(alena.id), await factors.count_recovery(alena.id)) == (None, 0)
    assert (await factors.find(brana.id), await factors.count_recovery(brana.id)) == (factor, 3)


async def test_nobody_of_before_has_one(places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0026"):
        assert await place.migrate()
    await place.run(ACCOUNT.format("Alena", "alena"))
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    (alena,) = await store.view.accounts.search("alena", 1)
    assert await store.view.second_factors.find(alena.id) is None
    await do(store, lambda unit: unit.second_factors.add(alena.id, SecondFactor("n", AT, 0)))
    assert await store.view.second_factors.find(alena.id) is not None
    await store.close()


async def test_codes_are_guessed_slowly_and_good_once_over_all_nodes(
    places: Places, engine: str, tmp_path: Path
) -> None:
    clock = ManualClock()
    async with two_nodes(await places.empty(engine), tmp_path, clock) as (one, other):
        signed_in = await one.auth.sign_in("Alena", PASSWORD, kind=Handle.COOKIE, address=HOME)
        enrolment = await one.second_factors.begin(
            caller := Caller(HOME, signed_in.account, signed_in.session), PASSWORD
        )
        await one.second_factors.confirm(
            caller, enrolment.ticket, code_at(enrolment.secret, now := step_of(clock.now()))
        )
        with pytest.raises(SecondFactorNeeded) as needed:
            await other.auth.sign_in("Alena", PASSWORD, kind=Handle.SID, address=STRANGE)
        ticket, next_code = needed.value.ticket, code_at(enrolment.secret, now + 1)
        with pytest.raises(SecondFactorWrong):
            await other.second_factors.sign_in(ticket, code_at(enrolment.secret, now), STRANGE)
        assert (await one.second_factors.sign_in(ticket, next_code, HOME)).account.id == signed_in.account.id
        tried = await asyncio.gather(
            *(core.second_factors.sign_in(ticket, next_code, STRANGE) for core in (one, other) * 5),
            return_exceptions=True,
        )
        assert sorted(each.code for each in tried if isinstance(each, BesedaError)) == (
            ["second_factor_wrong"] * 4 + ["too_often"] * 6
        )
