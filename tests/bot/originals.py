"""Chat.cz and Spaces as their documents and clients show them, and nothing of a Beseda: small doubles to listen.

What no document and no known client sends is refused, and kept in `strange`. Sockets of Spaces stay open when their
session ends, silent, and nothing is kept for who comes back: the worst that the originals may do.
"""

import asyncio
import contextlib
import html
import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

import multipart
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

PASSWORD = "kratka zima 7"
ROOM = 7
IDS = {"Alena": 1, "Robot": 2}
Page = Callable[[Request], Awaitable[Response]]


class Original:
    """A service that counts its sessions, and ends them."""

    def __init__(self) -> None:
        self.strange: list[str] = []
        self.sessions: dict[str, str] = {}
        """Nicks, by session."""
        self.sign_ins = 0
        self.url = ""
        self._numbers = itertools.count(1)

    def pass_a_day(self) -> None:
        """Every session ends."""
        self.sessions.clear()

    def begin(self, nick: str) -> str:
        """A session, by what its client shows."""
        self.sign_ins += 1
        session = f"{6_693_985_458_435_000 + self.sign_ins}"
        self.sessions[session] = nick
        return session

    def check(self, request: Request, sent: dict[str, str] | list[tuple[str, str]], known: str) -> None:
        """Note the fields that nobody sends there."""
        for name in dict(sent).keys() - set(known.split()):
            self.strange.append(f"{request.method} {request.url.path}: {name}")

    async def refuse(self, request: Request) -> Response:
        """There is no such path."""
        self.strange.append(f"{request.method} {request.url.path}")
        return PlainTextResponse("no such page", status_code=404)


class ChatCz(Original):
    """One permanent room. Pages name who is signed in only when `names`, and the room only when `tells_room`."""

    def __init__(self, *, names: bool = True, tells_room: bool = True) -> None:
        super().__init__()
        self.names, self.tells_room = names, tells_room
        self.inside: dict[str, int] = {}
        """Who is in the room, and from which message on."""
        self.messages: list[dict[str, Any]] = []
        self.app = Starlette(
            routes=[
                Route("/login", self._guarded(self._login), methods=["GET", "POST"]),
                Route("/logout", self._guarded(self._logout)),
                Route("/leaveRoom/{id:int}", self._guarded(self._leave)),
                Route("/json/getText", self._guarded(self._get_text), methods=["POST"]),
                Route("/api/rooms", self._guarded(self._rooms)),
                Route("/api/room/{id:int}", self._guarded(self._rooms)),
                Route("/api/room/{id:int}/{what}", self._guarded(self._people)),
                Route("/api/user/{id:int}", self._guarded(self._user)),
                Route("/Praha", self._guarded(self._enter)),
                Route("/{path:path}", self.refuse, methods=["GET", "POST", "PUT"]),
            ]
        )

    def texts(self) -> list[str]:
        return [html.unescape(each["t"]) for each in self.messages if "s" not in each]

    def say(self, nick: str, text: str) -> None:
        self._add(uid=IDS[nick], t=html.escape(text))

    def put_out(self, nick: str) -> None:
        """He has been silent for too long."""
        del self.inside[nick]
        self._add(s="auto_leave", uid=IDS[nick])

    def _add(self, **members: object) -> None:
        self.messages.append({**members, "ts": 1_480_000_000_000 + next(self._numbers)})

    def _guarded(self, page: Page) -> Page:
        """The site has taken nothing that does not come from its own pages since 2018."""

        async def guarded(request: Request) -> Response:
            if (request.headers.get("origin"), request.headers.get("referer")) != (self.url, f"{self.url}/"):
                return PlainTextResponse("", status_code=403)
            self.check(request, request.query_params._dict, "")
            return await page(request)

        return guarded

    async def _form(self, request: Request, known: str) -> dict[str, str]:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        self.check(request, form, known)
        return form

    def _who(self, request: Request) -> str:
        return self.sessions.get(request.cookies.get("session", ""), "")

    def _page(self, request: Request, text: str) -> Response:
        who = self._who(request)
        told = f"{who} <b>3</b>" if self.names else "<i class='fa fa-user'></i>"
        return HTMLResponse(f'<ul><li id="nav-user">{told}</li></ul>{text}' if who else f"<p>{text}</p>")

    async def _login(self, request: Request) -> Response:
        if request.method == "GET":
            return self._page(request, "")
        form = await self._form(request, "email password nick user sex")
        nick = form.get("email", "").partition("@")[0].title()
        if nick not in IDS or form["password"] != PASSWORD:
            return self._page(request, '<div class="alert">\n<button>x</button>\nŠpatné heslo\n</div>')
        session = self.begin(nick)
        request.cookies["session"] = session
        page = self._page(request, "")
        page.set_cookie("session", session)
        return page

    async def _logout(self, request: Request) -> Response:
        self.sessions.pop(request.cookies.get("session", ""), None)
        return PlainTextResponse("Úspěšné odhlášení")

    async def _enter(self, request: Request) -> Response:
        if (who := self._who(request)) and who not in self.inside:
            self._add(s="enter", user={"id": IDS[who], "nick": who, "sex": "m", "anonym": False})
            self.inside[who] = len(self.messages)
        return self._page(request, '<a href="/leaveRoom/7">x</a>' if who and self.tells_room else "")

    async def _leave(self, request: Request) -> Response:
        if who := self._who(request):
            self.inside.pop(who, None)
            self._add(s="leave", uid=IDS[who])
        return self._page(request, "")

    async def _get_text(self, request: Request) -> Response:
        form = await self._form(request, "roomId chatIndex text userIdTo")
        who = self._who(request)
        if who not in self.inside or form["roomId"] != str(ROOM):
            lost = {"index": f"{form['chatIndex']}0", "data": []}
            return JSONResponse(
                {"success": False, "status": 404, "statusMessage": "User in room NOT_FOUND", "data": lost}
            )
        if form.get("text"):
            self.say(who, form["text"])
        new = self.messages[int(form["chatIndex"] or self.inside[who]) :]
        data = {"index": len(self.messages), "data": new, "user": []}
        return JSONResponse({"success": True, "status": 200, "statusMessage": "OK", "data": data})

    async def _rooms(self, request: Request) -> Response:
        room = {"adminUserId": 0, "description": "", "id": ROOM, "locked": "", "name": "Praha"}
        room |= {"permanent": True, "userCount": len(self.inside), "web": ""}
        found = {"room": room} if "id" in request.path_params else {"rooms": [room]}
        return JSONResponse({"status": 200, "statusMessage": "OK", **found})

    async def _people(self, request: Request) -> Response:
        found: list[dict[str, Any]] = []
        if request.path_params["what"] == "users":
            found = [self._person(nick) for nick in self.inside]
        return JSONResponse({"status": 200, "statusMessage": "OK", request.path_params["what"]: found})

    async def _user(self, request: Request) -> Response:
        (nick,) = [nick for nick, id_ in IDS.items() if id_ == request.path_params["id"]]
        user = {**self._person(nick), "online": nick in self.inside}
        return JSONResponse({"status": 200, "statusMessage": "OK", "user": user})

    def _person(self, nick: str) -> dict[str, Any]:
        return {"anonym": False, "id": IDS[nick], "nick": nick, "sex": "f", "timeAccess": formatdate(usegmt=True)}


