# Written by tools/twins.py from tests/client/_async/test_live_calls.py: change that, then `make twins`.
"""All operations of the live protocol against a real server: rooms, their admins, people, letters, tokens, updates."""

import pytest

from beseda.client import Live, NotAllowed, NotFound, lines
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
from client._sync.helpers import QUICK
from client._sync.test_live import Breaking, signed_in
from client.conftest import PASSWORD, Register, make_register


def test_rooms_and_their_settings(server: BesedaServer, register: Register, room: str) -> None:
    with signed_in(server, register()) as live, live.enter(room) as entered:
        live.rooms.set_favourite(entered.id)
        listed = live.rooms.list()
        assert listed.favourites == (entered.id,)
        assert [(each.name, each.user_count) for each in listed.rooms if each.id == entered.id] == [(room, 1)]
        live.rooms.set_favourite(entered.id, False)
        assert (live.rooms.list()).favourites == ()
        info = entered.info()
        assert (info.name, info.permanent, info.inside, info.rank) == (room, True, True, Star.TEMPORARY)
        assert info.lock is info.in_force is Lock.OPEN
        changed = entered.change(description="O všem", lock=Lock.LOGGED, links=Links.NONE)
        assert (changed.description, changed.lock, changed.links) == ("O všem", Lock.LOGGED, Links.NONE)
        with pytest.raises(NotFound):
            live.rooms.info(10**9)
        with pytest.raises(NotAllowed):
            entered.change(keep_days=3)
        with pytest.raises(NotAllowed) as refused:
            live.rooms.reserve(entered.id)
        assert refused.value.code == "reservation_refused"


def test_an_admin_keeps_order(server: BesedaServer, register: Register, room: str) -> None:
    with (
        signed_in(server, register()) as admin,
        signed_in(server, register("Bohus")) as guest,
        admin.enter(f"{room} d") as ruled,
        guest.enter(f"{room} d") as visited,
    ):
        alena, bohus = ruled.people()
        assert (alena.id, alena.star, bohus.id, bohus.star) == (admin.me.id, Star.TEMPORARY, guest.me.id, Star.NONE)
        assert alena.entered_at <= bohus.entered_at
        rude = visited.say("rude")
        with pytest.raises(NotFound):  # one's own
            visited.report(rude.seq or 0, "sprosté")
        ruled.report(rude.seq or 0, "sprosté")
        (report,) = ruled.reports()
        assert (report.seq, report.text, report.reason, report.author.id) == (rude.seq, "rude", "sprosté", bohus.id)
        ruled.settle(report.seq)
        assert ruled.reports() == ()
        assert isinstance(ruled.mute(bohus), lines.Muted)
        assert isinstance(ruled.allow_links(bohus), lines.LinksAllowed)
        assert isinstance(ruled.delete_all(bohus), lines.TextsDeleted)
        kicked = ruled.kick(bohus, "reklama", minutes=10)
        assert isinstance(kicked, lines.Kicked)
        assert (kicked.reason, kicked.minutes) == ("reklama", 10)
        assert isinstance(ruled.unkick(bohus), lines.Unkicked)
        guest.enter(f"{room} d")
        ruled.hand_over(bohus)
        assert (visited.info()).rank is Star.TEMPORARY
        with pytest.raises(NotAllowed):
            ruled.kick(bohus, "pomsta")
        with pytest.raises(NotAllowed):
            ruled.kicks()
        with pytest.raises(NotAllowed):
            ruled.set_admin(bohus)


def test_reading_and_finding(server: BesedaServer, register: Register, room: str) -> None:
    with (
        signed_in(server, register()) as hers,
        signed_in(server, register("Bohus")) as his,
        hers.enter(room) as one,
        his.enter(room) as other,
    ):
        said = [other.say(f"zvonek {number}") for number in range(5)]
        around = one.around(said[2].seq or 0, limit=3)
        assert said[2] in around
        server.run(server.core.search_index.settle())
        found = [line for line in one.search("zvon")]
        assert [line.seq for line in found] == [line.seq for line in reversed(said)]
        assert hers.search("zvonek 3") == (said[3],)
        mark = one.read(said[3].seq)
        assert (mark.read, mark.unread) == (said[3].seq, 1)
        assert (one.read()).unread == 0
        hers.awake()


def test_people(server: BesedaServer, register: Register, room: str) -> None:
    nick = register("Cyril")
    with signed_in(server, register()) as live, signed_in(server, nick) as other:
        found = live.people.get(nick.upper())
        assert (found.nick, found.id) == (nick, other.me.id)
        assert found in live.people.find(nick[:4])
        with pytest.raises(NotFound):
            live.people.get("nikdo takovy")
        live.people.note(found, "z Brna")
        live.people.ignore(found)
        with live.enter(room) as entered, other.enter(room):
            card = live.people.card(found, room_id=entered.id, visit=True)
            assert (card.account.id, card.note, card.ignored, card.own) == (found.id, "z Brna", True, False)
            assert {"letter", "ignore", "kick"} <= set(card.may)
            assert [each.name for each in card.rooms] == [room]
            assert card.created_at is not None
        assert live.people.ignored() == (found,)
        live.people.unignore(found)
        assert live.people.ignored() == ()
        with pytest.raises(NotAllowed):
            live.people.give_karma(found, 5)


