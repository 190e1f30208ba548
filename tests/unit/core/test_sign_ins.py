"""Guessing is slow, and nobody is locked out by it: the rules at work, with a clock that the test moves."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from beseda.adapters.passwords import Argon2Hasher
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.domain.accounts import Account, Standing
from beseda.domain.errors import (
    AccountBlocked,
    BesedaError,
    CaptchaNeeded,
    CaptchaWrong,
    Overloaded,
    TooOften,
    WrongCredentials,
)
from beseda.domain.limits import LIMITS
from beseda.domain.sessions import Handle
from beseda.domain.sign_ins import KNOWN_FOR, KNOWN_MAX, ONE_NAME_AT_ONCE
from unit.core.world import HERE, PASSWORD, World, attempt

HOME, GATEWAY, FRESH = "198.51.100.1", "198.51.100.2", "198.51.100.3"
WRONG = "wrong wrong"


class Busy(Argon2Hasher):
    """Knows how many were in it at once, and holds them until it is told to go on."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, passes=1)
        self.go_on = asyncio.Event()
        self.inside = self.most_inside = self.asked = 0

    async def verify(self, password_hash: str | None, password: str) -> bool:
        self.asked += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        await self.go_on.wait()
        try:
            return await super().verify(password_hash, password)
        finally:
            self.inside -= 1


class Renewing(Argon2Hasher):
    """Hashes the password of a member anew, once, while it is at work on it."""

    def __init__(self, world: World, account: Account) -> None:
        super().__init__(memory_kib=8, passes=1)
        self.world, self.account, self.asked = world, account, 0

    async def verify(self, password_hash: str | None, password: str) -> bool:
        self.asked += 1
        if self.asked == 1:
            async with self.world.parts.store.unit() as unit:
                await unit.accounts.set_password_hash(self.account.id, await self.hash(PASSWORD))
        return await super().verify(password_hash, password)


async def member(world: World, nick: str, password: str) -> Account:
    return await world.core.accounts.add(Application(nick, password))


async def flood(world: World, seconds: int, *, per_s: int, addresses: int, login: str = "Alena") -> Counter[str]:
    """How the guesses were answered; the clock goes on."""
    answers: Counter[str] = Counter()
    for number in range(seconds * per_s):
        refusal = await attempt(world, login, WRONG, f"203.0.{number % addresses // 250}.{number % 250}")
        answers[refusal.__name__ if refusal else ""] += 1
        world.clock.move(1 / per_s)
    return answers


async def with_code(world: World, login: str, password: str, address: str, code: str) -> BesedaError | None:
    """What a way in that shows pictures is refused with."""
    try:
        await world.core.auth.sign_in(login, password, kind=Handle.SID, address=address, code=code)
    except BesedaError as refusal:
        return refusal
    return None


async def read_picture(world: World, login: str, password: str, address: str) -> BesedaError | None:
    """Sign in where a picture is asked for."""
    refusal = await with_code(world, login, password, address, "")
    assert isinstance(refusal, CaptchaNeeded)
    return await with_code(world, login, password, address, world.core.captcha.answer(refusal.challenge))


