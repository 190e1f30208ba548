"""Rooms, their admins, who is in them and who has been."""

from dataclasses import replace
from datetime import datetime

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.accounts import Account
from beseda.domain.errors import RoomNameTaken
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.rooms import Lock, Occupant, Room, RoomView
from beseda.domain.sessions import Session
from contract.made import AT, STRANGE, add_member, add_room, add_session, add_visitor, after, do


async def enter(store: SqlStore, room: Room, account: Account, seconds: float = 0) -> Session:
    session = await add_session(store, account)
    await do(store, lambda unit: unit.rooms.enter(room.id, account.id, session.id, 1, after(seconds)))
    return session


async def end_stays(store: SqlStore, session: Session) -> list[RoomId]:
    return await do(store, lambda unit: unit.rooms.end_stays(session.id))


def occupant(account: Account, seconds: float = 0, *, admin: bool = False) -> Occupant:
    return Occupant(account, after(seconds), after(seconds), None, admin)


async def test_begins_open_and_empty(store: SqlStore) -> None:
    alena = await add_member(store)
    room = await do(store, lambda unit: unit.rooms.add("Žižkov 🦊", permanent=False, founder_id=alena.id, at=AT))
    assert room == Room(room.id, "Žižkov 🦊", "", "", False, Lock.OPEN, "", None, alena.id, AT)
    assert await store.view.rooms.find(room.id) == room
    assert await store.view.rooms.find_by_name("ŽIŽKOV  🦊") == room
    assert await store.view.rooms.find(RoomId(MAX_ID)) is None
    assert await store.view.rooms.find_by_name("Zizkov 🦊") is None
    assert not await store.view.rooms.admins(room.id)
    assert not await store.view.rooms.occupants(room.id)


@pytest.mark.parametrize("lock", Lock)
async def test_saves_every_field(store: SqlStore, lock: Lock) -> None:
    alena = await add_member(store)
    other, room = await add_room(store, "Brno"), await add_room(store, "Praha", permanent=False)
    changed = replace(
        room,
        name="Ostrava",
        description=STRANGE,
        web="https://example.org/?a=b",
        permanent=True,
        lock=lock,
        password=STRANGE,
        admin_id=alena.id,
    )
    await do(store, lambda unit: unit.rooms.save(changed))
    assert await store.view.rooms.find(room.id) == changed
    assert await store.view.rooms.find_by_name("ostrava") == changed
    assert await store.view.rooms.find_by_name("praha") is None
    await do(store, lambda unit: unit.rooms.save(room))
    assert await store.view.rooms.find(room.id) == room
    assert await store.view.rooms.find(other.id) == other


async def test_a_name_is_taken_once(store: SqlStore) -> None:
    praha, brno = await add_room(store, "Praha"), await add_room(store, "Brno")
    with pytest.raises(RoomNameTaken):
        await add_room(store, "PRAHA")
    with pytest.raises(RoomNameTaken):
        await do(store, lambda unit: unit.rooms.save(replace(brno, name="praha")))
    await do(store, lambda unit: unit.rooms.save(replace(praha, name="PRAHA")))
    assert await store.view.rooms.find(brno.id) == brno


async def test_names_that_look_alike_are_one(store: SqlStore) -> None:
    sosna, praha = await add_room(store, "Сосна"), await add_room(store, "Praha")
    for name in ("сосна", "COCHA", "Со\u200bсна"):
        assert await store.view.rooms.find_by_name(name) == sosna
        with pytest.raises(RoomNameTaken):
            await add_room(store, name)
        with pytest.raises(RoomNameTaken):
            await do(store, lambda unit, to=name: unit.rooms.save(replace(praha, name=to)))  # type: ignore[misc]
    await do(store, lambda unit: unit.rooms.save(replace(sosna, name="COCHA")))
    assert (await add_room(store, "Brno")).name == "Brno"
    await do(store, lambda unit: unit.rooms.close(sosna.id, AT))
    assert await store.view.rooms.find_by_name("сосна") is None
    assert (await add_room(store, "сосна")).name == "сосна"


