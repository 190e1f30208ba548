"""Spaces against a real server: sign-in with pictures, letters, the journal, rooms, the channel."""

import itertools
import re
from collections.abc import AsyncIterator

import pytest

from beseda.client import AsyncSpaces, CaptchaNeeded, Invalid, NotFound, Picture, SessionEnded, SignInRefused
from beseda.client._platform import AsyncSocket, HandshakeRefused, async_connect
from beseda.client.spaces_events import Event, LetterReceived, LoggedOut, RoomTextReceived
from beseda.testing import BesedaServer
from beseda.wire.spaces.mail import MailList
from client._async.helpers import QUICK
from client.conftest import PASSWORD, AsyncSending, Register, make_register


class AsyncSockets:
    """A connector whose sockets a test breaks, or that opens none; `at_opening` is done whenever one is wanted."""

    def __init__(self, *, none: bool = False) -> None:
        self.opened: list[AsyncSocket] = []
        self.sent: list[int] = []
        self.at_opening: AsyncSending | None = None
        self._none = none

    async def __call__(self, url: str, headers: object, timeout_s: float) -> AsyncSocket:
        socket = None if self._none else await async_connect(url, headers, timeout_s)  # type: ignore[arg-type]
        if self.at_opening:
            self.sent.append(await self.at_opening())
        if socket is None:
            raise HandshakeRefused(502, b"")
        self.opened.append(socket)
        return socket


async def signed_in(server: BesedaServer, nick: str, connector: AsyncSockets | None = None) -> AsyncSpaces:
    spaces = AsyncSpaces(server.url, manners=QUICK, connector=connector)
    await spaces.sign_in(nick, PASSWORD)
    return spaces


async def test_sign_in_check_and_sign_out(server: BesedaServer, register: Register) -> None:
    nick = register()
    async with await signed_in(server, nick) as spaces:
        me = spaces.me
        assert (me.name, me.proof) == (nick, spaces.sid[-4:])
        assert await spaces.check() == me
        async with AsyncSpaces(server.url, sid=spaces.sid, manners=QUICK) as again:
            assert await again.check() == me
            await again.sign_out()
            await again.sign_out()
        with pytest.raises(SessionEnded):
            await spaces.counters()


async def test_a_picture_is_read_only_when_one_is_asked_for(fresh_server: BesedaServer) -> None:
    nick = make_register(fresh_server)()
    asked: list[Picture] = []

    async def read(picture: Picture) -> str:
        asked.append(picture)
        match = re.search("([0-9]{16})", picture.url)
        assert match
        return fresh_server.core.captcha.answer(match[1]) if len(asked) > 1 else "wrong"

    async with AsyncSpaces(fresh_server.url, manners=QUICK) as spaces:
        for _ in range(3):
            with pytest.raises(SignInRefused):
                await spaces.sign_in(nick, "to neni ono", captcha=read)
        assert asked == []
        with pytest.raises(CaptchaNeeded) as needed:
            await spaces.sign_in(nick, PASSWORD)
        assert "/captcha/" in needed.value.picture_url
        await spaces.sign_in(nick, PASSWORD, captcha=read)
        assert len(asked) == 2
        assert asked[0].content.startswith(b"\x89PNG")


async def test_letters(server: BesedaServer, register: Register) -> None:
    alena, bohus = register(), register("Bohus")
    async with await signed_in(server, alena) as hers, await signed_in(server, bohus) as his:
        first = await his.mail.send(alena, "Ahoj <b>\nradek & \u0161")
        for number in range(24):
            await his.mail.send(first.contact.id, f"dopis {number}")
        (contact,) = [each async for each in hers.mail.contacts()]
        assert (contact.name, contact.unread, contact.received, contact.writable) == (bohus, 25, 25, True)
        letters = [letter async for letter in hers.mail.all_letters(contact)]
        assert [letter.text for letter in letters[-2:]] == ["dopis 0", "Ahoj <b>\nradek & \u0161"]
        assert len(letters) == 25
        assert all(letter.received and letter.unread for letter in letters)
        (newest,) = await hers.mail.letters(contact, unread=True, limit=1)
        assert newest == letters[0]
        assert list((await hers.mail.letters_by_ids(contact, [newest.id, 10**9])).values()) == [newest]
        assert (await hers.counters()).mail == 25
        await hers.mail.mark_read(contact)
        assert (await hers.counters()).mail == 0
        assert await hers.mail.letters(contact, unread=True) == []
        answer = await hers.mail.send(contact, "Diky!", answers=newest)
        assert not answer.received
        await hers.mail.edit(contact, answer, "Dekuji!")
        assert (await hers.mail.letters(contact, limit=1))[0].text == "Dekuji!"
        await hers.mail.type(contact, "rozepsano")
        await hers.mail.mark_favourite(contact, newest)
        assert (await hers.mail.letters_by_ids(contact, [newest.id]))[newest.id].favourite
        await hers.mail.archive(contact)
        assert [each.id async for each in hers.mail.contacts(MailList.ARCHIVE)] == [contact.id]
        await hers.mail.archive(contact, back=True)
        await hers.mail.throw_letters(contact, newest)
        await hers.mail.erase_letters(contact, newest)
        await hers.mail.erase(contact)
        assert [each async for each in hers.mail.contacts()] == []


