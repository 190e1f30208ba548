"""The application: finds the protocol of a request, counts how it went, and answers for what broke."""

from ipaddress import IPv4Network, IPv6Network, ip_address
from time import perf_counter

import structlog

from beseda.api.base import ClientGone, Face, Outcome, Receive, Scope, Send, header
from beseda.server.metrics import Metrics

CHATCZ_API = frozenset({"rooms", "room", "user", "token", "login"})
"""What of /api/ is Chat.cz's; the rest is Spaces'."""
SPACES_ROOTS = frozenset({"neoapi", "ajax"})
WEB_ROOTS = frozenset({"avatar", "register", "static"})
RESERVED_ROOM_NAMES = frozenset(
    {"ajax", "api", "avatar", "favicon.ico", "health", "img", "journal", "json", "leaveroom", "live", "login"}
    | {"logout", "lpex", "mail", "metrics", "msg", "mysite", "neoapi", "p", "register", "robots.txt", "rpc", "static"}
    | {"ws", ".well-known"}
)
"""Keys of names that no room may have: the addresses of the server."""
GONE = Outcome("unknown", "client_gone")
CRASHED = Outcome("unknown", "crashed")

Network = IPv4Network | IPv6Network


class App:
    """ASGI. `hosts` maps a host name (with its port, if it was given one) to the one protocol that answers there."""

    def __init__(
        self,
        *,
        chatcz: Face,
        spaces: Face,
        spaceweb: Face,
        web: Face,
        hosts: dict[str, Face],
        proxies: tuple[Network, ...],
        metrics: Metrics,
    ) -> None:
        self._chatcz = chatcz
        self._spaces = spaces
        self._spaceweb = spaceweb
        self._web = web
        self._hosts = {name.lower().encode(): face for name, face in hosts.items()}
        self._proxies = proxies
        self._metrics = metrics
        self._log = structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began = perf_counter()
        if self._proxies:
            self._believe_proxy(scope)
        face = self._face(scope)
        try:
            outcome = await face(scope, receive, send)
        except ClientGone:
            outcome = GONE
        except Exception:
            self._log.exception("crashed", request_id=scope["request_id"], protocol=face.name, path=scope["path"])
            outcome = CRASHED
            await face.answer_crash(scope, send)
        seconds = perf_counter() - began
        self._metrics.count(face.name, outcome, seconds)
        self._log.debug(
            "request",
            request_id=scope["request_id"],
            protocol=face.name,
            method=outcome.method,
            outcome=outcome.code,
            ms=seconds * 1000,
        )

    def _face(self, scope: Scope) -> Face:
        path: str = scope["path"]
        root = path.split("/", 2)[1] if path.startswith("/") else ""
        if self._hosts and (face := self._face_of_host(scope)):
            return self._web if root in WEB_ROOTS else face
        if root == "api":
            return self._chatcz if path[5:].split("/", 1)[0] in CHATCZ_API else self._spaces
        if root == "rpc":
            scope["path"] = path[4:]
            return self._spaceweb
        if root in SPACES_ROOTS:
            return self._spaces
        return self._web if root in WEB_ROOTS else self._chatcz

    def _face_of_host(self, scope: Scope) -> Face | None:
        host = (header(scope, b"host") or b"").lower()
        return self._hosts.get(host) or self._hosts.get(host.rpartition(b":")[0])

    def _believe_proxy(self, scope: Scope) -> None:
        """Take the client's address and scheme from the headers, if a proxy of ours wrote them."""
        if scope["client"] is None or not self._is_proxy(scope["client"][0]):
            return
        chain = (header(scope, b"x-forwarded-for") or b"").decode("latin-1").split(",")
        for address in reversed([part.strip() for part in chain if part.strip()]):
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
