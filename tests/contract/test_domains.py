"""Members' domains."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.domains import Domain, DomainName, DomainOrder, Renewal
from beseda.domain.errors import DomainTaken
from beseda.domain.ids import AccountId
from contract.made import AT, STRANGE, add_member, do, domain

NAMES = [
    DomainName("abc.ru", "abc.ru"),
    DomainName("a-b.ru", "a-b.ru"),
    DomainName("ab.ru", "ab.ru"),
    DomainName("xn--e1afmkfd.ru", "пример.ru"),
    DomainName("xn--80akhbyknj4f.ru", "испытание.ru"),
    DomainName("zzz.ru", "zzz.ru"),
]


async def add(store: SqlStore, account_id: AccountId, name: DomainName) -> Domain:
    return await do(store, lambda unit: unit.domains.add(account_id, name, Renewal.MANUAL, "", AT))


async def listed(store: SqlStore, account_id: AccountId, **how: object) -> list[str]:
    defaults = {"containing": "", "order": DomainOrder.READABLE, "descending": False, "offset": 0, "limit": 100}
    found = await store.view.domains.list_of(account_id, **(defaults | how))  # type: ignore[arg-type]
    return [each.name.readable for each in found]


@pytest.mark.parametrize("renewal", Renewal)
async def test_keeps_every_field(store: SqlStore, renewal: Renewal) -> None:
    alena = await add_member(store)
    name = DomainName("xn--e1afmkfd.xn--p1ai", "пример.рф")
    added = await do(store, lambda unit: unit.domains.add(alena.id, name, renewal, STRANGE, AT))
    assert added == Domain(added.id, alena.id, name, renewal, STRANGE, AT)
    assert await store.view.domains.find("xn--e1afmkfd.xn--p1ai") == added
    assert await store.view.domains.find("пример.рф") is None


async def test_a_name_is_taken_once(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    first = await add(store, alena.id, domain("vzor.ru"))
    for account in (alena, ivana):
        with pytest.raises(DomainTaken) as taken:
            await add(store, account.id, domain("vzor.ru"))
        assert taken.value.name == "vzor.ru"
    assert await store.view.domains.find("vzor.ru") == first


async def test_lists_in_the_order_of_code_points(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    for name in NAMES:
        await add(store, alena.id, name)
    await add(store, ivana.id, domain("hers.ru"))
    readable = ["a-b.ru", "ab.ru", "abc.ru", "zzz.ru", "испытание.ru", "пример.ru"]
    by_ascii = ["a-b.ru", "ab.ru", "abc.ru", "испытание.ru", "пример.ru", "zzz.ru"]
    assert await listed(store, alena.id) == readable
    assert await listed(store, alena.id, descending=True) == readable[::-1]
    assert await listed(store, alena.id, order=DomainOrder.ASCII) == by_ascii
    assert await listed(store, alena.id, offset=1, limit=2) == readable[1:3]
    assert await listed(store, alena.id, offset=100) == []
    assert await listed(store, alena.id, limit=0) == []


async def test_lists_in_the_order_of_letters(store: SqlStore) -> None:
    alena = await add_member(store)
    names = ["caslav.cz", "čáslav.cz", "cheb.cz", "žďár.cz", "zlin.cz", "zlín.cz"]
    for name in names[::2] + names[1::2]:
        await add(store, alena.id, DomainName(f"xn--{name.encode().hex()}.cz", name))
    assert await listed(store, alena.id) == names
    assert await listed(store, alena.id, descending=True, offset=1, limit=2) == names[::-1][1:3]


async def test_lists_what_contains_a_part_of_either_form(store: SqlStore) -> None:
    alena = await add_member(store)
    for name in [*NAMES, domain("a_b.ru"), domain("100%.ru")]:
        await add(store, alena.id, name)
    for containing, expected in (
        ("AB", ["ab.ru", "abc.ru"]),
        ("ПРИ", ["пример.ru"]),
        ("xn--80", ["испытание.ru"]),
        ("a_b", ["a_b.ru"]),
        ("0%", ["100%.ru"]),
        ("\\", []),
        ("'", []),
    ):
        assert await listed(store, alena.id, containing=containing) == expected


async def test_a_removed_name_is_free(store: SqlStore) -> None:
    alena = await add_member(store)
    first = await add(store, alena.id, domain("vzor.ru"))
    kept = await add(store, alena.id, domain("priklad.ru"))
    await do(store, lambda unit: unit.domains.remove("vzor.ru"))
    await do(store, lambda unit: unit.domains.remove("vzor.ru"))
    assert await store.view.domains.find("vzor.ru") is None
    assert (await add(store, alena.id, domain("vzor.ru"))).id > first.id
    assert await store.view.domains.find("priklad.ru") == kept
