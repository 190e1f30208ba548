"""Chat.cz against a real server: REST, the rotating token, rooms, stored messages."""

from pathlib import Path

import pytest

from beseda.client import (
    AsyncChatCz,
    AsyncSpaces,
    Busy,
    FileTokens,
    Invalid,
    MemoryTokens,
    NotAllowed,
    NotFound,
    SessionEnded,
    SignInRefused,
    Tokens,
    TooOften,
    Unknown,
    lines,
)
from beseda.domain.ids import AppId
from beseda.testing import BesedaServer
from beseda.wire.chatcz.rest import Lock
from client._async.helpers import QUICK, AsyncLossy
from client.conftest import PASSWORD, Register, make_register


def app_and_token(server: BesedaServer, nick: str) -> tuple[str, str]:
    """The key of an application, and the first token that a member gave it."""
    app, key = server.run(server.core.apps.add("Bot"))
    account = server.run(server.core.accounts.find_nick(nick))
    return key, server.run(server.core.apps.grant(AppId(app.id), account.id))


async def signed_in(server: BesedaServer, nick: str) -> AsyncChatCz:
    site = AsyncChatCz(server.url, manners=QUICK)
    await site.sign_in(nick, PASSWORD)
    return site


async def test_rooms_and_people_are_read_without_a_session(server: BesedaServer, register: Register, room: str) -> None:
    nick = register()
    async with AsyncChatCz(server.url, manners=QUICK) as site, await signed_in(server, nick) as member:
        entered = await member.enter(room)
        found = next(each for each in await site.rooms() if each.name == room)
        assert (found.id, found.lock, found.permanent, found.user_count) == (entered.id, Lock.OPEN, True, 1)
        assert await site.room(found.id) == found
        assert await site.admins(found.id) == []
        (occupant,) = await site.users(found.id)
        assert (occupant.nick, occupant.anonymous, occupant.online_since) == (nick, False, None)
        assert occupant.accessed_at == server.clock.now().replace(microsecond=0)
        user = await site.user(occupant.id)
        assert (user.nick, user.online, user.rooms) == (nick, True, [room])
        assert (await site.profile(occupant.id)).karma_level == 0
        for missing in (site.room, site.user, site.profile):
            with pytest.raises(NotFound):
                await missing(10**9)


async def test_the_talk_of_a_room(server: BesedaServer, register: Register, room: str) -> None:
    alena, bohus = register(), register("Bohus")
    async with (
        await signed_in(server, alena) as hers,
        await signed_in(server, bohus) as his,
        await hers.enter(room) as one,
        await his.enter(room) as other,
    ):
        await other.say("Ahoj <b> & \u0161")
        await other.whisper(alena, "pst")
        told = aiter(one.lines())
        assert isinstance(await anext(told), lines.AdminChanged)  # she came first
        came, said, whispered = [await anext(told) for _ in range(3)]
        assert isinstance(came, lines.Entered)
        assert came.member.nick == bohus
        assert isinstance(said, lines.Text)
        assert (said.author, said.text) == (came.member, "Ahoj <b> & \u0161")
        assert isinstance(whispered, lines.Whisper)
        assert (whispered.author, whispered.text, whispered.own) == (came.member, "pst", False)
        await one.say("/kick nikdo proto")
        notice = await anext(told)
        assert isinstance(notice, lines.Notice)
        await other.leave()
        gone = await anext(told)
        assert isinstance(gone, lines.Left)
        assert gone.member == came.member
        with pytest.raises(NotFound):
            await other.say("nikdo neslysi")
        with pytest.raises(ZeroDivisionError):
            async with one:
                raise ZeroDivisionError
        assert await hers.users(one.id) == [], "left, though something went wrong"


async def test_a_lost_answer_loses_no_line(server: BesedaServer, register: Register, room: str) -> None:
    lossy = AsyncLossy("/json/getText", True, True)
    async with AsyncChatCz(server.url, manners=QUICK, transport=lossy) as site:
        await site.sign_in(register(), PASSWORD)
        entered = await site.enter(room)
        with pytest.raises(Unknown):
            await entered.say("jednou")
        told = aiter(entered.lines())
        assert isinstance(await anext(told), lines.AdminChanged)
        said = await anext(told)
        assert isinstance(said, lines.Text)
        assert said.text == "jednou"


