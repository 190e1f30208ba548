"""The application: finds the protocol of a request, counts how it went, and answers for what broke."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from time import perf_counter

import structlog

from beseda.api.base import ClientGone, Face, Outcome, Receive, Scope, Send, header
from beseda.core.patience import be_patient
from beseda.server.logs import REQUEST_ID
from beseda.server.metrics import Metrics
from beseda.server.proxies import UntrustedProxies

CHATCZ_API = frozenset({"rooms", "room", "user", "token", "login"})
"""What of /api/ is Chat.cz's; the rest is Spaces'."""
SPACES_ROOTS = frozenset({"neoapi", "ajax", "journal", "lpex", "mail", "ws"})
WEB_ROOTS = frozenset({"avatar", "captcha", "picture", "register", "static"})
RESERVED_ROOM_NAMES = frozenset(
    {".well-known", "ajax", "api", "avatar", "captcha", "favicon.ico", "favourite", "health", "ignore", "img", "info"}
    | {"journal", "json", "karma", "leaveroom", "live", "login", "logout", "lpex", "mail", "metrics", "msg"}
    | {"mysite", "neoapi", "note", "p", "picture", "profile", "register", "report", "robots.txt", "rpc", "static", "ws"}
)
"""Keys of names that no room may have: the addresses of the server."""
SECRET_ROOTS = frozenset({"lpex", "ws"})
"""What follows these in an address opens a channel."""
GONE = Outcome("unknown", "client_gone")
CRASHED = Outcome("unknown", "crashed")
FINE = frozenset({"ok", "200", "00000"})
"""How the protocols say that a call went well; calls that did not are in the log, the others only at debug level."""

Network = IPv4Network | IPv6Network
_FORWARDED = re.compile(
    r"\s*(?:(?:::ffff:)?([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[0-9]+)?|\[([0-9a-f:]+)\](?::[0-9]+)?|([0-9a-f:]+))\s*",
    re.IGNORECASE,
)
"""An address as proxies write it, some with a port."""


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
    ) -> None:
        self._chatcz = chatcz
        self._spaces = spaces
        self._spaceweb = spaceweb
        self._web = web
        self._live = live
        self._hosts = {name.lower().encode(): face for name, face in hosts.items()}
        self._proxies = proxies
        self._untrusted = untrusted
        self._metrics = metrics
        self._log_all = log_all
        self._log = structlog.get_logger().bind()  # bound once: binding at each call takes longer than routing it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began = perf_counter()
        REQUEST_ID.set(scope["request_id"])
        be_patient()
        self._untrusted.note(scope)
        if self._proxies:
            self._believe_proxy(scope)
        face = self._face(scope)
        try:
            outcome = await face(scope, receive, send)
        except ClientGone:
            outcome = GONE
        except Exception:
            self._log.exception("crashed", protocol=face.name, path=_told(scope["path"]))
            outcome = CRASHED
            await face.answer_crash(scope, send)
        seconds = perf_counter() - began
        self._metrics.count(face.name, outcome, seconds)
        if self._log_all or outcome.code not in FINE:
            self._note(scope, face, outcome, seconds)

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

    def _face(self, scope: Scope) -> Face:
        path: str = scope["path"]
        root = path.split("/", 2)[1] if path.startswith("/") else ""
        if self._hosts and (face := self._face_of_host(scope)):
            return self._web if root in WEB_ROOTS else self._live if root == "live" else face
        if root == "api":
            return self._chatcz if path[5:].split("/", 1)[0] in CHATCZ_API else self._spaces
        if root == "rpc":
            scope["path"] = path[4:]
            return self._spaceweb
        if root in SPACES_ROOTS:
            return self._spaces
        if root == "live":
            return self._live
        return self._web if root in WEB_ROOTS else self._chatcz

    def _face_of_host(self, scope: Scope) -> Face | None:
        host = (header(scope, b"host") or b"").lower()
        return self._hosts.get(host) or self._hosts.get(host.rpartition(b":")[0])

    def _believe_proxy(self, scope: Scope) -> None:
        """Take the client's address and scheme from the headers, if a proxy of ours wrote them.

        A proxy adds to what the client sent, on the same line or on another: the last address that is none of our
        proxies' is the client's. What stands before it may be anything.
        """
        if scope["client"] is None or not self._is_proxy(scope["client"][0]):
            return
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        for part in reversed(",".join(lines).split(",")):
            match = _FORWARDED.fullmatch(part)
            if match is None:
                break
            address = match[1] or match[2] or match[3]
            if not self._is_proxy(address):
                scope["client"] = (address, 0)
                break
        if (scheme := header(scope, b"x-forwarded-proto")) in (b"http", b"https"):
            scope["scheme"] = scheme.decode()

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)


def _told(path: str) -> str:
    """An address as it may stand in a log."""
    root = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{root}/..." if root in SECRET_ROOTS else path
