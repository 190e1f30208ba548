"""One request and its answer.

uvicorn sends the head of an answer and its body apart, and looks at every header with two regular expressions. Almost
all answers here are one body of known length: such a one goes out in a single write, and one look at the whole head
shows that no header has smuggled in another. Headers that come as a tuple are those of many answers: they are written
and looked at once. Every other answer takes uvicorn's own way.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from beseda.api.base import HURRY, Header, Headers, Message

CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What stands in no head, but for the line ends, which are counted."""
HURRY_S = 1.0
"""How long a client may take for what is left of an answer that has to end."""
JOIN_MAX_BYTES = 16 * 1024
"""Bodies up to this size are copied behind their head; larger ones are handed over as they are."""
HEADS_KEPT = 4_096
DISCONNECT = {"type": "http.disconnect"}


class News:
    """An event as uvicorn uses them, made when somebody waits for it: with most requests nobody does."""

    __slots__ = ("_event", "_is_set")

    def __init__(self) -> None:
        self._is_set = False
        self._event: asyncio.Event | None = None

    def set(self) -> None:
        self._is_set = True
        if self._event is not None:
            self._event.set()

    async def take(self) -> None:
        """Wait until it is set; it is not set any more then."""
        if not self._is_set:
            if self._event is None:
                self._event = asyncio.Event()
            await self._event.wait()
        self._is_set, self._event = False, None


def _write_headers(headers: Iterable[Header]) -> tuple[bytes, int]:
    """The header lines, and the length of a body that goes out with them in one write: -1 for none that does."""
    parts: list[bytes] = []
    length = -1
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
        if name == b"content-length":
            length = int(value)
        elif name in (b"connection", b"transfer-encoding"):
            return b"", -1
    lines, count = b"".join(parts), len(parts) // 4
    if lines.count(b"\r") != count or lines.count(b"\n") != count or CONTROL.search(lines):
        raise RuntimeError("a header holds a line end or another control character")
    return lines, length


_written = lru_cache(maxsize=HEADS_KEPT)(_write_headers)


class Cycle(RequestResponseCycle):
    def __init__(
        self,
        scope: Any,
        transport: asyncio.Transport,
        flow: FlowControl,
        default_headers: Headers,
        *,
        expect_100_continue: bool,
        keep_alive: bool,
        on_response: Callable[..., None],
        logger: Any,
    ) -> None:
        """All that uvicorn's sets, but for an event of each request's own."""
        self.scope = scope
        self.transport = transport
        self.flow = flow
        self.logger = self.access_logger = logger
        self.access_log = False
        self.default_headers = default_headers
        self.message_event = News()  # type: ignore[assignment]
        self.on_response = on_response
        self.disconnected = False
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = expect_100_continue
        self.body = bytearray()
        self.more_body = True
        self.response_started = self.response_complete = False
        self.chunked_encoding = None
        self.expected_content_length = 0
        self._start: Message | None = None

    async def receive(self) -> Any:
        """As uvicorn does it, but what is there already is not waited for."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.flow.resume_reading()
            await self.message_event.take()  # type: ignore[attr-defined]
        if self.disconnected or self.response_complete:
            return DISCONNECT
        body, self.body = bytes(self.body), bytearray()
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: Any) -> None:
        """Hold back the start until the body shows which way the answer takes."""
        kind, start = message["type"], self._start
        if kind == "http.response.start" and not self.response_started:
            self._start = message
            return
        if kind == HURRY:
            asyncio.get_running_loop().call_later(HURRY_S, self._cut_off)
            return
        self._start, body = None, message.get("body", b"")
        if start is None or message.get("more_body") or (head := self._head(start, len(body))) is None:
            if start is not None:
                await super().send(start)  # type: ignore[arg-type]
            await super().send(message)
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            self._write(head, b"" if self.scope["method"] == "HEAD" else body)

    def _head(self, start: Message, length: int) -> bytes | None:
        """The head of an answer that goes out in one write, None for one that cannot."""
        headers = start.get("headers", ())
        lines, expected = (_written if type(headers) is tuple else _write_headers)(headers)
        if expected != length:
            return None
        (_, date), (_, request_id) = self.default_headers
        own = (STATUS_LINE[start["status"]], b"date: ", date, b"\r\nx-request-id: ", request_id, b"\r\n")
        return b"".join((*own, lines, b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"))

    def _cut_off(self) -> None:
        """End the connection, unless the answer is out; the application, if it waits to send, learns of it."""
        if not self.response_complete or self.transport.get_write_buffer_size():
            self.transport.abort()

    def finish(self) -> None:
        """There is no answer: the connection speaks another protocol from here on."""
        self.response_started = self.response_complete = True
        self.scope["extensions"] = {}  # what let it, holds all that can be let go now
        self.message_event.set()

    def _write(self, head: bytes, body: bytes) -> None:
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        if len(body) <= JOIN_MAX_BYTES:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
