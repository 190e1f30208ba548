"""The temporary admin, locks and settings; chat.cz help, rules 5 to 11 and 17 to 22."""

import pytest

from beseda.core.caller import Caller
from beseda.domain.accounts import KarmaLevel
from beseda.domain.errors import (
    NotInRoom,
    NotRoomAdmin,
    NotSignedIn,
    RegisteredOnly,
    RoomDescriptionTooLong,
    RoomLocked,
    RoomNotFound,
    RoomPasswordWrong,
    TooOften,
)
from beseda.domain.ids import MAX_ID, RoomId
from beseda.domain.rooms import Lock
from unit.core.world import HERE, World, account_id, admin_of


class TestTemporaryAdmin:
    async def test_is_the_first_member_who_enters(self, world: World) -> None:
        visitor, _ = await world.visitor_in("Host")
        room_id = await world.core.rooms.enter(visitor, "Praha")
        assert await admin_of(world, room_id) is None
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.enter(brana, "Praha")
        assert await admin_of(world, room_id) == account_id(alena)

    async def test_passes_to_the_highest_karma_and_ends_with_the_last_member(self, world: World) -> None:
        callers = {}
        for nick, karma in (("Alena", 0), ("Brana", 5), ("Cyril", 9)):
            account = await world.set_karma(await world.known(nick), karma)
            callers[nick], _ = await world.signed_in(account)
            room_id = await world.core.rooms.enter(callers[nick], "Praha")
        visitor, _ = await world.visitor_in("Host")
        await world.core.rooms.enter(visitor, "Praha")
        for leaves, heir in (("Alena", "Cyril"), ("Cyril", "Brana")):
            await world.core.rooms.leave(callers[leaves], room_id)
            assert await admin_of(world, room_id) == account_id(callers[heir])
        await world.core.rooms.leave(callers["Brana"], room_id)
        assert await admin_of(world, room_id) is None
        await world.core.rooms.leave(visitor, room_id)
        with pytest.raises(RoomNotFound):
            await world.core.rooms.view(room_id)

    async def test_of_a_permanent_room_passes_to_who_has_a_mark(self, world: World) -> None:
        room_id = (await world.core.rooms.add("Praha")).id
        alena = await world.member_in("Alena")
        rich, _ = await world.signed_in(await world.set_karma(await world.known("Brana"), 99))
        marked, _ = await world.signed_in(await world.set_karma(await world.known("Cyril"), 1, KarmaLevel.YELLOW))
        for caller in (alena, rich, marked):
            await world.core.rooms.enter(caller, "Praha")
        await world.core.rooms.leave(alena, room_id)
        assert await admin_of(world, room_id) == account_id(marked)
        await world.core.rooms.leave(marked, room_id)
        assert await admin_of(world, room_id) is None
        await world.core.rooms.enter(alena, "Praha")
        assert await admin_of(world, room_id) == account_id(alena)

    async def test_hands_over(self, world: World) -> None:
        alena, brana, cyril = [await world.member_in(nick) for nick in ("Alena", "Brana", "Cyril")]
        visitor, _ = await world.visitor_in("Host")
        room_id = await world.core.rooms.enter(alena, "Praha")
        for caller in (brana, visitor):
            await world.core.rooms.enter(caller, "Praha")
        hand_over = world.core.rooms.hand_over
        for caller, to, refusal in (
            (Caller(HERE), brana, NotSignedIn),
            (visitor, brana, RegisteredOnly),
            (brana, brana, NotRoomAdmin),
            (cyril, cyril, NotRoomAdmin),
            (alena, cyril, NotInRoom),
            (alena, visitor, RegisteredOnly),
        ):
            with pytest.raises(refusal):
                await hand_over(caller, room_id, account_id(to))
            assert await admin_of(world, room_id) == account_id(alena)
        await hand_over(alena, room_id, account_id(brana))
        assert await admin_of(world, room_id) == account_id(brana)
        with pytest.raises(NotRoomAdmin):
            await hand_over(alena, room_id, account_id(alena))

    async def test_is_whom_a_permanent_admin_wants(self, world: World) -> None:
        room_id = (await world.core.rooms.add("Praha")).id
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        await world.core.rooms.set_admin(room_id, account_id(brana), True)
        for caller in (alena, brana):
            await world.core.rooms.enter(caller, "Praha")
        await world.core.rooms.hand_over(brana, room_id, account_id(brana))
        assert await admin_of(world, room_id) == account_id(brana)


