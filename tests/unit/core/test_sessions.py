"""What names a session, how long it lives, and how it ends at once."""

import asyncio
from itertools import permutations
from typing import Any

import pytest

from beseda.core.caller import Caller
from beseda.domain.accounts import Standing
from beseda.domain.errors import (
    BesedaError,
    NickTaken,
    NotSignedIn,
    StoreUnavailable,
    WrongCredentials,
)
from beseda.domain.sessions import ANONYMOUS_IDLE, LIFETIMES, Handle
from unit.core.world import HERE, PASSWORD, World, attempt

NOT_SIGNED_IN = Caller(HERE)
SIGN_IN_KINDS = (Handle.COOKIE, Handle.SID, Handle.BEARER)
"""A personal token is made, not signed in for: tests/unit/core/test_tokens.py."""


class TestHandles:
    async def test_have_the_shapes_that_clients_expect(self, world: World) -> None:
        alena = await world.known("Alena")
        _, sid = await world.signed_in(alena, Handle.SID)
        assert len(sid) == 16
        assert sid.isascii()
        assert sid.isdigit()
        _, bearer = await world.signed_in(alena, Handle.BEARER)
        left, _, right = bearer.partition(".")
        assert len(left) == 26
        assert set(left) <= set("0123456789abcdefghijklmnopqrstuv")
        assert right[14] == "4"
        caller, cookie = await world.signed_in(alena, Handle.COOKIE)
        assert len(cookie) >= 43
        channel = world.core.auth.channel(caller.signed_in()[1])
        assert len(channel) == 32
        assert set(channel) <= set("0123456789abcdef")

    @pytest.mark.parametrize(
        ("made", "shown"), [each for each in permutations(Handle, 2) if each != (Handle.TOKEN, Handle.BEARER)]
    )
    async def test_of_one_kind_are_never_another(self, world: World, made: Handle, shown: Handle) -> None:
        handle = await self.handle(world, made)
        assert await world.is_good(handle, made)
        assert not await world.is_good(handle, shown)

    async def handle(self, world: World, kind: Handle) -> str:
        alena = await world.known("Alena")
        if kind is Handle.CHANNEL:
            caller, _ = await world.signed_in(alena, Handle.SID)
            return world.core.auth.channel(caller.signed_in()[1])
        return (await world.signed_in(alena, kind))[1]

    async def test_are_not_in_the_database(self, world: World) -> None:
        alena = await world.known("Alena")
        handles = [(await world.signed_in(alena, kind))[1] for kind in SIGN_IN_KINDS]
        app, key = await world.core.apps.add("Brana")
        handles += [key, await world.core.apps.grant(app.id, (await world.known("Cyril")).id)]
        handles.append(await world.core.accounts.invite())
        raw = getattr(world.parts.database, "raw")  # noqa: B009 - only this engine has it
        dump = "\n".join(raw.iterdump())
        assert "Cyril" in dump
        for handle in handles:
            assert handle not in dump

    @pytest.mark.parametrize("handle", ["", "x", "0" * 16, "\udc80", "\0", "a" * 100_000])
    async def test_that_are_none_name_nobody(self, world: World, handle: str) -> None:
        for kind in Handle:
            assert not await world.is_good(handle, kind)

    async def test_more_than_one_may_name_a_session(self, world: World) -> None:
        caller, first = await world.signed_in(await world.known("Alena"))
        async with world.parts.store.unit() as unit:
            second = await world.core.auth.second_handle(unit.sessions, caller.signed_in()[1])
        assert first != second
        assert await world.is_good(first)
        assert await world.is_good(second)
        await world.core.auth.sign_out(caller)
        assert not await world.is_good(first)
        assert not await world.is_good(second)


