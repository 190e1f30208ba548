"""One request and its answer, as ASGI has them.

Almost all answers are one body of known length: such a one goes out in a single write, and one look at the whole head
shows that no header has smuggled in another. Headers that come as a tuple are those of many answers: they are written
and looked at once. Every other answer goes out as it comes, in chunks unless its length is said.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import structlog

from beseda.api.base import ANSWER, HURRY, Header, Headers, Message
from beseda.server.flow import Flow

CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What stands in no head, but for the line ends, which are counted."""
HURRY_S = 1.0
"""How long a client may take for what is left of an answer that has to end."""
JOIN_MAX_BYTES = 16 * 1024
"""Bodies up to this size are copied behind their head; larger ones are handed over as they are."""
HEADS_KEPT = 4_096
STATUS_LINE = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
BODILESS = (204, 304)
BROKEN = b"Internal Server Error"
DISCONNECT = {"type": "http.disconnect"}


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
    return _checked(parts), length


def _checked(parts: list[bytes]) -> bytes:
    """Header lines, of four parts each. Raises RuntimeError when one has smuggled in another."""
    lines, count = b"".join(parts), len(parts) // 4
    if lines.count(b"\r") != count or lines.count(b"\n") != count or CONTROL.search(lines):
        raise RuntimeError("a header holds a line end or another control character")
    return lines


_written = lru_cache(maxsize=HEADS_KEPT)(_write_headers)


class Cycle:
    body: bytes | bytearray = b""
    """What has come of it and was not received."""
    more_body = True
    disconnected = response_started = response_complete = waiting_for_100_continue = False
    _is_chunked = _has_news = False
    _news: asyncio.Event | None = None
    """Made when somebody waits for something to come: with most requests nobody does."""
    _start: Message | None = None
    _left_bytes = 0
    """Of a body whose length was said."""

    def __init__(
        self,
        scope: Any,
        transport: asyncio.Transport,
        flow: Flow,
        date: bytes,
        *,
        keep_alive: bool,
        on_response: Callable[[], None],
    ) -> None:
        self.scope = scope
        self.transport = transport
        self.flow = flow
        self.date = date
        self.on_response = on_response
        self.keep_alive = keep_alive

    @property
    def default_headers(self) -> Headers:
        """Those that every answer has."""
        return [(b"date", self.date), (b"x-request-id", self.scope["request_id"].encode())]

    async def run(self, app: Callable[..., Awaitable[None]]) -> None:
        """Let the application answer; say that it is broken when it does not."""
        try:
            await app(self.scope, self.receive, self.send)
            if not (self.response_complete or self.disconnected):
                structlog.get_logger().error("not answered", protocol="http")
                await self._break_off()
        except Exception:
            structlog.get_logger().exception("crashed", protocol="http")
            await self._break_off()
        finally:
            self.on_response = _nothing  # else the cycle and its connection would keep each other

    def tell(self) -> None:
        """Something has come, or nothing more will."""
        self._has_news = True
        if self._news is not None:
            self._news.set()

    async def _break_off(self) -> None:
        """The client sees that the answer is not whole, or is told that there will be none."""
        if self.response_started or self.disconnected:
            self.transport.close()
            return
        self.keep_alive, self._start = False, None
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(BROKEN))]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": BROKEN})

    async def receive(self) -> Any:
        """What has come of the body since the last time; only what is not there already is waited for."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            if self.flow.read_paused:
                self.flow.resume_reading()
            if not self._has_news:
                if self._news is None:
                    self._news = asyncio.Event()
                await self._news.wait()
            self._has_news, self._news = False, None
        if self.disconnected or self.response_complete:
            return DISCONNECT
        body, self.body = bytes(self.body), b""
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: Any) -> None:
        """Hold back the start until the body shows which way the answer takes."""
        kind, start = message["type"], self._start
        if kind == ANSWER and not self.response_started:
            start = message
        elif kind == "http.response.start" and not self.response_started:
            self._start = message
            return
        elif kind == HURRY:
            asyncio.get_running_loop().call_later(HURRY_S, self._cut_off)
            return
        elif kind != "http.response.body" or self.response_complete or (start is None and not self.response_started):
            raise RuntimeError(f"{kind} out of turn")
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        self._start, body, more = None, message.get("body", b""), message.get("more_body", False)
        head = None if start is None or more else self._head(start, len(body))
        if self.disconnected:
            return
        if head is not None:
            self._write(head, b"" if self.scope["method"] == "HEAD" else body)
            return
        if start is not None:
            self._begin(start)
        self._go_on(body, more=more)

    def _head(self, start: Message, length: int) -> bytes | None:
        """The head of an answer that goes out in one write, None for one that cannot."""
        headers = start.get("headers", ())
        lines, expected = (_written if type(headers) is tuple else _write_headers)(headers)
        if expected != length:
            return None
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        request_id = self.scope["request_id"].encode()
        return b"%bdate: %b\r\nx-request-id: %b\r\n%b%b" % (
            STATUS_LINE[start["status"]],
            self.date,
            request_id,
            lines,
            end,
        )

    def _begin(self, start: Message) -> None:
        """Send the head of an answer that comes in parts, or closes the connection."""
        headers = [*self.default_headers, *start.get("headers", ())]
        named, status = dict(headers), start["status"]
        length = named.get(b"content-length")
        self._left_bytes = int(length or 0)
        self._is_chunked = length is None and self.scope["method"] != "HEAD" and status not in BODILESS
        if self._is_chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        self.keep_alive = self.keep_alive and named.get(b"connection") != b"close"
        if not self.keep_alive and b"connection" not in named:
            headers.append((b"connection", b"close"))
        lines = _checked([part for name, value in headers for part in (name, b": ", value, b"\r\n")])
        self.response_started, self.waiting_for_100_continue = True, False
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n")

    def _go_on(self, body: bytes, *, more: bool) -> None:
        """Send the next part of a body; the last ends the answer. Raises RuntimeError when it has another length."""
        if self.scope["method"] == "HEAD":
            body, self._left_bytes = b"", 0
        if self._is_chunked:
            end = b"" if more else b"0\r\n\r\n"
            body = b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        else:
            self._left_bytes -= len(body)
            if self._left_bytes < 0:
                raise RuntimeError("the answer is longer than it was said to be")
        self.transport.write(body)
        if not more:
            if self._left_bytes:
                raise RuntimeError("the answer is shorter than it was said to be")
            self._end()

    def _cut_off(self) -> None:
        """End the connection, unless the answer is out; the application, if it waits to send, learns of it."""
        if not self.response_complete or self.transport.get_write_buffer_size():
            self.transport.abort()

    def finish(self) -> None:
        """There is no answer: the connection speaks another protocol from here on."""
        self.response_started = self.response_complete = True
        self.scope["extensions"] = {}  # what let it, holds all that can be let go now
        self.tell()

    def _write(self, head: bytes, body: bytes) -> None:
        self.response_started, self.waiting_for_100_continue = True, False
        if len(body) <= JOIN_MAX_BYTES:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        self._end()

    def _end(self) -> None:
        """The answer is out."""
        self.response_complete = True
        self.tell()
        self.on_response()


def _nothing() -> None:
    pass
