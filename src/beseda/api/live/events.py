"""Server-Sent Events: the lines of one room, for reading (HTML Standard, 9.2)."""

import asyncio
from collections.abc import Collection
from contextlib import suppress

from beseda.api.base import HURRY, NO_STORE, Receive, Send
from beseda.api.live import codec
from beseda.api.open_connections import Held
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.streams import Page
from beseda.domain.errors import BesedaError
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line, sees
from beseda.domain.sessions import Handle

WAITING_MAX = 1_000
"""Lines that may wait for a slow reader; then the stream ends, and he resumes with the last id he has."""
COMMENT_S = 15.0
"""How often a silent stream sends a comment, so that nobody in between takes it for dead."""
HELLO = b":\nretry: 3000\n\n"
"""What every stream begins with: a comment, so that the head goes out at once, and how soon to come back (ms)."""
HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), NO_STORE, (b"x-accel-buffering", b"no")]


class EventStream(Held):
    """One reader of one room."""

    def __init__(self, core: Core, send: Send, caller: Caller, kind: Handle, handle: str, room_id: RoomId) -> None:
        super().__init__(core.auth, caller, kind, handle, "live")
        self._core = core
        self._send = send
        self._hurrying: asyncio.Task[None] | None = None
        self._room_id = room_id
        self._cursor = 0
        self._lines: list[Line] = []
        self._news = asyncio.Event()
        self._ended = False
        self._ignored: frozenset[AccountId] = frozenset()

    async def open(self, after: int | None) -> None:
        """Begin after a cursor, or now. Raises NotInRoom, NotSignedIn."""
        stream = await self._core.streams.stream(self._room_id)
        self._cursor = stream.head if after is None else after
        await self._core.streams.read(self.caller, self._room_id, stream.head)  # is he inside?

    async def run(self, receive: Receive) -> None:
        """Send lines until the client goes, the member leaves the room, or the session ends."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._write(HELLO)
        gone = asyncio.create_task(self._wait_for_end(receive))
        try:
            with suppress(BesedaError):  # the head is out: the client comes back and is told
                await self._catch_up()
                await self._follow()
            await self._write(b"", more=False)
        finally:
            self._core.streams.unwatch(self._room_id, self._tell)
            gone.cancel()

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _follow(self) -> None:
        while not self._ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), COMMENT_S)
            self._news.clear()
            lines, self._lines = self._lines, []
            body = b"".join(codec.encode_event(line) for line in self._visible(lines))
            await self._write(body or b":\n\n")

    async def _catch_up(self) -> None:
        await self.load_ignored()
        while not self._ended:
            page = await self._core.streams.read(self.caller, self._room_id, self._cursor)
            self._cursor = page.cursor
            await self._send_page(page)
            missed = None if page.full else self._core.streams.watch(self._room_id, self._tell, self._cursor)
            if missed is not None:
                self._lines = missed + self._lines
                if self._lines:
                    self._news.set()
                return

    async def _send_page(self, page: Page) -> None:
        body = b"".join(codec.encode_event(line) for line in page.lines)
        if body:
            await self._write(body)

    def _visible(self, lines: list[Line]) -> list[Line]:
        reader = self._core.streams.reader_now(self._room_id, self.caller.signed_in()[0].id, self._ignored)
        return [line for line in lines if sees(line, reader)]

    def _tell(self, line: Line) -> None:
        """Watches the room. Nothing that comes after the reader has left is for him."""
        if self._ended:
            return
        self._lines.append(line)
        account, _ = self.caller.signed_in()
        gone = line.target if line.kind is Kind.KICKED else line.actor
        left = line.kind in (Kind.LEFT, Kind.AUTO_LEFT, Kind.KICKED) and gone is not None and gone.id == account.id
        if left or len(self._lines) > WAITING_MAX:
            self._ended = True
        self._news.set()

    async def _wait_for_end(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end_session()

    def followed(self) -> Collection[RoomId]:
        return (self._room_id,)

    def end_session(self) -> None:
        """No more."""
        self._ended = True
        self._news.set()

    def hang_up(self) -> None:
        """The server stops, and does not wait for a reader who does not read: he comes back with his cursor."""
        self.end_session()
        self._hurrying = asyncio.get_running_loop().create_task(_hurry(self._send))

    async def load_ignored(self) -> None:
        """Whom the member ignores may have changed."""
        self._ignored = await self._core.ignoring.ignored_by(self.caller.signed_in()[0].id)


async def _hurry(send: Send) -> None:
    await send({"type": HURRY})