class TestUnderAttack:
    @pytest.mark.long
    async def test_of_ten_thousand_guesses_sixty_are_looked_at(self, world: World) -> None:
        await world.member()
        answers: Counter[str] = Counter()
        for number in range(10_000):
            refusal = await attempt(world, "Alena", WRONG, f"203.0.{number % 1000 // 250}.{number % 250}")
            answers[refusal.__name__ if refusal else ""] += 1
            world.clock.move(600 / 10_000)
        assert answers["WrongCredentials"] <= 60
        assert answers["WrongCredentials"] + answers["TooOften"] == 10_000

    @pytest.mark.long
    async def test_the_owner_gets_in_at_the_first_try_where_he_is_known(self, world: World) -> None:
        await world.member()
        assert await attempt(world, "Alena", PASSWORD, HOME) is None
        looked_at = 0
        for _ in range(20):
            looked_at += (await flood(world, 10, per_s=25, addresses=300))["WrongCredentials"]
            assert await attempt(world, "Alena", PASSWORD, HOME) is None
            assert await with_code(world, "Alena", PASSWORD, HOME, "") is None
        assert looked_at <= 10 + 200 / LIMITS["sign_in_account"].per_s

    async def test_who_is_known_may_still_mistype(self, world: World) -> None:
        await world.member()
        await attempt(world, "Alena", PASSWORD, HOME)
        await flood(world, 10, per_s=25, addresses=300)
        assert await attempt(world, "Alena", WRONG, HOME) is WrongCredentials
        assert await attempt(world, "Alena", PASSWORD, HOME) is None

    async def test_from_anywhere_with_a_picture(self, world: World) -> None:
        await world.member()
        for number in range(10):
            await flood(world, 5, per_s=25, addresses=300)
            assert await read_picture(world, "Alena", PASSWORD, f"198.51.100.{number}") is None

    async def test_from_a_fresh_address_without_pictures_he_waits(self, world: World) -> None:
        await world.member()
        await flood(world, 10, per_s=25, addresses=300)
        assert await attempt(world, "Alena", PASSWORD, FRESH) is TooOften
        world.clock.move(LIMITS["sign_in_account"].per_s)
        assert await attempt(world, "Alena", PASSWORD, FRESH) is None

    async def test_an_unknown_name_is_treated_alike(self, world: World) -> None:
        """From strange addresses, and where it is known for others but not for that member."""
        await world.member()
        await member(world, "Brana", "tichy potok 34")
        await attempt(world, "Brana", "tichy potok 34", GATEWAY)
        outcomes = []
        for name in ("Alena", "Nikdo"):
            tries = [await attempt(world, name, WRONG, GATEWAY) for _ in range(8)]
            tries += [await attempt(world, name, WRONG, f"203.0.113.{number}") for number in range(10)]
            asked = await with_code(world, name, WRONG, FRESH, "")
            outcomes.append((tries, type(asked)))
        assert outcomes[0] == outcomes[1]
        assert {WrongCredentials, TooOften} == set(outcomes[0][0])

    async def test_where_a_member_is_known_he_may_guess_as_often_as_at_a_name_that_does_not_exist(
        self, world: World
    ) -> None:
        await world.member()
        await attempt(world, "Alena", PASSWORD, GATEWAY)
        tries = [[await attempt(world, name, WRONG, GATEWAY) for _ in range(8)] for name in ("Alena", "Nikdo")]
        assert tries[0] == tries[1]

    async def test_the_database_is_asked_the_same_for_a_name_that_does_not_exist(self, world: World) -> None:
        await world.member()
        database: Any = world.parts.database
        asked: list[list[str]] = []
        for name in ("Alena", "Nikdo"):
            statements: list[str] = []
            for raw in (database.raw, database.reader.raw):
                raw.set_trace_callback(statements.append)
            assert await attempt(world, name, WRONG) is WrongCredentials
            for raw in (database.raw, database.reader.raw):
                raw.set_trace_callback(None)
            asked.append([re.sub(r"'[^']*'|[0-9.]{3,}|account_id = [0-9]", "?", statement) for statement in statements])
        assert asked[0] == asked[1]
        assert sum("FROM accounts" in statement for statement in asked[0]) == 1


