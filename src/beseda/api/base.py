"""What the protocols share: the shape of an endpoint, bodies, cookies, addresses, the guard against other sites."""

import ipaddress
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from beseda.domain.errors import BesedaError, CrossSite, OutcomeUnknown, Overloaded, StoreUnavailable, TooOften

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:]+\](:[0-9]+)?")
FORM_MAX_BYTES = 64 * 1024
JSON_MAX_BYTES = 64 * 1024
NO_STORE = (b"cache-control", b"no-store")
PAGE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""What every page sends along: nothing inline runs, nobody frames it, no address leaks."""


BUSY_STATUSES: dict[type[BesedaError], int] = {
    TooOften: 429,
    Overloaded: 503,
    StoreUnavailable: 503,
    OutcomeUnknown: 503,
}
"""The HTTP statuses of refusals that are nobody's fault, where statuses are told."""


class Outcome(NamedTuple):
    """What a call was and how it went, for the metrics: both from small fixed sets."""

    method: str
    code: str


class Face(Protocol):
    """A protocol as the server sees it: an ASGI application that also says how each call went."""

    name: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome: ...

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        """Answer, in the protocol's own form, that something went wrong here; nothing internal is told."""
        ...


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What all protocols need to know of where they are served.

    `base_url` is how clients reach the server, without a final slash; "" takes it from each request. `origins` are
    those of other sites that may use a visitor's session. `sid_in_links` puts session handles into links, as the
    original did.
    """

    base_url: str = ""
    origins: frozenset[str] = frozenset()
    sid_in_links: bool = False


class BodyTooLarge(Exception):
    """The request has more bytes than the endpoint takes."""


class ClientGone(Exception):
    """The connection ended before the request did; there is nobody to answer."""


async def read_body(receive: Receive, *, max_bytes: int) -> bytes:
    """The whole body. Raises BodyTooLarge, ClientGone."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body") and len(body) <= max_bytes:
        return body
    parts, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body"):
        if size > max_bytes:
            raise BodyTooLarge
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if message["type"] != "http.request":
        raise ClientGone
    if size > max_bytes:
        raise BodyTooLarge
    return b"".join(parts)


async def send_answer(send: Send, headers: Headers, body: bytes, status: int = 200) -> None:
    """One whole response; `headers` must hold its content-length."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_body(
    send: Send, content_type: bytes, body: bytes, *more: tuple[bytes, bytes], status: int = 200
) -> None:
    """One whole response that nobody may keep."""
    length = str(len(body)).encode()
    headers = [(b"content-type", content_type), (b"content-length", length), NO_STORE, *more]
    await send_answer(send, headers, body, status)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of that (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def cookies(scope: Scope) -> dict[str, str]:
    """All cookies; of several with one name the first, which is the one with the longest path (RFC 6265, 5.4)."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        if key == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                name, equals, content = pair.strip().partition("=")
                if equals:
                    found.setdefault(name, content.strip().strip('"'))
    return found


def address_of(scope: Scope) -> str:
    """The client as limits see it: an IPv4 address, or the /64 of an IPv6 one."""
    client = scope.get("client")
    host: str = client[0] if client else ""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False).network_address) + "/64"
    except ValueError:
        return host


def host_of(scope: Scope) -> str:
    """The Host header, if it is one that may stand in a link."""
    host = (header(scope, b"host") or b"").decode("latin-1")
    return host if _HOST.fullmatch(host) else "localhost"


def origin_of(scope: Scope, options: WebOptions) -> str:
    """Where clients reach this server: scheme and host without a final slash."""
    return options.base_url or f"{scope.get('scheme', 'http')}://{host_of(scope)}"


def is_secure(scope: Scope, options: WebOptions) -> bool:
    """Whether browsers come by https."""
    return bool(scope.get("scheme") == "https" or options.base_url.startswith("https:"))


def cookie_name(scope: Scope, options: WebOptions) -> str:
    """Of the session's cookie in browsers and clients with a cookie jar."""
    return "__Host-beseda" if is_secure(scope, options) else "beseda"


def guard_cross_site(scope: Scope, options: WebOptions, *, links: bool = True) -> None:
    """Refuse a request that a page of another site made with the visitor's cookie: CrossSite.

    Browsers say so in Sec-Fetch-Site, older ones in Origin; clients that send neither are no browsers and pass. A
    visitor who follows a link (a top-level GET) passes too, unless `links` is false. Origins in the configuration are
    trusted.
    """
    origin = (header(scope, b"origin") or b"").decode("latin-1")
    if origin in options.origins or (origin and origin == options.base_url):
        return
    site = header(scope, b"sec-fetch-site")
    if site is not None:
        if site in (b"same-origin", b"none"):
            return
        navigates = header(scope, b"sec-fetch-mode") == b"navigate" and header(scope, b"sec-fetch-dest") == b"document"
        if links and scope["method"] == "GET" and navigates:
            return
        raise CrossSite
    if not origin:
        return
    if origin.partition("://")[2] != host_of(scope):
        raise CrossSite
