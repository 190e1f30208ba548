"""Members' domains: lists are all or nothing, and nobody sees another's."""

import asyncio

import pytest

from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.core.records import Wanted
from beseda.domain.domains import DomainOrder, Renewal
from beseda.domain.errors import (
    AccountNotFound,
    BesedaError,
    DomainListRefused,
    DomainNameInvalid,
    DomainNotFound,
    DomainPresent,
    DomainRepeated,
    DomainTaken,
    NotSignedIn,
    RegisteredOnly,
    ZoneNotServed,
)
from beseda.domain.ids import AccountId
from beseda.domain.zones import is_after
from unit.core.world import HERE, World


async def names(world: World, caller: Caller) -> list[str]:
    return [domain.name.ascii for domain in await world.core.domains.list_own(caller)]


def wanted(*written: str) -> list[NewDomain]:
    return [NewDomain(name) for name in written]


class TestAdd:
    @pytest.mark.parametrize(
        ("written", "ascii_name", "readable"),
        [
            ("vzor.ru", "vzor.ru", "vzor.ru"),
            (" VZOR.RU. ", "vzor.ru", "vzor.ru"),
            ("Пример.РФ", "xn--e1afmkfd.xn--p1ai", "пример.рф"),
            ("XN--E1AFMKFD.xn--p1ai", "xn--e1afmkfd.xn--p1ai", "пример.рф"),
            ("příklad.cz", "xn--pklad-zsa96e.cz", "příklad.cz"),
            ("ｖｚｏｒ。ru", "vzor.ru", "vzor.ru"),
        ],
    )
    async def test_keeps_both_forms(self, world: World, written: str, ascii_name: str, readable: str) -> None:
        alena = await world.member_in("Alena")
        domain = await world.core.domains.add(alena, NewDomain(written, Renewal.BONUS_MONEY, "web"))
        assert (domain.name.ascii, domain.name.readable) == (ascii_name, readable)
        for way in (written, ascii_name, readable):
            assert await world.core.domains.get(alena, way) == domain
        assert (domain.renewal, domain.directory) == (Renewal.BONUS_MONEY, "web")

    @pytest.mark.parametrize(
        ("written", "refusal"),
        [
            ("", DomainNameInvalid),
            ("vzor", DomainNameInvalid),
            ("ru", DomainNameInvalid),
            ("www.vzor.ru", DomainNameInvalid),
            ("a_b.ru", DomainNameInvalid),
            ("-a.ru", DomainNameInvalid),
            ("a..ru", DomainNameInvalid),
            ("a\0b.ru", DomainNameInvalid),
            ("xn--a-.ru", DomainNameInvalid),
            ("a" * 64 + ".ru", DomainNameInvalid),
            ("ž" * 100_000, DomainNameInvalid),
            ("\udc80.ru", DomainNameInvalid),
            ("vzor.ru..", DomainNameInvalid),
            ("vzor.ru.。", DomainNameInvalid),
            (".", DomainNameInvalid),
            ("vzor.example", ZoneNotServed),
            ("vzor.co.uk", ZoneNotServed),
        ],
    )
    async def test_refuses(self, world: World, written: str, refusal: type[BesedaError]) -> None:
        alena = await world.member_in("Alena")
        with pytest.raises(refusal):
            await world.core.domains.add(alena, NewDomain(written))
        assert await names(world, alena) == []

    @pytest.mark.parametrize("settings", [{"domains.zones": ["uk", "co.uk", "Рф"]}])
    async def test_serves_zones_of_several_labels(self, world: World) -> None:
        alena = await world.member_in("Alena")
        for name in ("vzor.uk", "vzor.co.uk", "пример.рф"):
            await world.core.domains.add(alena, NewDomain(name))
        for name in ("co.uk", "www.vzor.co.uk", "рф"):
            with pytest.raises(DomainNameInvalid):
                await world.core.domains.add(alena, NewDomain(name))

    async def test_takes_no_name_twice_in_whatever_form(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.add(alena, NewDomain("пример.рф"))
        for caller, refusal in ((alena, DomainPresent), (brana, DomainTaken)):
            for name in ("пример.рф", "xn--e1afmkfd.xn--p1ai", "ПРИМЕР.РФ."):
                with pytest.raises(refusal):
                    await world.core.domains.add(caller, NewDomain(name))

    async def test_of_two_at_once_one_wins(self, world: World) -> None:
        callers = [await world.member_in(f"Nick {number}") for number in range(10)]
        outcomes = await asyncio.gather(
            *(world.core.domains.add(caller, NewDomain("vzor.ru")) for caller in callers), return_exceptions=True
        )
        assert sum(isinstance(outcome, DomainTaken) for outcome in outcomes) == 9

    async def test_is_for_members(self, world: World) -> None:
        visitor, _ = await world.visitor_in("Host")
        for caller, refusal in ((Caller(HERE), NotSignedIn), (visitor, RegisteredOnly)):
            with pytest.raises(refusal):
                await world.core.domains.add(caller, NewDomain("vzor.ru"))
            with pytest.raises(refusal):
                await world.core.domains.add_list(caller, wanted("vzor.ru"))
            with pytest.raises(refusal):
                await world.core.domains.remove(caller, ["vzor.ru"])
            with pytest.raises(refusal):
                await world.core.domains.list_own(caller)
            with pytest.raises(refusal):
                await world.core.domains.get(caller, "vzor.ru")


class TestAddList:
    async def test_adds_all_and_tells_which_were_there(self, world: World) -> None:
        alena = await world.member_in("Alena")
        await world.core.domains.add(alena, NewDomain("vzor.ru"))
        present = await world.core.domains.add_list(alena, wanted("VZOR.ru", "priklad.cz", "пример.рф"))
        assert [name.ascii for name in present] == ["vzor.ru"]
        assert await names(world, alena) == ["priklad.cz", "vzor.ru", "xn--e1afmkfd.xn--p1ai"]

    async def test_of_one_name_in_two_forms_adds_one(self, world: World) -> None:
        alena = await world.member_in("Alena")
        assert await world.core.domains.add_list(alena, wanted("пример.рф", "xn--e1afmkfd.xn--p1ai", "ПРИМЕР.рф")) == []
        assert await names(world, alena) == ["xn--e1afmkfd.xn--p1ai"]
        [present] = await world.core.domains.add_list(alena, wanted("пример.рф", "ПРИМЕР.рф"))
        assert present.readable == "пример.рф"

    async def test_does_nothing_when_one_cannot_be_added(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.add(brana, NewDomain("cizi.ru"))
        written = ("dobry.ru", "cizi.ru", "a_b.ru", "vzor.example", "druhy.cz")
        with pytest.raises(DomainListRefused) as refusal:
            await world.core.domains.add_list(alena, wanted(*written))
        assert [(name, type(why)) for name, why in refusal.value.refusals] == [
            ("cizi.ru", DomainTaken),
            ("a_b.ru", DomainNameInvalid),
            ("vzor.example", ZoneNotServed),
        ]
        assert await names(world, alena) == []
        assert await names(world, brana) == ["cizi.ru"]

    @pytest.mark.parametrize(
        ("first", "second", "refused"),
        [
            (NewDomain("vzor.ru", directory="a"), NewDomain("VZOR.ru.", directory="/a/"), False),
            (NewDomain("vzor.ru", directory="a"), NewDomain("VZOR.ru.", directory="b"), True),
            (NewDomain("vzor.ru", directory="a"), NewDomain("vzor.ru"), True),
            (NewDomain("пример.рф", Renewal.NO), NewDomain("xn--e1afmkfd.xn--p1ai"), True),
        ],
    )
    @pytest.mark.parametrize("there", [False, True])
    async def test_takes_a_name_twice_only_if_both_say_the_same(
        self, world: World, first: NewDomain, second: NewDomain, refused: bool, there: bool
    ) -> None:
        alena = await world.member_in("Alena")
        if there:
            await world.core.domains.add(alena, first)
        if refused:
            with pytest.raises(DomainListRefused) as refusal:
                await world.core.domains.add_list(alena, [NewDomain("jiny.ru"), first, second])
            assert [(name, type(why)) for name, why in refusal.value.refusals] == [(second.name, DomainRepeated)]
        else:
            await world.core.domains.add_list(alena, [NewDomain("jiny.ru"), first, second])
        assert len(await names(world, alena)) == there + 2 * (not refused) - (there and not refused)

    async def test_of_nothing_is_nothing(self, world: World) -> None:
        alena = await world.member_in("Alena")
        assert await world.core.domains.add_list(alena, []) == []


class TestRemove:
    async def test_removes_all_or_none(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.add_list(alena, wanted("vzor.ru", "priklad.cz", "пример.рф"))
        await world.core.domains.add(brana, NewDomain("cizi.ru"))
        for bad, refusal in (("cizi.ru", DomainNotFound), ("nikde.ru", DomainNotFound), ("a_b.ru", DomainNameInvalid)):
            with pytest.raises(refusal):
                await world.core.domains.remove(alena, ["vzor.ru", bad, "priklad.cz"])
            assert len(await names(world, alena)) == 3
        await world.core.domains.remove(alena, ["VZOR.ru", "vzor.ru", "xn--e1afmkfd.xn--p1ai", "пример.рф"])
        assert await names(world, alena) == ["priklad.cz"]
        assert await names(world, brana) == ["cizi.ru"]
        await world.core.domains.add(brana, NewDomain("vzor.ru"))

    async def test_tells_not_whether_another_has_it(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.add(brana, NewDomain("cizi.ru"))
        refusals = []
        for name in ("cizi.ru", "nikde.ru"):
            with pytest.raises(DomainNotFound) as refusal:
                await world.core.domains.get(alena, name)
            refusals.append(str(refusal.value).replace(name, ""))
        assert refusals[0] == refusals[1]


class TestList:
    async def test_filters_sorts_and_pages(self, world: World) -> None:
        alena = await world.member_in("Alena")
        written = ("b.ru", "a.ru", "жук.рф", "a_".replace("_", "0") + ".ru", "c.cz")
        await world.core.domains.add_list(alena, wanted(*written))
        listed = world.core.domains.list_own
        assert [d.name.readable for d in await listed(alena)] == ["a.ru", "a0.ru", "b.ru", "c.cz", "жук.рф"]
        assert [d.name.readable for d in await listed(alena, descending=True, limit=2)] == ["жук.рф", "c.cz"]
        assert [d.name.readable for d in await listed(alena, offset=1, limit=2)] == ["a0.ru", "b.ru"]
        assert [d.name.readable for d in await listed(alena, order=DomainOrder.ASCII)][-1] == "жук.рф"
        for containing, found in (("RU", 3), ("ЖУК", 1), ("xn--", 1), ("%", 0), ("_", 0), ("\\", 0), ("", 5)):
            assert len(await listed(alena, containing=containing)) == found, containing


class TestOperator:
    async def test_gives_finds_and_takes(self, world: World) -> None:
        alena = await world.known("Alena")
        domain = await world.core.domains.give(alena.id, NewDomain("пример.рф"))
        assert await world.core.domains.find("xn--e1afmkfd.xn--p1ai") == domain
        assert await world.core.domains.list_of(alena.id) == [domain]
        assert await world.core.domains.take("пример.рф") == domain
        for deed in (world.core.domains.find, world.core.domains.take):
            with pytest.raises(DomainNotFound):
                await deed("пример.рф")
        with pytest.raises(AccountNotFound):
            await world.core.domains.give(AccountId(99), NewDomain("vzor.ru"))


class TestRestore:
    async def test_a_removed_domain_comes_back_with_its_records(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.add(alena, NewDomain("vzor.ru", Renewal.BONUS_MONEY, "web"))
        await world.core.records.add(alena, "vzor.ru", Wanted("www", "A", "192.0.2.1"))
        await world.core.subdomains.create(alena, "vzor.ru", "blog", "b")
        (served,) = await world.core.zones.served()
        await world.core.domains.remove(alena, ["vzor.ru"])
        world.clock.move(7 * 86_400 - 1)
        await world.core.domains.forget_removed()
        assert [each.name.ascii for each in await world.core.domains.removed(alena)] == ["vzor.ru"]
        assert await world.core.domains.removed(brana) == []
        with pytest.raises(DomainNotFound):
            await world.core.domains.restore(brana, "vzor.ru")
        domain = await world.core.domains.restore(alena, "VZOR.ru")
        assert (domain.renewal, domain.directory) == (Renewal.BONUS_MONEY, "web")
        assert [row.name for row in await world.core.records.rows(alena, "vzor.ru")] == ["www"]
        assert len((await world.core.subdomains.list_of([domain]))[domain.id]) == 1
        (again,) = await world.core.zones.served()
        assert again.id == served.id
        assert is_after(again.serial, served.serial)
        assert await world.core.domains.removed(alena) == []
        with pytest.raises(DomainNotFound):
            await world.core.domains.restore(alena, "vzor.ru")

    async def test_after_a_week_it_is_gone(self, world: World) -> None:
        alena = await world.member_in("Alena")
        await world.core.domains.add(alena, NewDomain("vzor.ru"))
        (served,) = await world.core.zones.served()
        await world.core.domains.remove(alena, ["vzor.ru"])
        world.clock.move(7 * 86_400)
        for _ in range(2):
            assert await world.core.domains.removed(alena) == []
            with pytest.raises(DomainNotFound):
                await world.core.domains.restore(alena, "vzor.ru")
            await world.core.domains.forget_removed()
        assert await world.parts.store.view.zones.get(served.id) is None
        await world.core.domains.add(alena, NewDomain("vzor.ru"))
        (again,) = await world.core.zones.served()
        assert is_after(again.serial, served.serial)

    async def test_its_serial_is_above_that_of_whoever_had_the_name_meanwhile(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.domains.add(alena, NewDomain("vzor.ru"))
        await world.core.domains.remove(alena, ["vzor.ru"])
        await world.core.domains.add(brana, NewDomain("vzor.ru"))
        for number in range(5):
            await world.core.records.add(brana, "vzor.ru", Wanted(f"h{number}", "A", "192.0.2.1"))
        with pytest.raises(DomainTaken):
            await world.core.domains.restore(alena, "vzor.ru")
        (hers,) = await world.core.zones.served()
        await world.core.domains.remove(brana, ["vzor.ru"])
        await world.core.domains.restore(alena, "vzor.ru")
        (again,) = await world.core.zones.served()
        assert is_after(again.serial, hers.serial)
        assert await world.core.records.rows(alena, "vzor.ru") == []


class TestAnyZone:
    @pytest.fixture
    def settings(self) -> dict[str, object]:
        return {"domains.zones": []}

    async def test_any_name_can_be_had_but_for_those_below_others(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        for name in ("example.de", "2.0.192.in-addr.arpa", "sub.example.de"):
            await world.core.domains.add(alena, NewDomain(name))
        for name in ("www.example.de", "a.b.sub.example.de"):
            with pytest.raises(DomainTaken):
                await world.core.domains.add(brana, NewDomain(name))
        await world.core.domains.add(brana, NewDomain("in-addr.example"))
        await world.core.records.add(alena, "x.sub.example.de", Wanted("y", "A", "192.0.2.1"))
        assert [row.name for row in await world.core.records.rows(alena, "sub.example.de")] == ["y.x"]
        with pytest.raises(DomainNotFound):
            await world.core.records.rows(brana, "y.sub.example.de")
        with pytest.raises(DomainNameInvalid):
            await world.core.domains.add(alena, NewDomain("de"))
