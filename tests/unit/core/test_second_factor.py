"""The second factor: asked for after the password, good once, guessed slowly, and turned off with both."""

import asyncio
from datetime import timedelta

import pytest

from beseda.core.caller import Caller
from beseda.core.deletions import WAIT
from beseda.domain.accounts import Standing
from beseda.domain.errors import (
    AccountNotFound,
    BesedaError,
    SecondFactorExpired,
    SecondFactorMissing,
    SecondFactorNeeded,
    SecondFactorPresent,
    SecondFactorWrong,
    TokenTooNarrow,
    TooOften,
    WrongCredentials,
)
from beseda.domain.ids import AccountId
from beseda.domain.second_factor import RECOVERY_CODES, STEP_S, code_at, step_of
from beseda.domain.sessions import Handle
from beseda.domain.tokens import Scope
from unit.core.world import HERE, PASSWORD, World

ELSEWHERE = "198.51.100.9"


class Owner:
    """A member with an authenticator, who came in by the password."""

    def __init__(self, world: World, caller: Caller) -> None:
        self.world = world
        self.caller = caller
        self.secret = b""
        self.recovery: list[str] = []

    @property
    def id(self) -> AccountId:
        return self.caller.signed_in()[0].id

    def code(self) -> str:
        """One that was not shown before: each waits for the next."""
        self.world.clock.move(STEP_S)
        return self.shown()

    def shown(self, steps: int = 0) -> str:
        return code_at(self.secret, step_of(self.world.clock.now()) + steps)

    async def ticket(self, address: str = HERE) -> str:
        with pytest.raises(SecondFactorNeeded) as needed:
            await self.world.core.auth.sign_in("Alena", PASSWORD, kind=Handle.COOKIE, address=address)
        return needed.value.ticket


async def owner(world: World) -> Owner:
    await world.member("Alena")
    signed_in = await world.core.auth.sign_in("Alena", PASSWORD, kind=Handle.COOKIE, address=HERE)
    made = Owner(world, Caller(HERE, signed_in.account, signed_in.session))
    enrolment = await world.core.second_factors.begin(made.caller, PASSWORD)
    made.secret = enrolment.secret
    made.recovery = await world.core.second_factors.confirm(made.caller, enrolment.ticket, made.shown())
    return made


