"""All operations of the live protocol against a real server: rooms, their admins, people, letters, tokens, updates."""

import pytest

from beseda.client import AsyncLive, NotAllowed, NotFound, lines
from beseda.client.live_types import (
    CountsChanged,
    LetterChanged,
    Links,
    ListChanged,
    Lock,
    MailList,
    MarkChanged,
    Own,
    RoomList,
    Star,
    ThreadChanged,
    WritingTold,
)
from beseda.testing import BesedaServer
from client._async.helpers import QUICK
from client._async.test_live import AsyncBreaking, signed_in
from client.conftest import PASSWORD, Register, make_register


async def test_rooms_and_their_settings(server: BesedaServer, register: Register, room: str) -> None:
    async with await signed_in(server, register()) as live, await live.enter(room) as entered:
        await live.rooms.set_favourite(entered.id)
        listed = await live.rooms.list()
        assert listed.favourites == (entered.id,)
        assert [(each.name, each.user_count) for each in listed.rooms if each.id == entered.id] == [(room, 1)]
        await live.rooms.set_favourite(entered.id, False)
        assert (await live.rooms.list()).favourites == ()
        info = await entered.info()
        assert (info.name, info.permanent, info.inside, info.rank) == (room, True, True, Star.TEMPORARY)
        assert info.lock is info.in_force is Lock.OPEN
        changed = await entered.change(description="O všem", lock=Lock.LOGGED, links=Links.NONE)
        assert (changed.description, changed.lock, changed.links) == ("O všem", Lock.LOGGED, Links.NONE)
        with pytest.raises(NotFound):
            await live.rooms.info(10**9)
        with pytest.raises(NotAllowed):
            await entered.change(keep_days=3)
        with pytest.raises(NotAllowed) as refused:
            await live.rooms.reserve(entered.id)
        assert refused.value.code == "reservation_refused"


async def test_an_admin_keeps_order(server: BesedaServer, register: Register, room: str) -> None:
    async with (
        await signed_in(server, register()) as admin,
        await signed_in(server, register("Bohus")) as guest,
        await admin.enter(f"{room} d") as ruled,
        await guest.enter(f"{room} d") as visited,
    ):
        alena, bohus = await ruled.people()
        assert (alena.id, alena.star, bohus.id, bohus.star) == (admin.me.id, Star.TEMPORARY, guest.me.id, Star.NONE)
        assert alena.entered_at <= bohus.entered_at
        rude = await visited.say("rude")
        with pytest.raises(NotFound):  # one's own
            await visited.report(rude.seq or 0, "sprosté")
        await ruled.report(rude.seq or 0, "sprosté")
        (report,) = await ruled.reports()
        assert (report.seq, report.text, report.reason, report.author.id) == (rude.seq, "rude", "sprosté", bohus.id)
        await ruled.settle(report.seq)
        assert await ruled.reports() == ()
        assert isinstance(await ruled.mute(bohus), lines.Muted)
        assert isinstance(await ruled.allow_links(bohus), lines.LinksAllowed)
        assert isinstance(await ruled.delete_all(bohus), lines.TextsDeleted)
        kicked = await ruled.kick(bohus, "reklama", minutes=10)
        assert isinstance(kicked, lines.Kicked)
        assert (kicked.reason, kicked.minutes) == ("reklama", 10)
        assert isinstance(await ruled.unkick(bohus), lines.Unkicked)
        await guest.enter(f"{room} d")
        await ruled.hand_over(bohus)
        assert (await visited.info()).rank is Star.TEMPORARY
        with pytest.raises(NotAllowed):
            await ruled.kick(bohus, "pomsta")
        with pytest.raises(NotAllowed):
            await ruled.kicks()
        with pytest.raises(NotAllowed):
            await ruled.set_admin(bohus)


async def test_reading_and_finding(server: BesedaServer, register: Register, room: str) -> None:
    async with (
        await signed_in(server, register()) as hers,
        await signed_in(server, register("Bohus")) as his,
        await hers.enter(room) as one,
        await his.enter(room) as other,
    ):
        said = [await other.say(f"zvonek {number}") for number in range(5)]
        around = await one.around(said[2].seq or 0, limit=3)
        assert said[2] in around
        server.run(server.core.search_index.settle())
        found = [line async for line in one.search("zvon")]
        assert [line.seq for line in found] == [line.seq for line in reversed(said)]
        assert await hers.search("zvonek 3") == (said[3],)
        mark = await one.read(said[3].seq)
        assert (mark.read, mark.unread) == (said[3].seq, 1)
        assert (await one.read()).unread == 0
        await hers.awake()


async def test_people(server: BesedaServer, register: Register, room: str) -> None:
    nick = register("Cyril")
    async with await signed_in(server, register()) as live, await signed_in(server, nick) as other:
        found = await live.people.get(nick.upper())
        assert (found.nick, found.id) == (nick, other.me.id)
        assert found in await live.people.find(nick[:4])
        with pytest.raises(NotFound):
            await live.people.get("nikdo takovy")
        await live.people.note(found, "z Brna")
        await live.people.ignore(found)
        async with await live.enter(room) as entered, await other.enter(room):
            card = await live.people.card(found, room_id=entered.id, visit=True)
            assert (card.account.id, card.note, card.ignored, card.own) == (found.id, "z Brna", True, False)
            assert {"letter", "ignore", "kick"} <= set(card.may)
            assert [each.name for each in card.rooms] == [room]
            assert card.created_at is not None
        assert await live.people.ignored() == (found,)
        await live.people.unignore(found)
        assert await live.people.ignored() == ()
        with pytest.raises(NotAllowed):
            await live.people.give_karma(found, 5)