class TestLocks:
    async def test_with_a_password_open_to_who_knows_it(self, world: World) -> None:
        alena, brana, cyril = [await world.member_in(nick) for nick in ("Alena", "Brana", "Cyril")]
        room_id = await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.change_settings(alena, room_id, lock=Lock.ALL)
        with pytest.raises(RoomLocked):
            await world.core.rooms.enter(brana, "Praha")
        await world.core.rooms.change_settings(alena, room_id, password="sezam 1")
        with pytest.raises(RoomLocked):
            await world.core.rooms.enter(brana, "Praha")
        with pytest.raises(RoomPasswordWrong):
            await world.core.rooms.enter(brana, "Praha", "sezam")
        await world.core.rooms.enter(brana, "Praha", "sezam 1")
        await world.core.rooms.leave(brana, room_id)
        await world.core.rooms.enter(brana, "Praha")
        await world.core.rooms.leave(brana, room_id)
        await world.core.rooms.change_settings(alena, room_id, password="sezam 2")
        with pytest.raises(RoomLocked):
            await world.core.rooms.enter(brana, "Praha")
        await world.core.rooms.change_settings(alena, room_id, lock=Lock.OPEN)
        await world.core.rooms.enter(cyril, "Praha")

    async def test_keep_nobody_in_and_ask_nobody_inside_again(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        room_id = await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.enter(brana, "Praha")
        await world.core.rooms.change_settings(alena, room_id, lock=Lock.ALL, password="sezam")
        assert await world.core.rooms.enter(brana, "Praha") == room_id
        await world.core.rooms.leave(brana, room_id)
        assert await world.core.rooms.enter(brana, "Praha") == room_id

    async def test_passwords_cannot_be_guessed_for_long(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        room_id = await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.change_settings(alena, room_id, lock=Lock.ALL, password="sezam")
        for number in range(10):
            with pytest.raises(RoomPasswordWrong):
                await world.core.rooms.enter(brana, "Praha", str(number))
        with pytest.raises(TooOften):
            await world.core.rooms.enter(brana, "Praha", "sezam")
        await world.core.rooms.enter(brana, "Brno")
        world.clock.move(30)
        await world.core.rooms.enter(brana, "Praha", "sezam")

    async def test_passwords_are_not_guessed_by_ever_new_visitors(self, world: World) -> None:
        alena = await world.member_in("Alena")
        room_id = await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.change_settings(alena, room_id, lock=Lock.ANONYMOUS, password="sezam")
        for number in range(5):
            visitor, _ = await world.visitor_in(f"Host {number}a")
            for guess in ("a", "b"):
                with pytest.raises(RoomPasswordWrong):
                    await world.core.rooms.enter(visitor, "Praha", guess)
        visitor, _ = await world.visitor_in("Host")
        with pytest.raises(TooOften):
            await world.core.rooms.enter(visitor, "Praha", "sezam")
        with pytest.raises(RoomLocked):
            await world.core.rooms.enter(visitor, "Praha")
        await world.core.rooms.change_settings(alena, room_id, lock=Lock.OPEN)
        await world.core.rooms.enter(visitor, "Praha")

    async def test_of_permanent_rooms_hold_while_an_admin_is_in(self, world: World) -> None:
        room_id = (await world.core.rooms.add("Praha")).id
        boss, brana = await world.member_in("Sprava"), await world.member_in("Brana")
        await world.core.rooms.set_admin(room_id, account_id(boss), True)
        await world.core.rooms.change_settings(boss, room_id, lock=Lock.ALL, password="sezam")
        assert (await world.core.rooms.view(room_id)).lock is Lock.OPEN
        await world.core.rooms.enter(brana, "Praha")
        await world.core.rooms.leave(brana, room_id)
        await world.core.rooms.enter(boss, "Praha")
        assert (await world.core.rooms.view(room_id)).lock is Lock.ALL
        cyril = await world.member_in("Cyril")
        with pytest.raises(RoomLocked):
            await world.core.rooms.enter(cyril, "Praha")
        await world.core.rooms.leave(boss, room_id)
        await world.core.rooms.enter(cyril, "Praha")

    async def test_of_a_permanent_room_have_a_password_that_a_temporary_admin_neither_sets_nor_sees(
        self, world: World
    ) -> None:
        room_id = (await world.core.rooms.add("Praha")).id
        boss, alena = await world.member_in("Sprava"), await world.member_in("Alena")
        await world.core.rooms.set_admin(room_id, account_id(boss), True)
        await world.core.rooms.change_settings(boss, room_id, password="sezam")
        await world.core.rooms.enter(alena, "Praha")
        assert await admin_of(world, room_id) == account_id(alena)
        await world.core.rooms.change_settings(alena, room_id, password="jine", description="o Praze")
        assert (await world.core.rooms.page(alena, room_id)).password == ""
        await world.core.rooms.enter(boss, "Praha")
        page = await world.core.rooms.page(boss, room_id)
        assert (page.password, page.room.description) == ("sezam", "o Praze")

    async def test_of_a_temporary_room_show_their_password_to_its_admin(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        room_id = await world.core.rooms.enter(alena, "Praha")
        await world.core.rooms.enter(brana, "Praha")
        await world.core.rooms.change_settings(alena, room_id, password="sezam")
        assert (await world.core.rooms.page(alena, room_id)).password == "sezam"
        assert (await world.core.rooms.page(brana, room_id)).password == ""


class TestSettings:
    async def test_are_changed_by_admins_alone(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        visitor, _ = await world.visitor_in("Host")
        room_id = await world.core.rooms.enter(alena, "Praha")
        for caller in (brana, visitor):
            await world.core.rooms.enter(caller, "Praha")
        for caller, refusal in ((Caller(HERE), NotSignedIn), (visitor, RegisteredOnly), (brana, NotRoomAdmin)):
            with pytest.raises(refusal):
                await world.core.rooms.change_settings(caller, room_id, description="jiny")
        assert (await world.core.rooms.view(room_id)).description == ""
        for nowhere in (0, -1, 99, MAX_ID + 1, 10**30):
            with pytest.raises(RoomNotFound):
                await world.core.rooms.change_settings(alena, RoomId(nowhere), description="jiny")

    async def test_are_refused_as_a_whole(self, world: World) -> None:
        alena = await world.member_in("Alena")
        room_id = await world.core.rooms.enter(alena, "Praha")
        with pytest.raises(RoomPasswordWrong):
            await world.core.rooms.change_settings(alena, room_id, lock=Lock.ALL, password="a" * 65)
        with pytest.raises(RoomPasswordWrong):
            await world.core.rooms.change_settings(alena, room_id, lock=Lock.ALL, password="a\0b")
        with pytest.raises(RoomDescriptionTooLong):
            await world.core.rooms.change_settings(alena, room_id, lock=Lock.ALL, description="a" * 301)
        assert (await world.core.rooms.view(room_id)).lock is Lock.OPEN
