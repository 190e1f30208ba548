"""Server-Sent Events: the lines of one room, for reading (HTML Standard, 9.2)."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

from beseda.api.base import HURRY, NO_STORE, Receive, Send
from beseda.api.following import FollowedRooms, Follower
from beseda.api.hub import Hub
from beseda.api.live import codec
from beseda.api.open_connections import Held
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.domain.errors import BesedaError
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle

WAITING_MAX_BYTES = 256 << 10
"""What may wait for a slow reader; then the stream ends, and he resumes with the last id he has."""
COMMENT_S = 15.0
"""How often a silent stream sends a comment, so that nobody in between takes it for dead."""
HELLO = b":\nretry: 3000\n\n"
"""What every stream begins with: a comment, so that the head goes out at once, and how soon to come back (ms)."""
COMMENT = b":\n\n"
HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), NO_STORE, (b"x-accel-buffering", b"no")]


class EventFeed:
    """What all streams share: events are no frames, but go to many readers as these do."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.hub = Hub(frame=bytes)
        self.rooms = FollowedRooms(self.hub, core.streams, codec.encode_event, lambda room_id: None)


class EventStream(Held):
    """One reader of one room; to the hub he is a Socket."""

    def __init__(self, feed: EventFeed, send: Send, caller: Caller, kind: Handle, handle: str, room_id: RoomId) -> None:
        super().__init__(feed.core.auth, caller, kind, handle, "live")
        self._feed = feed
        self._send = send
        self._hurrying: asyncio.Task[None] | None = None
        self._room_id = room_id
        self._cursor = 0
        self._waiting = bytearray()
        self._news = asyncio.Event()
        self._ended = False
        self._follower = Follower(self, caller.signed_in()[0].id)

    async def open(self, after: int | None) -> None:
        """Begin after a cursor, or now. Raises NotInRoom, NotSignedIn."""
        streams = self._feed.core.streams
        head = (await streams.stream(self._room_id)).head
        self._cursor = head if after is None else after
        await streams.read(self.caller, self._room_id, head)  # is he inside?

    async def run(self, receive: Receive) -> None:
        """Send lines until the client goes, the member leaves the room, or the session ends."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._put(HELLO)
        gone = asyncio.create_task(self._wait_for_end(receive))
        try:
            with suppress(BesedaError):  # the head is out: the client comes back and is told
                await self.load_ignored()
                await self._feed.rooms.follow(
                    self._follower, self.caller, self._room_id, self._cursor, self._write_waiting
                )
                while self._follower.rooms and not self._ended:
                    if not await self._wait():
                        await self._put(COMMENT)
                    await self._write_waiting()
            await self._write_waiting()
            await self._put(b"", more=False)
        finally:
            self._ended = True
            self._feed.rooms.forget(self._follower)
            gone.cancel()

    async def _wait(self) -> bool:
        """Whether there is news; False when there has been none for long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), COMMENT_S)
        return self._news.is_set()

    async def _write_waiting(self) -> None:
        """Returns when the reader has taken it."""
        self._feed.hub.flush()
        self._news.clear()
        if self._waiting:
            body, self._waiting = bytes(self._waiting), bytearray()
            await self._put(body)

    async def _put(self, body: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    @property
    def is_closed(self) -> bool:
        return self._ended

    @property
    def write(self) -> Callable[[bytes], None]:
        return self._take

    def _take(self, data: bytes) -> None:
        """What comes at once is taken as it is; whoever does not read what came before has to resume."""
        if self._waiting and len(self._waiting) + len(data) > WAITING_MAX_BYTES:
            self._ended = True
        if not self._ended:
            self._waiting += data
        self._news.set()

    def send_text(self, payload: bytes) -> None:
        self._take(payload)

    def close(self, code: int, reason: str = "") -> None:
        self.end_session()

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
        ignored = await self._feed.core.ignoring.ignored_by(self._follower.account_id)
        if not self._ended:
            self._feed.rooms.set_ignored(self._follower, ignored)


async def _hurry(send: Send) -> None:
    await send({"type": HURRY})
