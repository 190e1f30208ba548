"""Live connections, as the protocols see them: a socket, who listens to it, and the hub that writes to many at once.

To write to a thousand sockets costs a thousand system calls, some five microseconds each, whoever makes them; all
else is small beside that. So an event is made a frame once for all its readers, and everything that comes up in one
turn of the loop is joined and goes to each socket in one write. Nobody is waited for: the transports keep what a
reader has not taken yet, up to a bound; who falls behind further is closed, and resumes with its cursor.
"""

import asyncio
import struct
from collections.abc import Callable, Collection, Hashable, Iterable
from operator import itemgetter
from typing import Protocol

from beseda.api.base import Scope, Send, send_body

EXTENSION = "beseda.socket"
"""Under `scope["extensions"]` of a request that asks for a WebSocket: an `Accept`."""
NORMAL = 1000
GOING_AWAY = 1001
POLICY = 1008
BROKEN = 1011
TOO_SLOW = 1013
"""Close codes (RFC 6455, 7.4.1, and its registry)."""

_SMALL, _MEDIUM = 126, 65_536
Frames = list[tuple[int, bytes]]
"""Frames and their places in the order of all that was sent in a turn."""


def text_frame(payload: bytes) -> bytes:
    """One whole text message as a server sends it (RFC 6455, 5.2); `payload` is UTF-8."""
    size = len(payload)
    if size < _SMALL:
        return bytes((0x81, size)) + payload
    if size < _MEDIUM:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


class Socket(Protocol):
    """The server's end of a WebSocket. What is written to a closed one is dropped."""

    @property
    def is_closed(self) -> bool:
        """Whether its end has begun: nothing more goes out or comes in."""
        ...

    @property
    def write(self) -> Callable[[bytes], None]:
        """Takes whole frames, one or several."""
        ...

    def send_text(self, payload: bytes) -> None:
        """Write one text message, at once: before anything that the hub still holds back for this turn."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake. What was written before still goes out, what the hub holds back does not."""
        ...


class SocketHandler(Protocol):
    """Who listens to a socket. Nothing here may wait; what does is done in a task."""

    def connected(self, socket: Socket) -> None:
        """Called once, first, while `accept` is still under way."""
        ...

    def received(self, text: str) -> None:
        """One message, valid UTF-8, of a bounded size."""
        ...

    def closed(self) -> None:
        """Called once, last, in a turn of its own, as soon as the socket is closed by either side."""
        ...


