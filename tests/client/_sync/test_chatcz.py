# Written by tools/twins.py from tests/client/_async/test_chatcz.py: change that, then `make twins`.
"""Chat.cz against a real server: REST, the rotating token, rooms, stored messages."""

from pathlib import Path

import pytest

from beseda.client import (
    Busy,
    ChatCz,
    FileTokens,
    Invalid,
    MemoryTokens,
    NotAllowed,
    NotFound,
    SessionEnded,
    SignInRefused,
    Spaces,
    Tokens,
    TooOften,
    Unknown,
    lines,
)
from beseda.domain.ids import AppId
from beseda.testing import BesedaServer
from beseda.wire.chatcz.rest import Lock
from client._sync.helpers import QUICK, Lossy
from client.conftest import PASSWORD, Register, make_register


def app_and_token(server: BesedaServer, nick: str) -> tuple[str, str]:
    """The key of an application, and the first token that a member gave it."""
    app, key = server.run(server.core.apps.add("Bot"))
    account = server.run(server.core.accounts.find_nick(nick))
    return key, server.run(server.core.apps.grant(AppId(app.id), account.id))


def signed_in(server: BesedaServer, nick: str) -> ChatCz:
    site = ChatCz(server.url, manners=QUICK)
    site.sign_in(nick, PASSWORD)
    return site


def test_rooms_and_people_are_read_without_a_session(server: BesedaServer, register: Register, room: str) -> None:
    nick = register()
    with ChatCz(server.url, manners=QUICK) as site, signed_in(server, nick) as member:
        entered = member.enter(room)
        found = next(each for each in site.rooms() if each.name == room)
        assert (found.id, found.lock, found.permanent, found.user_count) == (entered.id, Lock.OPEN, True, 1)
        assert site.room(found.id) == found
        assert site.admins(found.id) == []
        (occupant,) = site.users(found.id)
        assert (occupant.nick, occupant.anonymous, occupant.online_since) == (nick, False, None)
        assert occupant.accessed_at == server.clock.now().replace(microsecond=0)
        user = site.user(occupant.id)
        assert (user.nick, user.online, user.rooms) == (nick, True, [room])
        assert (site.profile(occupant.id)).karma_level == 0
        for missing in (site.room, site.user, site.profile):
            with pytest.raises(NotFound):
                missing(10**9)


def test_the_talk_of_a_room(server: BesedaServer, register: Register, room: str) -> None:
    alena, bohus = register(), register("Bohus")
    with (
        signed_in(server, alena) as hers,
        signed_in(server, bohus) as his,
        hers.enter(room) as one,
        his.enter(room) as other,
    ):
        other.say("Ahoj <b> & \u0161")
        other.whisper(alena, "pst")
        told = iter(one.lines())
        assert isinstance(next(told), lines.AdminChanged)  # she came first
        came, said, whispered = [next(told) for _ in range(3)]
        assert isinstance(came, lines.Entered)
        assert came.member.nick == bohus
        assert isinstance(said, lines.Text)
        assert (said.author, said.text) == (came.member, "Ahoj <b> & \u0161")
        assert isinstance(whispered, lines.Whisper)
        assert (whispered.author, whispered.text, whispered.own) == (came.member, "pst", False)
        one.say("/kick nikdo proto")
        notice = next(told)
        assert isinstance(notice, lines.Notice)
        other.leave()
        gone = next(told)
        assert isinstance(gone, lines.Left)
        assert gone.member == came.member
        with pytest.raises(NotFound):
            other.say("nikdo neslysi")
        with pytest.raises(ZeroDivisionError):
            with one:
                raise ZeroDivisionError
        assert hers.users(one.id) == [], "left, though something went wrong"


def test_a_lost_answer_loses_no_line(server: BesedaServer, register: Register, room: str) -> None:
    lossy = Lossy("/json/getText", True, True)
    with ChatCz(server.url, manners=QUICK, transport=lossy) as site:
        site.sign_in(register(), PASSWORD)
        entered = site.enter(room)
        with pytest.raises(Unknown):
            entered.say("jednou")
        told = iter(entered.lines())
        assert isinstance(next(told), lines.AdminChanged)
        said = next(told)
        assert isinstance(said, lines.Text)
        assert said.text == "jednou"


