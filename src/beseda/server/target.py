"""What a request's first line asks for (RFC 9112, 3.2)."""

import re

import httptools

from beseda.api.base import Headers, read_host

SCHEMES = (b"http", b"https")
_AFTER_AUTHORITY = re.compile(rb"[/?#]")


def read_target(url: bytes, headers: Headers) -> tuple[bytes, bytes]:
    """Path and query, both as written.

    Proxies are sent whole addresses; the host in one replaces the Host header (RFC 9112, 3.2.2). Whatever names no
    path on this server, as `*` and `host:443` do, raises HttpParserError.
    """
    if not url.startswith(b"/"):
        url = _after_host(url, headers)
    path, _, query = url.partition(b"#")[0].partition(b"?")
    return path, query


def _after_host(url: bytes, headers: Headers) -> bytes:
    """What follows scheme and host in a whole address, whose host goes into the headers."""
    scheme, _, rest = url.partition(b"://")
    host = _AFTER_AUTHORITY.split(rest, maxsplit=1)[0]
    if scheme.lower() not in SCHEMES or read_host(host.decode("latin-1")) is None:
        raise httptools.HttpParserError("the target is no address on this server")
    headers[:] = [line for line in headers if line[0] != b"host"]
    headers.append((b"host", host))
    path = rest[len(host) :]
    return path if path.startswith(b"/") else b"/" + path