class HandshakeRefused(Exception):
    """The request cannot become a WebSocket; what to answer is inside."""

    def __init__(self, status: int, text: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


class Accept(Protocol):
    """Make the request a WebSocket. Afterwards nothing is sent through ASGI; the call just returns."""

    def __call__(
        self, handler: SocketHandler, *, headers: Iterable[tuple[bytes, bytes]] = (), keep_silent: bool = False
    ) -> Socket:
        """Sends 101 with `headers`, and hands the connection over to a socket.

        Idle sockets are pinged. One that gives no sign of life for long is closed, unless `keep_silent`.
        Raises HandshakeRefused, ClientGone.
        """
        ...


async def open_socket(
    scope: Scope,
    send: Send,
    handler: SocketHandler,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    keep_silent: bool = False,
) -> Socket | None:
    """Accept a request as a WebSocket; None when it cannot be one, and was answered so. Raises ClientGone."""
    try:
        accept: Accept | None = scope.get("extensions", {}).get(EXTENSION)
        if accept is None:
            raise HandshakeRefused(426, "This is a WebSocket.", ((b"upgrade", b"websocket"),))
        return accept(handler, headers=headers, keep_silent=keep_silent)
    except HandshakeRefused as refused:
        text = refused.text.encode()
        await send_body(send, b"text/plain; charset=utf-8", text, *refused.headers, status=refused.status)
        return None


class _Group:
    """Sockets that get the same, and what they get at the end of this turn."""

    __slots__ = ("frames", "missed", "places", "sockets")

    def __init__(self) -> None:
        self.sockets: dict[Socket, None] = {}
        self.frames: list[bytes] = []
        self.places: list[int] = []
        self.missed: dict[Socket, set[int]] = {}
        """Which of `frames`, by index, a socket does not get: those it is spared, those from before it joined."""

    def frames_of(self, socket: Socket) -> Frames:
        missed = self.missed.get(socket, ())
        pairs = zip(self.places, self.frames, strict=True)
        return [pair for index, pair in enumerate(pairs) if index not in missed]


class Hub:
    """Groups of sockets. What is broadcast and sent goes out, in that order for each socket, at the end of the turn.

    `frame` makes a message what is written.
    """

    def __init__(self, frame: Callable[[bytes], bytes] = text_frame) -> None:
        self._frame = frame
        self._groups: dict[Hashable, _Group] = {}
        self._groups_of: dict[Socket, tuple[Hashable, ...]] = {}
        self._pending: dict[_Group, None] = {}
        self._apart: dict[Socket, Frames] = {}
        """Sockets that do not get exactly what their groups get this turn, and what is for them alone."""
        self._place = 0
        self._is_scheduled = False
        self.frames = 0
        """Broadcast or sent so far."""
        self.deliveries = 0
        """Frames times the sockets they went to."""

    def members(self, group_key: Hashable) -> int:
        group = self._groups.get(group_key)
        return len(group.sockets) if group else 0

    @property
    def groups(self) -> int:
        return len(self._groups)

    def join(self, group_key: Hashable, socket: Socket) -> None:
        """From now on the socket gets what is broadcast to the group; nothing of before."""
        if socket.is_closed:
            return
        group = self._groups.get(group_key)
        if group is None:
            group = self._groups[group_key] = _Group()
        elif socket in group.sockets:
            return
        group.sockets[socket] = None
        self._groups_of[socket] = (*self._groups_of.get(socket, ()), group_key)
        if group.frames:
            group.missed[socket] = set(range(len(group.frames)))
            self._apart.setdefault(socket, [])

    def leave(self, group_key: Hashable, socket: Socket) -> None:
        """What was broadcast before still reaches the socket."""
        group = self._groups.get(group_key)
        if group is None or socket not in group.sockets:
            return
        if group.frames and not socket.is_closed:
            self._apart.setdefault(socket, []).extend(group.frames_of(socket))
        del group.sockets[socket]
        group.missed.pop(socket, None)
        if not group.sockets:
            del self._groups[group_key]
        if left := tuple(key for key in self._groups_of[socket] if key != group_key):
            self._groups_of[socket] = left
        else:
            del self._groups_of[socket]

    def leave_all(self, socket: Socket) -> None:
        for group_key in self._groups_of.get(socket, ()):
            self.leave(group_key, socket)

    def broadcast(self, group_key: Hashable, payload: bytes, skip: Collection[Socket] = ()) -> None:
        """Give all in the group the same text message, but for those in `skip`."""
        if group_key in self._groups:
            self.broadcast_frame(group_key, self._frame(payload), skip)

    def broadcast_frame(self, group_key: Hashable, frame: bytes, skip: Collection[Socket] = ()) -> None:
        """The same for what is a frame already, perhaps for several groups."""
        group = self._groups.get(group_key)
        if group is None:
            return
        for socket in skip:
            if socket in group.sockets:
                group.missed.setdefault(socket, set()).add(len(group.frames))
                self._apart.setdefault(socket, [])
        group.frames.append(frame)
        group.places.append(self._next_place())
        self._pending[group] = None

    def send(self, socket: Socket, payload: bytes) -> None:
        """Give one socket a text message, in order with what its groups get."""
        if not socket.is_closed:
            self._apart.setdefault(socket, []).append((self._next_place(), self._frame(payload)))

    def close(self, socket: Socket, code: int, reason: str = "") -> None:
        """Close a socket after all that was broadcast and sent to it so far."""
        self.flush()
        socket.close(code, reason)

    def _next_place(self) -> int:
        self.frames += 1
        self._place += 1
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._end_turn)
        return self._place

    def _end_turn(self) -> None:
        self._is_scheduled = False
        self.flush()

    def flush(self) -> None:
        """Write what is held back, now."""
        pending, self._pending = self._pending, {}
        apart, self._apart = self._apart, {}
        if len(pending) > 1:
            self._set_apart_who_is_in_several(pending, apart)
        for group in pending:
            data = b"".join(group.frames)
            alike = len(group.sockets)
            if apart:
                for socket in group.sockets:
                    if socket in apart:
                        alike -= 1
                    else:
                        socket.write(data)
            else:
                for socket in group.sockets:
                    socket.write(data)
            self.deliveries += len(group.frames) * alike
        for socket, frames in apart.items():
            for group_key in self._groups_of.get(socket, ()):
                frames += self._groups[group_key].frames_of(socket)
            if frames:
                frames.sort(key=itemgetter(0))
                socket.write(b"".join([frame for _, frame in frames]))
                self.deliveries += len(frames)
        for group in pending:
            group.frames, group.places, group.missed = [], [], {}

    def _set_apart_who_is_in_several(self, pending: Collection[_Group], apart: dict[Socket, Frames]) -> None:
        """Who gets frames of two groups is in one that is not the largest: thousands need not be looked at."""
        largest = max(pending, key=lambda group: len(group.sockets))
        for group in pending:
            if group is largest:
                continue
            for socket in group.sockets:
                others = (self._groups[key] for key in self._groups_of[socket])
                if any(other is not group and other.frames for other in others):
                    apart.setdefault(socket, [])
