"""One request and its answer.

uvicorn sends the head of an answer and its body apart, and looks at every header with two regular expressions. Almost
all answers here are one body of known length: such a one goes out in a single write, and one look at the whole head
shows that no header has smuggled in another. Every other answer takes uvicorn's own way.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from beseda.api.base import HURRY, Headers, Message

CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What stands in no head, but for the line ends, which are counted."""
HURRY_S = 1.0
"""How long a client may take for what is left of an answer that has to end."""
JOIN_MAX_BYTES = 16 * 1024
"""Bodies up to this size are copied behind their head; larger ones are handed over as they are."""


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
        super().__init__(
            scope=scope,
            transport=transport,
            flow=flow,
            logger=logger,
            access_logger=logger,
            access_log=False,
            default_headers=default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=expect_100_continue,
            keep_alive=keep_alive,
            on_response=on_response,
        )
        self._start: Message | None = None

    async def send(self, message: Any) -> None:
        """Hold back the start until the body shows which way the answer takes."""
        if message["type"] == HURRY:
            asyncio.get_running_loop().call_later(HURRY_S, self._cut_off)
            return
        if message["type"] == "http.response.start" and not self.response_started:
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:
            await super().send(message)
        elif message.get("more_body") or not await self._send_whole(start, message.get("body", b"")):
            await super().send(start)  # type: ignore[arg-type]
            await super().send(message)

    async def _send_whole(self, start: Message, body: bytes) -> bool:
        """Send the answer in one write; False when it is none of those that can be."""
        status, given = start["status"], start.get("headers", ())
        parts = [STATUS_LINE[status]]
        length = None
        for name, value in (*self.default_headers, *given):
            parts += (name, b": ", value, b"\r\n")
            if name == b"content-length":
                length = value
            elif name in (b"connection", b"transfer-encoding"):
                return False
        if length is None or int(length) != len(body):
            return False
        if not self.keep_alive:
            parts.append(b"connection: close\r\n")
        parts.append(b"\r\n")
        head = b"".join(parts)
        lines = len(self.default_headers) + len(given) + 2 + (not self.keep_alive)
        if head.count(b"\r") != lines or head.count(b"\n") != lines or CONTROL.search(head):
            raise RuntimeError("a header holds a line end or another control character")
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            self._write(head, b"" if self.scope["method"] == "HEAD" else body)
        return True

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