async def test_a_room_that_vanished_leaves_only_its_number(store: SqlStore) -> None:
    alena = await add_member(store)
    room, kept = await add_room(store, "Praha"), await add_room(store, "Brno")
    await do(store, lambda unit: unit.rooms.set_admin(room.id, alena.id, True))
    await do(store, lambda unit: unit.rooms.save(replace(room, admin_id=alena.id)))
    await do(store, lambda unit: unit.accounts.set_favourite(alena.id, room.id, True))
    session = await enter(store, room, alena)
    await do(store, lambda unit: unit.rooms.close(room.id, after(1)))
    rooms = store.view.rooms
    assert not any((await rooms.find(room.id), await rooms.find_view(room.id), await rooms.find_by_name("Praha")))
    assert [view.id for view in await rooms.list_views()] == [kept.id]
    assert not await rooms.occupants(room.id)
    assert not await rooms.rooms_of(alena.id)
    assert not await end_stays(store, session)
    assert not await rooms.is_admin(room.id, alena.id)
    assert not await rooms.was_inside(room.id, alena.id)
    assert await store.view.accounts.favourites(alena.id) == frozenset()
    assert (await add_room(store, "Praha")).id > kept.id


async def test_permanent_admins_by_nick(store: SqlStore) -> None:
    room, other = await add_room(store, "Praha"), await add_room(store, "Brno")
    zdena, ada, sarka = (
        await add_member(store, "zdena"),
        await add_member(store, "Ada"),
        await add_member(store, "Šárka"),
    )
    async with store.unit() as unit:
        for account in (zdena, ada, sarka, zdena):
            await unit.rooms.set_admin(room.id, account.id, True)
    assert await store.view.rooms.admins(room.id) == [ada, sarka, zdena]
    assert await store.view.rooms.is_admin(room.id, zdena.id)
    await do(store, lambda unit: unit.rooms.set_admin(room.id, zdena.id, False))
    assert await store.view.rooms.admins(room.id) == [ada, sarka]
    assert not await store.view.rooms.is_admin(room.id, zdena.id)
    assert not await store.view.rooms.is_admin(other.id, ada.id)


async def test_occupants_in_the_order_in_which_they_came(store: SqlStore) -> None:
    room, other = await add_room(store, "Praha"), await add_room(store, "Brno")
    alena, host, zdena = await add_member(store), await add_visitor(store), await add_member(store, "Zdena")
    await do(store, lambda unit: unit.rooms.set_admin(room.id, zdena.id, True))
    for account, seconds in ((zdena, 1), (alena, 3), (host, 2)):
        await enter(store, room, account, seconds)
    await enter(store, other, alena, 0)
    expected = [occupant(zdena, 1, admin=True), occupant(host, 2), occupant(alena, 3)]
    assert await store.view.rooms.occupants(room.id) == expected
    assert await store.view.rooms.find_occupant(room.id, host.id) == occupant(host, 2)
    assert [each.id for each in await store.view.rooms.rooms_of(alena.id)] == [other.id, room.id]
    await do(store, lambda unit: unit.rooms.leave(room.id, host.id))
    await do(store, lambda unit: unit.rooms.leave(room.id, host.id))
    assert await store.view.rooms.occupants(room.id) == [expected[0], expected[2]]
    assert await store.view.rooms.find_occupant(room.id, host.id) is None


async def test_entering_again_keeps_the_place(store: SqlStore) -> None:
    room, alena = await add_room(store), await add_member(store)
    first, second = await enter(store, room, alena), await enter(store, room, alena, 9)
    assert await store.view.rooms.occupants(room.id) == [replace(occupant(alena), accessed_at=after(9))]
    assert await end_stays(store, second) == []
    assert await end_stays(store, first) == [room.id]


async def test_who_leaves_leaves_by_all_sessions(store: SqlStore) -> None:
    room, alena = await add_room(store), await add_member(store)
    sessions = [await enter(store, room, alena) for _ in range(2)]
    await do(store, lambda unit: unit.rooms.leave(room.id, alena.id))
    again = await enter(store, room, alena)
    for session, left in zip([*sessions, again], [[], [], [room.id]], strict=True):
        assert await end_stays(store, session) == left


async def test_the_silent_are_found(store: SqlStore) -> None:
    rooms = [await add_room(store, name) for name in ("Praha", "Brno")]
    alena, host = await add_member(store), await add_visitor(store)
    for room in rooms:
        await enter(store, room, host, 1)
        await enter(store, room, alena)

    async def silent(before: datetime, written_before: datetime) -> list[tuple[RoomId, AccountId]]:
        return await store.view.rooms.silent(before, before, written_before)

    assert await silent(AT, AT) == []
    assert await silent(after(1), AT) == [(room.id, alena.id) for room in rooms]
    assert await silent(after(2), AT) == [(room.id, who.id) for room in rooms for who in (alena, host)]
    assert await silent(AT, after(1)) == [(room.id, alena.id) for room in rooms]
    await do(store, lambda unit: unit.messages.note_written(rooms[0].id, alena.id, after(1)))
    assert await silent(AT, after(1)) == [(rooms[1].id, alena.id)]
    await do(store, lambda unit: unit.rooms.touch(rooms[0].id, alena.id, after(5)))
    await do(store, lambda unit: unit.rooms.touch(rooms[0].id, alena.id, after(3)))
    assert (rooms[0].id, alena.id) not in await silent(after(5), AT)
    assert (rooms[1].id, alena.id) in await silent(after(5), AT)
    await do(store, lambda unit: unit.rooms.touch(rooms[1].id, alena.id, after(5)))
    assert await silent(after(5), AT) == [(room.id, host.id) for room in rooms]


