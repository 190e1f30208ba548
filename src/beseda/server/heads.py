"""Heads of requests: which are not taken, and those that come again."""

from typing import Any, NamedTuple

import httptools

from beseda.api.base import NAMED, Headers
from beseda.server.cycle import Cycle

SINGLE = frozenset({b"host", b"content-length", b"transfer-encoding"})
"""Headers of which a request has one; two of them are two readings."""
TOO_SLOW = 408
PHRASES = {400: "Bad Request", TOO_SLOW: "Request Timeout", 431: "Request Header Fields Too Large"}


class _Complete(list[tuple[bytes, bytes]]):
    """Stands in for a request's header lines once there must come no more: some send lines after the body."""

    def append(self, line: tuple[bytes, bytes]) -> None:
        raise httptools.HttpParserError("header lines after the body")


COMPLETE = _Complete()


def refusal_of(version: str, headers: Headers, named: dict[bytes, bytes]) -> str:
    """Why a request with these headers, by their names too, is not taken, "" when it is."""
    if version not in ("1.1", "1.0"):
        return "another version of HTTP"
    if len(named) != len(headers):
        names = [name for name, _ in headers]
        if any(names.count(name) > 1 for name in SINGLE):
            return "a header stands twice"
    if b"host" not in named and version == "1.1":
        return "no Host header"
    length, coding = named.get(b"content-length"), named.get(b"transfer-encoding")
    if length is not None and not length.isdigit():
        return "the length is no number"
    if coding is None:
        return ""
    if length is not None:
        return "both a length and chunks"
    if coding.lower() != b"chunked":
        return "a transfer coding other than chunked"
    return "" if version == "1.1" else "chunks in HTTP/1.0"


def asks_for_socket(version: str, method: str, named: dict[bytes, bytes]) -> bool:
    """Whether a WebSocket may follow; if not, what asks for another protocol is answered as if it had not."""
    protocols = {name.strip().lower() for name in named.get(b"upgrade", b"").split(b",")}
    has_body = named.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in named
    return method == "GET" and b"websocket" in protocols and not has_body and version == "1.1"


def refusal(status: int, text: str, date: bytes, request_id: str) -> bytes:
    """The whole answer to such a request."""
    head = [
        f"HTTP/1.1 {status} {PHRASES[status]}",
        f"date: {date.decode()}",
        f"x-request-id: {request_id}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(text)}",
        "cache-control: no-store",
        "connection: close",
    ]
    return "\r\n".join([*head, "", text]).encode("ascii")


class Asked(NamedTuple):
    """A request that came whole and in one piece, as clients that ask the same again and again send theirs.

    What begins with the same `head` and has the same `size` means the same but for the body, so the head need not be
    read once more. `scope` is what it means, which nobody has touched.
    """

    head: bytes
    size: int
    scope: dict[str, Any]

    def is_again(self, data: bytes) -> bool:
        return len(data) == self.size and data.startswith(self.head)


def remember(data: bytes, cycle: Cycle) -> Asked | None:
    """The request that `data` is, from its cycle that has not begun to run; None for what is not one alone.

    Chunks, other protocols and what has to be asked for are not for this.
    """
    scope: Any = cycle.scope
    named: dict[bytes, bytes] = scope[NAMED]
    if not cycle.keep_alive or b"transfer-encoding" in named or b"upgrade" in named or b"expect" in named:
        return None
    head_bytes = data.find(b"\r\n\r\n") + 4
    if len(data) != head_bytes + len(cycle.body) or len(cycle.body) != int(named.get(b"content-length", b"0")):
        return None
    return Asked(data[:head_bytes], len(data), dict(scope))
