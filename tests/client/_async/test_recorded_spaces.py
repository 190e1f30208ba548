"""Spaces itself: what its document prints and its clients are known to read, and what it is sent.

Names of people and of domains are made up; the rest is as it is written there.
"""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from beseda.client import (
    AsyncSpaces,
    BesedaError,
    Busy,
    CaptchaNeeded,
    NotAllowed,
    NotFound,
    Picture,
    SessionEnded,
    SignInRefused,
    TooOften,
    Unknown,
    spaces_events,
)
from beseda.client._async import spaces_channel
from beseda.client._platform import AsyncSocket, HandshakeRefused, SocketClosed
from client._async.helpers import QUICK
from client.recorded import Service

SID = "6693985458435384"
RID = "APA91bFwsPw4clF4y0RHWtg6Y4fC6UnxcrmZYLiko"
ENVELOPE = {"css_files": [], "time": 1539255488, "t": 0.236968040466309, "code": "00000"} | {
    "config": {"large_display_min_width": 480, "thumbs": {"baseurl": "http://tsx.example.org/"}}
}
STATUS = {"system": 0, "alt": "(ON)", "last_time": 1539255488, "off_img": "man_off.gif", "is_online": 1} | {
    "no_link": 1,
    "on_img": "man_on.gif",
    "id": "22003524",
}
ATTRIBUTES = {
    "channel_id": "2704a220cb801792d410b05d37ce6c37",
    "sid": SID,
    "isAutoreg": 0,
    "avatar": "https://ts01.example.org/tpic/109940268.p.41.40.0.20020970.jpg?1450357123",
    "name": "Alena",
    "CK": "5384",
    "nid": 22003524,
    "mysite_link": f"https://spcs.me/mysite/?name=Alena&amp;sid={SID}",
    "online_status": STATUS,
    "mailTbNm": 0,
}
SESSION = {**ENVELOPE, "attributes": ATTRIBUTES}


def of_spaces(service: Service, **more: Any) -> AsyncSpaces:
    return AsyncSpaces(transport=service.transport, manners=QUICK, **more)


def fields_of(request: httpx.Request) -> dict[str, str]:
    """Of a body of type multipart."""
    boundary = request.headers["content-type"].partition("boundary=")[2]
    parts = request.content.decode().split(f"--{boundary}")[1:-1]
    return {part.split('name="')[1].split('"')[0]: part.partition("\r\n\r\n")[2].removesuffix("\r\n") for part in parts}


async def test_the_session_of_spaces() -> None:
    service = Service(SESSION, SESSION, ENVELOPE)
    async with of_spaces(service, rid=RID) as spaces:
        me = await spaces.sign_in("Alena", "heslo 12")
        assert (me.name, me.user_id, me.sid, me.proof, me.mail) == ("Alena", 22003524, SID, "5384", 0)
        assert me.channel_id == "2704a220cb801792d410b05d37ce6c37"
        assert me.mysite_link.endswith(f"?name=Alena&sid={SID}")
        await spaces.check()
        await spaces.sign_out()
    login, check, logout = service.requests
    assert {str(each.url) for each in service.requests} == {"https://spcs.me/neoapi/session"}
    assert {each.headers["content-type"].partition(";")[0] for each in service.requests} == {"multipart/form-data"}
    assert fields_of(login) == {"method": "login", "login": "Alena", "password": "heslo 12", "rid": RID}
    assert fields_of(check) == {"method": "check", "rid": RID}
    assert fields_of(logout) == {"method": "logout", "CK": "5384", "rid": RID}
    assert service.heads(0) == {"x-proxy": "spaces", "cookie": "json=1"}
    assert service.heads(1) == {"x-proxy": "spaces", "cookie": f"json=1; sid={SID}"}


async def test_no_rid_is_sent_where_none_is_given() -> None:
    service = Service(SESSION)
    async with of_spaces(service) as spaces:
        await spaces.sign_in("Alena", "heslo 12")
    assert "rid" not in fields_of(service.requests[0])