class TestSharedAddress:
    async def test_is_not_shut_by_one_who_hammers_at_a_name(self, world: World) -> None:
        await world.member()
        await member(world, "Brana", "tichy potok 34")
        await member(world, "Cyril", "zeleny most 56")
        await attempt(world, "Brana", "tichy potok 34", GATEWAY)
        for _ in range(60):
            for _ in range(10):
                assert await attempt(world, "Alena", WRONG, GATEWAY) is not None
            world.clock.move(1)
            assert await attempt(world, "Brana", "tichy potok 34", GATEWAY) is None
        assert await attempt(world, "Cyril", "zeleny most 56", GATEWAY) is None, "though he was never here"

    async def test_nor_for_its_members_by_one_who_tries_many_names(self, world: World) -> None:
        await member(world, "Brana", "tichy potok 34")
        await member(world, "Cyril", "zeleny most 56")
        await attempt(world, "Brana", "tichy potok 34", GATEWAY)
        for number in range(100):
            await attempt(world, f"Nikdo {number}", WRONG, GATEWAY)
        assert await attempt(world, "Brana", "tichy potok 34", GATEWAY) is None
        assert await attempt(world, "Cyril", "zeleny most 56", GATEWAY) is TooOften
        assert await read_picture(world, "Cyril", "zeleny most 56", GATEWAY) is None

    async def test_who_guesses_from_the_members_own_address_is_passed_by_with_a_picture(self, world: World) -> None:
        await world.member()
        await attempt(world, "Alena", PASSWORD, HOME)
        for _ in range(30):
            await attempt(world, "Alena", WRONG, HOME)
        assert await attempt(world, "Alena", PASSWORD, HOME) is TooOften
        assert await read_picture(world, "Alena", PASSWORD, HOME) is None

    async def test_a_member_who_is_known_there_guesses_no_better_at_others(self, world: World) -> None:
        """His own right password between two guesses gives back what it took itself, and nothing else."""
        await member(world, "Mallory", "tichy potok 34")
        outcomes: Counter[type[BesedaError] | None] = Counter()
        for number in range(100):
            assert await attempt(world, "Mallory", "tichy potok 34") is None
            outcomes[await attempt(world, f"Nikdo {number}", WRONG)] += 1
            assert await attempt(world, "Mallory", "tichy potok 34") is None
        assert outcomes == {WrongCredentials: LIMITS["sign_in_address"].burst, TooOften: 70}

    async def test_nor_better_at_one(self, world: World) -> None:
        await world.member()
        await member(world, "Mallory", "tichy potok 34")
        outcomes = []
        for _ in range(20):
            await attempt(world, "Mallory", "tichy potok 34")
            outcomes.append(await attempt(world, "Alena", WRONG))
        assert outcomes == [WrongCredentials] * 5 + [TooOften] * 15


class TestRightPasswords:
    @pytest.mark.parametrize("kind", [Handle.COOKIE, Handle.SID, Handle.BEARER])
    async def test_are_never_counted(self, world: World, kind: Handle) -> None:
        await world.member()
        for number in range(100):
            await world.sign_in(kind=kind, address=HERE if number % 2 else FRESH)
        for address in (HERE, FRESH):
            assert [await attempt(world, "Alena", WRONG, address) for _ in range(6)] == [WrongCredentials] * 5 + [
                TooOften
            ]

    async def test_nor_those_that_prove_who_changes_his_password(self, world: World) -> None:
        await world.member()
        for old, new in [(PASSWORD, "jine heslo 99"), ("jine heslo 99", PASSWORD)] * 20:
            signed_in = await world.core.auth.sign_in("Alena", old, kind=Handle.COOKIE, address=HERE)
            await world.core.accounts.change_password(Caller(HERE, signed_in.account, signed_in.session), old, new)
        assert await attempt(world, "Alena", PASSWORD) is None

    async def test_nor_those_that_are_hashed_anew_meanwhile(self, world: World) -> None:
        alena = await world.member()
        await flood(world, 10, per_s=25, addresses=300)
        world.core.auth._hasher = renewing = Renewing(world, alena)
        assert await read_picture(world, "Alena", PASSWORD, FRESH) is None
        assert renewing.asked == 2
        renewing.asked = 0
        assert await attempt(world, "Alena", PASSWORD, FRESH) is None
        assert renewing.asked == 2
        renewing.close()

    async def test_a_flood_keeps_nobody_from_changing_his_own(self, world: World) -> None:
        await world.member()
        signed_in = await world.core.auth.sign_in("Alena", PASSWORD, kind=Handle.COOKIE, address=HOME)
        await flood(world, 10, per_s=25, addresses=300)
        caller = Caller(FRESH, signed_in.account, signed_in.session)
        for _ in range(4):
            with pytest.raises(WrongCredentials):
                await world.core.accounts.change_password(caller, WRONG, "jine heslo 99")
        await world.core.accounts.change_password(caller, PASSWORD, "jine heslo 99")
        assert await attempt(world, "Alena", "jine heslo 99", HOME) is None

    async def test_nor_those_of_accounts_that_may_not_be_used(self, world: World) -> None:
        alena = await world.member()
        await world.core.accounts.set_standing(alena.id, Standing.BLOCKED)
        assert [await attempt(world, "Alena", PASSWORD) for _ in range(40)] == [AccountBlocked] * 40
        assert [await attempt(world, "Alena", WRONG) for _ in range(6)] == [WrongCredentials] * 5 + [TooOften]

    async def test_nor_what_nobody_looked_at(self, world: World) -> None:
        await world.member()
        ready = world.core.auth._hasher
        world.core.auth._hasher = full = Argon2Hasher(memory_kib=8, passes=1, queue_max=0)
        assert [await attempt(world, "Alena", WRONG) for _ in range(40)] == [Overloaded] * 40
        world.core.auth._hasher = ready
        assert await attempt(world, "Alena", PASSWORD) is None
        full.close()

    async def test_a_picture_that_was_not_read_gives_nothing_back(self, world: World) -> None:
        await world.member()
        for number in range(10):
            await attempt(world, "Alena", WRONG, f"203.0.113.{number}")
        for number in range(20):
            refusal = await with_code(world, "Alena", PASSWORD, f"203.0.113.{number}", "" if number % 2 else "0000")
            assert isinstance(refusal, CaptchaNeeded | CaptchaWrong)
        assert await attempt(world, "Alena", WRONG, FRESH) is TooOften


