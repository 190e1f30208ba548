"""Karma, notes, ignoring."""

from datetime import timedelta

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.accounts import Account, KarmaLevel, Role
from beseda.domain.karma import Gift
from contract.made import AT, STRANGE, add_member, add_room, add_session, after, do


async def again(store: SqlStore, account: Account) -> Account:
    found = await store.view.accounts.find(account.id)
    assert found is not None
    return found


async def test_what_is_earned(store: SqlStore) -> None:
    alena = await add_member(store)
    async with store.unit() as unit:
        for hour in (7, 7, 6, 8):
            await unit.karma.earn_hour(alena.id, hour, 2)
    assert (await again(store, alena)).karma_earned == 4
    for amount, left in ((3, 7), (-5, 2), (-5, 0)):
        await do(store, lambda unit, a=amount: unit.karma.earn(alena.id, a))  # type: ignore[misc]
        assert (await again(store, alena)).karma_earned == left


async def test_given_karma_is_what_gifts_and_deductions_come_to(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    year = timedelta(days=365)
    async with store.unit() as unit:
        first = await unit.karma.add_gift(alena.id, brana.id, 5, "", AT)
        await unit.karma.add_gift(cyril.id, brana.id, 3, "", after(10))
        await unit.karma.add_gift(cyril.id, brana.id, -1, STRANGE, after(20))
        await unit.karma.add_deduction(brana.id, 2, "x", after(30))
        await unit.karma.recount(brana.id, after(30) - year)
    assert (await again(store, brana)).karma_given == 5
    assert await store.view.karma.list_givers(brana.id, after(-1)) == [alena.id, cyril.id]
    assert await store.view.karma.list_givers(brana.id, AT) == [cyril.id]
    given = await store.view.karma.list_given(cyril.id, after(-1), 9)
    assert [gift.amount for gift in given] == [3]
    received = await store.view.karma.list_received(brana.id, after(-1), 9)
    assert [gift.amount for gift in received] == [-1, 3, 5]
    await do(store, lambda unit: unit.karma.end_gift(first, after(40)))
    found = await store.view.karma.find_gift(first)
    assert found == Gift(first, await again(store, alena), await again(store, brana), 5, "", AT, after(40))
    assert await store.view.karma.find_gift(type(first)(99)) is None
    await do(store, lambda unit: unit.karma.recount_all(after(-1)))
    assert (await again(store, brana)).karma_given == 0
    await do(store, lambda unit: unit.karma.recount_all(after(20)))
    assert (await again(store, brana)).karma_given == -2
    await do(store, lambda unit: unit.karma.recount_all(after(30)))
    assert (await again(store, brana)).karma_given == 0


async def test_groups(store: SqlStore) -> None:
    alena, brana = await add_member(store), await add_member(store, "Brana")
    async with store.unit() as unit:
        await unit.karma.add_gift(alena.id, brana.id, 5, "", AT)
        await unit.karma.recount_all(after(-1))
        await unit.karma.set_level(brana.id, int(KarmaLevel.RED))
        await unit.karma.note_ranked("2026-11-20")
        await unit.karma.note_ranked("2026-11-20")
    assert await store.view.karma.list_given_totals() == [(brana.id, 5)]
    assert await store.view.karma.list_levels() == {brana.id: KarmaLevel.RED}
    assert (await again(store, brana)).karma_level is KarmaLevel.RED
    assert await store.view.karma.is_ranked("2026-11-20")
    assert not await store.view.karma.is_ranked("2026-11-21")


async def test_notes(store: SqlStore) -> None:
    alena, brana = await add_member(store), await add_member(store, "Brana")
    for text in ("x", STRANGE):
        await do(store, lambda unit, t=text: unit.notes.set(alena.id, brana.id, t, AT))  # type: ignore[misc]
    assert await store.view.notes.find(alena.id, brana.id) == STRANGE
    assert await store.view.notes.find(brana.id, alena.id) == ""
    await do(store, lambda unit: unit.notes.set(alena.id, brana.id, "", AT))
    assert await store.view.notes.find(alena.id, brana.id) == ""


async def test_ignoring(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    for whom in (cyril, brana, brana):
        await do(store, lambda unit, w=whom: unit.ignoring.set_ignored(alena.id, w.id, True, AT))  # type: ignore[misc]
    assert await store.view.ignoring.ignored_by(alena.id) == {brana.id, cyril.id}
    assert await store.view.ignoring.list_ignored(alena.id) == [brana, cyril]
    assert await store.view.ignoring.ignores(alena.id, brana.id)
    assert not await store.view.ignoring.ignores(brana.id, alena.id)
    await do(store, lambda unit: unit.ignoring.set_ignored(alena.id, brana.id, False, AT))
    assert await store.view.ignoring.ignored_by(alena.id) == {cyril.id}


async def test_the_ignored_stand_by_their_letters(store: SqlStore) -> None:
    alena = await add_member(store, "Alena")
    nicks = ["Caslava", "Čáslava", "Cyril", "Žaneta", "Zora", "Елена", "Єва", "Жанна"]
    for nick in nicks[::2] + nicks[1::2]:
        other = await add_member(store, nick)
        await do(store, lambda unit, who=other: unit.ignoring.set_ignored(alena.id, who.id, True, AT))  # type: ignore[misc]
    assert [other.nick for other in await store.view.ignoring.list_ignored(alena.id)] == nicks


async def test_roles_and_admins(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    assert not await store.view.rooms.is_admin_anywhere(alena.id)
    async with store.unit() as unit:
        await unit.rooms.set_admin(room.id, alena.id, True)
        await unit.accounts.set_role(alena.id, Role.ROOM_ADMIN)
    assert await store.view.rooms.is_admin_anywhere(alena.id)
    assert (await again(store, alena)).role is Role.ROOM_ADMIN


async def test_sessions_that_are_alive(store: SqlStore) -> None:
    alena = await add_member(store)
    sessions = [await add_session(store, alena) for _ in range(3)]
    await do(store, lambda unit: unit.sessions.end(sessions[1].id))
    asked = [session.id for session in sessions] + [
        type(sessions[0].id)(number) for number in range(10**6, 10**6 + 600)
    ]
    assert await store.view.sessions.alive(asked) == {sessions[0].id, sessions[2].id}
    assert await store.view.sessions.alive([]) == set()


async def test_pictures_and_their_reports(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    for content, seconds in ((b"\0\xff1", 0), (b"2", 1)):
        await do(store, lambda unit, c=content, s=seconds: unit.pictures.set(alena.id, c, after(s)))  # type: ignore[misc]
    assert await store.view.pictures.find(alena.id) == (b"2", after(1))
    assert await store.view.pictures.find(brana.id) is None
    assert (await again(store, alena)).picture_url.startswith(f"/picture/{alena.id}-")
    reports = [
        await do(store, lambda unit, w=who: unit.pictures.add_report(alena.id, w.id, after(1), after(2)))  # type: ignore[misc]
        for who in (cyril, brana, brana)
    ]
    assert reports == [True, True, False]
    assert await do(store, lambda unit: unit.pictures.settle(alena.id, AT, after(3))) == []
    assert await do(store, lambda unit: unit.pictures.settle(alena.id, after(1), after(3))) == [brana.id, cyril.id]
    assert await do(store, lambda unit: unit.pictures.settle(alena.id, after(1), after(3))) == []
    assert [await do(store, lambda unit: unit.pictures.remove(alena.id)) for _ in range(2)] == [True, False]
    assert (await again(store, alena)).picture_url == ""
