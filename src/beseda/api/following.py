"""Carries lines to the connections that follow a room, encoded once in the form of their protocol; the hub writes."""

from collections.abc import Awaitable, Callable, Iterable

from beseda.api.hub import Hub, Socket
from beseda.core.caller import Caller
from beseda.core.streams import Streams
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line, is_private, sees

Pace = Callable[[], Awaitable[None]]
"""Returns when there may be more."""


class Follower:
    """A connection as far as rooms matter: its socket, whose eyes it has, and the rooms it follows."""

    __slots__ = ("account_id", "ignored", "rooms", "socket")

    def __init__(self, socket: Socket, account_id: AccountId) -> None:
        self.socket = socket
        self.account_id = account_id
        self.ignored: frozenset[AccountId] = frozenset()
        self.rooms: set[RoomId] = set()


class FollowedRooms:
    """`encode_line` makes a line a message, None when it is not told; `encode_end` what comes after the last line."""

    def __init__(
        self,
        hub: Hub,
        streams: Streams,
        encode_line: Callable[[Line], bytes | None],
        encode_end: Callable[[RoomId], bytes | None],
    ) -> None:
        self._encode_line = encode_line
        self._encode_end = encode_end
        self._hub = hub
        self._streams = streams
        self._followers: dict[RoomId, dict[Follower, None]] = {}
        self._ignorers: dict[AccountId, set[Follower]] = {}

    async def follow(
        self, follower: Follower, caller: Caller, room_id: RoomId, after: int | None, pace: Pace | None = None
    ) -> int:
        """Send what the caller sees after a cursor (None is now), then all that happens; the cursor in between.

        Whom the follower ignores must be known. Nothing is followed once its socket is closed. `pace` is waited for
        after each page of what was before. Raises NotInRoom, NotSignedIn.
        """
        if after is None:
            after = (await self._streams.stream(room_id)).head
        while True:
            page = await self._streams.read(caller, room_id, after)
            if follower.socket.is_closed:
                return after
            self._send(follower, page.lines)
            after = page.cursor
            if pace is not None:
                await pace()
            missed = None if page.full else self._streams.watch(room_id, self._tell, after)
            if missed is not None:
                break
        self._followers.setdefault(room_id, {})[follower] = None
        follower.rooms.add(room_id)
        self._hub.join((self, room_id), follower.socket)
        reader = self._streams.reader_now(room_id, follower.account_id, follower.ignored)
        self._send(follower, [line for line in missed if sees(line, reader)])
        return max(after, missed[-1].seq if missed else 0)

    def _send(self, follower: Follower, lines: Iterable[Line]) -> None:
        for line in lines:
            if payload := self._encode_line(line):
                self._hub.send(follower.socket, payload)

    def unfollow(self, follower: Follower, room_id: RoomId) -> None:
        """What was told before still arrives."""
        if room_id not in follower.rooms:
            return
        follower.rooms.discard(room_id)
        self._hub.leave((self, room_id), follower.socket)
        followers = self._followers[room_id]
        del followers[follower]
        if not followers:
            del self._followers[room_id]
            self._streams.unwatch(room_id, self._tell)

    def followed(self, room_id: RoomId) -> bool:
        """Whether anybody follows it."""
        return room_id in self._followers

    def set_ignored(self, follower: Follower, ignored: frozenset[AccountId]) -> None:
        """Whose texts the follower does not get."""
        for account_id in follower.ignored - ignored:
            ignorers = self._ignorers[account_id]
            ignorers.discard(follower)
            if not ignorers:
                del self._ignorers[account_id]
        for account_id in ignored - follower.ignored:
            self._ignorers.setdefault(account_id, set()).add(follower)
        follower.ignored = ignored

    def forget(self, follower: Follower) -> None:
        """The connection is gone."""
        for room_id in tuple(follower.rooms):
            self.unfollow(follower, room_id)
        self.set_ignored(follower, frozenset())

    def _tell(self, line: Line) -> None:
        """Watches every followed room."""
        followers = self._followers.get(line.room_id)
        if not followers:
            return
        payload = self._encode_line(line)
        if payload is None:
            pass
        elif is_private(line):
            for follower in self._readers(line, followers):
                self._hub.send(follower.socket, payload)
        else:
            skip: list[Socket] = []
            if line.kind is Kind.TEXT and line.actor is not None and line.actor.id in self._ignorers:
                skip = [follower.socket for follower in self._ignorers[line.actor.id] if line.room_id in follower.rooms]
            self._hub.broadcast((self, line.room_id), payload, skip)
        if line.kind in (Kind.LEFT, Kind.AUTO_LEFT, Kind.KICKED):
            self._end(line, followers)

    def _readers(self, line: Line, followers: Iterable[Follower]) -> list[Follower]:
        """Who sees a private line: only a muted text is for others than the two whom it is about."""
        about = {account.id for account in (line.actor, line.target) if account is not None}
        found = []
        for follower in followers:
            if follower.account_id in about or line.kind is Kind.TEXT:
                reader = self._streams.reader_now(line.room_id, follower.account_id, follower.ignored)
                if sees(line, reader):
                    found.append(follower)
        return found

    def _end(self, line: Line, followers: Iterable[Follower]) -> None:
        """Who has left the room follows it no longer."""
        gone = line.target if line.kind is Kind.KICKED else line.actor
        for follower in [each for each in followers if gone is not None and each.account_id == gone.id]:
            self.unfollow(follower, line.room_id)
            if (payload := self._encode_end(line.room_id)) is not None:
                self._hub.send(follower.socket, payload)
