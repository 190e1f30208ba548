"""Chat.cz as an ASGI application: prepared answers go out at once, other calls to the part that they are for."""

from msgspec.structs import replace

from beseda.api.base import (
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    address_of,
    guard_cross_site,
    root_of,
    send_body,
)
from beseda.api.chatcz.call import (
    Part,
    Reply,
    SiteCall,
    call_name,
    find_route,
    read_caller,
    read_form,
    read_visit,
    split_path,
)
from beseda.api.chatcz.errors import CRASHED, RequestRefused
from beseda.api.chatcz.pages import House, Pages
from beseda.api.chatcz.prepared import RoomAnswers
from beseda.api.chatcz.rest import Rest
from beseda.api.chatcz.site import Site
from beseda.api.chatcz.site_json import SiteJson
from beseda.api.chatcz.site_people import SitePeople
from beseda.api.chatcz.site_rooms import SiteRooms
from beseda.api.forms import Form
from beseda.api.gate import GATE, pass_gate
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import BesedaError

PEOPLE = frozenset({"p", "msg", "karma", "ignore", "note", "report"})
"""The first part of addresses that are about members and not about rooms."""


class ChatczFace:
    name = "chatcz"
    roots = frozenset(
        {"favourite", "ignore", "img", "info", "json", "karma", "leaveroom", "login", "logout", "msg", "note", "p"}
        | {"profile", "report"}
    )

    def __init__(self, core: Core, clock: Clock, options: WebOptions, house: House) -> None:
        self._auth = core.auth
        self._options = options
        self._prepared = RoomAnswers(core.rooms)
        self._rest = Rest(core, clock, options, self._prepared)
        self._json = SiteJson(core, clock)
        pages = Pages(house)
        self._people = SitePeople(core, clock, pages)
        self._rooms = SiteRooms(core, pages)
        self._site = Site(core, clock, options, pages)
        parts: tuple[Part, ...] = (self._rest, self._json, self._people, self._rooms, self._site)
        self.calls = frozenset[str]().union(*(part.calls for part in parts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        ready = None if GATE in scope else self._prepared.find(scope)
        if ready is not None:
            await send(ready.message)
            return ready.outcome
        part = self._part(scope)
        shape, number = split_path(scope["path"])
        name, call = "unknown", _stranger(scope, number)
        try:
            call = replace(call, caller=await read_caller(self._auth, scope, self._options))
            route = find_route(part.routes(shape), scope["method"])
            name = route.name
            await pass_gate(scope, f"chatcz.{call_name(shape, route)}")
            if part.guarded:
                guard_cross_site(scope, self._options, links=route.links)
            visit = read_visit(scope, route)
            call = replace(call, visit=visit, form=await read_form(scope, receive))
            reply = await route.handler(call)
        except (BesedaError, RequestRefused) as error:
            reply = part.refuse(call, error)
        await _send(send, reply)
        return Outcome(name, str(reply.status))

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await _send(send, self._part(scope).refuse(_stranger(scope), RequestRefused(*CRASHED)))

    def _part(self, scope: Scope) -> Part:
        path: str = scope.get("path", "")
        if path.startswith("/api/"):
            return self._rest
        if path.startswith("/json/"):
            return self._json
        root = root_of(path)
        if root == "info":
            return self._rooms
        return self._people if root in PEOPLE else self._site


def _stranger(scope: Scope, number: int = 0) -> SiteCall:
    """A call of which nothing has been read yet."""
    return SiteCall(scope, Caller(address_of(scope)), number, Form([]))


async def _send(send: Send, reply: Reply) -> None:
    await send_body(send, reply.content_type, reply.body, *reply.headers, status=reply.http_status)