class TestAtOnce:
    async def together(
        self, world: World, deeds: Callable[[int], tuple[str, str, str]], count: int
    ) -> tuple[list[type[BesedaError] | None], Busy]:
        """The outcomes of attempts that all begin before the first hash is made."""
        hasher, world.core.auth._hasher = world.core.auth._hasher, Busy()
        busy = world.core.auth._hasher
        assert isinstance(busy, Busy)
        tasks = [asyncio.create_task(attempt(world, *deeds(number))) for number in range(count)]
        for _ in range(20):
            await asyncio.sleep(0)
        busy.go_on.set()
        outcomes = await asyncio.gather(*tasks)
        world.core.auth._hasher = hasher
        busy.close()
        return list(outcomes), busy

    async def test_of_a_hundred_guesses_no_more_are_looked_at_than_of_one_after_another(self, world: World) -> None:
        await world.member()
        outcomes, busy = await self.together(world, lambda number: ("Alena", WRONG, f"203.0.113.{number}"), 100)
        assert Counter(outcomes) == {WrongCredentials: 10, TooOften: 90}
        assert busy.asked == 10
        outcomes, busy = await self.together(world, lambda number: (f"Nikdo {number}", WRONG, HERE), 100)
        assert Counter(outcomes) == {WrongCredentials: 30, TooOften: 70}
        outcomes, busy = await self.together(world, lambda number: ("Brana", WRONG, GATEWAY), 100)
        assert Counter(outcomes) == {WrongCredentials: 5, TooOften: 95}

    async def test_one_address_has_one_hash_under_way(self, world: World) -> None:
        for number in range(20):
            await member(world, f"Clen {number}", PASSWORD)
        outcomes, busy = await self.together(world, lambda number: (f"Clen {number}", PASSWORD, GATEWAY), 20)
        assert outcomes == [None] * 20, "all who sign in anew after their gateway was started again"
        assert busy.most_inside == 1

    async def test_one_valid_login_in_a_loop_leaves_room_for_others(self, world: World) -> None:
        await world.member()
        await member(world, "Brana", PASSWORD)

        def deeds(number: int) -> tuple[str, str, str]:
            return ("Brana", PASSWORD, HERE) if number == 99 else ("Alena", PASSWORD, HERE)

        outcomes, busy = await self.together(world, deeds, 100)
        assert Counter(outcomes) == {None: ONE_NAME_AT_ONCE + 1, TooOften: 99 - ONE_NAME_AT_ONCE}
        assert outcomes[-1] is None
        assert busy.most_inside == 1
        assert await attempt(world, "Alena", PASSWORD) is None
        assert world.core.auth._sign_ins._turns == {}
        assert not world.core.auth._sign_ins._under_way

    @pytest.mark.parametrize("settings", [{"accounts.sign_ins_per_address": 5}])
    async def test_so_many_of_one_address_as_is_set(self, world: World) -> None:
        outcomes, _ = await self.together(world, lambda number: (f"Nikdo {number}", WRONG, HERE), 12)
        assert Counter(outcomes) == {WrongCredentials: 5, TooOften: 7}

    async def test_who_is_told_to_wait_learns_how_long_and_has_not_failed(self, world: World) -> None:
        await world.member()
        outcomes, _ = await self.together(world, lambda number: ("Alena", PASSWORD, HERE), 60)
        assert TooOften in outcomes
        assert await with_code(world, "Alena", PASSWORD, HERE, "") is None, "no picture"
        assert [await attempt(world, "Alena", WRONG) for _ in range(5)] == [WrongCredentials] * 5

    async def test_who_goes_away_makes_room(self, world: World) -> None:
        await world.member()
        ready, world.core.auth._hasher = world.core.auth._hasher, Busy()
        busy = world.core.auth._hasher
        tasks = [asyncio.create_task(attempt(world, "Alena", PASSWORD)) for _ in range(ONE_NAME_AT_ONCE)]
        for _ in range(20):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        world.core.auth._hasher = ready
        assert await attempt(world, "Alena", PASSWORD) is None
        assert isinstance(busy, Busy)
        busy.close()


