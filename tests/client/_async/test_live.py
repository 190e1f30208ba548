"""The live protocol against a real server: rooms, resuming, keys, sessions that end."""

import pytest

from beseda.client import AsyncLive, NotAllowed, SessionEnded, SignInRefused, Unknown, lines
from beseda.client._platform import AsyncSocket, async_connect
from beseda.testing import BesedaServer
from client._async.helpers import QUICK
from client.conftest import PASSWORD, Register, make_register


class AsyncBreaking:
    """A connector whose sockets a test breaks; `deaf_after_send` breaks the next one as soon as it has sent."""

    def __init__(self) -> None:
        self.sockets: list[AsyncSocket] = []
        self.opened = 0

    async def __call__(self, url: str, headers: object, timeout_s: float) -> AsyncSocket:
        socket = await async_connect(url, headers, timeout_s)  # type: ignore[arg-type]
        self.sockets.append(socket)
        self.opened += 1
        return socket

    async def break_off(self) -> None:
        await self.sockets[-1].aclose()


async def signed_in(server: BesedaServer, nick: str, connector: AsyncBreaking | None = None) -> AsyncLive:
    live = AsyncLive(server.url, manners=QUICK, connector=connector)
    await live.sign_in(nick, PASSWORD)
    return live


async def test_two_talk(server: BesedaServer, register: Register, room: str) -> None:
    async with (
        await signed_in(server, register()) as alena,
        await signed_in(server, register("Bohus")) as bohus,
        await alena.enter(room) as hers,
        await bohus.enter(room) as his,
    ):
        said = await his.say("Ahoj <b> & \u0161")
        whispered = await his.whisper(alena.me, "pst")
        told = aiter(hers.lines())
        assert isinstance(await anext(told), lines.Entered)
        assert await anext(told) == said
        heard = await anext(told)
        assert isinstance(heard, lines.Whisper)
        assert (heard.author, heard.to, heard.own, heard.text) == (bohus.me, alena.me, False, "pst")
        assert isinstance(whispered, lines.Whisper)
        assert whispered.own
        older = [line async for line in hers.history()]
        assert [line.seq for line in older] == sorted((line.seq or 0 for line in older), reverse=True)
        assert said in older


async def test_a_key_posts_once(server: BesedaServer, register: Register, room: str) -> None:
    async with await signed_in(server, register()) as live, await live.enter(room) as entered:
        first = await entered.say("jednou", key="k1")
        assert await entered.say("jednou", key="k1") == first


async def test_refusals_say_why(server: BesedaServer, register: Register, room: str) -> None:
    async with await signed_in(server, register()) as live:
        with pytest.raises(NotAllowed) as refused:
            await live.follow(10**6)
        assert refused.value.code == "not_in_room"
        entered = await live.enter(room)
        notice = await entered.say("/kick nikdo proto")
        assert isinstance(notice, lines.Notice)
        assert notice.text == "nick_not_here"
        await entered.leave()
        await live.leave(entered)
        with pytest.raises(ZeroDivisionError):
            async with await live.enter(room) as again:
                raise ZeroDivisionError
        with pytest.raises(NotAllowed):
            await again.people()


async def test_what_broke_is_resumed_with_nothing_missing_and_nothing_twice(
    server: BesedaServer, register: Register, room: str
) -> None:
    connector = AsyncBreaking()
    async with (
        await signed_in(server, register(), connector) as alena,
        await signed_in(server, register("Bohus")) as bohus,
        await alena.enter(room) as hers,
        await bohus.enter(room) as his,
    ):
        told = aiter(hers.lines())
        assert isinstance(await anext(told), lines.Entered)
        said = [await his.say(str(number)) for number in range(3)]
        assert await anext(told) == said[0]
        await connector.break_off()
        said += [await his.say(str(number)) for number in range(3, 6)]
        assert [await anext(told) for _ in range(5)] == said[1:]
        await connector.break_off()
        said.append(await hers.say("posted after a break"))
        assert await anext(told) == said[-1]
        assert connector.opened == 3


async def test_all_rooms_in_one_iterator(server: BesedaServer, register: Register, room: str) -> None:
    async with await signed_in(server, register()) as live:
        one, other = await live.enter(room), await live.enter(f"{room} b")
        said = {await one.say("a"), await other.say("b")}
        told = aiter(live.lines())
        assert {await anext(told), await anext(told)} == said
        await one.leave()
        await other.leave()
        assert [line async for line in live.lines()] == []