async def test_a_picture_of_spaces_is_fetched_without_the_session() -> None:
    """The service gives cookies, too: they are nobody's matter but the session's."""
    url = "https://spcs.me/captcha/6693985458435384.png?1539255488"
    needed = {**ENVELOPE, "code": "00001", "captcha_url": url}
    wrong = {**ENVELOPE, "code": "00004", "captcha_url": url}
    picture = httpx.Response(200, content=b"\x89PNG", headers={"Content-Type": "image/png"})
    signed_in = httpx.Response(200, json=SESSION, headers={"Set-Cookie": f"sid={SID}; Path=/"})
    service = Service(signed_in, needed, picture, wrong, picture, SESSION)
    shown: list[Picture] = []

    async def read(given: Picture) -> str:
        shown.append(given)
        return str(len(shown))

    async with of_spaces(service) as spaces:
        await spaces.sign_in("Alena", "heslo 12")
        await spaces.sign_in("Alena", "heslo 12", captcha=read)
    assert [each.url for each in shown] == [url, url]
    assert [fields_of(service.requests[place]).get("code") for place in (1, 3, 5)] == [None, "1", "2"]
    assert service.heads(2) == service.heads(4) == {}
    assert service.heads(3) == {"x-proxy": "spaces", "cookie": "json=1"}
    async with of_spaces(Service(needed)) as spaces:
        with pytest.raises(CaptchaNeeded) as asked:
            await spaces.sign_in("Alena", "heslo 12")
        assert asked.value.picture_url == url


@pytest.mark.parametrize(
    ("code", "signs_in", "kind"),
    [
        ("00003", True, SignInRefused),
        ("01003", True, SignInRefused),
        ("01002", True, SignInRefused),
        ("00025", True, SignInRefused),
        ("00007", True, TooOften),
        ("00003", False, NotFound),
        ("01001", False, SessionEnded),
        (1001, False, SessionEnded),
        ("02001", False, NotFound),
        ("02009", False, NotAllowed),
        ("00008", False, NotAllowed),
        ("00010", False, Busy),
        ("00006", False, Unknown),
        ("02003", False, TooOften),
    ],
)
async def test_the_codes_of_spaces(code: object, signs_in: bool, kind: type[BesedaError]) -> None:
    service = Service({"code": code, "time": 1539255488, "t": 0.1})
    async with of_spaces(service, sid=SID) as spaces:
        with pytest.raises(kind):
            await (spaces.sign_in("Alena", "heslo 12") if signs_in else spaces.mail.send("Brana", "Ahoj"))


async def test_the_mail_of_spaces() -> None:
    """Numbers are strings, flags stand there or do not, and what is missing may be null."""
    contact = {"nid": "27192735", "id": "27192735:0", "name": "Brana", "text_addr": "Brana", "user_id": "6"} | {
        "user2_id": "6",
        "list": "0",
        "in_cnt": "3",
        "out_cnt": None,
        "new_cnt": "1",
        "mtime": "1582022061",
        "gender": "-1",
        "last_message_id": "41",
        "last_received_msg_id": None,
        "avatar": None,
        "can_write_error": None,
    }
    head = {"nid": "27192735", "user": None, "avatar": None, "widget": {"siteLink": {"user_name": "Brana"}}}
    letters: list[dict[str, Any]] = [
        {"nid": "41", "date": "1582022061", "text": "Ahoj &lt;b&gt;<br />!", "received": "1", "not_read": "1"},
        {"nid": "40", "date": "1582022060", "text": None},
    ]
    service = Service(
        {**ENVELOPE, "form": {"contacts": [contact]}, "pagination": None},
        {**ENVELOPE, "contact_info": contact, "msg_list": [{**each, "contact": head} for each in letters]},
        {**ENVELOPE, "messages": {"41": {**letters[0], "contact": head}}},
        {**ENVELOPE, "message": {**letters[1], "contact": head}},
        {**ENVELOPE, "1": "2", "2": None, "3": 5, "color": "#fff"},
    )
    async with of_spaces(service, sid=SID) as spaces:
        (found,) = [each async for each in spaces.mail.contacts()]
        assert (found.id, found.name, found.unread, found.sent, found.writable) == (27192735, "Brana", 1, 0, True)
        newest, older = await spaces.mail.letters(found)
        assert (newest.text, newest.received, newest.unread) == ("Ahoj <b>\n!", True, True)
        assert (older.text, older.received, older.unread) == ("", False, False)
        assert newest.at == datetime(2020, 2, 18, 10, 34, 21, tzinfo=UTC)
        assert list(await spaces.mail.letters_by_ids(found, [41])) == [41]
        assert (await spaces.mail.send(found, "Ahoj")).id == 40
        assert (await spaces.counters()).mail == 5
    assert [each.url.path for each in service.requests[:3]] == ["/mail/", "/mail/message_list/", "/neoapi/mail"]
    assert fields_of(service.requests[2]) == {
        "method": "getMessagesByIds",
        "Contact": "27192735",
        "Pag": "0",
        "MeSsages": "41",
    }
    sent = {"method": "sendMessage", "Contact": "27192735", "texttT": "Ahoj", "CK": "5384"}
    assert fields_of(service.requests[3]) == sent