async def test_away_is_told_once_until_it_is_over(store: SqlStore) -> None:
    room, alena = await add_room(store, "Praha"), await add_member(store)
    here, rooms = [(room.id, alena.id)], store.view.rooms
    await enter(store, room, alena)
    assert await rooms.silent(AT, after(1), AT) == here
    set_away = [await do(store, lambda unit: unit.rooms.set_away(room.id, alena.id, True)) for _ in range(2)]
    assert set_away == [True, False]
    assert await rooms.silent(AT, after(1), AT) == []
    assert await rooms.silent(after(1), after(1), AT) == here
    assert (await rooms.back(after(1)), await rooms.back(AT)) == ([], here)
    set_back = [await do(store, lambda unit: unit.rooms.set_away(room.id, alena.id, False)) for _ in range(2)]
    assert set_back == [True, False]
    assert await rooms.back(AT) == []
    assert not await do(store, lambda unit: unit.rooms.set_away(room.id, AccountId(99), True))


async def test_a_session_knows_its_rooms(store: SqlStore) -> None:
    rooms = [await add_room(store, name) for name in ("Praha", "Brno", "Most")]
    alena = await add_member(store)
    session = await add_session(store, alena)
    async with store.unit() as unit:
        for room in reversed(rooms):
            await unit.rooms.enter(room.id, alena.id, session.id, 1, AT)
    assert await end_stays(store, session) == [room.id for room in rooms]
    assert await end_stays(store, session) == []


async def test_only_who_is_inside_is_remembered_after_a_new_password(store: SqlStore) -> None:
    room, other = await add_room(store, "Praha"), await add_room(store, "Brno")
    alena, host = await add_member(store), await add_visitor(store)
    for account in (alena, host):
        await enter(store, room, account)
        await enter(store, other, account)
    await do(store, lambda unit: unit.rooms.leave(room.id, host.id))
    assert await store.view.rooms.was_inside(room.id, host.id)
    await do(store, lambda unit: unit.rooms.forget_visitors(room.id))
    assert not await store.view.rooms.was_inside(room.id, host.id)
    assert await store.view.rooms.was_inside(room.id, alena.id)
    assert await store.view.rooms.was_inside(other.id, host.id)


async def test_the_list_shows_the_lock_in_force(store: SqlStore) -> None:
    permanent, temporary = await add_room(store, "Praha"), await add_room(store, "Brno", permanent=False)
    alena, host = await add_member(store), await add_visitor(store)
    await do(store, lambda unit: unit.rooms.set_admin(permanent.id, alena.id, True))
    for room in (permanent, temporary):
        changed = replace(room, description="d", web="w", lock=Lock.ALL, password="p", admin_id=alena.id)
        async with store.unit() as unit:
            await unit.rooms.save(changed)
        await enter(store, room, host)

    def view(room: Room, lock: Lock, user_count: int) -> RoomView:
        return RoomView(room.id, room.name, "d", "w", room.permanent, lock, alena.id, user_count, False)

    found = await store.view.rooms.list_views()
    assert sorted(found, key=lambda each: each.id) == [view(permanent, Lock.OPEN, 1), view(temporary, Lock.ALL, 1)]
    await enter(store, permanent, alena)
    assert await store.view.rooms.find_view(permanent.id) == view(permanent, Lock.ALL, 2)
    assert await store.view.rooms.find_view(RoomId(MAX_ID)) is None


async def test_a_founder_may_be_anybody_or_nobody(store: SqlStore) -> None:
    host = await add_visitor(store)
    async with store.unit() as unit:
        by_host = await unit.rooms.add("Praha", permanent=False, founder_id=host.id, at=AT)
        by_nobody = await unit.rooms.add("Brno", permanent=False, founder_id=None, at=AT)
    assert (by_host.founder_id, by_nobody.founder_id) == (host.id, None)
    assert await store.view.rooms.rooms_of(AccountId(MAX_ID)) == []