def test_letters(server: BesedaServer, register: Register) -> None:
    nick = register("Dana")
    with signed_in(server, register()) as hers, signed_in(server, nick) as his:
        assert hers.mail.thread(his.me) is None
        first = hers.mail.send(his.me, "první", key="d1")
        assert hers.mail.send(his.me, "první", key="d1") == first
        edited = hers.mail.edit(first, "oprava")
        assert (edited.text, edited.id, edited.edited_at is None) == ("oprava", first.id, False)
        (thread,) = [each for each in his.mail.threads(MailList.UNREAD)]
        assert (thread.account.id, thread.unread, thread.letters) == (hers.me.id, 1, 1)
        (received,) = [each for each in his.mail.letters(thread)]
        assert (received.text, received.received, received.read_at) == ("oprava", True, None)
        answer = his.mail.send(hers.me, "odpověď", answers=received.id)
        assert answer.answers is not None
        assert answer.answers.text == "oprava"
        his.mail.mark_read(thread.contact)
        assert [each for each in his.mail.threads(MailList.UNREAD)] == []
        server.run(server.core.search_index.settle())
        assert [each.text for each in his.mail.search("odpov")] == ["odpověď"]
        his.mail.keep(received)
        assert [each.id for each in his.mail.letters(thread, shown=MailList.FAVOURITE)] == [received.id]
        his.mail.archive(thread.contact)
        assert [each.contact for each in his.mail.threads(MailList.ARCHIVE)] == [thread.contact]
        his.mail.archive(thread.contact, archived=False)
        his.mail.mark_spam(thread.contact)
        his.mail.mark_spam(thread.contact, spam=False)
        his.mail.throw_letters(thread.contact, [received.id])
        his.mail.throw_letters(thread.contact, [received.id], thrown=False)
        his.mail.throw(thread.contact)
        his.mail.throw(thread.contact, thrown=False)
        his.mail.erase_letters(thread.contact, [answer.id], for_all=True)
        his.mail.erase(thread.contact)
        assert [each for each in his.mail.threads()] == []
        known = hers.mail.thread(his.me)
        assert known is not None
        assert [each.text for each in hers.mail.letters(known)] == ["oprava"]


def test_pages_of_letters(server: BesedaServer, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beseda.client._sync.live_mail.PAGE", 2)
    bohus = server.run(server.core.accounts.find(register("Filip")))
    with signed_in(server, register("Emil")) as live:
        sent = [(live.mail.send(bohus.id, str(number))).id for number in range(3)]
        thread = live.mail.thread(bohus)
        assert thread is not None
        assert [each.id for each in live.mail.letters(thread)] == sent[::-1]
        assert [each.id for each in live.mail.letters(thread, before=sent[1])] == sent[:1]


def test_tokens(server: BesedaServer, register: Register) -> None:
    with signed_in(server, register()) as live:
        made = live.tokens.add(PASSWORD, "echo", days=3, bot=True, protocols=["live"])
        assert (made.token.name, made.token.bot, made.token.protocols) == ("echo", True, ("live",))
        assert made.token.expires_at is not None
        assert made.secret not in repr(made)
        with Live(server.url, token=made.secret, manners=QUICK) as bot:
            assert bot.connect() == live.me
            with pytest.raises(NotAllowed) as refused:
                bot.tokens.list()
            assert refused.value.code == "token_too_narrow"
        assert [each.id for each in live.tokens.list()] == [made.token.id]
        with pytest.raises(NotAllowed):
            live.tokens.revoke("to neni ono", made.token)
        live.tokens.revoke(PASSWORD, made.token)
        assert live.tokens.list() == ()


def test_updates_of_what_is_the_members_own(server: BesedaServer, register: Register, room: str) -> None:
    connector = Breaking()
    with (
        signed_in(server, register(), connector) as hers,
        signed_in(server, register("Bohus")) as his,
        hers.enter(room) as entered,
    ):
        told = iter(hers.updates())
        state = next(told)
        assert isinstance(state, Own)
        assert ([mark.room for mark in state.marks], state.counts.letters) == ([entered.id], 0)
        letter = his.mail.send(hers.me, "ahoj")
        his.mail.type(letter.contact)
        seen = [next(told) for _ in range(3)]
        assert {type(each) for each in seen} == {LetterChanged, CountsChanged, WritingTold}
        (thread,) = [each for each in hers.mail.threads()]
        hers.mail.mark_read(thread.contact)
        seen = [next(told) for _ in range(2)]
        assert {type(each) for each in seen} == {ThreadChanged, CountsChanged}
        with his.enter(room) as visited:
            said = visited.say("čti")
        entered.read(said.seq)
        mark = next(told)
        assert isinstance(mark, MarkChanged)
        assert mark.mark.read == said.seq
        connector.break_off()
        his.mail.send(hers.me, "podruhé")
        state = next(told)
        assert isinstance(state, Own)
        assert state.counts.letters == 1


def test_updates_of_the_list_of_rooms(fresh_server: BesedaServer) -> None:
    register = make_register(fresh_server)
    with (
        signed_in(fresh_server, register()) as live,
        signed_in(fresh_server, register("Bohus")) as other,
    ):
        told = iter(live.updates(own=False, rooms=True))
        assert isinstance(next(told), RoomList)
        opened = other.enter("Nová")
        while True:
            fresh_server.move_clock(2)
            change = next(told)
            assert isinstance(change, ListChanged)
            if any(each.id == opened.id for each in change.changes.rooms):
                break
        opened.leave()
