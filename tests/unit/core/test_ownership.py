"""Whose a name becomes: asked of an operator, or proved by what the DNS says."""

import asyncio
from collections.abc import Iterator

import pytest

from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.domain.domains import Renewal
from beseda.domain.errors import (
    BesedaError,
    DomainDenied,
    DomainListRefused,
    DomainNameInvalid,
    DomainPresent,
    DomainRequested,
    DomainRequestNotFound,
    DomainRequestsFull,
    DomainTaken,
    DomainUnproven,
    ResolverSilent,
    TooOften,
)
from beseda.domain.ownership import REQUESTS_MAX, Policy
from beseda.server.config import load_config
from beseda.server.config_domains import policy_of
from resolver import SmallDns
from unit.core.world import World

ANY_ZONE: dict[str, object] = {"domains.zones": []}
OPERATOR = {**ANY_ZONE, "domains.ownership": "operator"}
OURS = ["ns1.beseda.example", "ns2.beseda.example"]


@pytest.fixture
def small() -> Iterator[SmallDns]:
    with SmallDns() as small:
        yield small


async def names(world: World, caller: Caller) -> list[str]:
    return [domain.name.ascii for domain in await world.core.domains.list_own(caller)]


async def add(world: World, caller: Caller, *written: str) -> BesedaError | None:
    """Why not."""
    try:
        if len(written) == 1:
            await world.core.domains.add(caller, NewDomain(written[0]))
        else:
            await world.core.domains.add_list(caller, [NewDomain(each) for each in written])
    except BesedaError as refusal:
        return refusal
    return None


async def refused(world: World, caller: Caller, *written: str) -> list[tuple[str, type[BesedaError]]]:
    refusal = await add(world, caller, *written)
    assert isinstance(refusal, DomainListRefused)
    return [(name, type(why)) for name, why in refusal.refusals]


async def publish(world: World, small: SmallDns, caller: Caller, name: str) -> None:
    refusal = await add(world, caller, name)
    assert isinstance(refusal, DomainUnproven)
    small.records[refusal.record, "TXT"] = ['"else"', f'"{refusal.value}"']


class TestPolicy:
    @pytest.mark.parametrize(
        ("settings", "policy"),
        [
            ({}, Policy.OPEN),
            ({"dns.listen": ["127.0.0.1:53", "[::1]:53"]}, Policy.OPEN),
            ({"dns.listen": ["127.0.0.1:53", "192.0.2.53:53"]}, Policy.PROOF),
            ({"dns.listen": ["0.0.0.0:53"]}, Policy.PROOF),
            ({"dns.listen": ["[::]:53"]}, Policy.PROOF),
            ({"dns.listen": ["127.0.0.1:53"], "dns.secondaries": ["127.0.0.1:54 key"]}, Policy.OPEN),
            ({"dns.listen": ["127.0.0.1:53"], "dns.secondaries": ["192.0.2.53:53 key"]}, Policy.PROOF),
            ({"dns.listen": ["192.0.2.53:53"], "domains.ownership": "open"}, Policy.OPEN),
            ({"domains.ownership": "operator"}, Policy.OPERATOR),
        ],
    )
    def test_follows_from_who_can_ask(self, settings: dict[str, object], policy: Policy) -> None:
        assert policy_of(load_config(environment={}, overrides=settings)) is policy


