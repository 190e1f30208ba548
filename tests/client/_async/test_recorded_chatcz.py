"""Chat.cz itself: what its document prints and its clients are known to read, and what it is sent.

Names of people and of domains are made up; the rest is as it is written there.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from beseda.client import (
    AsyncChatCz,
    BesedaError,
    Invalid,
    MemoryTokens,
    NotFound,
    SignInRefused,
    TooOften,
    Unknown,
    lines,
)
from beseda.client.chatcz_types import Lock
from client._async.helpers import QUICK
from client.recorded import Service

LOCKS = {"": Lock.OPEN, "open": Lock.OPEN, "logged": Lock.LOGGED, "y18": Lock.ADULT, "all": Lock.ALL, "vip": Lock.OTHER}
OK = {"status": 200, "statusMessage": "OK"}
ALENA = {"anonym": False, "id": 5, "nick": "Alena", "timeAccess": "Fri, 18 Aug 2017 16:07:43 GMT", "sex": "f"}
PAGE = '<ul><li id="nav-user"><a>Alena</a></li></ul><a href="/leaveRoom/7">x</a>'


async def test_the_anonymous_methods_of_chatcz() -> None:
    room = {"adminUserId": 0, "description": "", "id": 7, "name": "Praha", "permanent": True, "userCount": 2, "web": ""}
    service = Service(
        {**OK, "rooms": [{**room, "locked": lock} for lock in LOCKS]},
        {**OK, "room": {**room, "locked": "open"}},
        {**OK, "admins": [{"id": 5, "nick": "Alena"}]},
        {**OK, "users": [ALENA]},
        {**OK, "user": {**ALENA, "online": True}, "rooms": [{"id": 7, "name": "Praha"}]},
        {**OK, "profile": {"age": 0, "karmaLevel": 3, "profileViewCount": 12}},
        {"status": 404, "statusMessage": "Not found"},
    )
    async with AsyncChatCz(transport=service.transport, manners=QUICK) as site:
        assert [room.lock for room in await site.rooms()] == list(LOCKS.values())
        assert (await site.room(7)).user_count == 2
        assert [admin.nick for admin in await site.admins(7)] == ["Alena"]
        (user,) = await site.users(7)
        assert user.accessed_at == datetime(2017, 8, 18, 16, 7, 43, tzinfo=UTC)
        assert (user.online_since, user.written_at) == (None, None)
        assert (await site.user(5)).rooms == ["Praha"]
        assert (await site.profile(5)).karma_level == 3
        with pytest.raises(NotFound) as refused:
            await site.user(6)
        assert (refused.value.code, refused.value.message) == (404, "Not found")
    paths = ["rooms", "room/7", "room/7/admins", "room/7/users", "user/5", "user/5/profile", "user/6"]
    assert [str(each.url) for each in service.requests] == [f"https://chat.cz/api/{path}" for path in paths]
    assert service.heads() == {"origin": "https://chat.cz", "referer": "https://chat.cz/"}


async def test_the_tokens_of_chatcz() -> None:
    service, store = Service({**OK, "token": "nový"}, OK), MemoryTokens("starý")
    async with AsyncChatCz(transport=service.transport, manners=QUICK) as site:
        await site.authorize("klíč", store)
    kept = store.load()
    assert kept is not None
    assert (kept.current, kept.pending) == ("nový", "")
    renewal, confirmation = service.requests
    assert (renewal.method, str(renewal.url)) == ("POST", "https://chat.cz/api/token")
    assert json.loads(renewal.content) == {"tokenOld": "starý", "apiKey": "klíč"}
    assert (confirmation.method, str(confirmation.url)) == ("PUT", "https://chat.cz/api/login")
    assert json.loads(confirmation.content) == {"token": "nový", "tokenOld": "nový", "apiKey": "klíč"}


@pytest.mark.parametrize(
    ("status", "message", "kind", "field"),
    [
        (400, "tokenOld data missing", Invalid, "tokenOld"),
        (400, "apiKey data missing", Invalid, "apiKey"),
        (404, "Not found", SignInRefused, ""),
    ],
)
async def test_what_chatcz_says_to_a_token(status: int, message: str, kind: type[BesedaError], field: str) -> None:
    service = Service({"status": status, "statusMessage": message})
    async with AsyncChatCz(transport=service.transport, manners=QUICK) as site:
        with pytest.raises(kind, match=message) as error:
            await site.authorize("klíč", MemoryTokens("starý"))
        assert getattr(error.value, "field", "") == field


async def test_a_token_that_chatcz_says_was_confirmed_too_late() -> None:
    late = {"status": 403, "statusMessage": "New token not validated in 60 seconds"}
    service, store = Service({**OK, "token": "nový"}, late), MemoryTokens("starý")
    async with AsyncChatCz(transport=service.transport, manners=QUICK) as site:
        with pytest.raises(SignInRefused):
            await site.authorize("klíč", store)
    kept = store.load()
    assert kept is not None
    assert kept.current == "starý", "which is good still"


def talk_of(polls: Sequence[Any]) -> Service:
    """A room in which the answers to polls are these."""
    waiting = list(polls)

    def answer(request: httpx.Request) -> Any:
        match request.url.path:
            case "/json/getText":
                return waiting.pop(0) if len(waiting) > 1 else waiting[0]
            case "/api/room/7/users":
                return {**OK, "users": [ALENA]}
            case "/api/user/9":
                return {**OK, "user": {**ALENA, "id": 9, "nick": "Host", "anonym": True, "online": False}}
        return httpx.Response(200, text=PAGE)

    return Service(answer)


def read_form(request: httpx.Request) -> dict[str, list[str]]:
    return parse_qs(request.content.decode(), keep_blank_values=True)


def poll(index: Any, *messages: dict[str, Any]) -> dict[str, Any]:
    data = {"index": index, "data": [{"ts": index * 10 + number, **each} for number, each in enumerate(messages)]}
    return {"success": True, "status": 200, "statusMessage": "OK", "data": {**data, "user": []}}


async def test_the_messages_of_chatcz() -> None:
    brana = {"id": 6, "nick": "Brana", "sex": "f", "anonym": False, "interval_idle": 3, "roomAdmin": 0, "karmaLevel": 1}
    told: list[dict[str, Any]] = [
        {"s": "enter", "user": brana},
        {"uid": 6, "t": "&lt;b&gt; *7*", "r": "x"},
        {"uid": 6, "t": "pst", "w": 1, "to": 0},
        {"uid": 5, "t": "sama", "w": "5", "to": 1},
        {"s": "cli", "t": "&lt;"},
        {"s": "user", "user": {"uid": 8, "nick": "Cyril"}},
        {"s": "admin", "nick": "Brana"},
        {"s": "friend", "id": 8, "nick": "Cyril"},
        {"uid": 9, "t": "kdo"},
        {"s": "auto_leave", "uid": 6},
        {"s": "leave", "uid": 8},
    ]
    service = talk_of([poll(3, *told), poll(4), poll(2, {"uid": 5, "t": "znovu", "ts": 10**18})])
    async with AsyncChatCz(transport=service.transport, manners=QUICK) as site:
        await site.sign_in("Alena", "heslo")
        room = await site.enter("Praha")
        heard = aiter(room.lines())
        found = [await anext(heard) for _ in range(10)]
        kinds = [lines.Entered, lines.Text, lines.Whisper, lines.Whisper, lines.Notice, lines.AdminChanged]
        assert [type(line) for line in found] == [*kinds, lines.Other, lines.Text, lines.Left, lines.Left]
        assert [getattr(line, "text", "") for line in found[1:5]] == ["<b> *7*", "pst", "sama", "&lt;"]
        assert [getattr(line, "own", None) for line in found[2:4]] == [False, True]
        assert [getattr(line, "taken_out", None) for line in found[8:]] == [True, False]
        unknown = found[7]
        assert isinstance(unknown, lines.Text)
        assert (unknown.author.nick, unknown.author.registered) == ("Host", False)
        gap, again = await anext(heard), await anext(heard)
        assert isinstance(gap, lines.Gap), "the service went back"
        assert isinstance(again, lines.Text)
        assert again.at.year == 9999, "no time that there could be"
    sent = [
        parse_qs(each.content.decode(), keep_blank_values=True) for each in service.requests if each.method == "POST"
    ]
    assert sent[1:4] == [{"roomId": ["7"], "chatIndex": [index]} for index in ("", "3", "4")]


@pytest.mark.parametrize("data", [{"index": "x", "data": []}, [], None], ids=["hash", "list", "absent"])
async def test_being_thrown_out_of_chatcz(data: Any) -> None:
    outside = {"success": False, "status": 404, "statusMessage": "User in room NOT_FOUND"}
    service = talk_of([poll(1), outside if data is None else {**outside, "data": data}])
    async with AsyncChatCz(transport=service.transport, manners=QUICK) as site:
        room = await site.enter("Praha")
        assert [type(line) async for line in room.lines()] == [lines.Kicked]
        with pytest.raises(NotFound):
            await room.say("nikdo neslyší")


async def test_an_index_that_stays_is_all_that_a_visitor_is_told() -> None:
    async with AsyncChatCz(transport=talk_of([poll(1)]).transport, manners=QUICK) as site:
        room = await site.enter("Praha")
        await room.say("první")
        with pytest.raises(TooOften) as refused:
            await room.say("hned po něm")
        assert refused.value.retry_after_s == 10


async def test_what_stands_before_chatcz() -> None:
    """A proxy says that it was too often, or that the site is away: neither is a matter of the protocol."""
    often = httpx.Response(429, text="<html>slow down</html>", headers={"Retry-After": "7"})
    for answer, kind in ((often, TooOften), (httpx.Response(502, text="<html>"), Unknown)):
        async with AsyncChatCz(transport=Service(answer).transport, manners=QUICK) as site:
            for deed in (site.rooms, lambda: site.enter("Praha"), lambda: site.sign_in("Alena", "heslo")):
                with pytest.raises(kind) as refused:
                    await deed()
                assert getattr(refused.value, "retry_after_s", None) == (7 if kind is TooOften else None)
