"""The application: finds the protocol of a request, counts how it went, and answers for what broke."""

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from time import perf_counter

import structlog

from beseda.api.addresses import Network
from beseda.api.base import (
    ANSWER,
    DEFAULT_PORTS,
    FACTS,
    ClientGone,
    Face,
    Message,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    header,
    is_secure,
    read_host,
    root_of,
)
from beseda.api.chatcz.routes import ChatczFace
from beseda.api.live.routes import LiveFace
from beseda.api.refusing import refusal_of_call
from beseda.api.spaces.pages import asks_json
from beseda.api.spaces.routes import SpacesFace
from beseda.api.spaceweb.routes import SpacewebFace
from beseda.api.web.routes import WebFace
from beseda.core.patience import be_patient
from beseda.domain.errors import BesedaError
from beseda.server.logs import REQUEST_ID
from beseda.server.metrics import Metrics
from beseda.server.proxies import UntrustedProxies, believe_proxy

CHATCZ_API = frozenset({"rooms", "room", "user", "token", "login"})
"""What of /api/ is Chat.cz's; the rest is Spaces'."""
ROOM_PAGE = "/chat/room"
"""Spaces' page of a room. Chat.cz has nothing below the address of a room, and one may be called `chat`."""
OWN_NAMES = frozenset({".well-known", "api", "favicon.ico", "health", "metrics", "robots.txt"})
"""What is nobody's alone, or may be one day."""
RESERVED_ROOM_NAMES = OWN_NAMES.union(
    *(face.roots for face in (ChatczFace, LiveFace, SpacesFace, SpacewebFace, WebFace))
)
"""Keys of names that no room may have: the addresses of the server."""
TOKEN_PROTOCOLS = frozenset({"live", "chatcz", "spaces", "spaceweb", "dns"})
"""What the scope of a personal token may name."""
SECRET_ROOTS = frozenset({"lpex", "ws"})
"""What follows these in an address opens a channel."""
SLOW_S = 0.5
"""A call that waited so long for the database, for most of its time, is in the log. To wait for news is not slow."""
GONE = Outcome("unknown", "client_gone")
CRASHED = Outcome("unknown", "crashed")
FINE = frozenset({"ok", "200", "304", "00000"})
"""How the protocols say that a call went well; calls that did not are in the log, the others only at debug level."""
HSTS = (b"strict-transport-security", b"max-age=31536000")
"""Where browsers have come by https, they come by nothing else for a year (RFC 6797); its subdomains are others'."""


