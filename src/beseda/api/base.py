"""What the protocols share: the shape of an endpoint, bodies, cookies, addresses, the guard against other sites."""

import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from typing import Any, Protocol

import msgspec

from beseda.api.addresses import read_address
from beseda.domain.errors import (
    BesedaError,
    CrossSite,
    OutcomeUnknown,
    Overloaded,
    ResolverSilent,
    StoreUnavailable,
    TooOften,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]
Headers = list[Header]

_HOST = re.compile(r"(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)(?:%[A-Za-z0-9._~-]+)?\])(?::([0-9]{0,5}))?")
HOST_MAX = 300
DEFAULT_PORTS = {"http": 80, "https": 443}
FORM_MAX_BYTES = 64 * 1024
JSON_MAX_BYTES = 64 * 1024
NO_STORE = (b"cache-control", b"no-store")
CONTENT_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    b" manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    b" require-trusted-types-for 'script'; trusted-types beseda"
)
"""Nothing inline, nothing of another site, and no text that becomes a script (CSP 3, Trusted Types)."""
PAGE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""What every page sends along: nothing inline runs, nobody frames it, no address leaks to other sites.

Without any referrer browsers would send `Origin: null` with our own forms, which by plain HTTP is all they say of where
a form comes from.
"""
COOKIE = "beseda"
NAMED = "beseda.headers"
"""Where in the scope the headers stand by their names, if they do: most calls ask for several."""
FACTS = "beseda.facts"
"""Where in the scope stands what was found out of the head. The next request with the same head on that connection
finds it there: so it holds nothing that may be otherwise the next time; what is of a body stands there beside it."""
ANSWER = "beseda.response"
"""The type of a message of our own to `send`: a whole answer, `http.response.start` and `http.response.body` in one."""
HURRY = "beseda.response.hurry"
"""The type of a message of our own to `send`: the answer is soon cut off if its reader has not taken it by then."""

BUSY_STATUSES: dict[type[BesedaError], int] = {
    TooOften: 429,
    Overloaded: 503,
    ResolverSilent: 503,
    StoreUnavailable: 503,
    OutcomeUnknown: 503,
}
"""The HTTP statuses of refusals that are nobody's fault, where statuses are told."""


class Outcome(msgspec.Struct, frozen=True):
    """What a call was and how it went, for the metrics: both from small fixed sets."""

    method: str
    code: str


class Face(Protocol):
    """A protocol as the server sees it: an ASGI application that also says how each call went."""

    name: str
    roots: frozenset[str]
    """First parts of the paths that are this protocol's, in lower case: no room may be called so."""

    @property
    def calls(self) -> frozenset[str]:
        """What clients call its methods."""
        ...

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[Outcome]: ...

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        """Answer, in the protocol's own form, that something went wrong here; nothing internal is told.

        Whatever the request is, this may not fail.
        """
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


def send_answer(send: Send, headers: Headers | tuple[Header, ...], body: bytes, status: int = 200) -> Awaitable[None]:
    """One whole response; `headers` must hold its content-length. A tuple is of those that many answers have."""
    return send({"type": ANSWER, "status": status, "headers": headers, "body": body})


def send_body(
    send: Send, content_type: bytes, body: bytes, *more: tuple[bytes, bytes], status: int = 200
) -> Awaitable[None]:
    """One whole response that nobody may keep."""
    headers = ((b"content-type", content_type), (b"content-length", b"%d" % len(body)), NO_STORE)
    return send({"type": ANSWER, "status": status, "headers": [*headers, *more] if more else headers, "body": body})


def root_of(path: str) -> str:
    """The first part of a path, "" for what is none."""
    return path.split("/", 2)[1] if path.startswith("/") else ""


