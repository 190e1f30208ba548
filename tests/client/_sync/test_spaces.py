# Written by tools/twins.py from tests/client/_async/test_spaces.py: change that, then `make twins`.
"""Spaces against a real server: sign-in with pictures, letters, the journal, rooms, the channel."""

import itertools
import re
from collections.abc import Iterator

import pytest

from beseda.client import CaptchaNeeded, Invalid, NotFound, Picture, SessionEnded, SignInRefused, Spaces
from beseda.client._platform import HandshakeRefused, Socket, connect
from beseda.client.spaces_events import Event, LetterReceived, LoggedOut, RoomTextReceived
from beseda.testing import BesedaServer
from beseda.wire.spaces.mail import MailList
from client._sync.helpers import QUICK
from client.conftest import PASSWORD, Register, Sending, make_register


class Sockets:
    """A connector whose sockets a test breaks, or that opens none; `at_opening` is done whenever one is wanted."""

    def __init__(self, *, none: bool = False) -> None:
        self.opened: list[Socket] = []
        self.sent: list[int] = []
        self.at_opening: Sending | None = None
        self._none = none

    def __call__(self, url: str, headers: object, timeout_s: float) -> Socket:
        socket = None if self._none else connect(url, headers, timeout_s)  # type: ignore[arg-type]
        if self.at_opening:
            self.sent.append(self.at_opening())
        if socket is None:
            raise HandshakeRefused(502, b"")
        self.opened.append(socket)
        return socket


def signed_in(server: BesedaServer, nick: str, connector: Sockets | None = None) -> Spaces:
    spaces = Spaces(server.url, manners=QUICK, connector=connector)
    spaces.sign_in(nick, PASSWORD)
    return spaces


def test_sign_in_check_and_sign_out(server: BesedaServer, register: Register) -> None:
    nick = register()
    with signed_in(server, nick) as spaces:
        me = spaces.me
        assert (me.name, me.proof) == (nick, spaces.sid[-4:])
        assert spaces.check() == me
        with Spaces(server.url, sid=spaces.sid, manners=QUICK) as again:
            assert again.check() == me
            again.sign_out()
            again.sign_out()
        with pytest.raises(SessionEnded):
            spaces.counters()


def test_a_picture_is_read_only_when_one_is_asked_for(fresh_server: BesedaServer) -> None:
    nick = make_register(fresh_server)()
    asked: list[Picture] = []

    def read(picture: Picture) -> str:
        asked.append(picture)
        match = re.search("([0-9]{16})", picture.url)
        assert match
        return fresh_server.core.captcha.answer(match[1]) if len(asked) > 1 else "wrong"

    with Spaces(fresh_server.url, manners=QUICK) as spaces:
        for _ in range(3):
            with pytest.raises(SignInRefused):
                spaces.sign_in(nick, "to neni ono", captcha=read)
        assert asked == []
        with pytest.raises(CaptchaNeeded) as needed:
            spaces.sign_in(nick, PASSWORD)
        assert "/captcha/" in needed.value.picture_url
        spaces.sign_in(nick, PASSWORD, captcha=read)
        assert len(asked) == 2
        assert asked[0].content.startswith(b"\x89PNG")


def test_letters(server: BesedaServer, register: Register) -> None:
    alena, bohus = register(), register("Bohus")
    with signed_in(server, alena) as hers, signed_in(server, bohus) as his:
        first = his.mail.send(alena, "Ahoj <b>\nradek & \u0161")
        for number in range(24):
            his.mail.send(first.contact.id, f"dopis {number}")
        (contact,) = [each for each in hers.mail.contacts()]
        assert (contact.name, contact.unread, contact.received, contact.writable) == (bohus, 25, 25, True)
        letters = [letter for letter in hers.mail.all_letters(contact)]
        assert [letter.text for letter in letters[-2:]] == ["dopis 0", "Ahoj <b>\nradek & \u0161"]
        assert len(letters) == 25
        assert all(letter.received and letter.unread for letter in letters)
        (newest,) = hers.mail.letters(contact, unread=True, limit=1)
        assert newest == letters[0]
        assert list((hers.mail.letters_by_ids(contact, [newest.id, 10**9])).values()) == [newest]
        assert (hers.counters()).mail == 25
        hers.mail.mark_read(contact)
        assert (hers.counters()).mail == 0
        assert hers.mail.letters(contact, unread=True) == []
        answer = hers.mail.send(contact, "Diky!", answers=newest)
        assert not answer.received
        hers.mail.edit(contact, answer, "Dekuji!")
        assert (hers.mail.letters(contact, limit=1))[0].text == "Dekuji!"
        hers.mail.type(contact, "rozepsano")
        hers.mail.mark_favourite(contact, newest)
        assert (hers.mail.letters_by_ids(contact, [newest.id]))[newest.id].favourite
        hers.mail.archive(contact)
        assert [each.id for each in hers.mail.contacts(MailList.ARCHIVE)] == [contact.id]
        hers.mail.archive(contact, back=True)
        hers.mail.throw_letters(contact, newest)
        hers.mail.erase_letters(contact, newest)
        hers.mail.erase(contact)
        assert [each for each in hers.mail.contacts()] == []


