"""Rooms as members use them; chat.cz help, rules 1 to 22."""

import asyncio

import pytest

from beseda.core.caller import Caller
from beseda.domain.errors import (
    AccountNotFound,
    KarmaTooLow,
    NotInRoom,
    NotRoomAdmin,
    NotSignedIn,
    ReservationRefused,
    RoomNameInvalid,
    RoomNameTaken,
    RoomNotFound,
    StoreUnavailable,
    TooOften,
)
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.rooms import name_key
from unit.core.world import HERE, World, account_id


class TestEnter:
    async def test_opens_a_temporary_room_of_which_one_is_admin(self, world: World) -> None:
        alena = await world.member_in("Alena")
        room_id = await world.core.rooms.enter(alena, "  Žižkov   v noci ")
        view = await world.core.rooms.view(room_id)
        assert (view.name, view.permanent, view.user_count) == ("Žižkov v noci", False, 1)
        assert view.admin_id == account_id(alena)

    async def test_twice_is_once(self, world: World) -> None:
        alena = await world.member_in("Alena")
        room_id = await world.core.rooms.enter(alena, "Praha")
        world.clock.move(10)
        assert await world.core.rooms.enter(alena, "PRAHA") == room_id
        [only], inside = await world.core.rooms.occupants(alena, room_id)
        assert inside
        assert (world.clock.now() - only.entered_at).total_seconds() == 10

    async def test_two_at_once_open_one_room(self, world: World) -> None:
        callers = [await world.member_in(f"Nick {number}") for number in range(20)]
        ids = await asyncio.gather(*(world.core.rooms.enter(caller, "Praha") for caller in callers))
        assert len(set(ids)) == 1
        assert (await world.core.rooms.view(ids[0])).user_count == 20

    async def test_takes_a_name_that_an_address_can_carry(self, world: World) -> None:
        alena = await world.member_in("Alena")
        for name in ("", " ", "a/b", "login", "LOGIN", "a" * 51, "a\0b", "\udc80"):
            with pytest.raises(RoomNameInvalid):
                await world.core.rooms.enter(alena, name)
        assert (await world.core.rooms.list.get()).views == ()

    async def test_a_name_that_looks_like_a_rooms_is_its_name(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        sosna, praha = await world.core.rooms.enter(alena, "Сосна"), await world.core.rooms.enter(alena, "Praha")
        for name in ("СОСНА", "COCHA", "cocha"):
            assert await world.core.rooms.enter(brana, name) == sosna
            with pytest.raises(RoomNameTaken):
                await world.core.rooms.add(name)
        for name in ("Рraha", "Prаha", "Сосna", "Praha, Brno", "a:b"):
            with pytest.raises(RoomNameInvalid):
                await world.core.rooms.enter(brana, name)
        assert {view.id for view in (await world.core.rooms.list.get()).views} == {sosna, praha}

    @pytest.mark.parametrize("name", ["Brno: střed", "a,b", "Рraha"])
    async def test_a_room_of_before_keeps_its_name(self, world: World, name: str) -> None:
        praha = await world.core.rooms.add("Praha")
        async with world.parts.store.unit() as unit:
            old = await unit.rooms.add("Kolin", permanent=True, founder_id=None, at=world.clock.now())
        world.parts.database.raw.execute(  # type: ignore[attr-defined]
            "UPDATE rooms SET name = ?, name_key = ?, look_key = NULL WHERE id = ?", (name, name_key(name), old.id)
        )
        alena = await world.member_in("Alena")
        assert await world.core.rooms.enter(alena, name.upper()) == old.id != praha.id
        await world.core.rooms.change_settings(alena, old.id, description="Po starém")
        assert (await world.core.rooms.page(alena, old.id)).room.name == name
        await world.core.rooms.leave(alena, old.id)
        await world.core.rooms.enter_by_id(alena, old.id)

    async def test_needs_a_session(self, world: World) -> None:
        with pytest.raises(NotSignedIn):
            await world.core.rooms.enter(Caller(HERE), "Praha")

    async def test_needs_a_session_that_has_not_just_ended(self, world: World) -> None:
        alena = await world.member_in("Alena")
        await world.core.auth.sign_out(alena)
        with pytest.raises(NotSignedIn):
            await world.core.rooms.enter(alena, "Praha")
        assert (await world.core.rooms.list.get()).views == ()

    async def test_opens_nothing_with_negative_karma(self, world: World) -> None:
        caller, _ = await world.signed_in(await world.set_karma(await world.known("Alena"), -1))
        await world.core.rooms.add("Brno")
        await world.core.rooms.enter(caller, "Brno")
        with pytest.raises(KarmaTooLow):
            await world.core.rooms.enter(caller, "Praha")

    async def test_opens_ten_rooms_at_once_and_no_more(self, world: World) -> None:
        alena = await world.member_in("Alena")
        for number in range(10):
            await world.core.rooms.enter(alena, f"Mistnost {number}")
        with pytest.raises(TooOften):
            await world.core.rooms.enter(alena, "Mistnost 10")
        await world.core.rooms.enter(alena, "Mistnost 1")
        assert len((await world.core.rooms.list.get()).views) == 10


class TestLeave:
    async def test_needs_to_be_inside(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        room_id = await world.core.rooms.enter(alena, "Praha")
        for caller, number, refusal in (
            (brana, room_id, NotInRoom),
            (alena, 99, RoomNotFound),
            (alena, MAX_ID + 1, RoomNotFound),
            (Caller(HERE), room_id, NotSignedIn),
        ):
            with pytest.raises(refusal):
                await world.core.rooms.leave(caller, RoomId(number))
            with pytest.raises(refusal):
                await world.core.rooms.page(caller, RoomId(number))

    async def test_last_one_takes_the_room_with_him_but_not_its_id(self, world: World) -> None:
        alena = await world.member_in("Alena")
        ids = []
        for _ in range(3):
            ids.append(await world.core.rooms.enter(alena, "Praha"))
            await world.core.rooms.set_favourite(alena, ids[-1], True)
            await world.core.rooms.leave(alena, ids[-1])
        assert len(set(ids)) == 3
        assert await world.core.rooms.favourites(alena) == frozenset()
        assert await world.core.rooms.find_by_name("Praha") is None

    async def test_everybody_at_once(self, world: World) -> None:
        callers = [await world.member_in(f"Nick {number}") for number in range(20)]
        room_id = await world.core.rooms.enter(callers[0], "Praha")
        await asyncio.gather(*(world.core.rooms.enter(caller, "Praha") for caller in callers))
        await asyncio.gather(*(world.core.rooms.leave(caller, room_id) for caller in callers))
        with pytest.raises(RoomNotFound):
            await world.core.rooms.view(room_id)


class TestOperator:
    async def test_opens_rooms_that_stay(self, world: World) -> None:
        for web in ("javascript:alert(1)", "praha.example.org", "https://", "https://a b", "https://a/" + "b" * 200):
            with pytest.raises(ReservationRefused):
                await world.core.rooms.add("Praha", web=web)
        room = await world.core.rooms.add("Praha", description="o  Praze\n", web=" https://praha.example.org ")
        view = await world.core.rooms.view(room.id)
        assert (view.permanent, view.description, view.web) == (True, "o Praze", "https://praha.example.org")
        with pytest.raises(RoomNameTaken):
            await world.core.rooms.add("PRAHA")
        alena = await world.member_in("Alena")
        await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.leave(alena, room.id)
        assert (await world.core.rooms.view(room.id)).user_count == 0

    async def test_ends_permanence_and_with_it_an_empty_room(self, world: World) -> None:
        praha, brno = await world.core.rooms.add("Praha"), await world.core.rooms.add("Brno")
        alena = await world.member_in("Alena")
        await world.core.rooms.enter(alena, "Brno")
        for room in (praha, brno):
            await world.core.rooms.set_permanent(room.id, False)
        with pytest.raises(RoomNotFound):
            await world.core.rooms.view(praha.id)
        assert not (await world.core.rooms.view(brno.id)).permanent
        await world.core.rooms.set_permanent(brno.id, True)
        await world.core.rooms.leave(alena, brno.id)
        assert (await world.core.rooms.view(brno.id)).permanent

    async def test_names_members_admins_of_permanent_rooms(self, world: World) -> None:
        alena, host = await world.known("Alena"), (await world.visitor_in("Host"))[0]
        caller = await world.member_in("Brana")
        room, temporary = await world.core.rooms.add("Praha"), await world.core.rooms.enter(caller, "Brno")
        await world.core.rooms.set_admin(room.id, alena.id, True)
        await world.core.rooms.set_admin(room.id, alena.id, True)
        assert [admin.nick for admin in await world.core.rooms.admins(room.id)] == ["Alena"]
        with pytest.raises(NotRoomAdmin):
            await world.core.rooms.set_admin(temporary, alena.id, True)
        for nobody in (account_id(host), AccountId(99)):
            with pytest.raises(AccountNotFound):
                await world.core.rooms.set_admin(room.id, nobody, True)
        await world.core.rooms.set_admin(room.id, alena.id, False)
        assert await world.core.rooms.admins(room.id) == []


class TestList:
    async def test_is_the_same_object_until_something_changes(self, world: World) -> None:
        alena = await world.member_in("Alena")
        room_id = (await world.core.rooms.add("Praha")).id
        first = await world.core.rooms.list.get()
        assert world.core.rooms.list.fresh() is first
        assert await world.core.rooms.list.get() is first
        await world.core.rooms.enter(alena, "Praha")
        assert world.core.rooms.list.fresh() is None
        second = await world.core.rooms.list.get()
        assert second is not first
        assert second.by_id[room_id].user_count == 1

    async def test_has_rooms_with_people_first(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        for name in ("Cheb", "Aš", "Brno"):
            await world.core.rooms.add(name)
        for caller, name in ((alena, "Brno"), (brana, "Brno"), (alena, "Cheb")):
            await world.core.rooms.enter(caller, name)
        listing = await world.core.rooms.list.get()
        assert [view.name for view in listing.views] == ["Brno", "Cheb", "Aš"]

    async def test_forgets_no_change_when_the_database_fails(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alena = await world.member_in("Alena")
        room_id = (await world.core.rooms.add("Praha")).id
        await world.core.rooms.list.get()
        await world.core.rooms.enter(alena, "Praha")

        async def fail(_room_id: RoomId) -> None:
            raise StoreUnavailable

        with monkeypatch.context() as patch:
            patch.setattr(type(world.parts.store.view.rooms), "find_view", lambda _rooms, number: fail(number))
            with pytest.raises(StoreUnavailable):
                await world.core.rooms.list.get()
        assert (await world.core.rooms.list.get()).by_id[room_id].user_count == 1

    async def test_of_many_changes_is_read_anew(self, world: World) -> None:
        for number in range(60):
            await world.core.rooms.add(f"Mistnost {number}")
        assert len((await world.core.rooms.list.get()).views) == 60
        for view in (await world.core.rooms.list.get()).views[:55]:
            await world.core.rooms.set_permanent(view.id, False)
        listing = await world.core.rooms.list.get()
        assert len(listing.views) == len(listing.by_id) == 5


class TestFavourites:
    async def test_are_ones_own(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        room_id = (await world.core.rooms.add("Praha")).id
        for favourite in (True, True, False, True):
            await world.core.rooms.set_favourite(alena, room_id, favourite)
        assert await world.core.rooms.favourites(alena) == {room_id}
        assert await world.core.rooms.favourites(brana) == frozenset()
        assert await world.core.rooms.favourites(Caller(HERE)) == frozenset()
        with pytest.raises(RoomNotFound):
            await world.core.rooms.set_favourite(alena, RoomId(99), True)
        with pytest.raises(NotSignedIn):
            await world.core.rooms.set_favourite(Caller(HERE), room_id, True)