class TestOpen:
    @pytest.mark.parametrize("settings", [ANY_ZONE])
    async def test_nobody_gets_a_name_below_anothers_or_above(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        assert await add(world, alena, "b.c.vzor.ru") is None
        for name in ("b.c.vzor.ru", "a.b.c.vzor.ru", "c.vzor.ru", "vzor.ru"):
            assert isinstance(await add(world, brana, name), DomainTaken), name
            with pytest.raises(DomainTaken):
                await world.core.domains.check_free(brana, name)
        assert await add(world, brana, "d.c.vzor.ru", "bc.vzor.ru", "xb.c.vzor.ru") is None
        assert isinstance(await add(world, alena, "c.vzor.ru"), DomainTaken)
        await world.core.domains.remove(brana, ["d.c.vzor.ru", "xb.c.vzor.ru"])
        assert await add(world, alena, "c.vzor.ru", "a.b.c.vzor.ru") is None


class TestOperator:
    @pytest.mark.parametrize("settings", [OPERATOR])
    async def test_a_request_keeps_its_number_until_it_is_settled(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        wanted = NewDomain("Пример.рф", Renewal.BONUS_MONEY, "web")
        with pytest.raises(DomainRequested) as first:
            await world.core.domains.add(alena, wanted)
        with pytest.raises(DomainRequested) as again:
            await world.core.domains.add(alena, NewDomain("xn--e1afmkfd.xn--p1ai"))
        with pytest.raises(DomainRequested) as other:
            await world.core.domains.add(brana, NewDomain("пример.рф"))
        assert first.value.number == again.value.number != other.value.number
        waiting = await world.core.ownership.requests()
        assert [each.id for each in waiting] == [first.value.number, other.value.number]
        domain = await world.core.domains.approve(first.value.number)
        assert (domain.name.readable, domain.renewal, domain.directory) == ("пример.рф", Renewal.BONUS_MONEY, "web")
        assert await names(world, alena) == ["xn--e1afmkfd.xn--p1ai"]
        assert await world.core.ownership.requests() == []
        assert isinstance(await add(world, brana, "пример.рф"), DomainTaken)
        for number in (first.value.number, other.value.number, 0, -1, 2**63):
            with pytest.raises(DomainRequestNotFound):
                await world.core.domains.approve(number)
            with pytest.raises(DomainRequestNotFound):
                await world.core.ownership.deny(number)

    @pytest.mark.parametrize("settings", [OPERATOR])
    async def test_a_denial_is_told_for_a_week_and_may_be_thought_better_of(self, world: World) -> None:
        alena = await world.member_in("Alena")
        refusal = await add(world, alena, "vzor.ru")
        assert isinstance(refusal, DomainRequested)
        await world.core.ownership.deny(refusal.number, "not yours")
        assert await world.core.ownership.requests() == []
        assert [each.reason for each in await world.core.ownership.requests(denied=True)] == ["not yours"]
        again = await add(world, alena, "vzor.ru")
        assert isinstance(again, DomainDenied)
        assert (again.number, again.words) == (refusal.number, "not yours")
        world.clock.move(7 * 86_400)
        await world.core.domains.forget_removed()
        anew = await add(world, alena, "vzor.ru")
        assert isinstance(anew, DomainRequested)
        assert anew.number > refusal.number
        await world.core.ownership.deny(anew.number)
        await world.core.domains.approve(anew.number)
        assert await names(world, alena) == ["vzor.ru"]

    @pytest.mark.parametrize("settings", [OPERATOR])
    async def test_of_a_list_nothing_is_done_and_what_waits_is_asked_for_unless_more_is_wrong(
        self, world: World
    ) -> None:
        alena = await world.member_in("Alena")
        await world.core.domains.give(alena.account.id, NewDomain("moje.ru"))  # type: ignore[union-attr]
        assert await refused(world, alena, "vzor.ru", "a.moje.ru", "a_b.ru") == [
            ("vzor.ru", DomainRequested),
            ("a_b.ru", DomainNameInvalid),
        ]
        assert await world.core.ownership.requests() == []
        assert await refused(world, alena, "druhy.ru", "a.moje.ru", "moje.ru", "vzor.ru", "VZOR.ru") == [
            ("druhy.ru", DomainRequested),
            ("vzor.ru", DomainRequested),
        ]
        assert await names(world, alena) == ["moje.ru"]
        for request in await world.core.ownership.requests():
            await world.core.domains.approve(request.id)
        assert await add(world, alena, "druhy.ru", "a.moje.ru", "moje.ru", "vzor.ru") is None
        assert len(await names(world, alena)) == 4

    @pytest.mark.parametrize("settings", [OPERATOR])
    async def test_so_many_wait_and_no_more(self, world: World) -> None:
        alena = await world.member_in("Alena")
        await refused(world, alena, *(f"n{number}.ru" for number in range(REQUESTS_MAX - 1)))
        assert isinstance(await add(world, alena, "x.ru", "y.ru"), DomainRequestsFull)
        assert len(await world.core.ownership.requests()) == REQUESTS_MAX - 1
        assert isinstance(await add(world, alena, "x.ru"), DomainRequested)
        assert isinstance(await add(world, alena, "y.ru"), DomainRequestsFull)
        assert isinstance(await add(world, alena, "x.ru"), DomainRequested)

    @pytest.mark.parametrize("settings", [OPERATOR])
    async def test_what_one_removed_comes_back_without_asking(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.give(alena.account.id, NewDomain("vzor.ru"))  # type: ignore[union-attr]
        await world.core.domains.remove(alena, ["vzor.ru"])
        assert isinstance(await add(world, brana, "vzor.ru"), DomainRequested)
        await world.core.domains.restore(alena, "vzor.ru")
        await world.core.domains.remove(alena, ["vzor.ru"])
        assert await add(world, alena, "vzor.ru") is None
        await world.core.domains.remove(alena, ["vzor.ru"])
        world.clock.move(7 * 86_400)
        assert isinstance(await add(world, alena, "vzor.ru"), DomainRequested)


class TestProof:
    @pytest.fixture
    def settings(self, small: SmallDns) -> dict[str, object]:
        given = {"domains.ownership": "proof", "domains.resolvers": [small.address], "dns.name_servers": OURS}
        return {**ANY_ZONE, **given}

    async def test_a_record_that_only_the_owner_can_write(self, world: World, small: SmallDns) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await publish(world, small, alena, "Пример.рф")
        assert small.asked[0] == ("_beseda-challenge.xn--e1afmkfd.xn--p1ai", "TXT")
        hers = await add(world, brana, "пример.рф")
        assert isinstance(hers, DomainUnproven)  # with a value of her own
        assert await names(world, alena) == []
        assert await add(world, alena, "xn--e1afmkfd.xn--p1ai") is None
        assert await names(world, alena) == ["xn--e1afmkfd.xn--p1ai"]
        asked = len(small.asked)
        assert isinstance(await add(world, brana, "пример.рф"), DomainTaken)
        assert isinstance(await add(world, brana, "a.пример.рф"), DomainTaken)
        assert isinstance(await add(world, alena, "пример.рф"), DomainPresent)
        assert await add(world, alena, "a.пример.рф") is None
        assert len(small.asked) == asked  # nothing of this had to be looked up

    async def test_a_delegation_to_our_servers_and_to_no_others(self, world: World, small: SmallDns) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        for servers in (["ns1.beseda.example.", "ns.else.example."], ["localhost."], ["beseda.example."]):
            small.records["vzor.ru", "NS"] = servers
            assert isinstance(await add(world, alena, "vzor.ru"), DomainUnproven), servers
        small.records["vzor.ru", "NS"] = ["NS2.beseda.example."]
        assert await add(world, alena, "vzor.ru") is None
        await world.core.domains.remove(alena, ["vzor.ru"])
        assert isinstance(await add(world, brana, "vzor.ru"), DomainUnproven)  # it was left behind by who had it
        world.clock.move(8 * 86_400)
        assert isinstance(await add(world, brana, "vzor.ru"), DomainUnproven)
        await publish(world, small, brana, "vzor.ru")
        assert await add(world, brana, "vzor.ru") is None

    async def test_a_list_is_proved_name_by_name_and_what_is_below_another_by_that(
        self, world: World, small: SmallDns
    ) -> None:
        alena = await world.member_in("Alena")
        await publish(world, small, alena, "vzor.ru")
        small.asked.clear()
        assert await refused(world, alena, "a.b.vzor.ru", "druhy.ru", "vzor.ru", "b.vzor.ru", "vzor.ru") == [
            ("druhy.ru", DomainUnproven)
        ]
        assert {name for name, _ in small.asked} == {
            *("_beseda-challenge.druhy.ru", "druhy.ru"),
            "_beseda-challenge.vzor.ru",
        }
        assert await names(world, alena) == []
        ((first, challenge), (second, _)) = await world.core.ownership.own_claims(alena)
        assert [first.name.ascii, second.name.ascii] == ["druhy.ru", "vzor.ru"]
        assert challenge.record == "_beseda-challenge.druhy.ru"
        assert await add(world, alena, "a.b.vzor.ru", "vzor.ru", "b.vzor.ru", "vzor.ru") is None
        assert [each.name.ascii for each, _ in await world.core.ownership.own_claims(alena)] == ["druhy.ru"]
        assert await names(world, alena) == ["a.b.vzor.ru", "b.vzor.ru", "vzor.ru"]

    async def test_of_two_who_can_prove_it_at_once_one_has_it(self, world: World, small: SmallDns) -> None:
        callers = [await world.member_in(f"Nick {number}") for number in range(6)]
        refusals = [await add(world, caller, "vzor.ru") for caller in callers]
        values = [each.value for each in refusals if isinstance(each, DomainUnproven)]
        assert len(set(values)) == 6
        small.records["_beseda-challenge.vzor.ru", "TXT"] = [f'"{value}"' for value in values]
        found = await asyncio.gather(*(add(world, caller, "vzor.ru") for caller in callers))
        assert sorted(type(each).__name__ for each in found) == ["DomainTaken"] * 5 + ["NoneType"]

    async def test_the_owner_of_a_name_may_have_it_above_those_of_others(self, world: World, small: SmallDns) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await publish(world, small, brana, "a.vzor.ru")
        assert await add(world, brana, "a.vzor.ru") is None
        await publish(world, small, alena, "vzor.ru")
        assert await add(world, alena, "vzor.ru") is None
        assert await names(world, brana) == ["a.vzor.ru"]
        assert isinstance(await add(world, brana, "b.vzor.ru"), DomainTaken)

    async def test_a_zone_whose_servers_fail_is_not_proved(self, world: World, small: SmallDns) -> None:
        alena = await world.member_in("Alena")
        small.broken.add("vzor.ru")
        assert isinstance(await add(world, alena, "vzor.ru"), DomainUnproven)

    async def test_who_asks_for_ever_more_names_has_to_wait(self, world: World) -> None:
        alena = await world.member_in("Alena")
        for batch in range(2):
            assert len(await refused(world, alena, *(f"n{batch}-{number}.ru" for number in range(100)))) == 100
        assert isinstance(await add(world, alena, "x.ru"), TooOften)


class TestSilence:
    @pytest.mark.long
    @pytest.mark.parametrize("settings", [{"domains.ownership": "proof", "domains.resolvers": ["127.0.0.1:1"]}])
    async def test_a_dns_that_says_nothing_is_asked_again_later(self, world: World) -> None:
        alena = await world.member_in("Alena")
        assert isinstance(await add(world, alena, "vzor.ru"), ResolverSilent)
        assert isinstance(await add(world, alena, "vzor.ru", "druhy.ru"), ResolverSilent)
        await world.core.domains.give(alena.account.id, NewDomain("vzor.ru"))  # type: ignore[union-attr]
        assert isinstance(await add(world, alena, "vzor.ru"), DomainPresent)