FIELDS = {
    "session.login": "login password code rid",
    "session.check": "rid",
    "session.logout": "rid",
    "chat.getMessages": "Rid P Link_id IdS Op",
    "chat.sendMessage": "Rid msg To_user_id Private to",
    "mail.sendMessage": "Contact user texttT Reply",
    "mail.markContactsAsRead": "CoNtacts",
    "users.search": "q",
}
"""Of each method that a bot needs; `method` and `CK` apart."""


class Spaces(Original):
    """One room, and letters with Alena. `html_rooms`: the texts of rooms come as pieces of pages."""

    def __init__(self, *, html_rooms: bool = False) -> None:
        super().__init__()
        self.html_rooms = html_rooms
        self.said: list[dict[str, Any]] = []
        self.letters: list[dict[str, Any]] = []
        self.sockets: dict[str, set[WebSocket]] = {}
        self.app = Starlette(
            routes=[
                Route("/neoapi/{section}", self._call, methods=["POST"]),
                Route("/mail/", self._contacts),
                Route("/mail/message_list/", self._list),
                WebSocketRoute("/ws/{channel}", self._socket),
                Route("/lpex/{channel}", self._poll),
                Route("/{path:path}", self.refuse, methods=["GET", "POST", "PUT"]),
            ]
        )

    def texts(self) -> list[str]:
        return [html.unescape(each["text"]) for each in self.said]

    async def say(self, nick: str, text: str) -> dict[str, Any]:
        number = next(self._numbers)
        said = {"id": number, "room_id": ROOM, "date": 1_539_255_488, "text": html.escape(text), "user": nick}
        self.said.append(said | {"user_id": IDS[nick]})
        await self._tell({"act": 32, "room_id": ROOM, "id": number, "user_id": IDS[nick]})
        return self.said[-1]

    async def write(self, text: str, *, received: bool) -> dict[str, Any]:
        """A letter from Alena, or to her."""
        letter: dict[str, Any] = {"nid": next(self._numbers), "date": 1_539_255_488, "text": html.escape(text)}
        letter |= {"contact": {"nid": 50, "user": "Alena"}, **({"received": 1, "not_read": 1} if received else {})}
        self.letters.append(letter)
        if received:
            await self._tell({"act": 1, "data": {"nid": letter["nid"], "contact": letter["contact"], "new_cnt": 1}})
        return letter

    async def _tell(self, text: dict[str, Any]) -> None:
        """Robot's channels, of sessions that there are."""
        message = {"id": next(self._numbers), "channel": "x", "text": text, "tag": 1, "eventid": ""}
        for session in self.sessions:
            for socket in self.sockets.get(_channel(session), ()):
                await socket.send_text(json.dumps(message | {"time": formatdate(usegmt=True)}))

    async def _socket(self, socket: WebSocket) -> None:
        channel = socket.path_params["channel"]
        if channel not in map(_channel, self.sessions):
            await socket.close()
            return
        await socket.accept()
        self.sockets.setdefault(channel, set()).add(socket)
        with contextlib.suppress(WebSocketDisconnect):
            self.strange.append(f"on the channel: {await socket.receive_text()}")
        self.sockets[channel].discard(socket)

    def _cookies(self, request: Request) -> dict[str, str]:
        if request.headers.get("x-proxy") != "spaces" or request.cookies.get("json") != "1":
            self.strange.append(f"{request.url.path}: asks for no JSON")
        self.check(request, request.cookies, "json sid")
        return request.cookies

    async def _poll(self, request: Request) -> Response:
        """Nothing that was told before is kept."""
        self.check(request, request.query_params._dict, "callback tag eventid time")
        return Response(status_code=304)

    async def _call(self, request: Request) -> Response:
        sid = self._cookies(request).get("sid", "")
        boundary = multipart.parse_options_header(request.headers["content-type"])[1]["boundary"]
        parser = multipart.PushMultipartParser(boundary)
        fields: dict[str, str] = {}
        for event in parser.parse(await request.body()):
            if isinstance(event, multipart.MultipartSegment):
                name = event.name
                fields[name] = ""
            elif event:
                fields[name] += event.decode()
        method = f"{request.path_params['section']}.{fields.pop('method', '')}"
        proof = fields.pop("CK", "")
        if method not in FIELDS:
            return await self.refuse(request)
        self.check(request, fields, FIELDS[method])
        if method == "session.login":
            return self._answer(attributes=self._attributes(self.begin(fields["login"])))
        if sid not in self.sessions:
            return JSONResponse({"code": "01001", "time": 1_539_255_488})
        if method in ("chat.sendMessage", "mail.sendMessage", "mail.markContactsAsRead") and proof != sid[-4:]:
            return JSONResponse({"code": "00008", "time": 1_539_255_488})
        return self._answer(**await self._do(method, sid, fields))

    async def _do(self, method: str, sid: str, fields: dict[str, str]) -> dict[str, Any]:
        match method:
            case "session.check":
                return {"attributes": self._attributes(sid)}
            case "session.logout":
                del self.sessions[sid]
            case "chat.getMessages":
                shown = self.said[::-1]
                return {"widgets": [f"<div>{each['text']}</div>" for each in shown] if self.html_rooms else shown}
            case "chat.sendMessage":
                said = await self.say(self.sessions[sid], fields["msg"])
                return {"id": said["id"], "message": said}
            case "mail.sendMessage":
                return {"message": await self.write(fields["texttT"], received=False)}
            case "mail.markContactsAsRead":
                for letter in self.letters:
                    letter.pop("not_read", None)
        return {}

    async def _contacts(self, request: Request) -> Response:
        self.check(request, request.query_params._dict, "List P q sid")
        if self._cookies(request).get("sid", "") not in self.sessions:
            return JSONResponse({"code": "01001", "time": 1_539_255_488})
        unread = sum("not_read" in each for each in self.letters)
        contact = {"nid": "50", "name": "Alena", "text_addr": "Alena", "user_id": "1", "new_cnt": str(unread)}
        return self._answer(form={"contacts": [contact] if unread else []}, pagination=None)

    async def _list(self, request: Request) -> Response:
        self.check(request, request.query_params._dict, "Contact List P sid")
        if self._cookies(request).get("sid", "") not in self.sessions:
            return JSONResponse({"code": "01001", "time": 1_539_255_488})
        return self._answer(msg_list=self.letters[::-1], pagination=None)

    def _attributes(self, sid: str) -> dict[str, Any]:
        nick = self.sessions[sid]
        told = {"sid": sid, "CK": sid[-4:], "name": nick, "nid": IDS[nick], "channel_id": _channel(sid), "avatar": ""}
        return told | {"isAutoreg": 0, "mysite_link": "", "mailTbNm": 0}

    def _answer(self, **members: object) -> Response:
        return JSONResponse({"code": "00000", "t": 0.01, "time": 1_539_255_488, "css_files": [], **members})


def _channel(session: str) -> str:
    return re.sub(r"\D", "", session).rjust(32, "0")


@contextlib.asynccontextmanager
async def listening(original: ChatCz | Spaces) -> AsyncIterator[None]:
    """The double is at `original.url` while the block lasts."""
    config = uvicorn.Config(original.app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - there is no event of it
        await asyncio.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()
    original.url = f"http://{host}:{port}"
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await serving