def test_one_who_is_put_out_is_told_or_comes_back(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    with signed_in(fresh_server, make_register(fresh_server)()) as site:
        entered = site.enter("Praha")
        fresh_server.move_clock(200)
        assert isinstance([line for line in entered.lines()][-1], lines.Kicked)
        entered = site.enter("Praha")
        fresh_server.move_clock(200)
        told = iter(entered.lines(stay=True))
        assert isinstance(next(told), lines.Gap)
        entered.say("zpatky")
        while not isinstance(said := next(told), lines.Text):
            pass
        assert said.text == "zpatky"


def test_refusals(server: BesedaServer, register: Register, room: str) -> None:
    nick = register()
    with ChatCz(server.url, manners=QUICK) as site:
        with pytest.raises(SessionEnded):
            site.enter(room)
        with pytest.raises(SignInRefused):
            site.sign_in(nick, "to neni ono")
        with pytest.raises(SignInRefused):
            site.sign_in_anonymously("x")
        site.sign_in(nick, PASSWORD)
        assert site.nick == nick
        with signed_in(server, register("Spravce")) as admin:
            admin.enter(room)
        entered = site.enter(room)
        with pytest.raises(NotAllowed):
            site.set_room(entered.id, description="jeho")
        with pytest.raises(Invalid):
            entered.say("x" * 1001)
        site.sign_out()
        assert site.nick == ""
        with pytest.raises(SessionEnded):
            site.waiting()


def test_a_site_that_is_busy_is_no_wrong_password(fresh_server: BesedaServer) -> None:
    """Its page says so under HTTP 200: gateways read no other."""
    nick = make_register(fresh_server)()
    with ChatCz(fresh_server.url, manners=QUICK.replace(retries=0)) as site:
        fresh_server.fail_next("chatcz.sign_in")
        with pytest.raises(Busy):
            site.sign_in(nick, PASSWORD)
        for _ in range(5):
            with pytest.raises(SignInRefused):
                site.sign_in(nick, "to neni ono")
        with pytest.raises(TooOften) as often:
            site.sign_in(nick, PASSWORD)
        assert often.value.retry_after_s
        fresh_server.move_clock(often.value.retry_after_s)
        site.sign_in(nick, PASSWORD)


def test_stored_messages(server: BesedaServer, register: Register) -> None:
    alena, bohus = register(), register("Bohus")
    with signed_in(server, alena) as site, Spaces(server.url, manners=QUICK) as sender:
        sender.sign_in(bohus, PASSWORD)
        sender.mail.send(alena, "prvni\ndruhy")
        assert (site.waiting()).unread == 1
        (one,) = [each for each in site.correspondents()]
        assert (one.nick, one.unread) == (bohus, 1)
        (letter,) = site.letters(one.id)
        assert (letter.own, letter.user_id, letter.text) == (False, one.id, "prvni\ndruhy")
        site.mark_letters_read()
        assert (site.waiting()).unread == 0


def test_the_token_rotates(server: BesedaServer, register: Register, tmp_path: Path) -> None:
    nick = register()
    key, token = app_and_token(server, nick)
    store = FileTokens(tmp_path / "folder" / "token", token)
    seen = {token}
    for _ in range(3):
        with ChatCz(server.url, manners=QUICK) as site:
            site.authorize(key, store)
            assert (site.waiting()).unread == 0
            kept = store.load()
            assert kept is not None
            assert kept.current not in seen
            assert kept.pending == ""
            seen.add(kept.current)
    assert (tmp_path / "folder" / "token").stat().st_mode & 0o777 == 0o600
    assert token not in repr(store) + repr(store.load())


@pytest.mark.parametrize("path", ["/api/token", "/api/login"])
@pytest.mark.parametrize("seconds", [0, 61, 86_400])
def test_no_lost_answer_locks_out(fresh_server: BesedaServer, path: str, seconds: float) -> None:
    """However late the application comes back."""
    nick = make_register(fresh_server)()
    key, token = app_and_token(fresh_server, nick)
    store = MemoryTokens(token)
    with ChatCz(fresh_server.url, manners=QUICK, transport=Lossy(path, True, True, True)) as site:
        with pytest.raises(Unknown):
            site.authorize(key, store)
    fresh_server.move_clock(seconds)
    with ChatCz(fresh_server.url, manners=QUICK) as site:
        site.authorize(key, store)
        site.waiting()


def test_one_lost_answer_is_not_even_noticed(server: BesedaServer, register: Register) -> None:
    key, token = app_and_token(server, register())
    for path in ("/api/token", "/api/login"):
        store = MemoryTokens(token)
        with ChatCz(server.url, manners=QUICK, transport=Lossy(path, True)) as site:
            site.authorize(key, store)
            kept = store.load()
            assert kept is not None
            token = kept.current


def test_tokens_that_nobody_knows(server: BesedaServer) -> None:
    with ChatCz(server.url, manners=QUICK) as site:
        for store in (MemoryTokens(), MemoryTokens("nic")):
            with pytest.raises(SignInRefused):
                site.authorize("nic", store)
        store = MemoryTokens()
        store.save(Tokens("nic", "nic"))
        with pytest.raises(SignInRefused):
            site.authorize("nic", store)
