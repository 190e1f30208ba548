# Written by tools/twins.py from src/beseda/client/_async/chatcz.py: change that, then `make twins`.
"""Chat.cz: the REST methods, an application's rotating token, the site's sign-in, rooms and stored messages."""

from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from beseda.client import _chatcz_lines as pages
from beseda.client._answers import Answer, convert
from beseda.client._refusals import of_chatcz
from beseda.client._sync.chatcz_room import ChatRoom
from beseda.client._sync.http import Http
from beseda.client._sync.service import Service
from beseda.client._urls import own_site
from beseda.client.errors import CaptchaNeeded, NotFound, Refused, SessionEnded, SignInRefused
from beseda.client.manners import Manners
from beseda.client.secrets import Tokens, TokenStore
from beseda.wire.chatcz import rest, talk

CHATCZ_URL = "https://chat.cz"
T = TypeVar("T", bound=rest.Envelope)
PAGE = 100


class ChatCz(Service):
    """Chat.cz, or a Beseda. Reading rooms and people needs nobody signed in."""

    def __init__(
        self,
        url: str = CHATCZ_URL,
        *,
        manners: Manners | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(url, manners)
        self._http = Http(self._url, self._manners, transport, own_site(self._url), keeps_cookies=True)
        self._nick = ""

    def _who(self) -> str:
        return self._nick

    def close(self) -> None:
        """Close the connections; the session goes on until `sign_out`."""
        self._http.close()

    @property
    def nick(self) -> str:
        """Who is signed in, as the site says; "" for nobody, or when it does not say."""
        return self._nick

    def rooms(self) -> list[rest.Room]:
        """All rooms (GET /api/rooms); a member's favourites come first on a Beseda."""
        return (self._get("/rooms", rest.RoomsAnswer)).rooms

    def room(self, room_id: int) -> rest.Room:
        """A room (GET /api/room/<id>). Raises NotFound."""
        return (self._get(f"/room/{room_id}", rest.RoomAnswer)).room

    def admins(self, room_id: int) -> list[rest.Admin]:
        """The permanent admins of a room (GET /api/room/<id>/admins). Raises NotFound."""
        return (self._get(f"/room/{room_id}/admins", rest.AdminsAnswer)).admins

    def users(self, room_id: int) -> list[rest.Occupant]:
        """Who is in a room (GET /api/room/<id>/users). Raises NotFound."""
        return (self._get(f"/room/{room_id}/users", rest.OccupantsAnswer)).users

    def user(self, user_id: int) -> rest.User:
        """Somebody, by account (GET /api/user/<id>); `rooms` are the names of those he is in. Raises NotFound."""
        answer = self._get(f"/user/{user_id}", rest.UserAnswer)
        return msgspec.structs.replace(answer.user, rooms=[room.name for room in answer.rooms])

    def profile(self, user_id: int) -> rest.Profile:
        """A member's profile (GET /api/user/<id>/profile). Raises NotFound."""
        return (self._get(f"/user/{user_id}/profile", rest.ProfileAnswer)).profile

    def _get(self, path: str, kind: type[T]) -> T:
        return _read(self._http.ask("GET", f"/api{path}", safe=True), kind)

    def authorize(self, api_key: str, store: TokenStore) -> None:
        """Begin a session as the member who allowed the application `api_key` to (POST /api/token, PUT /api/login).

        The token rotates: `store` is given each new one before it is confirmed, so that no lost answer locks the
        application out, and one that was confirmed without anybody hearing of it is found again the next time. Raises
        SignInRefused when there is no token, or none that the service knows.
        """
        kept = store.load()
        if kept is None:
            raise SignInRefused(404, "there is no token yet: the member, or an operator, gives the first one")
        if kept.pending and self._confirmed(api_key, kept.pending, store):
            return
        refused: Refused | None = None
        for token in filter(None, (kept.current, kept.pending)):
            try:
                answer = self._put("POST", "/api/token", rest.Renewal(token, api_key), rest.TokenAnswer)
            except NotFound as error:
                refused = error
                continue
            store.save(Tokens(token, answer.token))
            if self._confirmed(api_key, answer.token, store):
                return
        raise SignInRefused(refused.code if refused else 403, refused.message if refused else "not confirmed in time")

    def _confirmed(self, api_key: str, token: str, store: TokenStore) -> bool:
        """Whether the service takes this token, which then is the one that is good."""
        try:
            self._put("PUT", "/api/login", rest.Confirmation(token, token, api_key), rest.Envelope)
        except Refused as refused:
            if refused.code not in (403, 404):
                raise
            return False
        store.save(Tokens(token))
        return True

    def _put(self, verb: str, path: str, what: msgspec.Struct, kind: type[T]) -> T:
        """Both can be asked again: a token that was not confirmed changes nothing, a confirmed one may be confirmed."""
        headers = {"Content-Type": "application/json"}
        answer = self._http.ask(verb, path, safe=True, content=rest.encode(what), headers=headers, secret=True)
        return _read(answer, kind)

    def sign_in(self, login: str, password: str, *, code: str | None = None) -> None:
        """Sign in to the site as a member, by nick or e-mail (POST /login).

        `code` is what a picture says, when one was asked for; the form of the site alone asks. Raises SignInRefused,
        CaptchaNeeded; TooOften, Busy from a Beseda, whereas the service's own pages do not tell these apart.
        """
        form = {"email": login, "password": password}
        self._sign_in(form if code is None else {**form, "code": code})

    def sign_in_anonymously(self, nick: str, sex: str = "m") -> None:
        """Sign in to the site as a visitor, with a nick of up to 8 characters that nobody has. Raises SignInRefused."""
        self._sign_in({"nick": nick, "sex": sex})

    def _sign_in(self, form: dict[str, str]) -> None:
        self._http.ask("GET", "/login", safe=True, follow=True, secret=True)  # COMPAT(chatcz): gives the cookie
        answer = self._http.ask("POST", "/login", safe=False, form=form, follow=True, secret=True)
        nick, alert = pages.own_nick(answer.text), pages.alert(answer.text)
        if nick is None:
            raise self._why_not_signed_in(answer, alert)
        self._nick = pages.likely_nick(nick, form.get("nick") or form["email"])

    def _why_not_signed_in(self, answer: Answer, alert: str) -> Exception:
        status = pages.refused(answer.text) or answer.status
        if alert and status in (429, 503):
            return of_chatcz(status, alert, answer.retry_after_s)
        answer.expect(200)
        if path := pages.captcha_path(answer.text):
            return CaptchaNeeded(403, alert, picture_url=self._http.url + path)
        if alert:
            return SignInRefused(403, alert)
        return answer.not_understood("expected `nav-user`, or an `alert`")

    def sign_out(self) -> None:
        """End the session (GET /logout); rooms are left."""
        self._http.ask("GET", "/logout", safe=True, follow=True)
        self._http.forget_cookies()
        self._nick = ""

    def enter(self, name: str, password: str = "") -> ChatRoom:
        """Go into a room (GET /<name>); a temporary one is opened when there is none of that name.

        Raises SessionEnded, NotFound, and NotAllowed for a locked room, a wrong password, or one who was kicked.
        """
        path, form = f"/{quote(name, safe='')}", {"password": password} if password else None
        answer = self._http.ask("POST" if form else "GET", path, safe=True, form=form, follow=True)
        found = self._room_of(answer, name)
        if found is None or answer.status != 200:
            raise self._why_not_in(answer)
        self._nick = pages.likely_nick(pages.own_nick(answer.text) or "", self._nick)  # an application learns it here
        room = ChatRoom(self, found, name, password)
        room.learn()
        return room

    def _room_of(self, answer: Answer, name: str) -> int | None:
        """COMPAT(chatcz): where a page does not say which room it is, gateways look for its name in the list."""
        if (found := pages.room_id(answer.text)) or pages.own_nick(answer.text) is None or pages.alert(answer.text):
            return found
        return next((room.id for room in self.rooms() if room.name.casefold() == name.casefold()), None)

    def _why_not_in(self, answer: Answer) -> Exception:
        alert = pages.alert(answer.text)
        if pages.own_nick(answer.text) is None and (alert or answer.status in (200, 403)):
            return SessionEnded(403, alert or "nobody is signed in")
        if alert:
            return of_chatcz(answer.status if answer.status != 200 else 403, alert, answer.retry_after_s)
        answer.expect(200)
        return answer.not_understood("expected the page of a room")

    def leave(self, room_id: int) -> None:
        """Leave a room (GET /leaveRoom/<id>)."""
        answer = self._http.ask("GET", f"/leaveRoom/{room_id}", safe=True, follow=True)
        if pages.own_nick(answer.text) is None:
            raise self._why_not_in(answer)

    def set_room(self, room_id: int, *, description: str, password: str = "") -> None:
        """Change a room's description and password, "" for none (POST /json/setRoomSetting). Raises NotAllowed."""
        form = {"roomId": str(room_id), "description": description, "password": password}
        self.post("/json/setRoomSetting", form, safe=True)

    def waiting(self) -> talk.Waiting:
        """What waits for the member (POST /json/getHeader)."""
        return convert(self.post("/json/getHeader", {}, safe=True), talk.Waiting, "/json/getHeader")

    def correspondents(self) -> Iterator[talk.Correspondent]:
        """With whom the member exchanged stored messages, page by page (POST /json/getMsgUserList)."""
        offset = 0
        while True:
            form = {"offset": str(offset), "limit": str(PAGE)}
            data = self.post("/json/getMsgUserList", form, safe=True)
            found = convert(data, list[talk.Correspondent], "/json/getMsgUserList")
            for each in found:
                yield each
            if len(found) < PAGE:
                return
            offset += PAGE

    def letters(self, user_id: int) -> list[talk.Letter]:
        """The stored messages with somebody, oldest first (POST /json/getMessage)."""
        data = self.post("/json/getMessage", {"userId": str(user_id)}, safe=True)
        return convert(data, list[talk.Letter], "/json/getMessage")

    def mark_letters_read(self) -> None:
        """All stored messages count as read from now on (GET /msg)."""
        (self._http.ask("GET", "/msg", safe=True, follow=True)).expect(200)

    def post(self, path: str, form: dict[str, str], *, safe: bool) -> Any:
        """The data of an answer below /json. Raises Refused, Unknown, NotAsked, NotUnderstood."""
        answer = (self._http.ask("POST", path, safe=safe, form=form)).read(_SITE)
        if not answer.success or answer.status != 200:
            raise of_chatcz(answer.status, answer.message)
        return answer.data

    def poll(self, form: dict[str, str], *, safe: bool) -> Answer:
        """The answer of /json/getText as it came."""
        return self._http.ask("POST", "/json/getText", safe=safe, form=form)


_SITE = msgspec.json.Decoder(talk.SiteAnswer)
_ENVELOPE = msgspec.json.Decoder(rest.Envelope)
_DECODERS: dict[type[rest.Envelope], Any] = {}


def _read(answer: Answer, kind: type[T]) -> T:
    """An answer below /api. Raises Refused, NotUnderstood."""
    envelope = answer.read(_ENVELOPE)
    if envelope.status != 200:
        raise of_chatcz(envelope.status, envelope.message)
    decoder = _DECODERS.get(kind) or _DECODERS.setdefault(kind, msgspec.json.Decoder(kind))
    found: T = answer.read(decoder)
    return found
