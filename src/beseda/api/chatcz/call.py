"""What the three parts of Chat.cz (REST, the site's pages, the JSON beside them) have in common: calls and replies."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Protocol

import msgspec

from beseda.api.base import (
    FORM_MAX_BYTES,
    BodyTooLarge,
    Receive,
    Scope,
    WebOptions,
    header,
    read_body,
)
from beseda.api.browsers import Visit, visit_of
from beseda.api.callers import caller_by_cookie, session_cookie
from beseda.api.chatcz import codec
from beseda.api.chatcz.errors import METHOD_NOT_ALLOWED, NOT_FOUND, TOO_LARGE, UNASKED, Refusal, RequestRefused
from beseda.api.forms import Form
from beseda.core.auth import Auth
from beseda.core.caller import Caller
from beseda.domain.ids import AccountId, RoomId

_NUMBER = re.compile(r"(?<=[A-Za-z])/([0-9]{1,19})(?=/|$)")


class SiteCall(msgspec.Struct, frozen=True):
    """One request. `number` is the one in the path, 0 when there is none; `form` holds what the body says.

    `visit` is what a GET is for.
    """

    scope: Scope
    caller: Caller
    number: int
    form: Form
    visit: Visit = Visit.PROGRAM

    @property
    def does(self) -> bool:
        """Whether more may come of it than an answer: not of a HEAD, nor of a GET that nobody means."""
        return self.scope["method"] != "HEAD" and self.visit is not Visit.ASIDE

    @property
    def room_name(self) -> str:
        """The room that a path of one piece names, "" for another path."""
        path: str = self.scope.get("path", "")
        return path[1:] if path.count("/") == 1 else ""

    @property
    def room_id(self) -> RoomId:
        return RoomId(self.number)

    @property
    def account_id(self) -> AccountId:
        return AccountId(self.number)


class Reply(NamedTuple):
    """An answer. `status` is the protocol's own, which stands in the body of JSON."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    status: int = 200
    http_status: int = 200
    content_type: bytes = codec.JSON

    def with_header(self, name: bytes, value: str) -> "Reply":
        return self._replace(headers=(*self.headers, (name, value.encode())))


class Route(NamedTuple):
    """Who answers, and under which name it is counted; `links` says whether other sites may link to it.

    `deed` marks a GET that does something: nobody but a program, or somebody who goes there himself, gets an answer.
    """

    name: str
    handler: Callable[[SiteCall], Awaitable[Reply]]
    links: bool = True
    deed: bool = False


class Part(Protocol):
    guarded: bool
    """Whether a call rides on the cookie and so must not come from another site."""
    calls: frozenset[str]
    """What clients call its routes."""

    def routes(self, shape: str) -> Mapping[str, Route]:
        """The routes at a path by HTTP method; the number in the path is `#`."""
        ...

    def refuse(self, call: "SiteCall", error: Refusal) -> Reply: ...


def call_name(shape: str, route: Route) -> str:
    """What clients call it: by the path where they know it as a method."""
    return shape.removeprefix("/json/") if shape.startswith("/json/") else route.name


def call_names(routes: Mapping[str, Mapping[str, Route]], *more: Route) -> frozenset[str]:
    """Those of many; of `more`, whose paths are names, their own."""
    named = {call_name(shape, route) for shape, methods in routes.items() for route in methods.values()}
    return frozenset(named | {route.name for route in more})


def split_path(path: str) -> tuple[str, int]:
    """The path with its number as `#`, and the number: `/api/room/7/users` is `/api/room/#/users` and 7."""
    match = _NUMBER.search(path)
    return (f"{path[: match.start()]}/#{path[match.end() :]}", int(match[1])) if match else (path, 0)


def find_route(routes: Mapping[str, Route], method: str) -> Route:
    """Raises RequestRefused."""
    if not routes:
        raise RequestRefused(*NOT_FOUND)
    if method not in routes:
        raise RequestRefused(*METHOD_NOT_ALLOWED, allow=", ".join(routes))
    return routes[method]


def read_visit(scope: Scope, route: Route) -> Visit:
    """What a GET is for. Raises RequestRefused for a deed that nobody asks for."""
    if scope["method"] not in ("GET", "HEAD"):
        return Visit.PROGRAM
    visit = visit_of(scope)
    if route.deed and visit in (Visit.SCRIPT, Visit.ASIDE):
        raise RequestRefused(*UNASKED)
    return visit


async def read_caller(auth: Auth, scope: Scope, options: WebOptions) -> Caller:
    """Who shows the session's cookie, if anybody does."""
    caller, _ = await caller_by_cookie(auth, scope, options, "chatcz")
    return caller


async def read_form(scope: Scope, receive: Receive) -> Form:
    """What the body says. Raises RequestRefused."""
    try:
        body = await read_body(receive, max_bytes=FORM_MAX_BYTES)
    except BodyTooLarge as error:
        raise RequestRefused(*TOO_LARGE) from error
    return codec.read_fields(header(scope, b"content-type"), body)


def give_cookie(reply: Reply, scope: Scope, options: WebOptions, handle: str) -> Reply:
    """The reply with the session's handle in a cookie; an empty handle takes the cookie away."""
    return reply._replace(headers=(*reply.headers, session_cookie(scope, options, handle)))
