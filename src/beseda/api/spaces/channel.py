"""The live channel: `/ws/<channel>`, a WebSocket, and `/lpex/<channel>`, a long poll by script (JSONP).

Both get the member's updates and the lines of the rooms that he is in. A socket gets them as they happen. A poll is
answered from its cursor: the hub only wakes it, so what is told twice or at a bad moment is neither lost nor doubled.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from beseda.api.base import NO_STORE, Headers, Outcome, Receive, Scope, Send, address_of, header, send_answer, send_body
from beseda.api.following import FollowedRooms
from beseda.api.forms import FormRefused, read_query
from beseda.api.hub import BROKEN, NORMAL, Hub, open_socket
from beseda.api.open_connections import OpenConnections
from beseda.api.refusing import note_refusal
from beseda.api.spaces import codec_channel
from beseda.api.spaces.channel_connections import ChannelConnection, ChannelSocket, Poll
from beseda.api.spaces.codec_channel import Cursor, read_cursor
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.core.streams import Page
from beseda.domain.errors import BesedaError, NotInRoom, StoreUnavailable
from beseda.domain.events import Event, LineAdded, Missed
from beseda.domain.ids import AccountId, RoomId, UpdateId
from beseda.domain.messages import Kind
from beseda.domain.sessions import Handle
from beseda.domain.updates import Update, is_over
from beseda.wire.spaces.channel import CALLBACK, HOLD_S, ROOMS_MAX, event_id

SCRIPT = b"application/javascript; charset=utf-8"
PLAIN = b"text/plain; charset=utf-8"
NOT_MODIFIED = 304


@dataclass(slots=True)
class _Seen:
    """A cursor while it moves on."""

    update: UpdateId
    rooms: dict[RoomId, int]


class Channels:
    def __init__(self, core: Core, clock: Clock, hub: Hub) -> None:
        self.core = core
        self.hub = hub
        self.rooms = FollowedRooms(hub, core.streams, codec_channel.encode_line, lambda room_id: None)
        self.connections: OpenConnections[ChannelConnection] = OpenConnections(core.hearing)
        self._clock = clock
        self._polls: set[Poll] = set()
        self._stopping = False
        self.held = 0
        """Polls that wait."""
        self._following: set[tuple[ChannelConnection, RoomId]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._owed: dict[ChannelConnection, dict[RoomId, int]] = {}
        """Connections that could not be told of their rooms, as the database was away, and cursors of the latter."""
        self._missed = False
        """Whether members may have entered rooms without a word of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        path: str = scope["path"]
        kind, _, token = path.strip("/").partition("/")
        method = "channel.socket" if kind == "ws" else "channel.poll"
        try:
            return Outcome(method, await self._open(scope, receive, send, kind, token))
        except BesedaError as refusal:
            note_refusal(refusal)
            await send_body(send, PLAIN, f"{refusal.code}\n".encode(), status=503)
            return Outcome(method, refusal.code)

    async def _open(self, scope: Scope, receive: Receive, send: Send, kind: str, token: str) -> str:
        """Raises StoreUnavailable, while nothing has been answered."""
        caller = await self.core.auth.caller(Handle.CHANNEL, token, address_of(scope), protocol="spaces")
        if caller.session is None or scope["method"] != "GET":
            await send_body(send, PLAIN, b"no such channel\n", status=403)
            return "403"
        await self.core.updates.watch(self._tell)
        if kind == "ws":
            return await self._socket(scope, send, ChannelSocket(self, caller, token))
        return await self._poll(scope, receive, send, caller, token)

    def add(self, connection: ChannelConnection) -> None:
        """From now on it is told what happens."""
        self.hub.join((self, connection.follower.account_id), connection.socket)
        self.connections.add(connection)

    def discard(self, connection: ChannelConnection) -> None:
        self.hub.leave_all(connection.socket)
        self.rooms.forget(connection.follower)
        self.connections.discard(connection)
        self._owed.pop(connection, None)
        if not self.connections:
            self.core.updates.unwatch(self._tell)

    def encode_logout(self, caller: Caller) -> bytes:
        _, session = caller.signed_in()
        return codec_channel.encode_logout(int(session.created_at.timestamp()), self._clock.now())

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        self.connections.note(event)
        self._missed |= isinstance(event, Missed)
        if isinstance(event, LineAdded) and event.line.kind is Kind.ENTERED and event.line.actor is not None:
            for connection in self.connections.of(event.line.actor.id):
                follow = self._follow_soon(connection, event.line.room_id, event.line.seq)
                task = asyncio.get_running_loop().create_task(follow)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def look(self) -> None:
        """What could not be done before, and polls whose time is over; to be called every moment."""
        now_s = self._clock.monotonic_s()
        for poll in tuple(self._polls):
            if now_s >= poll.until_s:
                poll.bell.rung.set()
        await self.connections.look()
        if self._missed:
            await self._follow_entered()
            self._missed = False
        for connection in tuple(self._owed):
            await self._follow_all(connection)

    def _tell(self, update: Update) -> None:
        """Watches all updates."""
        if update.kind not in codec_channel.UNTOLD and self.hub.members(key := (self, update.account_id)):
            self.hub.broadcast(key, codec_channel.encode_update(update))

    async def _follow(self, connection: ChannelConnection, room_id: RoomId, after: int | None) -> None:
        """The lines of a room, from a cursor or from now on, for a member who is still inside.

        Of whoever left it and came back the former stay is over, and what was said in between is not for him.
        """
        stream = await self.core.streams.stream(room_id)
        after = after and max(after, stream.entered(connection.follower.account_id))
        await connection.load_ignored()
        following = (connection, room_id)
        if room_id in connection.follower.rooms or following in self._following or connection.socket.is_closed:
            return
        self._following.add(following)
        try:
            with suppress(NotInRoom):
                await self.rooms.follow(connection.follower, connection.caller, room_id, after)
        finally:
            self._following.discard(following)

    async def _follow_soon(self, connection: ChannelConnection, room_id: RoomId, after: int) -> None:
        """The same when it can be done: clients never connect anew, so the connection stays."""
        try:
            await self._follow(connection, room_id, after)
        except StoreUnavailable:
            self._owe(connection, {room_id: after})

    def _owe(self, connection: ChannelConnection, cursors: dict[RoomId, int]) -> None:
        if not connection.socket.is_closed:
            self._owed[connection] = cursors | self._owed.get(connection, {})

    async def _follow_all(self, connection: ChannelConnection) -> None:
        """What a connection begins with, now that nothing passes it by; its session may have ended meanwhile."""
        await connection.renew()
        await connection.load_ignored()
        cursors = self._owed.get(connection, {})
        for room_id in await self.core.hearing.rooms_of(connection.follower.account_id):
            await self._follow(connection, room_id, cursors.get(room_id))
        if self._owed.get(connection) is cursors:  # else more is owed since
            del self._owed[connection]

    async def _heads(self, account_id: AccountId) -> dict[RoomId, int]:
        """Cursors of the rooms that a member is in: from now on."""
        rooms = await self.core.hearing.rooms_of(account_id)
        return {room_id: (await self.core.streams.stream(room_id)).head for room_id in rooms}

    async def _follow_entered(self) -> None:
        """The rooms that members have entered, from their first line, or from where it is owed."""
        for room_id, account_id in await self.core.hearing.everybody():
            for connection in self.connections.of(account_id):
                if room_id not in connection.follower.rooms:
                    entered = await self.core.hearing.entered(connection.caller, room_id)
                    await self._follow(connection, room_id, self._owed.get(connection, {}).get(room_id, entered))

    async def _socket(self, scope: Scope, send: Send, connection: ChannelSocket) -> str:
        """All that is said from the handshake on is heard, though it may be later."""
        account, _ = connection.caller.signed_in()
        heads = await self._heads(account.id)
        if await open_socket(scope, send, connection, keep_silent=True) is None:
            return "refused"
        self._owe(connection, heads)
        try:
            await self._follow_all(connection)
        except StoreUnavailable:
            pass
        except BesedaError as refusal:
            note_refusal(refusal)
            self.hub.close(connection.socket, BROKEN, refusal.code)
            return refusal.code
        return "ok"

    async def _poll(self, scope: Scope, receive: Receive, send: Send, caller: Caller, token: str) -> str:
        try:
            query = read_query(scope["query_string"])
        except FormRefused:
            query = read_query(b"")
        callback = query.get("callback") or ""
        if callback and not CALLBACK.fullmatch(callback):
            await send_body(send, PLAIN, b"no such callback\n", status=400)
            return "400"
        tag, time, event = (_text(scope, name) for name in (b"if-none-match", b"if-modified-since", b"last-event-id"))
        poll = Poll(self, caller, token, self._clock.monotonic_s() + HOLD_S)
        poll.open()
        self._polls.add(poll)
        if self._stopping:
            poll.bell.close(NORMAL)
        gone = asyncio.create_task(_wait_for_end(receive, poll))
        try:
            await self._follow_all(poll)
            cursor = read_cursor(query, tag.strip('"'), time, event)
            found = await self._wait(poll, cursor) if len(poll.follower.rooms) <= ROOMS_MAX else None
        finally:
            gone.cancel()
            self._polls.discard(poll)
            poll.close()
        if found is None:  # no cursor can say where he is in all of them: rather than skip some, the socket
            await send_body(send, PLAIN, f"in more than {ROOMS_MAX} rooms: use /ws/\n".encode(), status=409)
            return "409"
        messages, seen = found
        await self._answer(send, callback, messages, seen)
        return "200" if messages else "304"

    async def _wait(self, poll: Poll, cursor: Cursor) -> tuple[list[bytes], _Seen]:
        seen, messages = await self._begin(poll, cursor), list[bytes]()
        while True:
            messages = await self._read_on(poll, seen)
            if poll.signed_out:
                messages.append(self.encode_logout(poll.caller))
            if messages or poll.bell.is_closed or self._clock.monotonic_s() >= poll.until_s:
                break
            self.held += 1
            try:
                await poll.bell.rung.wait()
            finally:
                self.held -= 1
            poll.bell.rung.clear()
        return messages, seen

    async def _begin(self, poll: Poll, cursor: Cursor) -> _Seen:
        """Where each stream is read from."""
        account_id = poll.follower.account_id
        head = await self.core.updates.head()  # of a database that was restored ids come again
        seen = _Seen(min(cursor.update or UpdateId(0), head), dict(cursor.rooms or {}))
        for room_id in poll.follower.rooms:
            if room_id not in seen.rooms:
                seen.rooms[room_id] = await self._since(poll.caller, room_id, cursor)
        if cursor.update is None:
            updates = await self.core.updates.list_since(account_id, cursor.since) if cursor.since else []
            seen.update = UpdateId(updates[0].id - 1) if updates else head
        return seen

    async def _since(self, caller: Caller, room_id: RoomId, cursor: Cursor) -> int:
        """The last line that a client has seen of a room that its cursor does not name."""
        stream = await self.core.streams.stream(room_id)
        entered = await self.core.hearing.entered(caller, room_id) or stream.head
        if cursor.since is None:  # a cursor that names all rooms was given before this one was entered
            return stream.head if cursor.rooms is None else entered
        first = await self.core.hearing.first_since(room_id, entered, cursor.since)
        return stream.head if first is None else first - 1

    async def _read_on(self, poll: Poll, seen: _Seen) -> list[bytes]:
        """What came after the cursor, which moves on with it."""
        messages: list[bytes] = []
        for update in await self.core.updates.list_after(poll.follower.account_id, seen.update):
            seen.update = update.id
            if update.kind in codec_channel.UNTOLD or is_over(update, self._clock.now()):
                continue
            text = codec_channel.update_text(update)
            event = event_id(seen.update, seen.rooms.items())
            channel = f"u{update.account_id}"
            messages.append(codec_channel.encode_message(update.id, channel, text, update.id, update.at, event))
        for room_id in poll.follower.rooms | seen.rooms.keys():
            try:
                page = await self.core.streams.read(poll.caller, room_id, seen.rooms.get(room_id))
            except NotInRoom:
                seen.rooms.pop(room_id, None)
                continue
            messages += self._lines(page, room_id, seen)
        return messages

    def _lines(self, page: Page, room_id: RoomId, seen: _Seen) -> list[bytes]:
        messages: list[bytes] = []
        for line in page.lines:
            seen.rooms[room_id] = line.seq
            if text := codec_channel.line_text(line):
                event = event_id(seen.update, seen.rooms.items())
                channel = f"r{room_id}"
                messages.append(codec_channel.encode_message(line.seq, channel, text, seen.update, line.at, event))
        seen.rooms[room_id] = page.cursor
        return messages

    async def _answer(self, send: Send, callback: str, messages: list[bytes], seen: _Seen) -> None:
        event = event_id(seen.update, seen.rooms.items()).encode()
        headers: Headers = [NO_STORE, (b"last-event-id", event), (b"etag", b'"%b"' % event)]
        if not messages:  # never an empty array: clients take its first message unseen
            await send_answer(send, headers, b"", status=NOT_MODIFIED)
            return
        body = codec_channel.encode_poll(callback, messages)
        kind = SCRIPT if callback else b"application/json; charset=utf-8"
        more = [(b"content-type", kind), (b"x-content-type-options", b"nosniff")]
        await send_answer(send, [*more, (b"content-length", str(len(body)).encode()), *headers], body)

    async def settle(self) -> None:
        """Everything that has happened so far is written to the sockets: for tests."""
        await self.core.updates.settle()
        while self._tasks:
            await asyncio.gather(*self._tasks)
        self.hub.flush()

    def hang_up(self) -> None:
        """Answer all polls, also those that are about to begin: the server stops."""
        self._stopping = True
        for poll in tuple(self._polls):
            poll.bell.close(NORMAL)


async def _wait_for_end(receive: Receive, poll: Poll) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    poll.bell.close(NORMAL)


def _text(scope: Scope, name: bytes) -> str:
    return (header(scope, name) or b"").decode("latin-1")