async def test_people_rooms_and_the_journal(server: BesedaServer, register: Register, room: str) -> None:
    alena, bohus = register(), register("Bohus")
    room_id = next(each.id for each in server.run(server.core.rooms.list.get()).views if each.name == room)
    async with await signed_in(server, alena) as hers, await signed_in(server, bohus) as his:
        said = await hers.rooms.say(room_id, "Ahoj <b>")
        assert (said.text, said.user) == ("Ahoj <b>", alena)
        await hers.rooms.invite(room_id, bohus)
        assert [text async for text in his.rooms.texts(room_id)] == [said]
        whispered = await his.rooms.say(room_id, "pst", to=hers.me.user_id, private=True)
        assert whispered.private
        assert (await his.rooms.room(room_id)).users_cnt == 2
        (record,) = [each async for each in his.journal(new_only=True)]
        assert room in record.text
        assert record.is_new
        (found,) = await hers.search(bohus)
        assert (found.id, found.name, found.is_online) == (his.me.user_id, bohus, True)
        assert (await hers.online([found.id]))[found.id].is_online


async def test_refusals(server: BesedaServer, register: Register) -> None:
    async with AsyncSpaces(server.url, manners=QUICK) as spaces:
        with pytest.raises(SessionEnded):
            await spaces.check()
        await spaces.sign_in(register(), PASSWORD)
        for refused, kind, code in (
            (lambda: spaces.mail.send("Nikdo", "x"), NotFound, "00003"),
            (lambda: spaces.mail.send(10**6, "x"), NotFound, "02001"),
            (lambda: spaces.mail.letters(10**6), NotFound, "02001"),
            (lambda: spaces.get("mail", "nic"), Invalid, "00002"),
        ):
            with pytest.raises(kind) as error:
                await refused()
            assert error.value.code == code


async def letters_until(told: AsyncIterator[Event], last: int) -> list[int]:
    """The numbers of the letters that a channel tells of, up to this one."""
    heard: list[int] = []
    while last not in heard:
        event = await anext(told)
        heard += [event.letter_id] if isinstance(event, LetterReceived) else []
    return heard


async def next_text(told: AsyncIterator[Event]) -> RoomTextReceived:
    while not isinstance(event := await anext(told), RoomTextReceived):
        pass
    return event


@pytest.mark.parametrize("none", [False, True], ids=["sockets", "polls"])
async def test_the_channel_misses_nothing_and_tells_nothing_twice(
    server: BesedaServer, register: Register, none: bool
) -> None:
    sockets = AsyncSockets(none=none)
    async with (
        await signed_in(server, register(), sockets) as spaces,
        await signed_in(server, register("Bohus")) as sender,
    ):
        nick, number = spaces.me.name, itertools.count()

        async def send() -> int:
            return (await sender.mail.send(nick, f"dopis {next(number)}")).id

        sockets.at_opening = send
        told = aiter(spaces.channel())
        event = await anext(told)
        while not isinstance(event, LetterReceived) or event.letter_id != sockets.sent[-1]:
            event = await anext(told)
        for _ in range(3):
            sockets.sent.clear()
            if sockets.opened:
                await sockets.opened[-1].aclose()
            missed = [await send(), await send()]
            assert await letters_until(told, missed[-1]) == missed
            if sockets.opened:
                assert await letters_until(told, sockets.sent[-1]) == sockets.sent
        assert len(sockets.opened) == (0 if none else 4)


async def test_texts_of_rooms_come_by_the_channel(server: BesedaServer, register: Register, room: str) -> None:
    room_id = next(each.id for each in server.run(server.core.rooms.list.get()).views if each.name == room)
    sockets = AsyncSockets()
    async with (
        await signed_in(server, register(), sockets) as spaces,
        await signed_in(server, register("Bohus")) as other,
    ):
        await spaces.rooms.say(room_id, "jsem tu")

        async def say() -> int:
            return (await other.rooms.say(room_id, "ahoj")).id

        sockets.at_opening = say
        told = aiter(spaces.channel())
        first = await next_text(told)
        assert first == RoomTextReceived(act=32, room_id=room_id, message_id=sockets.sent[0], user_id=other.me.user_id)
        await sockets.opened[-1].aclose()
        missed = await say()
        heard = [await next_text(told), await next_text(told)]
        assert [text.message_id for text in heard] == [missed, sockets.sent[-1]]


async def test_the_channel_of_a_session_that_ends(server: BesedaServer, register: Register) -> None:
    sockets = AsyncSockets()
    async with await signed_in(server, register(), sockets) as spaces:

        async def sign_out() -> int:
            async with AsyncSpaces(server.url, sid=spaces.sid, manners=QUICK) as same:
                await same.sign_out()
            return 0

        sockets.at_opening = sign_out
        told = aiter(spaces.channel())
        assert isinstance(await anext(told), LoggedOut)
        with pytest.raises(SessionEnded):
            await anext(told)