async def test_one_who_is_put_out_is_told_or_comes_back(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    async with await signed_in(fresh_server, make_register(fresh_server)()) as site:
        entered = await site.enter("Praha")
        fresh_server.move_clock(200)
        assert isinstance([line async for line in entered.lines()][-1], lines.Kicked)
        entered = await site.enter("Praha")
        fresh_server.move_clock(200)
        told = aiter(entered.lines(stay=True))
        assert isinstance(await anext(told), lines.Gap)
        await entered.say("zpatky")
        while not isinstance(said := await anext(told), lines.Text):
            pass
        assert said.text == "zpatky"


async def test_refusals(server: BesedaServer, register: Register, room: str) -> None:
    nick = register()
    async with AsyncChatCz(server.url, manners=QUICK) as site:
        with pytest.raises(SessionEnded):
            await site.enter(room)
        with pytest.raises(SignInRefused):
            await site.sign_in(nick, "to neni ono")
        with pytest.raises(SignInRefused):
            await site.sign_in_anonymously("x")
        await site.sign_in(nick, PASSWORD)
        assert site.nick == nick
        async with await signed_in(server, register("Spravce")) as admin:
            await admin.enter(room)
        entered = await site.enter(room)
        with pytest.raises(NotAllowed):
            await site.set_room(entered.id, description="jeho")
        with pytest.raises(Invalid):
            await entered.say("x" * 1001)
        await site.sign_out()
        assert site.nick == ""
        with pytest.raises(SessionEnded):
            await site.waiting()


async def test_a_site_that_is_busy_is_no_wrong_password(fresh_server: BesedaServer) -> None:
    """Its page says so under HTTP 200: gateways read no other."""
    nick = make_register(fresh_server)()
    async with AsyncChatCz(fresh_server.url, manners=QUICK.replace(retries=0)) as site:
        fresh_server.fail_next("chatcz.sign_in")
        with pytest.raises(Busy):
            await site.sign_in(nick, PASSWORD)
        for _ in range(5):
            with pytest.raises(SignInRefused):
                await site.sign_in(nick, "to neni ono")
        with pytest.raises(TooOften) as often:
            await site.sign_in(nick, PASSWORD)
        assert often.value.retry_after_s
        fresh_server.move_clock(often.value.retry_after_s)
        await site.sign_in(nick, PASSWORD)


async def test_stored_messages(server: BesedaServer, register: Register) -> None:
    alena, bohus = register(), register("Bohus")
    async with await signed_in(server, alena) as site, AsyncSpaces(server.url, manners=QUICK) as sender:
        await sender.sign_in(bohus, PASSWORD)
        await sender.mail.send(alena, "prvni\ndruhy")
        assert (await site.waiting()).unread == 1
        (one,) = [each async for each in site.correspondents()]
        assert (one.nick, one.unread) == (bohus, 1)
        (letter,) = await site.letters(one.id)
        assert (letter.own, letter.user_id, letter.text) == (False, one.id, "prvni\ndruhy")
        await site.mark_letters_read()
        assert (await site.waiting()).unread == 0


async def test_the_token_rotates(server: BesedaServer, register: Register, tmp_path: Path) -> None:
    nick = register()
    key, token = app_and_token(server, nick)
    store = FileTokens(tmp_path / "folder" / "token", token)
    seen = {token}
    for _ in range(3):
        async with AsyncChatCz(server.url, manners=QUICK) as site:
            await site.authorize(key, store)
            assert (await site.waiting()).unread == 0
            kept = store.load()
            assert kept is not None
            assert kept.current not in seen
            assert kept.pending == ""
            seen.add(kept.current)
    assert (tmp_path / "folder" / "token").stat().st_mode & 0o777 == 0o600
    assert token not in repr(store) + repr(store.load())


@pytest.mark.parametrize("path", ["/api/token", "/api/login"])
@pytest.mark.parametrize("seconds", [0, 61, 86_400])
async def test_no_lost_answer_locks_out(fresh_server: BesedaServer, path: str, seconds: float) -> None:
    """However late the application comes back."""
    nick = make_register(fresh_server)()
    key, token = app_and_token(fresh_server, nick)
    store = MemoryTokens(token)
    async with AsyncChatCz(fresh_server.url, manners=QUICK, transport=AsyncLossy(path, True, True, True)) as site:
        with pytest.raises(Unknown):
            await site.authorize(key, store)
    fresh_server.move_clock(seconds)
    async with AsyncChatCz(fresh_server.url, manners=QUICK) as site:
        await site.authorize(key, store)
        await site.waiting()


async def test_one_lost_answer_is_not_even_noticed(server: BesedaServer, register: Register) -> None:
    key, token = app_and_token(server, register())
    for path in ("/api/token", "/api/login"):
        store = MemoryTokens(token)
        async with AsyncChatCz(server.url, manners=QUICK, transport=AsyncLossy(path, True)) as site:
            await site.authorize(key, store)
            kept = store.load()
            assert kept is not None
            token = kept.current


async def test_tokens_that_nobody_knows(server: BesedaServer) -> None:
    async with AsyncChatCz(server.url, manners=QUICK) as site:
        for store in (MemoryTokens(), MemoryTokens("nic")):
            with pytest.raises(SignInRefused):
                await site.authorize("nic", store)
        store = MemoryTokens()
        store.save(Tokens("nic", "nic"))
        with pytest.raises(SignInRefused):
            await site.authorize("nic", store)