class TestLifetime:
    @pytest.mark.parametrize("kind", SIGN_IN_KINDS)
    async def test_idle(self, world: World, kind: Handle) -> None:
        _, handle = await world.signed_in(await world.known("Alena"), kind)
        idle = LIFETIMES[kind].idle.total_seconds()
        world.clock.move(idle - 0.001)
        assert await world.is_good(handle, kind)
        world.clock.move(idle)
        assert not await world.is_good(handle, kind)

    @pytest.mark.parametrize("kind", SIGN_IN_KINDS)
    async def test_absolute(self, world: World, kind: Handle) -> None:
        _, handle = await world.signed_in(await world.known("Alena"), kind)
        life, step = LIFETIMES[kind].absolute.total_seconds(), LIFETIMES[kind].idle.total_seconds() / 2
        lived = 0.0
        while lived + step < life:
            world.clock.move(step)
            lived += step
            assert await world.is_good(handle, kind)
        world.clock.move(life - lived - 0.001)
        assert await world.is_good(handle, kind)
        world.clock.move(0.001)
        assert not await world.is_good(handle, kind)

    @pytest.mark.parametrize("kind", [Handle.COOKIE, Handle.SID])
    async def test_of_a_visitor_is_an_hour_of_silence(self, world: World, kind: Handle) -> None:
        _, handle = await world.visitor_in("Host", kind)
        world.clock.move(3599)
        assert await world.is_good(handle, kind)
        world.clock.move(3599)
        assert await world.is_good(handle, kind)
        world.clock.move(3600)
        assert not await world.is_good(handle, kind)

    async def test_steady_use_keeps_it_though_most_calls_touch_no_database(self, world: World) -> None:
        _, handle = await world.visitor_in("Host")
        commits = world.parts.store.commits
        for _ in range(720):
            world.clock.move(10)
            assert await world.is_good(handle)
        assert world.parts.store.commits - commits <= 121

    async def test_end_unused_ends_just_those(self, world: World) -> None:
        alena = await world.known("Alena")
        handles = {kind: (await world.signed_in(alena, kind))[1] for kind in SIGN_IN_KINDS}
        _, visitor = await world.visitor_in("Host")
        world.clock.move(3600)
        assert await world.core.auth.end_unused() == 0
        world.clock.move(0.001)
        assert await world.core.auth.end_unused() == 1
        assert not await world.is_good(visitor)
        world.clock.move(4 * 3600)
        assert await world.core.auth.end_unused() == 1
        assert await world.is_good(handles[Handle.SID], Handle.SID)
        assert not await world.is_good(handles[Handle.BEARER], Handle.BEARER)
        assert await world.core.auth.end_unused() == 0
        world.clock.move(31 * 86400)
        assert await world.core.auth.end_unused() == 2
        assert await world.parts.store.view.sessions.list_of(alena.id) == []