async def test_who_leaves_elsewhere_hears_no_more(server: BesedaServer, register: Register, room: str) -> None:
    nick = register()
    async with await signed_in(server, nick) as here, await signed_in(server, register("Brana")) as admin:
        ruled = await admin.enter(f"{room} c")
        entered = await here.enter(f"{room} c")
        await ruled.say(f"/kick {nick} proto")
        told = [line async for line in entered.lines()]
        assert isinstance(told[-1], lines.Kicked)
        assert (told[-1].member, told[-1].by, told[-1].reason) == (here.me, admin.me, "proto")
        with pytest.raises(NotAllowed) as refused:
            await here.enter(f"{room} c")
        assert refused.value.code == "kicked_out"


async def test_the_idle_are_taken_out_and_come_back(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    register = make_register(fresh_server)
    async with await signed_in(fresh_server, register()) as live, await live.enter("Praha") as entered:
        said = await entered.say("ahoj")
        told = aiter(entered.lines())
        assert await anext(told) == said
        fresh_server.move_clock(3601)
        gone = await anext(told)
        assert isinstance(gone, lines.Left)
        assert gone.taken_out
        back = await anext(told)
        while not isinstance(back, lines.Entered):  # the role of the admin passes on meanwhile
            back = await anext(told)
        assert back.member == live.me
        said = await entered.say("jsem tu")
        while await anext(told) != said:
            pass


async def test_one_that_is_followed_by_number_alone_is_entered_again(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    register = make_register(fresh_server)
    nick = register()
    async with await signed_in(fresh_server, nick) as elsewhere, await signed_in(fresh_server, nick) as live:
        said = await (await elsewhere.enter("Praha")).say("ahoj")
        followed = await live.follow((await elsewhere.enter("Praha")).id, after=0)
        told = aiter(followed.lines())
        while await anext(told) != said:
            pass
        await elsewhere.aclose()
        fresh_server.move_clock(3601)
        while not isinstance(await anext(told), lines.Left):
            pass
        while not isinstance(await anext(told), lines.Entered):
            pass
        assert isinstance(await followed.say("jsem tu"), lines.Text)


async def test_another_run_goes_on_where_the_last_one_was(server: BesedaServer, register: Register, room: str) -> None:
    async with await signed_in(server, register()) as bohus, await bohus.enter(room) as his:
        nick = register()
        async with await signed_in(server, nick) as alena:
            cursor = (await alena.enter(room)).cursor
        said = await his.say("zatím")
        async with await signed_in(server, nick) as alena, await alena.enter(room, after=cursor) as hers:
            assert await anext(aiter(hers.lines())) == said


async def test_a_session_that_ended_is_renewed_where_there_is_a_password(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    nick = make_register(fresh_server)()
    async with await signed_in(fresh_server, nick) as live, AsyncLive(fresh_server.url, token="x" * 26) as stranger:
        fresh_server.move_clock(25 * 3600)
        entered = await live.enter("Praha")
        assert isinstance(await entered.say("znovu"), lines.Text)
        with pytest.raises(SessionEnded):
            await stranger.connect()


async def test_a_refused_password_is_not_tried_again(server: BesedaServer, register: Register) -> None:
    async with AsyncLive(server.url, manners=QUICK) as live:
        nick = register()
        for _ in range(20):  # more often than the server would stand
            with pytest.raises(SignInRefused):
                await live.sign_in(nick, "to neni ono")


async def test_a_restart_in_the_middle_of_a_talk(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("data")
    port = 0
    with BesedaServer(data=data) as first:
        port = int(first.url.rpartition(":")[2])
        first.run(first.core.rooms.add("Praha"))
        register = make_register(first)
        nicks = register(), register("Bohus")
        alena, bohus = await signed_in(first, nicks[0]), await signed_in(first, nicks[1])
        hers, his = await alena.enter("Praha"), await bohus.enter("Praha")
        told = aiter(hers.lines())
        assert isinstance(await anext(told), lines.Entered)
        said = [await his.say("before")]
        await his.say("unread")
    with pytest.raises(Unknown):
        await his.say("during")
    with BesedaServer({"server.listen": f"127.0.0.1:{port}"}, data=data):
        said.append(await his.say("after"))
        texts: list[str] = []
        while "after" not in texts:
            line = await anext(told)
            assert not isinstance(line, lines.Gap)
            texts += [line.text] if isinstance(line, lines.Text) else []
        assert texts == ["before", "unread", "after"]
        await alena.aclose()
        await bohus.aclose()