def named_headers(headers: Headers) -> dict[bytes, bytes]:
    """Header lines by their names; of several with one name the first."""
    named = dict(headers)
    return named if len(named) == len(headers) else dict(reversed(headers))


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of that (lower-case) name."""
    if NAMED in scope:
        named: dict[bytes, bytes] = scope[NAMED]
        return named.get(name)
    for key, value in scope.get("headers", ()):
        if key == name:
            return bytes(value)
    return None


def cookies(scope: Scope) -> dict[str, str]:
    """All cookies; of several with one name the first, which is the one with the longest path (RFC 6265, 5.4)."""
    found: dict[str, str] = {}
    if header(scope, b"cookie") is None:
        return found
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
    match read_address(host):
        case IPv6Address() as address:
            return str(IPv6Network((address, 64), strict=False).network_address) + "/64"
        case IPv4Address() as address:
            return str(address)
    return host


@lru_cache(maxsize=256)
def _read_host(host: str) -> tuple[str, int | None] | None:
    match = _HOST.fullmatch(host)
    if match is None or (match[3] and int(match[3]) > 65_535):
        return None
    try:
        name = match[1].removesuffix(".").lower() if match[1] else f"[{IPv6Address(match[2])}]"
    except AddressValueError:
        return None
    return (name, int(match[3]) if match[3] else None) if name else None


def read_host(host: str) -> tuple[str, int | None] | None:
    """What a Host header or an origin names: a name in small letters without a final dot, or an IPv6 address in
    brackets, and the port, None when it is not written. None for what is no such thing."""
    return _read_host(host) if len(host) <= HOST_MAX else None


def _written(host: str, scheme: str = "") -> str:
    """The host as browsers write it, without the port that the scheme has anyway; "" for none."""
    name, port = read_host(host) or ("", None)
    return name if port is None or port == DEFAULT_PORTS.get(scheme) else f"{name}:{port}"


def _host_header(scope: Scope) -> str:
    return (header(scope, b"host") or b"").decode("latin-1")


def host_of(scope: Scope) -> str:
    """The Host header, if it is one that may stand in a link."""
    return _written(_host_header(scope)) or "localhost"


def origin_of(scope: Scope, options: WebOptions) -> str:
    """Where clients reach this server: scheme and host without a final slash."""
    host = header(scope, b"host") or b""
    return options.base_url or _origin(host if len(host) <= HOST_MAX else b"", scope.get("scheme", "http"))


@lru_cache(maxsize=256)
def _origin(host: bytes, scheme: str) -> str:
    return f"{scheme}://{_written(host.decode('latin-1')) or 'localhost'}"


def is_secure(scope: Scope, options: WebOptions) -> bool:
    """Whether browsers come by https."""
    return bool(scope.get("scheme") == "https" or options.base_url.startswith("https:"))


@lru_cache(maxsize=256)
def _cookie_names(host: str, scheme: str, base_url: str) -> tuple[str, str]:
    """The name with the port that browsers come by, if it is not the default, and the one without any."""
    scope = {"headers": [(b"host", host.encode("latin-1"))], "scheme": scheme}
    options = WebOptions(base_url)
    reached_by, _, at = origin_of(scope, options).partition("://")
    _, _, port = _written(at, reached_by).rpartition(":")
    name = f"__Host-{COOKIE}" if is_secure(scope, options) else COOKIE
    return (f"{name}-{port}" if port.isdigit() else name), name


def _names(scope: Scope, options: WebOptions) -> tuple[str, str]:
    host = _host_header(scope)
    return _cookie_names(host if len(host) <= HOST_MAX else "", scope.get("scheme", "http"), options.base_url)


def cookie_name(scope: Scope, options: WebOptions) -> str:
    """Of the session's cookie in browsers and clients with a cookie jar.

    Cookies know no ports (RFC 6265, 8.5): two servers on one host keep theirs apart by a name that says the port.
    """
    return _names(scope, options)[0]


def session_cookies(scope: Scope, options: WebOptions) -> Iterator[str]:
    """The handles in cookies that may be the session's, the likeliest first.

    After the cookie of today's name comes the one without a port, as older ones were, then those with another port, at
    which the server may have been or another node may be. They are never written or taken away, for they may be another
    server's, to whom alone they mean anything. An empty cookie of today's name says that somebody has signed out.
    """
    sent = cookies(scope)
    if not sent:
        return
    name, portless = _names(scope, options)
    if name in sent:
        if not sent[name]:
            return
        yield sent[name]
    for other, handle in sorted(sent.items(), key=lambda each: each[0] != portless):
        if handle and other != name and (other == portless or other.startswith(f"{portless}-")):
            yield handle


def _origin_header(scope: Scope) -> str:
    return (header(scope, b"origin") or b"").decode("latin-1")


def is_trusted(scope: Scope, options: WebOptions) -> bool:
    """Whether a browser says that a page asks that may use a visitor's session, on whatever site it is."""
    origin = _origin_header(scope)
    return bool(origin) and read_origin(origin) in _trusted(options)


def guard_cross_site(scope: Scope, options: WebOptions, *, links: bool = True) -> None:
    """Refuse a request that a page of another site made with the visitor's cookie: CrossSite.

    Browsers say so in Sec-Fetch-Site, older ones in Origin; clients that send neither are no browsers and pass. A
    visitor who follows a link (a top-level GET) passes too, unless `links` is false. Origins in the configuration are
    trusted.
    """
    if is_trusted(scope, options):
        return
    site = header(scope, b"sec-fetch-site")
    if site is not None:
        if site in (b"same-origin", b"none"):
            return
        navigates = header(scope, b"sec-fetch-mode") == b"navigate" and header(scope, b"sec-fetch-dest") == b"document"
        if links and scope["method"] == "GET" and navigates:
            return
        raise CrossSite
    if not (origin := _origin_header(scope)):
        return
    scheme, _, host = read_origin(origin).partition("://")
    if not host or host != _written(_host_header(scope), scheme):
        raise CrossSite


def read_origin(origin: str) -> str:
    """An origin as browsers write it, "" for what is none of http or https."""
    scheme, _, host = origin.partition("://")
    scheme = scheme.lower()
    written = _written(host, scheme) if scheme in DEFAULT_PORTS else ""
    return f"{scheme}://{written}" if written else ""


@lru_cache(maxsize=16)
def _trusted(options: WebOptions) -> frozenset[str]:
    """All origins that may use a visitor's session."""
    return frozenset(map(read_origin, (options.base_url, *options.origins))) - {""}