class TestEnd:
    """Sign-out, a new password and blocking are seen at the very next call, cached or not."""

    async def test_sign_out(self, world: World) -> None:
        await world.member()
        first, second = await world.sign_in(), await world.sign_in()
        caller = await world.core.auth.caller(Handle.COOKIE, first, HERE)
        assert await world.is_good(second)
        await world.core.auth.sign_out(caller)
        assert not await world.is_good(first)
        assert await world.is_good(second)
        for signed_out in (caller, NOT_SIGNED_IN):
            with pytest.raises(NotSignedIn):
                await world.core.auth.sign_out(signed_out)

    async def test_password_change(self, world: World) -> None:
        alena = await world.member()
        handles = [(kind, await world.sign_in(kind=kind)) for kind in SIGN_IN_KINDS]
        app, key = await world.core.apps.add("Brana")
        token = await world.core.apps.grant(app.id, alena.id)
        caller = await world.core.auth.caller(Handle.COOKIE, handles[0][1], HERE)
        with pytest.raises(WrongCredentials):
            await world.core.accounts.change_password(caller, "spatne heslo", "nove heslo 1")
        for kind, handle in handles:
            assert await world.is_good(handle, kind)
        await world.core.accounts.change_password(caller, PASSWORD, "nove heslo 1")
        for kind, handle in handles:
            assert not await world.is_good(handle, kind)
        with pytest.raises(BesedaError):
            await world.core.apps.renew(token, key, HERE)
        assert await attempt(world, "Alena", PASSWORD, "192.0.2.2") is WrongCredentials
        assert await attempt(world, "Alena", "nove heslo 1", "192.0.2.2") is None

    @pytest.mark.parametrize("standing", [Standing.BLOCKED, Standing.FROZEN])
    async def test_blocking(self, world: World, standing: Standing) -> None:
        alena = await world.known("Alena")
        caller, handle = await world.signed_in(alena)
        channel = world.core.auth.channel(caller.signed_in()[1])
        assert await world.is_good(handle)
        assert await world.is_good(channel, Handle.CHANNEL)
        await world.core.accounts.set_standing(alena.id, standing)
        assert not await world.is_good(handle)
        assert not await world.is_good(channel, Handle.CHANNEL)

    async def test_during_a_look_up_is_not_remembered_as_before(self, world: World) -> None:
        """Reading, then waiting for a commit: who signs out meanwhile is not signed in for the next minute."""
        caller, handle = await world.signed_in(await world.known("Alena"))
        world.clock.move(61)
        await asyncio.gather(world.core.auth.sign_out(caller), world.is_good(handle))
        assert not await world.is_good(handle)
        _, other = await world.signed_in(await world.known("Brana"))
        world.clock.move(61)
        brana = await world.core.accounts.find("Brana")
        await asyncio.gather(world.is_good(other), world.core.accounts.set_standing(brana.id, Standing.BLOCKED))
        assert not await world.is_good(other)

    async def test_leaves_the_rooms_of_that_session(self, world: World) -> None:
        alena = await world.known("Alena")
        (one, _), (two, _) = await world.signed_in(alena), await world.signed_in(alena)
        praha = (await world.core.rooms.add("Praha")).id
        brno = (await world.core.rooms.add("Brno")).id
        await world.core.rooms.enter(one, "Praha")
        await world.core.rooms.enter(two, "Brno")
        await world.core.auth.sign_out(one)
        assert (await world.core.rooms.view(praha)).user_count == 0
        assert (await world.core.rooms.view(praha)).admin_id is None
        assert (await world.core.rooms.view(brno)).user_count == 1

    async def test_frees_a_visitors_nick(self, world: World) -> None:
        caller, _ = await world.visitor_in("Host")
        for taken in ("Host", "HOST", "host"):
            with pytest.raises(NickTaken):
                await world.visitor_in(taken)
        await world.core.auth.sign_out(caller)
        await world.visitor_in("host")
        account, _ = caller.signed_in()
        assert (await world.core.presence.get(account.id)).account.nick == "Host"

    async def test_frees_a_visitors_nick_after_an_hour(self, world: World) -> None:
        await world.visitor_in("Host")
        world.clock.move(3601)
        await world.core.auth.end_unused()
        await world.member("Host")

    async def test_keeps_a_members_nick(self, world: World) -> None:
        caller = await world.member_in("Host")
        await world.core.auth.sign_out(caller)
        with pytest.raises(NickTaken):
            await world.visitor_in("host")


async def test_the_cache_has_an_end(world: World) -> None:
    world.core.auth._known._kept._most = 3
    handles = [(await world.signed_in(await world.known(f"Nick {number}")))[1] for number in range(8)]
    for _ in range(2):
        for handle in handles:
            assert await world.is_good(handle)
    assert len(world.core.auth._known._kept) <= 3


class TestUses:
    async def test_many_who_read_write_nothing_and_are_kept_with_one_commit(self, world: World) -> None:
        handles = [(await world.signed_in(await world.known(f"Clen {number}")))[1] for number in range(50)]
        world.clock.move(120)
        commits = world.parts.store.commits
        callers = [await world.core.auth.caller(Handle.COOKIE, handle, HERE) for handle in handles]
        assert world.parts.store.commits == commits
        await world.core.auth.uses.keep()
        assert world.parts.store.commits == commits + 1
        for caller in callers:
            found = await world.parts.store.view.sessions.find(caller.signed_in()[1].id)
            assert found is not None
            assert found.seen_at == world.clock.now()
        await world.core.auth.uses.keep()
        assert world.parts.store.commits == commits + 1

    async def test_who_was_quiet_reads_on_while_nothing_can_be_written(self, world: World) -> None:
        handle = (await world.visitor_in("Host"))[1]
        writing: Any = world.parts.database
        writing.raw.execute("PRAGMA query_only = ON")
        for _ in range(4):  # past the time after which a visitor who does nothing is gone
            world.clock.move(ANONYMOUS_IDLE.total_seconds() / 2)
            assert await world.is_good(handle)
            with pytest.raises(StoreUnavailable):
                await world.core.auth.uses.keep()
        writing.raw.execute("PRAGMA query_only = OFF")
        await world.core.auth.uses.keep()
        await world.core.auth.end_unused()
        assert await world.is_good(handle)