async def test_it_is_asked_for_after_the_password_by_every_way_in(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    for kind in (Handle.COOKIE, Handle.SID, Handle.BEARER):
        with pytest.raises(SecondFactorNeeded):
            await world.core.auth.sign_in("Alena", PASSWORD, kind=kind, address=HERE)
    with pytest.raises(WrongCredentials):
        await world.core.auth.sign_in("Alena", "spatne heslo", kind=Handle.COOKIE, address=HERE)
    signed_in = await factors.sign_in(await alena.ticket(), f" {alena.code()[:3]} {alena.shown()[3:]}", HERE)
    assert await world.is_good(signed_in.handle)
    _, secret = await world.core.tokens.add(alena.id, "client", Scope())
    by_token = await world.core.auth.sign_in("Alena", secret, kind=Handle.BEARER, address=HERE, protocol="spaceweb")
    assert by_token.account.id == alena.id


async def test_nothing_is_on_before_a_first_code_and_all_else_is_signed_out_with_it(world: World) -> None:
    await world.member("Alena")
    before = await world.sign_in()
    signed_in = await world.core.auth.sign_in("Alena", PASSWORD, kind=Handle.COOKIE, address=HERE)
    caller, factors = Caller(HERE, signed_in.account, signed_in.session), world.core.second_factors
    _, token = await world.core.tokens.add(signed_in.account.id, "client", Scope())
    with pytest.raises(WrongCredentials):
        await factors.begin(caller, "spatne heslo")
    first, second = await factors.begin(caller, PASSWORD), await factors.begin(caller, PASSWORD)
    assert first.secret != second.secret
    assert factors.resume(caller, first.ticket) == first
    for wrong in ("000000", "", "abcdef", code_at(second.secret, step_of(world.clock.now()))):
        with pytest.raises(SecondFactorWrong):
            await factors.confirm(caller, first.ticket, wrong)
    assert await factors.find_own(caller) is None
    assert await world.is_good(await world.sign_in())
    codes = await factors.confirm(caller, first.ticket, code_at(first.secret, step_of(world.clock.now())))
    assert len(set(codes)) == RECOVERY_CODES
    assert [await world.is_good(before), await world.is_good(signed_in.handle)] == [False, True]
    assert (await world.core.auth.caller(Handle.BEARER, token, HERE)).account is not None
    for ticket, secret in ((first.ticket, first.secret), (second.ticket, second.secret)):
        with pytest.raises(SecondFactorPresent):
            await factors.confirm(caller, ticket, code_at(secret, step_of(world.clock.now())))
    with pytest.raises(SecondFactorPresent):
        await factors.begin(caller, PASSWORD)


async def test_a_ticket_is_its_owners_for_its_purpose_and_not_for_long(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    await world.member("Brana")
    signed_in = await world.core.auth.sign_in("Brana", PASSWORD, kind=Handle.COOKIE, address=HERE)
    brana = Caller(HERE, signed_in.account, signed_in.session)
    enrolment, ticket = await factors.begin(brana, PASSWORD), await alena.ticket()
    for wrong in ("", ".", "1.2.3", ticket, "x" * 5_000, enrolment.ticket[:-1], enrolment.ticket + "0", "é.ř"):
        with pytest.raises(SecondFactorExpired):
            factors.resume(brana, wrong)
    with pytest.raises(SecondFactorExpired):
        factors.resume(alena.caller, enrolment.ticket)
    with pytest.raises(SecondFactorExpired):
        await factors.sign_in(enrolment.ticket, alena.code(), HERE)
    world.clock.move(timedelta(minutes=5).total_seconds())
    with pytest.raises(SecondFactorExpired):
        await factors.sign_in(ticket, alena.code(), HERE)
    world.clock.move(timedelta(minutes=30).total_seconds())
    with pytest.raises(SecondFactorExpired):
        factors.resume(brana, enrolment.ticket)


async def test_a_code_is_good_once_also_for_many_at_once(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    ticket = await alena.ticket()
    with pytest.raises(SecondFactorWrong) as wrong:
        await factors.sign_in(ticket, alena.shown(), HERE)  # the first code, which turned it on
    assert wrong.value.ticket == ticket
    code = alena.code()
    tried = await asyncio.gather(*(factors.sign_in(ticket, code, HERE) for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(each, BesedaError) for each in tried) == 1
    assert {type(each) for each in tried if isinstance(each, BesedaError)} == {SecondFactorWrong}


async def test_a_new_password_or_standing_makes_the_ticket_nothing(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    ticket = await alena.ticket()
    await world.core.accounts.set_password(alena.id, "zcela jine heslo")
    with pytest.raises(SecondFactorExpired):
        await factors.sign_in(ticket, alena.code(), HERE)
    await world.core.accounts.set_password(alena.id, PASSWORD)
    ticket = await alena.ticket()
    await world.core.accounts.set_standing(alena.id, Standing.BLOCKED)
    with pytest.raises(SecondFactorExpired):
        await factors.sign_in(ticket, alena.code(), HERE)


async def test_guessing_is_slow_and_shuts_the_owner_out_neither_at_home_nor_with_a_recovery_code(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    ticket = await alena.ticket()
    refused = [await refusal_of(factors.sign_in(ticket, "000000", f"198.51.100.{number}")) for number in range(10)]
    assert refused == ["second_factor_wrong"] * 5 + ["too_often"] * 5
    with pytest.raises(TooOften):
        await factors.sign_in(ticket, alena.shown(1), ELSEWHERE)
    with pytest.raises(TooOften):
        await factors.sign_in(ticket, "aaaa-bbbb-cccc-dddd", ELSEWHERE)
    assert (await factors.sign_in(ticket, alena.shown(1), HERE)).account.id == alena.id
    assert (await factors.sign_in(ticket, alena.recovery[0].upper(), ELSEWHERE)).account.id == alena.id


async def test_right_codes_cost_nothing(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    for _ in range(8):
        await factors.sign_in(await alena.ticket(), alena.code(), HERE)


async def test_recovery_codes_are_used_once_renewed_and_kept_as_hashes(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    code = alena.recovery[3]
    await factors.sign_in(await alena.ticket(), code, HERE)
    with pytest.raises(SecondFactorWrong):
        await factors.sign_in(await alena.ticket(), code, HERE)
    found = await factors.find_own(alena.caller)
    assert found is not None
    assert found[1] == RECOVERY_CODES - 1
    rows = await world.parts.database.reader.fetch("SELECT account_id, digest FROM recovery_codes")
    told = repr(rows) + repr(await world.parts.database.reader.fetch("SELECT * FROM second_factors"))
    assert not any(each.replace("-", "") in told for each in alena.recovery)
    assert alena.secret.hex() not in told
    renewed = await factors.renew_recovery(alena.caller, PASSWORD, alena.code())
    with pytest.raises(SecondFactorWrong):
        await factors.sign_in(await alena.ticket(), alena.recovery[5], HERE)
    await factors.sign_in(await alena.ticket(), renewed[5], HERE)


async def test_it_is_turned_off_with_password_and_code_or_by_the_operator(world: World) -> None:
    alena, factors = await owner(world), world.core.second_factors
    with pytest.raises(WrongCredentials):
        await factors.turn_off(alena.caller, "spatne heslo", alena.code())
    with pytest.raises(SecondFactorWrong):
        await factors.turn_off(alena.caller, PASSWORD, "000000")
    _, secret = await world.core.tokens.add(alena.id, "client", Scope())
    by_token = await world.core.auth.caller(Handle.BEARER, secret, HERE)
    with pytest.raises(TokenTooNarrow):
        await factors.turn_off(by_token, PASSWORD, alena.code())
    await factors.turn_off(alena.caller, PASSWORD, alena.code())
    assert await world.is_good(await world.sign_in())
    with pytest.raises(SecondFactorMissing):
        await factors.turn_off(alena.caller, PASSWORD, alena.code())
    assert not await factors.switch_off(alena.id)
    enrolment = await factors.begin(alena.caller, PASSWORD)
    await factors.confirm(alena.caller, enrolment.ticket, code_at(enrolment.secret, step_of(world.clock.now())))
    assert await factors.switch_off(alena.id)
    assert await world.is_good(await world.sign_in())
    with pytest.raises(AccountNotFound):
        await factors.switch_off(AccountId(999))


async def test_whoever_was_to_be_deleted_comes_back_with_both(world: World) -> None:
    alena, deletions = await owner(world), world.core.deletions
    await deletions.ask(alena.id)
    world.clock.move(WAIT.total_seconds() / 2)
    with pytest.raises(SecondFactorNeeded):
        await deletions.come_back("Alena", PASSWORD, HERE)
    with pytest.raises(SecondFactorWrong):
        await deletions.come_back("Alena", PASSWORD, HERE, second="000000")
    assert await deletions.due_at(alena.id) is not None
    assert (await deletions.come_back("Alena", PASSWORD, HERE, second=alena.code())).account.id == alena.id


async def refusal_of(deed: object) -> str:
    with pytest.raises(BesedaError) as refusal:
        await deed  # type: ignore[misc]
    return refusal.value.code
