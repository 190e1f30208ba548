"""Becoming a member, and what operators do to members."""

import asyncio
from datetime import date
from typing import Any

import pytest

from beseda.core.accounts import Application, Registration
from beseda.core.caller import Caller
from beseda.domain.accounts import Standing
from beseda.domain.errors import (
    AccountNotFound,
    BesedaError,
    BirthDateInvalid,
    EmailInvalid,
    EmailTaken,
    InviteUsesInvalid,
    NickInvalid,
    NickTaken,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    PasswordUnreadable,
    PhoneInvalid,
    PhoneTaken,
    TooOften,
)
from beseda.domain.ids import AccountId
from beseda.server.passwords import common_passwords
from unit.core.world import HERE, PASSWORD, World


async def outcome(world: World, application: Application, invite: str = "", address: str = HERE) -> str:
    try:
        await world.core.accounts.register(Caller(address), application, invite)
    except BesedaError as refusal:
        return type(refusal).__name__
    return "registered"


class TestPolicy:
    """What the configuration says x what the newcomer brings; the operator always can."""

    @pytest.mark.parametrize(
        ("policy", "brings", "expected"),
        [
            (Registration.OPEN, "nothing", "registered"),
            (Registration.OPEN, "an invitation", "registered"),
            (Registration.OPEN, "a wrong invitation", "registered"),
            (Registration.OPEN, "a used invitation", "registered"),
            (Registration.INVITE, "nothing", "InviteInvalid"),
            (Registration.INVITE, "an invitation", "registered"),
            (Registration.INVITE, "a wrong invitation", "InviteInvalid"),
            (Registration.INVITE, "a used invitation", "InviteInvalid"),
            (Registration.CLOSED, "nothing", "RegistrationClosed"),
            (Registration.CLOSED, "an invitation", "RegistrationClosed"),
            (Registration.CLOSED, "a wrong invitation", "RegistrationClosed"),
            (Registration.CLOSED, "a used invitation", "RegistrationClosed"),
        ],
    )
    def test_table(self, policy: Registration, brings: str, expected: str) -> None:
        with World({"accounts.registration": policy}) as world:
            world.run(self.play(world, brings, expected))

    async def play(self, world: World, brings: str, expected: str) -> None:
        code = await world.core.accounts.invite()
        if brings == "a used invitation":
            async with world.parts.store.unit() as unit:
                assert await unit.accounts.use_invite(world.core.accounts._seal(code))
        invite = {"nothing": "", "a wrong invitation": code[::-1]}.get(brings, code)
        assert await outcome(world, Application("Alena", PASSWORD), invite) == expected
        members = await world.core.accounts.list_registered(after=AccountId(0), limit=10)
        assert [member.nick for member in members] == (["Alena"] if expected == "registered" else [])
        await world.core.accounts.add(Application("Brana", PASSWORD))

    @pytest.mark.parametrize("settings", [{"accounts.registration": Registration.INVITE}])
    async def test_an_invitation_is_used_by_who_registers_and_nobody_else(self, world: World) -> None:
        code = await world.core.accounts.invite(uses=2)
        await world.member("Alena")
        assert await outcome(world, Application("ALENA", PASSWORD), code) == "NickTaken"
        newcomers = [
            outcome(world, Application(f"Nick {number}", PASSWORD), code, f"192.0.2.{number}") for number in range(5)
        ]
        outcomes = await asyncio.gather(*newcomers)
        assert sorted(outcomes) == ["InviteInvalid"] * 3 + ["registered"] * 2