class TestKnownAddresses:
    async def test_are_known_for_the_member_alone(self, world: World) -> None:
        await world.member()
        await member(world, "Brana", PASSWORD)
        await attempt(world, "Brana", PASSWORD, HOME)
        await flood(world, 10, per_s=25, addresses=300)
        assert await attempt(world, "Alena", PASSWORD, HOME) is TooOften

    async def test_only_signing_in_makes_them_known(self, world: World) -> None:
        alena = await world.member()
        await attempt(world, "Alena", WRONG, FRESH)
        await world.core.accounts.set_standing(alena.id, Standing.FROZEN)
        await attempt(world, "Alena", PASSWORD, FRESH)
        await world.core.accounts.set_standing(alena.id, Standing.ACTIVE)
        await flood(world, 10, per_s=25, addresses=300)
        assert await attempt(world, "Alena", PASSWORD, FRESH) is TooOften

    async def test_however_the_member_writes_the_name(self, world: World) -> None:
        await world.member(email="alena@example.org", phone="+420777123456")
        await attempt(world, "Alena", PASSWORD, HOME)
        for login in ("alena@example.org", "+420777123456"):
            await flood(world, 10, per_s=25, addresses=300, login=login)
            assert await attempt(world, login, PASSWORD, HOME) is None

    async def test_for_so_long(self, world: World) -> None:
        alena = await world.member()
        await attempt(world, "Alena", PASSWORD, HOME)
        sign_ins = world.core.auth._sign_ins
        world.clock.move(KNOWN_FOR.total_seconds())
        await world.core.auth.forget_old()
        assert await sign_ins.knows(alena, HOME)
        world.clock.move(1)
        assert not await sign_ins.knows(alena, HOME)
        await attempt(world, "Alena", PASSWORD, FRESH)
        await world.core.auth.forget_old()
        rows = await world.parts.database.reader.fetch("SELECT account_id FROM sign_in_addresses")
        assert [row[0] for row in rows] == [alena.id]

    async def test_the_newest_so_many(self, world: World) -> None:
        alena = await world.member()
        for number in range(KNOWN_MAX + 3):
            await attempt(world, "Alena", PASSWORD, f"203.0.113.{number}")
            world.clock.move(1)
            await attempt(world, "Alena", PASSWORD, HOME)
        sign_ins = world.core.auth._sign_ins
        known = [number for number in range(KNOWN_MAX + 3) if await sign_ins.knows(alena, f"203.0.113.{number}")]
        assert known == list(range(4, KNOWN_MAX + 3))
        assert await sign_ins.knows(alena, HOME)

    async def test_are_not_told_by_the_database(self, world: World) -> None:
        await world.member()
        await member(world, "Brana", PASSWORD)
        for nick in ("Alena", "Brana"):
            await attempt(world, nick, PASSWORD, HOME)
        rows = await world.parts.database.reader.fetch("SELECT digest FROM sign_in_addresses")
        assert len({row[0] for row in rows}) == 2
        assert all(HOME not in row[0] and len(row[0]) == 64 for row in rows)
