"""Accounts, favourites, invitations: what both engines keep of them."""

from dataclasses import replace
from datetime import date

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.ports import NewAccount
from beseda.domain.accounts import Account, KarmaLevel, LoginKeys, Look, Sex, Standing, Theme
from beseda.domain.contacts import Email
from beseda.domain.errors import BesedaError, EmailTaken, NickTaken, PhoneTaken
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from contract.made import AT, STRANGE, add_member, add_room, add_visitor, after, do, member, visitor

NOBODY = AccountId(MAX_ID)


async def test_keeps_every_field(store: SqlStore) -> None:
    new = NewAccount(
        registered=True,
        nick="Žofie Ещё",
        sex=Sex.FEMALE,
        password_hash=STRANGE,
        email=Email("Zofie@Příklad.example.org", "zofie@xn--pklad-zsa96e.example.org"),
        phone="+420123456789",
        birth_date=date(2000, 2, 29),
        age_public=True,
    )
    added = await do(store, lambda unit: unit.accounts.add(new, AT))
    assert added == Account(
        id=added.id,
        registered=True,
        nick="Žofie Ещё",
        sex=Sex.FEMALE,
        standing=Standing.ACTIVE,
        birth_date=date(2000, 2, 29),
        age_public=True,
        picture_url="",
        karma_given=0,
        karma_level=KarmaLevel.NONE,
        profile_views=0,
        created_at=AT,
        accessed_at=AT,
    )
    assert added.id > 0
    assert await store.view.accounts.find(added.id) == added
    assert await store.view.accounts.contacts(added.id) == ("Zofie@Příklad.example.org", "+420123456789")