class TestApplication:
    @pytest.mark.parametrize(
        ("application", "refusal"),
        [
            (Application("ab", PASSWORD), NickInvalid),
            (Application("", PASSWORD), NickInvalid),
            (Application("12345", PASSWORD), NickInvalid),
            (Application("Alena", "1234567"), PasswordTooShort),
            (Application("Alena", ""), PasswordTooShort),
            (Application("Alena", "a" * 129), PasswordTooLong),
            (Application("Alena", "password"), PasswordTooCommon),
            (Application("Alena", "PassWord"), PasswordTooCommon),
            (Application("Alena", PASSWORD, email="nothing"), EmailInvalid),
            (Application("Alena", PASSWORD, email="a@b.cz\0"), EmailInvalid),
            (Application("Alena", PASSWORD, email="a@a_b.example"), EmailInvalid),
            (Application("Alena", PASSWORD, email="a@192.0.2.1"), EmailInvalid),
            (Application("Alena", PASSWORD, birth_date=date(1, 1, 1)), BirthDateInvalid),
            (Application("Alena", PASSWORD, birth_date=date(2200, 1, 1)), BirthDateInvalid),
            (Application("Alena", "\udcef\udcf0heslo 12"), PasswordUnreadable),
            (Application("Alena", PASSWORD, phone="nothing"), PhoneInvalid),
            (Application("Alena", PASSWORD, phone="601 123 456"), PhoneInvalid),
            (Application("Alena", PASSWORD, phone="420601123456"), PhoneInvalid),
        ],
    )
    async def test_is_refused_before_it_costs_anything(
        self, world: World, application: Application, refusal: type[BesedaError]
    ) -> None:
        for _ in range(6):
            with pytest.raises(refusal):
                await world.core.accounts.register(Caller(HERE), application)
            with pytest.raises(refusal):
                await world.core.accounts.add(application)
        assert await outcome(world, Application("Alena", PASSWORD)) == "registered"

    @pytest.mark.parametrize(
        ("application", "refusal"),
        [
            (Application("ALENA", PASSWORD), NickTaken),
            (Application("Host", PASSWORD), NickTaken),
            (Application("Brana", PASSWORD, email="ALENA@example.ORG"), EmailTaken),
            (Application("Brana", PASSWORD, phone="00420 777 123 456"), PhoneTaken),
        ],
    )
    async def test_must_not_look_like_another_member(
        self, world: World, application: Application, refusal: type[BesedaError]
    ) -> None:
        await world.member("Alena", email="alena@example.org", phone="+420777123456")
        await world.visitor_in("Host")
        with pytest.raises(refusal):
            await world.core.accounts.add(application)
        assert len(await world.core.accounts.list_registered(after=AccountId(0), limit=10)) == 1

    @pytest.mark.parametrize(
        "fields",
        [
            ({}, {}),
            ({"email": "a@example.org"}, {"email": "A@EXAMPLE.ORG"}),
            ({"email": "a@пример.рф"}, {"email": "A@xn--e1afmkfd.XN--P1AI"}),
            ({"phone": "+79991234567"}, {"phone": "+7 (999) 123-45-67"}),
        ],
    )
    async def test_of_two_at_once_one_wins(self, world: World, fields: tuple[dict[str, Any], dict[str, Any]]) -> None:
        nicks = ("Alena", "ALENA") if not fields[0] else ("Alena", "Brana")
        outcomes = await asyncio.gather(
            *(outcome(world, Application(nick, PASSWORD, **more)) for nick, more in zip(nicks, fields, strict=True))
        )
        assert sorted(name.endswith("Taken") for name in outcomes) == [False, True]

    async def test_limit_is_five_an_address(self, world: World) -> None:
        for number in range(5):
            assert await outcome(world, Application(f"Nick {number}", PASSWORD)) == "registered"
        assert await outcome(world, Application("Nick 5", PASSWORD)) == TooOften.__name__
        assert await outcome(world, Application("Nick 5", PASSWORD), address="192.0.2.2") == "registered"
        await world.core.accounts.add(Application("Nick 6", PASSWORD))

    async def test_cannot_have_any_common_password(self, world: World) -> None:
        for password in list(common_passwords())[:200]:
            with pytest.raises((PasswordTooCommon, PasswordTooShort)):
                await world.core.accounts.add(Application("Alena", password))

    async def test_keeps_the_password_as_typed(self, world: World) -> None:
        for number, password in enumerate(
            (" mezera vzadu ", "Ž\u030c" * 8, "\0\0\0\0\0\0\0\0", "😀" * 8, "ａｂｃｄｅｆｇｈ")
        ):
            nick = f"Nick {number}"
            await world.core.accounts.add(Application(nick, password))
            address = f"192.0.2.{number}"
            await world.core.auth.authenticate(nick, password, address)
            for other in (password.strip(" \0"), password.upper(), password + " "):
                if other != password:
                    with pytest.raises(BesedaError):
                        await world.core.auth.authenticate(nick, other, address)


class TestOperator:
    async def test_invites_somebody_or_a_million(self, world: World) -> None:
        for uses in (0, -1, 1_000_001):
            with pytest.raises(InviteUsesInvalid):
                await world.core.accounts.invite(uses)
        assert await world.core.accounts.invite(1_000_000)

    async def test_finds_by_nick_or_number(self, world: World) -> None:
        alena = await world.member("Alena")
        for who in ("Alena", "alena", str(alena.id)):
            assert (await world.core.accounts.find(who)).id == alena.id
        for who in ("", "Nikdo", "0", "99", "9" * 18, "9" * 19, "9" * 5000, "١", "-1", "\0", "\udc80"):
            with pytest.raises(AccountNotFound):
                await world.core.accounts.find(who)

    async def test_lists_in_pages(self, world: World) -> None:
        made = [await world.known(f"Nick {number}") for number in range(5)]
        await world.visitor_in("Host")
        first = await world.core.accounts.list_registered(after=AccountId(0), limit=3)
        rest = await world.core.accounts.list_registered(after=first[-1].id, limit=3)
        assert [*first, *rest] == made

    async def test_sets_passwords_of_members_alone(self, world: World) -> None:
        visitor, _ = await world.visitor_in("Host")
        for nobody in (visitor.signed_in()[0].id, AccountId(99)):
            with pytest.raises(AccountNotFound):
                await world.core.accounts.set_password(nobody, "nove heslo 1")
        alena = await world.member()
        for password, refusal in (("short", PasswordTooShort), ("password", PasswordTooCommon)):
            with pytest.raises(refusal):
                await world.core.accounts.set_password(alena.id, password)
        assert await world.sign_in()

    async def test_changes_the_standing_of_who_exists(self, world: World) -> None:
        with pytest.raises(AccountNotFound):
            await world.core.accounts.set_standing(AccountId(99), Standing.BLOCKED)
        visitor, handle = await world.visitor_in("Host")
        await world.core.accounts.set_standing(visitor.signed_in()[0].id, Standing.BLOCKED)
        assert not await world.is_good(handle)


async def test_found_members_stand_by_their_letters(world: World) -> None:
    for nick in ("Zora", "Žaneta", "zdena", "Žofie 2", "Žofie", "Žofínka"):
        await world.member(nick)
    caller = Caller(HERE)
    assert [each.nick for each in await world.core.accounts.search(caller, "zˇ")] == []
    assert [each.nick for each in await world.core.accounts.search(caller, "z")] == ["zdena", "Zora"]
    for needle in ("ž", "Z\u030c", "\u00a0Ž "):
        found = [each.nick for each in await world.core.accounts.search(caller, needle)]
        assert found == ["Žaneta", "Žofie", "Žofie 2", "Žofínka"]
    assert [each.nick for each in await world.core.accounts.search(caller, "ŽOFIE")] == ["Žofie", "Žofie 2"]