def test_people_rooms_and_the_journal(server: BesedaServer, register: Register, room: str) -> None:
    alena, bohus = register(), register("Bohus")
    room_id = next(each.id for each in server.run(server.core.rooms.list.get()).views if each.name == room)
    with signed_in(server, alena) as hers, signed_in(server, bohus) as his:
        said = hers.rooms.say(room_id, "Ahoj <b>")
        assert (said.text, said.user) == ("Ahoj <b>", alena)
        hers.rooms.invite(room_id, bohus)
        assert [text for text in his.rooms.texts(room_id)] == [said]
        whispered = his.rooms.say(room_id, "pst", to=hers.me.user_id, private=True)
        assert whispered.private
        assert (his.rooms.room(room_id)).users_cnt == 2
        (record,) = [each for each in his.journal(new_only=True)]
        assert room in record.text
        assert record.is_new
        (found,) = hers.search(bohus)
        assert (found.id, found.name, found.is_online) == (his.me.user_id, bohus, True)
        assert (hers.online([found.id]))[found.id].is_online


def test_refusals(server: BesedaServer, register: Register) -> None:
    with Spaces(server.url, manners=QUICK) as spaces:
        with pytest.raises(SessionEnded):
            spaces.check()
        spaces.sign_in(register(), PASSWORD)
        for refused, kind, code in (
            (lambda: spaces.mail.send("Nikdo", "x"), NotFound, "00003"),
            (lambda: spaces.mail.send(10**6, "x"), NotFound, "02001"),
            (lambda: spaces.mail.letters(10**6), NotFound, "02001"),
            (lambda: spaces.get("mail", "nic"), Invalid, "00002"),
        ):
            with pytest.raises(kind) as error:
                refused()
            assert error.value.code == code


def letters_until(told: Iterator[Event], last: int) -> list[int]:
    """The numbers of the letters that a channel tells of, up to this one."""
    heard: list[int] = []
    while last not in heard:
        event = next(told)
        heard += [event.letter_id] if isinstance(event, LetterReceived) else []
    return heard


def next_text(told: Iterator[Event]) -> RoomTextReceived:
    while not isinstance(event := next(told), RoomTextReceived):
        pass
    return event


@pytest.mark.parametrize("none", [False, True], ids=["sockets", "polls"])
def test_the_channel_misses_nothing_and_tells_nothing_twice(
    server: BesedaServer, register: Register, none: bool
) -> None:
    sockets = Sockets(none=none)
    with (
        signed_in(server, register(), sockets) as spaces,
        signed_in(server, register("Bohus")) as sender,
    ):
        nick, number = spaces.me.name, itertools.count()

        def send() -> int:
            return (sender.mail.send(nick, f"dopis {next(number)}")).id

        sockets.at_opening = send
        told = iter(spaces.channel())
        event = next(told)
        while not isinstance(event, LetterReceived) or event.letter_id != sockets.sent[-1]:
            event = next(told)
        for _ in range(3):
            sockets.sent.clear()
            if sockets.opened:
                sockets.opened[-1].close()
            missed = [send(), send()]
            assert letters_until(told, missed[-1]) == missed
            if sockets.opened:
                assert letters_until(told, sockets.sent[-1]) == sockets.sent
        assert len(sockets.opened) == (0 if none else 4)


def test_texts_of_rooms_come_by_the_channel(server: BesedaServer, register: Register, room: str) -> None:
    room_id = next(each.id for each in server.run(server.core.rooms.list.get()).views if each.name == room)
    sockets = Sockets()
    with (
        signed_in(server, register(), sockets) as spaces,
        signed_in(server, register("Bohus")) as other,
    ):
        spaces.rooms.say(room_id, "jsem tu")

        def say() -> int:
            return (other.rooms.say(room_id, "ahoj")).id

        sockets.at_opening = say
        told = iter(spaces.channel())
        first = next_text(told)
        assert first == RoomTextReceived(act=32, room_id=room_id, message_id=sockets.sent[0], user_id=other.me.user_id)
        sockets.opened[-1].close()
        missed = say()
        heard = [next_text(told), next_text(told)]
        assert [text.message_id for text in heard] == [missed, sockets.sent[-1]]


def test_the_channel_of_a_session_that_ends(server: BesedaServer, register: Register) -> None:
    sockets = Sockets()
    with signed_in(server, register(), sockets) as spaces:

        def sign_out() -> int:
            with Spaces(server.url, sid=spaces.sid, manners=QUICK) as same:
                same.sign_out()
            return 0

        sockets.at_opening = sign_out
        told = iter(spaces.channel())
        assert isinstance(next(told), LoggedOut)
        with pytest.raises(SessionEnded):
            next(told)
