"""`GET /live`: a WebSocket. `GET /live/rooms/<id>`: the lines of a room as Server-Sent Events."""

import re

from beseda.api.base import (
    BUSY_STATUSES,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    address_of,
    guard_cross_site,
    header,
    send_body,
)
from beseda.api.callers import caller_by_cookie
from beseda.api.following import FollowedRooms
from beseda.api.forms import FormRefused, read_query
from beseda.api.gate import GATE
from beseda.api.hub import Hub, open_socket
from beseda.api.jsontext import write_json
from beseda.api.live import codec
from beseda.api.live.connection import LiveConnection
from beseda.api.live.events import EventFeed, EventStream
from beseda.api.live.feeds import Feeds, OwnFeed, RoomListFeed
from beseda.api.live.ops import OPS
from beseda.api.open_connections import OpenConnections
from beseda.api.refusing import note_refusal
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import BesedaError, CrossSite, NotInRoom, NotSignedIn, StoreUnavailable, TokenTooNarrow
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.wire.live import VERSION

JSON = b"application/json; charset=utf-8"
STATUSES: dict[type[BesedaError], int] = {
    NotSignedIn: 401,
    CrossSite: 403,
    NotInRoom: 403,
    TokenTooNarrow: 403,
    **BUSY_STATUSES,
}
_ROOM = re.compile(r"/live/rooms/([0-9]{1,18})")


class LiveFace:
    name = "live"
    roots = frozenset({"live"})

    def __init__(self, core: Core, clock: Clock, hub: Hub, options: WebOptions) -> None:
        self.calls = frozenset(OPS)
        self._core = core
        self._hub = hub
        self._options = options
        self._rooms = FollowedRooms(hub, core.streams, codec.encode_line, codec.encode_unfollowed)
        self.feeds = Feeds(RoomListFeed(core, clock, hub), OwnFeed(core, hub))
        self.connections: OpenConnections[LiveConnection | EventStream] = OpenConnections(core.hearing)
        self._events_of_rooms = EventFeed(core)
        self._streams: set[EventStream] = set()
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        name = "socket" if scope["path"] == "/live" else "events"
        match = _ROOM.fullmatch(scope["path"])
        if scope["method"] != "GET" or (match is None and scope["path"] != "/live"):
            await send_body(send, JSON, _error("not_found"), status=404)
            return Outcome("unknown", "404")
        try:
            guard_cross_site(scope, self._options, links=False)
            caller, kind, handle = await self._who(scope)
            if match is None:
                return await self._socket(scope, send, caller, kind, handle)
            stream = EventStream(self._events_of_rooms, send, caller, kind, handle, RoomId(int(match[1])))
            return await self._events(scope, receive, send, stream)
        except BesedaError as refusal:
            note_refusal(refusal)
            status = STATUSES.get(type(refusal), 400)
            await send_body(send, JSON, _error(refusal.code), status=status)
            return Outcome(name, refusal.code)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await send_body(send, JSON, _error("crashed"), status=500)

    async def _who(self, scope: Scope) -> tuple[Caller, Handle, str]:
        """Who shows a session: by a Bearer token, or by the cookie. Raises NotSignedIn."""
        scheme, _, token = (header(scope, b"authorization") or b"").decode("latin-1").partition(" ")
        if scheme.lower() == "bearer":
            kind, handle = Handle.BEARER, token.strip()
            caller = await self._core.auth.caller(kind, handle, address_of(scope), protocol="live")
        else:
            kind = Handle.COOKIE
            caller, handle = await caller_by_cookie(self._core.auth, scope, self._options, "live")
        caller.signed_in()
        return caller, kind, handle

    async def _socket(self, scope: Scope, send: Send, caller: Caller, kind: Handle, handle: str) -> Outcome:
        if (version := _version(scope)) != VERSION:
            await send_body(send, JSON, _error("unknown_version"), status=400)
            return Outcome("socket", f"version_{min(version, 9)}")
        connection = LiveConnection(
            self._core, self._hub, self._rooms, self.feeds, caller, kind, handle, self.connections.discard
        )
        connection.gate = scope.get(GATE)
        if await open_socket(scope, send, connection) is None:
            return Outcome("socket", "refused")
        self.connections.add(connection)
        return Outcome("socket", "ok")

    async def _events(self, scope: Scope, receive: Receive, send: Send, stream: EventStream) -> Outcome:
        after = (header(scope, b"last-event-id") or b"").decode("latin-1") or _parameter(scope, "after")
        await stream.open(int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None)
        self.connections.add(stream)
        self._streams.add(stream)
        if self._stopping:
            stream.hang_up()
        try:
            await stream.run(receive)
        except StoreUnavailable as refusal:  # the head is sent; who reads on, does so from his cursor
            note_refusal(refusal)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return Outcome("events", refusal.code)
        finally:
            self._streams.discard(stream)
            self.connections.discard(stream)
        return Outcome("events", "ok")

    def hang_up(self) -> None:
        """End all streams, also those that are about to begin: the server stops. Their clients come back."""
        self._stopping = True
        for stream in tuple(self._streams):
            stream.hang_up()


def _error(code: str) -> bytes:
    return write_json({"ok": False, "error": {"code": code}})


def _parameter(scope: Scope, name: str) -> str:
    try:
        return read_query(scope["query_string"]).get(name) or ""
    except FormRefused:
        return ""


def _version(scope: Scope) -> int:
    """`?v=1`, which may be left out."""
    version = _parameter(scope, "v")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 4 else int(not version)