async def test_the_journal_people_and_rooms_of_spaces() -> None:
    record = {"id": 1, "text": "<b>Brana</b> &amp;", "answer": "0", "color_type": 1, "comments_cnt": "0"} | {
        "message": None,
        "link": "https://spcs.me/comm/?a=1&amp;b=2",
        "header": None,
        "cool_date": "12:00",
    }
    text = {"id": 9, "room_id": 7, "date": "1539255488", "text": "Ahoj", "user": "Tom &amp; Ema", "user_id": "6"}
    service = Service(
        {**ENVELOPE, "counts": {"new": 1, "main": 1}, "widgets": [record]},
        {**ENVELOPE, "users": [{"nid": "6", "name": "Brana"}]},
        {**ENVELOPE, "status": {"6": {"is_online": "1", "human_last_time": "teď"}}},
        {**ENVELOPE, "status": []},
        {**ENVELOPE, "widgets": [text], "pagination": {"current_page": 1, "last_page": 1}},
    )
    async with of_spaces(service, sid=SID) as spaces:
        (told,) = [each async for each in spaces.journal(new_only=True)]
        assert (told.text, told.is_new, told.link) == ("Brana &", True, "https://spcs.me/comm/?a=1&b=2")
        assert [(each.id, each.name) for each in await spaces.search("Bra")] == [(6, "Brana")]
        assert (await spaces.online([6]))[6].is_online
        assert await spaces.online([7]) == {}
        (said,) = [each async for each in spaces.rooms.texts(7)]
        assert (said.text, said.user) == ("Ahoj", "Tom & Ema")
    fields = [fields_of(each) for each in service.requests]
    assert fields[0] == {"method": "getRecords", "L": "30", "O": "0", "S": "2", "Android": "1"}
    assert fields[1:3] == [{"method": "search", "q": "Bra"}, {"method": "isOnline", "UsErs": "6"}]


LETTER = {"act": 1, "data": {"nid": "41", "contact": {"nid": "27192735", "user": "Brana"}, "new_cnt": "1"}}
EVENTS: list[tuple[dict[str, Any], spaces_events.Event]] = [
    (LETTER, spaces_events.LetterReceived(act=1, letter_id=41, contact=27192735, nick="Brana", unread=1)),
    ({"act": 2, "data": {"nid": 27192735}}, spaces_events.ContactRead(act=2, contact=27192735)),
    ({"act": 21, "type": 3, "cnt": "4"}, spaces_events.CounterChanged(act=21, counter="mail", count=4)),
    (
        {"act": 24, "contact_id": 27192735, "user": "Brana", "voice": 0},
        spaces_events.Typing(act=24, contact=27192735, nick="Brana"),
    ),
    ({"act": 42, "value": 3}, spaces_events.OtherEvent(act=42, members={"act": 42, "value": 3})),
]


