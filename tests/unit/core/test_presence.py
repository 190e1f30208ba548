"""Who is here, and who has gone without saying so."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from beseda.core.attendance import Attendance
from beseda.core.caller import Caller
from beseda.core.ports import NewAccount
from beseda.domain.accounts import Account, Sex
from beseda.domain.errors import AccountNotFound, NotInRoom, RankTooLow
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.messages import Kind
from beseda.domain.presence import KEEP_EVERY
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from beseda.testing.clock import ManualClock
from unit.core.world import HERE, World

TIMEOUT_S = 150


async def poll(world: World, handle: str, *rooms: RoomId) -> None:
    """As a client does that reads these rooms."""
    caller = await world.core.auth.caller(Handle.COOKIE, handle, HERE)
    assert caller.account is not None
    for room_id in rooms:
        await world.core.streams.read(caller, room_id, 0)


async def sweep_after(world: World, seconds: float) -> int:
    world.clock.move(seconds)
    return await world.core.presence.sweep()


@pytest.fixture
def inside(world: World) -> tuple[Account, str, RoomId]:
    """A member in a room of a server that has run for a day."""

    async def enter() -> tuple[Account, str, RoomId]:
        world.clock.move(86400)
        account = await world.known("Alena")
        caller, handle = await world.signed_in(account)
        return account, handle, await world.core.rooms.enter(caller, "Praha")

    return world.run(enter())


def test_who_is_heard_of_in_the_moment_in_which_it_is_kept_is_kept_with_the_next() -> None:
    attendance, now = Attendance(), ManualClock().now()
    attendance.hear(AccountId(1), now, [RoomId(7)])
    attendance.note_kept(attendance.unkept(now), now)
    assert attendance.unkept(now + KEEP_EVERY) == []
    attendance.hear(AccountId(1), now, [RoomId(7)])
    assert attendance.unkept(now) == []
    assert (AccountId(1), RoomId(7), now) in attendance.unkept(now + KEEP_EVERY)


class TestSilence:
    async def test_ends_a_stay_after_the_timeout(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        account, handle, _ = inside
        assert await sweep_after(world, TIMEOUT_S) == 0
        assert await sweep_after(world, 0.001) == 1
        assert await world.core.rooms.find_by_name("Praha") is None
        assert await world.is_good(handle)
        assert (await world.core.presence.get(account.id)).rooms == []

    async def test_is_measured_from_the_last_call(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        _, handle, room_id = inside
        for _ in range(30):
            assert await sweep_after(world, 50) == 0
            await poll(world, handle, room_id)
        assert await sweep_after(world, TIMEOUT_S) == 0
        assert await sweep_after(world, 1) == 1

    @pytest.mark.parametrize("settings", [{"rooms.presence_timeout_s": 60}])
    async def test_is_none_while_this_server_still_hears_somebody(
        self, world: World, inside: tuple[Account, str, RoomId]
    ) -> None:
        """What is kept lags behind by up to twenty seconds; that must cost nobody his place."""
        _, handle, room_id = inside
        await poll(world, handle, room_id)
        assert await sweep_after(world, 1) == 0
        world.clock.move(18)
        await poll(world, handle, room_id)
        for _ in range(6):
            assert await sweep_after(world, 10) == 0
        assert await sweep_after(world, 1) == 1

    async def test_counts_for_all_rooms_and_all_who_are_silent(self, world: World) -> None:
        world.clock.move(86400)
        for nick in ("Alena", "Brana"):
            caller, _ = await world.signed_in(await world.known(nick))
            for name in ("Praha", "Brno"):
                await world.core.rooms.enter(caller, name)
        heard, handle = await world.signed_in(await world.known("Cyril"))
        room_id = await world.core.rooms.enter(heard, "Praha")
        world.clock.move(100)
        await poll(world, handle, room_id)
        assert await sweep_after(world, 51) == 4
        listing = await world.core.rooms.list.get()
        assert [(view.name, view.user_count) for view in listing.views] == [("Praha", 1)]
        assert listing.views[0].admin_id == heard.signed_in()[0].id

    async def test_before_the_server_has_listened_counts_for_nothing(self, world: World) -> None:
        """After a restart members in rooms have the whole timeout to be heard of."""
        caller, _ = await world.signed_in(await world.known("Alena"))
        await world.core.rooms.enter(caller, "Praha")
        world.core.presence._started_at = world.clock.now()
        world.core.presence._attendance._heard.clear()
        assert await sweep_after(world, TIMEOUT_S - 0.001) == 0
        assert await sweep_after(world, 0.002) == 1

    async def test_of_a_clock_set_back_is_none(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        _, handle, _ = inside
        world.clock.set_back(3600)
        assert await world.core.presence.sweep() == 0
        await poll(world, handle)
        assert await world.core.presence.sweep() == 0


class TestEachRoom:
    @pytest.fixture
    def rooms(self, world: World, inside: tuple[Account, str, RoomId]) -> list[RoomId]:
        """Three that the member is in."""

        async def enter() -> list[RoomId]:
            caller = await world.core.auth.caller(Handle.COOKIE, inside[1], HERE)
            return [inside[2], *[await world.core.rooms.enter(caller, name) for name in ("Brno", "Most")]]

        return world.run(enter())

    async def names(self, world: World, account: Account) -> list[str]:
        return [room.name for room in (await world.core.presence.get(account.id)).rooms]

    async def test_is_left_when_nothing_is_heard_of_it(
        self, world: World, inside: tuple[Account, str, RoomId], rooms: list[RoomId]
    ) -> None:
        account, handle, praha = inside
        watcher = await world.member_in("Brana")
        await world.core.rooms.enter(watcher, "Praha")
        for _ in range(15):
            assert await sweep_after(world, 10) == 0
            await poll(world, handle, *rooms[1:])
            await world.core.streams.read(watcher, praha, 0)
        assert await sweep_after(world, 1) == 1
        assert await self.names(world, account) == ["Brno", "Most"]
        lines = (await world.core.streams.read(watcher, praha, 0)).lines
        assert [(line.kind, line.number) for line in lines if line.kind in (Kind.PRESENCE, Kind.AUTO_LEFT)] == [
            (Kind.PRESENCE, 0),
            (Kind.AUTO_LEFT, 0),
        ]

    async def test_is_heard_of_by_every_deed_in_it(
        self, world: World, inside: tuple[Account, str, RoomId], rooms: list[RoomId]
    ) -> None:
        account, handle, praha = inside
        caller = await world.core.auth.caller(Handle.COOKIE, handle, HERE)
        core = world.core

        async def refused() -> None:
            with pytest.raises(RankTooLow):
                await core.messages.post(caller, praha, "psst", to=account.id)

        deeds = (
            lambda: core.streams.read(caller, praha, 0),
            lambda: core.streams.read(caller, praha, None),
            lambda: core.streams.history(caller, praha, None, 1),
            lambda: core.messages.post(caller, praha, "ahoj"),
            lambda: core.messages.post(caller, praha, "/help"),
            lambda: core.messages.post(caller, praha, "/tanec"),
            refused,
            lambda: core.rooms.page(caller, praha),
            lambda: core.rooms.enter(caller, "Praha"),
            lambda: core.rooms.enter_by_id(caller, praha),
            lambda: core.auth.caller(Handle.COOKIE, handle, HERE, [praha]),
        )
        for deed in deeds:
            world.clock.move(100)
            await deed()
            await core.presence.sweep()
        assert await self.names(world, account) == ["Praha"]
        assert await sweep_after(world, TIMEOUT_S) == 0
        assert await sweep_after(world, 1) == 1

    async def test_is_not_heard_of_by_who_is_not_in_it(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        """Nor does memory grow with what he asks for."""
        account, handle, _ = inside
        other = await world.core.rooms.enter(await world.member_in("Brana"), "Brno")
        caller = await world.core.auth.caller(Handle.COOKIE, handle, HERE)
        for room_id in (other, RoomId(99), RoomId(MAX_ID)):
            for deed in (
                world.core.streams.read(caller, room_id, 0),
                world.core.messages.post(caller, room_id, "a"),
                world.core.messages.post(caller, room_id, "/help"),
            ):
                with pytest.raises(NotInRoom):
                    await deed
        assert not world.core.presence._attendance._heard[account.id].rooms

    async def test_is_heard_of_by_any_session_of_the_member(
        self, world: World, inside: tuple[Account, str, RoomId], rooms: list[RoomId]
    ) -> None:
        account, handle, praha = inside
        _, phone = await world.signed_in(account)
        for _ in range(6):
            assert await sweep_after(world, 25) == 0
            await poll(world, handle, praha)
            await poll(world, phone, rooms[2])
        assert await sweep_after(world, 1) == 1
        assert await self.names(world, account) == ["Praha", "Most"]

    async def test_that_was_left_and_entered_again_is_a_new_stay(
        self, world: World, inside: tuple[Account, str, RoomId], rooms: list[RoomId]
    ) -> None:
        account, handle, praha = inside
        caller = await world.core.auth.caller(Handle.COOKIE, handle, HERE)
        await poll(world, handle, praha)
        assert await sweep_after(world, TIMEOUT_S + 1) == 3
        await world.core.rooms.enter(caller, "Praha")
        assert await sweep_after(world, TIMEOUT_S) == 0
        assert await self.names(world, account) == ["Praha"]

    async def test_polling_asks_the_database_nothing(
        self, world: World, inside: tuple[Account, str, RoomId], rooms: list[RoomId]
    ) -> None:
        _, handle, _ = inside
        await poll(world, handle, *rooms)
        asked: list[str] = []
        database: Any = world.parts.database
        for connection in {database.raw, database.reader.raw}:
            connection.set_trace_callback(asked.append)
        for _ in range(50):
            world.clock.move(1)
            await poll(world, handle, *rooms)
        assert asked == []
        await world.core.presence.sweep()
        assert sum("UPDATE" in statement for statement in asked) == 1 + len(rooms)


class TestKept:
    async def test_activity_is_every_twenty_seconds(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        account, handle, room_id = inside
        await world.core.presence.sweep()
        commits = world.parts.store.commits
        for _ in range(40):
            world.clock.move(1)
            await poll(world, handle, room_id)
            await world.core.presence.sweep()
        assert world.parts.store.commits - commits == 2
        kept = await world.parts.store.view.accounts.find(account.id)
        assert kept is not None
        assert (world.clock.now() - kept.accessed_at).total_seconds() < 20
        occupant = await world.parts.store.view.rooms.find_occupant(room_id, account.id)
        assert occupant is not None
        assert occupant.accessed_at == kept.accessed_at

    async def test_activity_of_many_is_kept_in_several_deeds(self, world: World) -> None:
        accounts = [await world.known(f"Nick {number}") for number in range(250)]
        world.clock.move(60)
        for account in accounts:
            world.core.presence.hear(account.id, world.clock.now())
        units = world.parts.store.units
        await world.core.presence.sweep()
        assert world.parts.store.units - units == 3
        for account in accounts:
            kept = await world.parts.store.view.accounts.find(account.id)
            assert kept is not None
            assert kept.accessed_at == world.clock.now()

    async def test_activity_in_rooms_is_kept_with_it_and_counts_as_rows(self, world: World) -> None:
        world.clock.move(86400)
        accounts = [await world.known(f"Nick {number}") for number in range(30)]
        for account in accounts:
            caller, _ = await world.signed_in(account)
            for name in ("A1a", "B1b", "C1c", "D1d", "E1e", "F1f"):
                await world.core.rooms.enter(caller, name)
        rooms = [view.id for view in (await world.core.rooms.list.get()).views]
        await world.core.presence.sweep()
        world.clock.move(60)
        for account in accounts:
            world.core.presence.hear(account.id, world.clock.now(), rooms[:5])
        units = world.parts.store.units
        await world.core.presence.sweep()
        assert world.parts.store.units - units == 2
        for account in accounts:
            for room_id in rooms:
                occupant = await world.parts.store.view.rooms.find_occupant(room_id, account.id)
                assert occupant is not None
                silent_s = (world.clock.now() - occupant.accessed_at).total_seconds()
                assert silent_s == (0 if room_id in rooms[:5] else 60)
        assert not any(heard.rooms for heard in world.core.presence._attendance._heard.values())

    async def test_memory_forgets_who_is_gone(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        await sweep_after(world, TIMEOUT_S + 1)
        assert not world.core.presence._attendance._heard


class TestLook:
    async def test_sees_where_somebody_is(self, world: World, inside: tuple[Account, str, RoomId]) -> None:
        account, handle, room_id = inside
        world.clock.move(30)
        await poll(world, handle)
        seen = await world.core.presence.get(account.id)
        assert seen.online
        assert seen.accessed_at == world.clock.now()
        assert [room.id for room in seen.rooms] == [room_id]

    async def test_sees_who_is_signed_in_and_was_heard_of_lately_as_online(self, world: World) -> None:
        account = await world.known("Alena")
        assert not (await world.core.presence.get(account.id)).online
        caller, _ = await world.signed_in(account)
        assert (await world.core.presence.get(account.id)).online
        world.clock.move(TIMEOUT_S)
        assert (await world.core.presence.get(account.id)).online
        world.clock.move(1)
        assert not (await world.core.presence.get(account.id)).online
        await world.is_good(world.core.auth.channel(caller.signed_in()[1]), Handle.CHANNEL)
        assert (await world.core.presence.get(account.id)).online
        await world.core.auth.sign_out(caller)
        assert not (await world.core.presence.get(account.id)).online

    @pytest.mark.parametrize("number", [0, -1, 99, MAX_ID, MAX_ID + 1, 10**30])
    async def test_does_not_see_who_is_not(self, world: World, number: int) -> None:
        with pytest.raises(AccountNotFound):
            await world.core.presence.get(AccountId(number))
        with pytest.raises(AccountNotFound):
            await world.core.presence.visit_profile(Caller(HERE), AccountId(number))


class TestProfile:
    async def test_counts_who_looks_but_not_oneself(self, world: World) -> None:
        alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
        account = alena.signed_in()[0]
        for caller, views in ((Caller(HERE), 1), (brana, 2), (brana, 3)):
            assert (await world.core.presence.visit_profile(caller, account.id)).profile_views == views
        assert (await world.core.presence.visit_profile(alena, account.id)).profile_views == 3

    async def test_is_for_members(self, world: World) -> None:
        visitor, _ = await world.visitor_in("Host")
        with pytest.raises(AccountNotFound):
            await world.core.presence.visit_profile(Caller(HERE), visitor.signed_in()[0].id)


def test_who_is_told_away_is_told_back_after_a_restart(tmp_path: Path) -> None:
    """And not away again: that is kept with the stay."""
    asyncio.run(be_away_in_three_lives(tmp_path))


async def be_away_in_three_lives(tmp_path: Path) -> None:
    told = list[int]()
    settings = {"server.database": f"sqlite:///{tmp_path}/beseda.db", "server.data": str(tmp_path)}
    clock, caller, room_id = ManualClock(), None, RoomId(0)
    for number in range(3):
        async with open_core(load_config(environment={}, overrides=settings), clock=clock) as parts:
            if caller is None:
                clock.move(86400)
                async with parts.store.unit() as unit:
                    account = await unit.accounts.add(
                        NewAccount(registered=True, nick="Alena", sex=Sex.FEMALE, password_hash="none"), clock.now()
                    )
                    session, _ = await parts.core.auth.start(unit, account.id, Handle.COOKIE)
                caller = Caller(HERE, account, session)
                room_id = await parts.core.rooms.enter(caller, "Praha")
            await parts.core.presence.sweep()
            clock.move(TIMEOUT_S / 2 + 1)
            if number == 2:
                await parts.core.streams.read(caller, room_id, 0)
            await parts.core.presence.sweep()
            lines, _ = await parts.store.view.messages.list_after(room_id, 0, 100)
            told.append(sum(line.kind is Kind.PRESENCE for line in lines))
    assert told == [1, 1, 2]
    assert (lines[-1].kind, lines[-1].number) == (Kind.PRESENCE, 1)


async def test_online_goes_on_when_one_of_two_sessions_ends_and_begins_anew_when_both_have(world: World) -> None:
    alena = await world.known("Alena")
    began, (caller, handle), (other, _) = world.clock.now(), await world.signed_in(alena), await world.signed_in(alena)
    world.clock.move(600)
    await world.core.rooms.enter(caller, "Praha")

    async def is_online_since_the_first(entered: Caller) -> bool:
        room_id = await world.core.rooms.enter(entered, "Praha")
        (occupant,) = await world.parts.store.view.rooms.occupants(room_id)
        return world.core.presence.online_since(occupant) == began

    await world.core.auth.sign_out(other)
    world.clock.move(60)
    assert await world.is_good(handle)
    second, _ = await world.signed_in(alena)
    assert await is_online_since_the_first(second)
    for each in (caller, second):
        await world.core.auth.sign_out(each)
    third, _ = await world.signed_in(alena)
    assert not await is_online_since_the_first(third)