async def test_a_look_is_kept_when_it_was_chosen(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    for look in (Look("ru", Theme.DARK), Look("", Theme.AUTO)):
        async with store.unit() as unit:
            await unit.accounts.set_look(alena.id, look)
        assert await store.view.accounts.find(alena.id) == replace(alena, look=look)
    assert await store.view.accounts.find(ivana.id) == replace(ivana, look=None)
    await do(store, lambda unit: unit.accounts.erase(alena.id, "deleted member"))
    assert (await store.view.accounts.find_all([alena.id]))[0].look is None


async def test_a_visitor_has_only_a_nick(store: SqlStore) -> None:
    added = await add_visitor(store)
    assert (added.registered, added.sex, added.birth_date) == (False, Sex.MALE, None)
    assert await store.view.accounts.contacts(added.id) == ("", "")
    assert await store.view.accounts.find(added.id) == added


async def test_finds_by_nick_however_it_is_written(store: SqlStore) -> None:
    alena = await add_member(store, "Alena Ž")
    for written in ("Alena Ž", "ALENA ž", "alena  Z\u030c", "Ａlena Ž"):
        assert await store.view.accounts.find_by_nick(written) == alena
    assert await store.view.accounts.find_by_nick("Alena Z") is None
    assert await store.view.accounts.find_by_nick("") is None
    assert await store.view.accounts.find(NOBODY) is None


@pytest.mark.parametrize(
    ("second", "refusal"),
    [
        (member("ALENA"), NickTaken),
        (visitor("alena"), NickTaken),
        (member("Ivana", email="A@EXAMPLE.ORG"), EmailTaken),
        (member("Ivana", phone="+420123456789"), PhoneTaken),
        (member("alena", email="a@example.org", phone="+420123456789"), NickTaken),
        (member("Ivana", email="a@example.org", phone="+420123456789"), EmailTaken),
    ],
)
async def test_a_name_is_taken_once(store: SqlStore, second: NewAccount, refusal: type[BesedaError]) -> None:
    first = await do(
        store, lambda unit: unit.accounts.add(member("Alena", email="a@example.org", phone="+420123456789"), AT)
    )
    with pytest.raises(refusal):
        await do(store, lambda unit: unit.accounts.add(second, AT))
    assert await store.view.accounts.list_registered(after=AccountId(0), limit=10) == [first]


async def test_many_have_neither_email_nor_phone(store: SqlStore) -> None:
    assert await add_member(store, "Alena") != await add_member(store, "Ivana")


async def test_credentials_by_nick_then_email_then_phone(store: SqlStore) -> None:
    by_nick = await add_member(store, "12345678")
    by_email = await do(store, lambda unit: unit.accounts.add(member("Ivana", email="i@example.org"), AT))
    by_phone = await do(store, lambda unit: unit.accounts.add(member("Zdena", phone="+12345678"), AT))
    for keys, expected in (
        (LoginKeys("12345678", "i@example.org", "+12345678"), by_nick),
        (LoginKeys("nobody", "i@example.org", "+12345678"), by_email),
        (LoginKeys(None, None, "+12345678"), by_phone),
        (LoginKeys(None, None, "+420777123456", old_phone="+12345678"), by_phone),
        (LoginKeys(None, "i@example.org", None, spelling="<I@example.org>"), by_email),
    ):
        found = await store.view.accounts.find_credentials(keys)
        assert found is not None
        assert (found.account, found.password_hash) == (expected, "$hash$")
    assert await store.view.accounts.find_credentials(LoginKeys("nobody", "n@example.org", "+1")) is None
    assert await store.view.accounts.find_credentials(LoginKeys(None, None, None)) is None


async def test_a_visitor_has_no_credentials(store: SqlStore) -> None:
    await add_visitor(store, "Host")
    assert await store.view.accounts.find_credentials(LoginKeys("host", None, None)) is None


async def test_lists_members_page_by_page(store: SqlStore) -> None:
    members = [await add_member(store, f"Member{number}") for number in range(5)]
    await add_visitor(store)
    pages = store.view.accounts
    assert await pages.list_registered(after=AccountId(0), limit=2) == members[:2]
    assert await pages.list_registered(after=members[1].id, limit=10) == members[2:]
    assert await pages.list_registered(after=NOBODY, limit=10) == []


async def test_changes_password_and_standing(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    await do(store, lambda unit: unit.accounts.set_password_hash(alena.id, "new"))
    for standing in Standing:
        async with store.unit() as unit:
            await unit.accounts.set_standing(alena.id, standing)
        found = await store.view.accounts.find_credentials(LoginKeys("alena", None, None))
        assert found is not None
        assert (found.account, found.password_hash) == (replace(alena, standing=standing), "new")
    assert await store.view.accounts.find(ivana.id) == ivana


async def test_activity_only_moves_forward(store: SqlStore) -> None:
    alena = await add_member(store)
    await do(store, lambda unit: unit.accounts.touch(alena.id, after(5)))
    await do(store, lambda unit: unit.accounts.touch(alena.id, after(2)))
    assert await store.view.accounts.find(alena.id) == replace(alena, accessed_at=after(5))


async def test_a_freed_nick_is_for_others(store: SqlStore) -> None:
    first = await add_visitor(store, "Host")
    await do(store, lambda unit: unit.accounts.free_nick(first.id))
    assert await store.view.accounts.find_by_nick("Host") is None
    second = await add_visitor(store, "Host")
    assert second.id != first.id
    assert await store.view.accounts.find_by_nick("host") == second
    assert await store.view.accounts.find(first.id) == first


async def test_counts_profile_views(store: SqlStore) -> None:
    alena = await add_member(store)
    for _ in range(3):
        await do(store, lambda unit: unit.accounts.count_profile_view(alena.id))
    assert await store.view.accounts.find(alena.id) == replace(alena, profile_views=3)


async def test_favourites(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    rooms = [await add_room(store, f"Room{number}") for number in range(3)]

    async def mark(room_id: RoomId, favourite: bool) -> None:
        await do(store, lambda unit: unit.accounts.set_favourite(alena.id, room_id, favourite))

    for room_id, favourite in ((rooms[0].id, True), (rooms[0].id, True), (rooms[2].id, True), (rooms[1].id, False)):
        await mark(room_id, favourite)
    assert await store.view.accounts.favourites(alena.id) == {rooms[0].id, rooms[2].id}
    await mark(rooms[0].id, False)
    assert await store.view.accounts.favourites(alena.id) == {rooms[2].id}
    assert await store.view.accounts.favourites(ivana.id) == frozenset()


async def test_an_invitation_is_used_up(store: SqlStore) -> None:
    await do(store, lambda unit: unit.accounts.add_invite("twice", 2, AT))
    await do(store, lambda unit: unit.accounts.add_invite("for ever", MAX_ID, AT))
    used = [await do(store, lambda unit: unit.accounts.use_invite("twice")) for _ in range(3)]
    assert used == [True, True, False]
    assert await do(store, lambda unit: unit.accounts.use_invite("for ever"))
    assert not await do(store, lambda unit: unit.accounts.use_invite("unknown"))


async def test_an_id_is_never_used_again(store: SqlStore) -> None:
    first = await add_visitor(store, "Host")
    with pytest.raises(NickTaken):
        await add_visitor(store, "Host")
    assert (await add_visitor(store, "Other")).id > first.id