def told(number: int, text: dict[str, Any]) -> dict[str, Any]:
    """A message as nginx's push stream module writes it."""
    return {"id": number, "channel": "2704a220", "text": text, "tag": "1", "time": f"Thu, {number:02}", "eventid": ""}


class AsyncFrames:
    """A socket that says this and breaks; the test's connector makes one after another, or none."""

    def __init__(self, *said: dict[str, Any]) -> None:
        self._said = list(said)

    async def send(self, text: str) -> None:
        raise AssertionError("clients send nothing")

    async def receive(self, timeout_s: float | None) -> str:
        if not self._said:
            raise SocketClosed(1006)
        return json.dumps(self._said.pop(0))

    async def aclose(self) -> None:
        self._said.clear()


class AsyncOpening:
    """Opens these, one after another; a status refuses."""

    def __init__(self, *sockets: AsyncFrames | int) -> None:
        self._sockets = list(sockets)
        self.urls: list[str] = []

    async def __call__(self, url: str, headers: Any, timeout_s: float) -> AsyncSocket:
        self.urls.append(url)
        assert list(headers) == ["User-Agent"]
        found = self._sockets.pop(0) if len(self._sockets) > 1 else self._sockets[0]
        if isinstance(found, int):
            raise HandshakeRefused(found, b"")
        return found


async def test_the_channel_of_spaces_by_socket_and_by_poll() -> None:
    frames = [told(number, text) for number, (text, _) in enumerate(EVENTS, 1)]
    caught_up = f"__spcslp1({json.dumps([frames[-1], told(9, LETTER)])});"
    nothing = httpx.Response(304)
    service = Service(SESSION, SESSION, httpx.Response(200, text=caught_up), nothing)
    opening = AsyncOpening(AsyncFrames(*frames), AsyncFrames(told(10, LETTER)), 502)
    async with of_spaces(service, connector=opening) as spaces:
        await spaces.sign_in("Alena", "heslo 12")
        heard = aiter(spaces.channel())
        assert [await anext(heard) for _ in EVENTS] == [event for _, event in EVENTS]
        after = [await anext(heard), await anext(heard)]
        assert after == [EVENTS[0][1]] * 2, "one by the poll that catches up, one by the socket; none twice"
    assert opening.urls[0] == "wss://lp03.spcs.me/ws/2704a220cb801792d410b05d37ce6c37"
    asked = service.requests[2].url
    assert (asked.host, asked.path) == ("lp03.spcs.me", "/lpex/2704a220cb801792d410b05d37ce6c37")
    assert dict(asked.params) == {"callback": "__spcslp1", "tag": "1", "eventid": "", "time": "Thu, 05"}
    assert service.heads(2) == {}


async def test_spaces_says_where_it_may_have_missed_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces_channel, "KEPT_S", 0.0)
    service = Service(SESSION, SESSION, httpx.Response(304))
    opening = AsyncOpening(
        AsyncFrames(told(1, LETTER)), AsyncFrames(told(2, LETTER)), 404, AsyncFrames(told(3, LETTER))
    )
    async with of_spaces(service, connector=opening) as spaces:
        await spaces.sign_in("Alena", "heslo 12")
        heard = aiter(spaces.channel())
        assert await anext(heard) == EVENTS[0][1]
        missed = await anext(heard)
        assert isinstance(missed, spaces_events.Missed)
        assert "longer than the service keeps" in missed.reason


async def test_another_channel_of_spaces_is_told_of() -> None:
    service = Service(SESSION)
    opening = AsyncOpening(404, AsyncFrames(told(3, LETTER)))
    async with of_spaces(service, connector=opening) as spaces:
        await spaces.sign_in("Alena", "heslo 12")
        heard = aiter(spaces.channel())
        assert isinstance(await anext(heard), spaces_events.Missed)
        assert await anext(heard) == EVENTS[0][1]