async def test_letters(server: BesedaServer, register: Register) -> None:
    nick = register("Dana")
    async with await signed_in(server, register()) as hers, await signed_in(server, nick) as his:
        assert await hers.mail.thread(his.me) is None
        first = await hers.mail.send(his.me, "první", key="d1")
        assert await hers.mail.send(his.me, "první", key="d1") == first
        edited = await hers.mail.edit(first, "oprava")
        assert (edited.text, edited.id, edited.edited_at is None) == ("oprava", first.id, False)
        (thread,) = [each async for each in his.mail.threads(MailList.UNREAD)]
        assert (thread.account.id, thread.unread, thread.letters) == (hers.me.id, 1, 1)
        (received,) = [each async for each in his.mail.letters(thread)]
        assert (received.text, received.received, received.read_at) == ("oprava", True, None)
        answer = await his.mail.send(hers.me, "odpověď", answers=received.id)
        assert answer.answers is not None
        assert answer.answers.text == "oprava"
        await his.mail.mark_read(thread.contact)
        assert [each async for each in his.mail.threads(MailList.UNREAD)] == []
        server.run(server.core.search_index.settle())
        assert [each.text async for each in his.mail.search("odpov")] == ["odpověď"]
        await his.mail.keep(received)
        assert [each.id async for each in his.mail.letters(thread, shown=MailList.FAVOURITE)] == [received.id]
        await his.mail.archive(thread.contact)
        assert [each.contact async for each in his.mail.threads(MailList.ARCHIVE)] == [thread.contact]
        await his.mail.archive(thread.contact, archived=False)
        await his.mail.mark_spam(thread.contact)
        await his.mail.mark_spam(thread.contact, spam=False)
        await his.mail.throw_letters(thread.contact, [received.id])
        await his.mail.throw_letters(thread.contact, [received.id], thrown=False)
        await his.mail.throw(thread.contact)
        await his.mail.throw(thread.contact, thrown=False)
        await his.mail.erase_letters(thread.contact, [answer.id], for_all=True)
        await his.mail.erase(thread.contact)
        assert [each async for each in his.mail.threads()] == []
        known = await hers.mail.thread(his.me)
        assert known is not None
        assert [each.text async for each in hers.mail.letters(known)] == ["oprava"]


async def test_pages_of_letters(server: BesedaServer, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beseda.client._async.live_mail.PAGE", 2)
    bohus = server.run(server.core.accounts.find(register("Filip")))
    async with await signed_in(server, register("Emil")) as live:
        sent = [(await live.mail.send(bohus.id, str(number))).id for number in range(3)]
        thread = await live.mail.thread(bohus)
        assert thread is not None
        assert [each.id async for each in live.mail.letters(thread)] == sent[::-1]
        assert [each.id async for each in live.mail.letters(thread, before=sent[1])] == sent[:1]


async def test_tokens(server: BesedaServer, register: Register) -> None:
    async with await signed_in(server, register()) as live:
        made = await live.tokens.add(PASSWORD, "echo", days=3, bot=True, protocols=["live"])
        assert (made.token.name, made.token.bot, made.token.protocols) == ("echo", True, ("live",))
        assert made.token.expires_at is not None
        assert made.secret not in repr(made)
        async with AsyncLive(server.url, token=made.secret, manners=QUICK) as bot:
            assert await bot.connect() == live.me
            with pytest.raises(NotAllowed) as refused:
                await bot.tokens.list()
            assert refused.value.code == "token_too_narrow"
        assert [each.id for each in await live.tokens.list()] == [made.token.id]
        with pytest.raises(NotAllowed):
            await live.tokens.revoke("to neni ono", made.token)
        await live.tokens.revoke(PASSWORD, made.token)
        assert await live.tokens.list() == ()


async def test_updates_of_what_is_the_members_own(server: BesedaServer, register: Register, room: str) -> None:
    connector = AsyncBreaking()
    async with (
        await signed_in(server, register(), connector) as hers,
        await signed_in(server, register("Bohus")) as his,
        await hers.enter(room) as entered,
    ):
        told = aiter(hers.updates())
        state = await anext(told)
        assert isinstance(state, Own)
        assert ([mark.room for mark in state.marks], state.counts.letters) == ([entered.id], 0)
        letter = await his.mail.send(hers.me, "ahoj")
        await his.mail.type(letter.contact)
        seen = [await anext(told) for _ in range(3)]
        assert {type(each) for each in seen} == {LetterChanged, CountsChanged, WritingTold}
        (thread,) = [each async for each in hers.mail.threads()]
        await hers.mail.mark_read(thread.contact)
        seen = [await anext(told) for _ in range(2)]
        assert {type(each) for each in seen} == {ThreadChanged, CountsChanged}
        async with await his.enter(room) as visited:
            said = await visited.say("čti")
        await entered.read(said.seq)
        mark = await anext(told)
        assert isinstance(mark, MarkChanged)
        assert mark.mark.read == said.seq
        await connector.break_off()
        await his.mail.send(hers.me, "podruhé")
        state = await anext(told)
        assert isinstance(state, Own)
        assert state.counts.letters == 1


async def test_updates_of_the_list_of_rooms(fresh_server: BesedaServer) -> None:
    register = make_register(fresh_server)
    async with (
        await signed_in(fresh_server, register()) as live,
        await signed_in(fresh_server, register("Bohus")) as other,
    ):
        told = aiter(live.updates(own=False, rooms=True))
        assert isinstance(await anext(told), RoomList)
        opened = await other.enter("Nová")
        while True:
            fresh_server.move_clock(2)
            change = await anext(told)
            assert isinstance(change, ListChanged)
            if any(each.id == opened.id for each in change.changes.rooms):
                break
        await opened.leave()
