"""A request for a page of ours, and its answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from beseda.api.base import PAGE_HEADERS, Headers, Scope, Send, send_body
from beseda.api.forms import Form
from beseda.core.caller import Caller

HTML = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class PageCall:
    """`form` is empty but for a POST, whose `body` may hold files besides."""

    scope: Scope
    caller: Caller
    form: Form
    body: bytes = b""


class Reply(NamedTuple):
    """`code` is how it went, for the metrics."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    status: int = 200
    content_type: bytes = HTML
    code: str = "ok"


Handler = Callable[[PageCall], Awaitable[Reply]]


def see(path: str, *headers: tuple[bytes, bytes]) -> Reply:
    """Go and get that page, by GET (RFC 9110, 15.4.4); the path is one of this server's."""
    return Reply(b"", ((b"location", quote(f"/{path.lstrip('/')}", safe="/?=#-").encode()), *headers), 303)


async def send_reply(send: Send, reply: Reply) -> None:
    head: Headers = [*PAGE_HEADERS, *reply.headers]
    await send_body(send, reply.content_type, reply.body, *head, status=reply.status)
