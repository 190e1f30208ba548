"""Signing in and out; what names a session, and how long."""

import asyncio
import unicodedata

import pytest

from beseda.adapters.passwords import Argon2Hasher
from beseda.core.accounts import Application
from beseda.core.auth import SignedIn
from beseda.core.caller import Caller
from beseda.domain.accounts import LoginKeys, Sex, Standing
from beseda.domain.errors import (
    AccountBlocked,
    AccountFrozen,
    AlreadySignedIn,
    BesedaError,
    EmptyCredentials,
    NickInvalid,
    NickTaken,
    NoSuchLogin,
    NotSignedIn,
    Overloaded,
    PasswordUnreadable,
    TooOften,
    WrongCredentials,
    WrongProof,
)
from beseda.domain.limits import LIMITS
from beseda.domain.sessions import LIFETIMES, Handle
from unit.core.world import HERE, PASSWORD, World, attempt

NOT_SIGNED_IN = Caller(HERE)
SIGN_IN_KINDS = tuple(LIFETIMES)


class Counting(Argon2Hasher):
    """Remembers what it was asked to verify."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, passes=1)
        self.asked: list[str | None] = []

    async def verify(self, password_hash: str | None, password: str) -> bool:
        self.asked.append(password_hash)
        return await super().verify(password_hash, password)


class TestSignIn:
    @pytest.mark.parametrize(
        ("login", "password", "refusal"),
        [
            ("Alena", PASSWORD, None),
            ("  ALENA ", PASSWORD, None),
            ("alena@example.org", PASSWORD, None),
            ("Alena@Example.ORG", PASSWORD, None),
            ("+420777123456", PASSWORD, None),
            ("00420 777 123 456", PASSWORD, None),
            ("Alena", PASSWORD + " ", WrongCredentials),
            ("Alena", PASSWORD.upper(), WrongCredentials),
            ("Alena", "x" * 129, WrongCredentials),
            ("Alena", "x" * 100_000, WrongCredentials),
            ("Nikdo", PASSWORD, WrongCredentials),
            ("", PASSWORD, EmptyCredentials),
            ("   ", PASSWORD, EmptyCredentials),
            ("Alena", "", EmptyCredentials),
            ("", "", EmptyCredentials),
            ("ab", PASSWORD, NoSuchLogin),
            ("a" * 16, PASSWORD, NoSuchLogin),
            ("Ale\0na", PASSWORD, NoSuchLogin),
            ("\udce9\udce9\udce9", PASSWORD, WrongCredentials),
        ],
    )
    async def test_needs_a_name_and_its_password(
        self, world: World, login: str, password: str, refusal: type[BesedaError] | None
    ) -> None:
        await world.member(email="alena@example.org", phone="+420 777 123 456")
        assert await attempt(world, login, password) is refusal

    async def test_of_blocked_and_frozen_is_told_only_to_who_knows_the_password(self, world: World) -> None:
        alena = await world.member()
        for standing, refusal in ((Standing.BLOCKED, AccountBlocked), (Standing.FROZEN, AccountFrozen)):
            await world.core.accounts.set_standing(alena.id, standing)
            assert await attempt(world, "Alena", PASSWORD) is refusal
            assert await attempt(world, "Alena", "another one") is WrongCredentials
        await world.core.accounts.set_standing(alena.id, Standing.ACTIVE)
        assert await attempt(world, "Alena", PASSWORD, "192.0.2.2") is None

    async def test_of_unknown_takes_the_hasher_too(self, world: World) -> None:
        await world.member()
        hasher = Counting()
        world.core.auth._hasher = hasher
        await attempt(world, "Alena", "another one")
        await attempt(world, "Nikdo", "another one")
        hasher.close()
        assert [asked is None for asked in hasher.asked] == [False, True]

    async def test_is_the_same_from_every_keyboard(self, world: World) -> None:
        composed, apart = "žluťoučký kůň 7", unicodedata.normalize("NFD", "žluťoučký kůň 7")
        for nick, password in (("Alena", composed), ("Brana", apart)):
            await world.core.accounts.add(Application(nick, password))
            for tried in (composed, apart, composed.replace(" ", "\u00a0"), apart.replace(" ", "\u3000")):
                assert await attempt(world, nick, tried, nick) is None
            assert await attempt(world, nick, "zlutoucky kun 7", nick) is WrongCredentials

    async def test_by_a_password_that_was_hashed_as_it_was_typed_renews_the_hash(self, world: World) -> None:
        alena = await world.member()
        typed = unicodedata.normalize("NFD", "žluťoučký kůň 7")
        async with world.parts.store.unit() as unit:
            await unit.accounts.set_password_hash(alena.id, await world.core.auth._hasher.hash(typed))
        assert await attempt(world, "Alena", unicodedata.normalize("NFC", typed)) is WrongCredentials
        assert await attempt(world, "Alena", typed) is None
        assert await attempt(world, "Alena", unicodedata.normalize("NFC", typed)) is None
        assert await attempt(world, "Alena", typed) is None

    async def test_takes_as_many_hashes_for_who_is_unknown(self, world: World) -> None:
        await world.member()
        for password, count in (("another one", 1), ("z\u030caneta 77", 2), ("z\udcffaneta 77", 0), ("x" * 129, 0)):
            hasher = Counting()
            world.core.auth._hasher = hasher
            assert await attempt(world, "Alena", password) is WrongCredentials
            assert await attempt(world, "Nikdo", password) is WrongCredentials
            hasher.close()
            assert [asked is None for asked in hasher.asked] == [False] * count + [True] * count

    @pytest.mark.parametrize("password", ["\udcef\udcf0\udce8\udce2" * 2, "\ufffd" * 8])
    async def test_never_by_a_password_whose_characters_were_lost(self, world: World, password: str) -> None:
        alena = await world.member()
        with pytest.raises(PasswordUnreadable):
            await world.core.accounts.set_password(alena.id, password)
        async with world.parts.store.unit() as unit:  # as it was let in once
            await unit.accounts.set_password_hash(alena.id, await world.core.auth._hasher.hash(password))
        assert await attempt(world, "Alena", password) is WrongCredentials

    async def test_is_refused_when_too_many_wait_for_the_hasher(self, world: World) -> None:
        await world.member()
        full = Argon2Hasher(memory_kib=8, passes=1, queue_max=0)
        world.core.auth._hasher = full
        assert await attempt(world, "Alena", PASSWORD) is Overloaded
        full.close()

    async def test_by_a_visitors_nick_finds_no_member(self, world: World) -> None:
        await world.visitor_in("Host")
        assert await attempt(world, "Host", PASSWORD) is WrongCredentials

    async def test_refuses_who_is_signed_in_where_that_matters(self, world: World) -> None:
        caller = await world.member_in("Alena")
        NOT_SIGNED_IN.check_signed_out()
        with pytest.raises(AlreadySignedIn):
            caller.check_signed_out()
        with pytest.raises(NotSignedIn):
            NOT_SIGNED_IN.signed_in()


class TestLimits:
    async def test_one_account_from_one_address(self, world: World) -> None:
        await world.member()
        for _ in range(5):
            assert await attempt(world, "Alena", "wrong wrong") is WrongCredentials
        assert await attempt(world, "Alena", PASSWORD) is TooOften
        assert await attempt(world, "Alena", PASSWORD, "192.0.2.2") is None
        world.clock.move(LIMITS["sign_in_pair"].per_s)
        assert await attempt(world, "Alena", PASSWORD) is None

    async def test_right_passwords_are_no_guesses(self, world: World) -> None:
        await world.member()
        for number in range(12):
            assert await attempt(world, "Alena", PASSWORD, f"192.0.2.{number % 2}") is None
        for _ in range(4):
            assert await attempt(world, "Alena", "wrong wrong") is WrongCredentials
        assert await attempt(world, "Alena", PASSWORD) is None
        assert await attempt(world, "Alena", "wrong wrong") is WrongCredentials
        assert await attempt(world, "Alena", PASSWORD) is TooOften

    async def test_one_account_from_everywhere_however_its_name_is_written(self, world: World) -> None:
        await world.member(phone="+420777123456")
        ways = ["+420777123456", "00420777123456", "420 777 123 456", "(420) 777-123-456", "420.777.123.456"]
        for number in range(10):
            assert await attempt(world, ways[number % 5], "wrong wrong", f"192.0.2.{number}") is WrongCredentials
        for number, way in enumerate(ways, 10):
            assert await attempt(world, way, PASSWORD, f"192.0.2.{number}") is TooOften

    async def test_one_address_whatever_the_account(self, world: World) -> None:
        for number in range(30):
            assert await attempt(world, f"Nikdo {number}", PASSWORD) is WrongCredentials
        assert await attempt(world, "Nikdo jiny", PASSWORD) is TooOften
        with pytest.raises(TooOften) as refusal:
            await world.sign_in("Nikdo jiny")
        assert 0 < refusal.value.retry_after_s <= LIMITS["sign_in_address"].per_s

    async def test_what_is_no_name_at_all_counts_nowhere(self, world: World) -> None:
        await world.member()
        for _ in range(40):
            await attempt(world, "ab", PASSWORD)
            await attempt(world, "", "")
        assert await attempt(world, "Alena", PASSWORD) is None

    async def test_visitors_from_one_address(self, world: World) -> None:
        for number in range(10):
            await world.visitor_in(f"Host {number}")
        with pytest.raises(TooOften):
            await world.visitor_in("Host 10")

    async def test_wrong_proofs_of_one_session(self, world: World) -> None:
        caller, sid = await world.signed_in(await world.known("Alena"), Handle.SID)
        _, session = caller.signed_in()
        await world.core.auth.check_proof(session, sid, sid[-4:])
        wrong = "0000" if sid[-4:] != "0000" else "1111"
        for _ in range(5):
            with pytest.raises(WrongProof):
                await world.core.auth.check_proof(session, sid, wrong)
        with pytest.raises(TooOften):
            await world.core.auth.check_proof(session, sid, sid[-4:])
        other, other_sid = await world.signed_in(await world.known("Brana"), Handle.SID)
        await world.core.auth.check_proof(other.signed_in()[1], other_sid, other_sid[-4:])

    async def test_guesses_of_sid_but_not_of_long_handles(self, world: World) -> None:
        for number in range(10):
            assert not await world.is_good(f"{number:016}", Handle.SID)
        with pytest.raises(TooOften):
            await world.is_good("9" * 16, Handle.SID)
        assert not await world.is_good("9" * 16, Handle.SID, "192.0.2.2")
        for number in range(50):
            assert not await world.is_good(str(number), Handle.COOKIE)
            assert not await world.is_good(str(number), Handle.BEARER)


class TestWhileTheHasherWorks:
    """The password is checked off the loop; what happens meanwhile must not be undone or evaded."""

    async def test_a_new_password_ends_sign_ins_under_way(self, world: World) -> None:
        alena = await world.member()
        under_way = asyncio.create_task(attempt(world, "Alena", PASSWORD))
        await self.between(world, world.core.accounts.set_password(alena.id, "delsi zima 8"))
        assert await under_way is WrongCredentials
        assert await world.parts.store.view.sessions.list_of(alena.id) == []

    async def test_blocking_ends_sign_ins_under_way(self, world: World) -> None:
        alena = await world.member()
        under_way = asyncio.create_task(attempt(world, "Alena", PASSWORD))
        await self.between(world, world.core.accounts.set_standing(alena.id, Standing.BLOCKED))
        assert await under_way is AccountBlocked

    async def test_of_two_new_passwords_the_first_stays(self, world: World) -> None:
        await world.member()
        await world.sign_in()
        signed_in = await world.core.auth.sign_in("Alena", PASSWORD, kind=Handle.COOKIE, address=HERE)
        caller = Caller(HERE, signed_in.account, signed_in.session)
        changes = [world.core.accounts.change_password(caller, PASSWORD, f"nove heslo {number}") for number in (1, 2)]
        outcomes = await asyncio.gather(*changes, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SignedIn", "WrongCredentials"]
        kept = f"nove heslo {[isinstance(outcome, SignedIn) for outcome in outcomes].index(True) + 1}"
        assert await attempt(world, "Alena", kept, "192.0.2.2") is None

    async def test_a_hash_of_other_parameters_is_renewed(self, world: World) -> None:
        alena = await world.member()
        today = Argon2Hasher(memory_kib=16, passes=2)
        world.core.auth._hasher = today
        before = await self.kept_hash(world)
        assert await asyncio.gather(*(attempt(world, "Alena", PASSWORD) for _ in range(3))) == [None] * 3
        after = await self.kept_hash(world)
        assert today.outdated(before)
        assert not today.outdated(after)
        assert await attempt(world, "Alena", PASSWORD, "192.0.2.2") is None
        assert await self.kept_hash(world) == after
        assert len(await world.parts.store.view.sessions.list_of(alena.id)) == 4
        today.close()

    async def test_renewing_never_brings_an_old_password_back(self, world: World) -> None:
        alena = await world.member()
        today = Argon2Hasher(memory_kib=16, passes=2)
        world.core.auth._hasher = today
        in_hash = asyncio.Event()
        go_on = asyncio.Event()
        hash_ = today.hash

        async def slow_hash(password: str) -> str:
            in_hash.set()
            await go_on.wait()
            return await hash_(password)

        today.hash = slow_hash  # type: ignore[method-assign]
        under_way = asyncio.create_task(attempt(world, "Alena", PASSWORD))
        await in_hash.wait()
        await world.core.accounts.set_password(alena.id, "delsi zima 8")
        go_on.set()
        assert await under_way is WrongCredentials
        assert await attempt(world, "Alena", "delsi zima 8") is None
        today.close()

    async def between(self, world: World, deed: object) -> None:
        """Do something after the password was found right and before the session is begun."""
        hasher = world.core.auth._hasher
        assert isinstance(hasher, Argon2Hasher)
        verify, done = hasher.verify, asyncio.Event()

        async def verify_then_wait(password_hash: str | None, password: str) -> bool:
            right = await verify(password_hash, password)
            if not done.is_set():
                done.set()
                await deed  # type: ignore[misc]
            return right

        hasher.verify = verify_then_wait  # type: ignore[method-assign]
        await done.wait()

    async def kept_hash(self, world: World) -> str:
        found = await world.parts.store.view.accounts.find_credentials(LoginKeys("alena", None, None))
        assert found is not None
        return found.password_hash


class TestVisitors:
    @pytest.mark.parametrize("nick", ["ab", "a" * 9, "a\0bc", "123"])
    async def test_have_short_nicks(self, world: World, nick: str) -> None:
        with pytest.raises(NickInvalid):
            await world.core.auth.sign_in_anonymously(Caller(HERE), nick, Sex.FEMALE, kind=Handle.COOKIE)

    async def test_two_at_once_do_not_share_a_nick(self, world: World) -> None:
        arrivals = [world.visitor_in(nick) for nick in ("Host", "HOST", "host", "hOst")]
        outcomes = await asyncio.gather(*arrivals, return_exceptions=True)
        assert sum(isinstance(outcome, NickTaken) for outcome in outcomes) == 3

    async def test_have_no_password_to_change(self, world: World) -> None:
        caller, _ = await world.visitor_in("Host")
        with pytest.raises(BesedaError):
            await world.core.accounts.change_password(caller, "", "nove heslo 1")


class TestCheckLogin:
    @pytest.mark.parametrize("login", ["", "Alena", "alena", "ALENA", "alena@example.org"])
    async def test_names_the_caller(self, world: World, login: str) -> None:
        caller, _ = await world.signed_in(await world.member(email="alena@example.org"))
        await world.core.auth.check_login(caller, login)

    @pytest.mark.parametrize("login", ["Brana", "Nikdo", "x", "a" * 300, "\0\0\0"])
    async def test_or_somebody_else(self, world: World, login: str) -> None:
        await world.known("Brana")
        caller = await world.member_in("Alena")
        with pytest.raises(NotSignedIn):
            await world.core.auth.check_login(caller, login)