class App:
    """ASGI. `hosts` maps a host name (with its port, if it was given one) to the one protocol that answers there."""

    def __init__(
        self,
        *,
        chatcz: Face,
        spaces: Face,
        spaceweb: Face,
        web: Face,
        live: Face,
        hosts: dict[str, Face],
        proxies: tuple[Network, ...],
        untrusted: UntrustedProxies,
        metrics: Metrics,
        log_all: bool,
        refused: Callable[[str, str, str, str, str, BesedaError | None], None],
        options: WebOptions,
    ) -> None:
        self._chatcz = chatcz
        self._spaces = spaces
        self._spaceweb = spaceweb
        self._web = web
        self._live = live
        self._hosts = {read_host(name): face for name, face in hosts.items()}
        self._options = options
        self._proxies = proxies
        self._untrusted = untrusted
        self._metrics = metrics
        self._log_all = log_all
        self._refused = refused
        self._log = structlog.get_logger().bind()  # bound once: binding at each call takes longer than routing it

    @cached_property
    def calls(self) -> frozenset[str]:
        """Of all protocols, each after the name of its own."""
        faces = (self._chatcz, self._spaces, self._spaceweb, self._live)
        return frozenset(f"{face.name}.{call}" for face in faces for call in face.calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began = perf_counter()
        REQUEST_ID.set(scope["request_id"])
        call = be_patient()
        face, is_safe, told = self._way(scope)
        scope.update(told)
        if is_safe:
            send = partial(_send_strictly, send)
        try:
            outcome = await face(scope, receive, send)
        except ClientGone:
            outcome = GONE
        except Exception:
            self._log.exception("crashed", protocol=face.name, path=_told(scope["path"]))
            outcome = CRASHED
            with suppress(RuntimeError):  # of an answer that has begun: the connection ends, which says as much
                await face.answer_crash(scope, send)
        seconds = perf_counter() - began
        self._metrics.count(face.name, outcome, seconds)
        if (database_s := call.waited_s) > SLOW_S and database_s > seconds / 2:
            ms, database_ms = round(seconds * 1000, 1), round(database_s * 1000, 1)
            self._log.warning("slow", protocol=face.name, method=outcome.method, ms=ms, database_ms=database_ms)
        if self._log_all or outcome.code not in FINE:
            self._note(scope, face, outcome, seconds)
            if outcome.code not in FINE and outcome is not GONE:
                self._note_refusal(scope, face, outcome)

    def _note_refusal(self, scope: Scope, face: Face, outcome: Outcome) -> None:
        """What nobody refused, as there is nothing at that address, is nothing to explain."""
        error = refusal_of_call()
        if error is None and (outcome.method == "unknown" or outcome.code.startswith("3")) and outcome is not CRASHED:
            return
        address = scope["client"][0] if scope["client"] else ""
        self._refused(scope["request_id"], face.name, outcome.method, outcome.code, address, error)

    def _note(self, scope: Scope, face: Face, outcome: Outcome, seconds: float) -> None:
        log = self._log.debug if outcome.code in FINE else self._log.info
        log(
            "request",
            protocol=face.name,
            method=outcome.method,
            outcome=outcome.code,
            address=scope["client"][0] if scope["client"] else "",
            ms=round(seconds * 1000, 1),
        )

    def _way(self, scope: Scope) -> tuple[Face, bool, Scope]:
        """Who answers, whether the client came by https, and what of the scope is otherwise than it came."""
        facts = scope.setdefault(FACTS, {})
        way: tuple[Face, bool, Scope] | None = facts.get("way")
        if way is None:
            self._untrusted.note(scope)
            if self._proxies:
                believe_proxy(scope, self._proxies)
            face = self._face(scope)
            told = {name: scope[name] for name in ("client", "scheme", "path")}
            way = facts["way"] = (face, is_secure(scope, self._options), told)
        return way

    def _face(self, scope: Scope) -> Face:
        path: str = scope["path"]
        root = root_of(path)
        face = self._face_of_host(scope) if self._hosts else None
        if root in self._web.roots:
            return self._web
        if root in self._live.roots:
            return self._live
        if face is self._spaceweb or face is self._spaces:
            return face
        if root == "json" or (root == "api" and path[5:].split("/", 1)[0] in CHATCZ_API):
            return self._chatcz
        if face is None and root in self._spaceweb.roots:
            scope["path"] = path[4:]
            return self._spaceweb
        # Also on a host of Chat.cz, which has nothing there: the links in Spaces' answers lead to these.
        is_spaces = root == "api" or root in self._spaces.roots or path.rstrip("/") == ROOM_PAGE
        return self._spaces if is_spaces or asks_json(scope) else self._chatcz

    def _face_of_host(self, scope: Scope) -> Face | None:
        """By name and port, else by the name alone."""
        name, port = read_host((header(scope, b"host") or b"").decode("latin-1")) or ("", None)
        return self._hosts.get((name, port or DEFAULT_PORTS.get(scope["scheme"]))) or self._hosts.get((name, None))


async def _send_strictly(send: Send, message: Message) -> None:
    if message["type"] in (ANSWER, "http.response.start"):
        message = {**message, "headers": [*message.get("headers", ()), HSTS]}
    await send(message)


def _told(path: str) -> str:
    """An address as it may stand in a log."""
    root = root_of(path)
    return f"/{root}/..." if root in SECRET_ROOTS else path
