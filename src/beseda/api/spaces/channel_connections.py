"""The two ends at which a channel is listened to: a WebSocket, and a poll that waits."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from beseda.api.following import Follower
from beseda.api.hub import NORMAL, Socket
from beseda.api.open_connections import Held
from beseda.core.caller import Caller
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle

if TYPE_CHECKING:
    from beseda.api.spaces.channel import Channels


class ChannelConnection(Held):
    """Something that gets what a channel tells."""

    __slots__ = ("_channels", "follower", "socket")

    def __init__(self, channels: "Channels", caller: Caller, token: str) -> None:
        super().__init__(channels.core.auth, caller, Handle.CHANNEL, token, "spaces")
        self._channels = channels
        self.socket: Socket
        self.follower: Follower

    def _open(self, socket: Socket) -> None:
        account, _ = self.caller.signed_in()
        self.socket = socket
        self.follower = Follower(socket, account.id)
        self._channels.add(self)

    def _close(self) -> None:
        self._channels.discard(self)

    def followed(self) -> Collection[RoomId]:
        return self.follower.rooms

    async def load_ignored(self) -> None:
        ignored = await self._channels.core.ignoring.ignored_by(self.follower.account_id)
        if not self.socket.is_closed:
            self._channels.rooms.set_ignored(self.follower, ignored)


class ChannelSocket(ChannelConnection):
    """A WebSocket. Its client says nothing; what it says is not listened to."""

    __slots__ = ()

    def connected(self, socket: Socket) -> None:
        self._open(socket)

    def received(self, text: str) -> None:
        pass

    def closed(self) -> None:
        self._close()

    def end_session(self) -> None:
        """The last message says why."""
        hub = self._channels.hub
        hub.send(self.socket, self._channels.encode_logout(self.caller))
        hub.close(self.socket, NORMAL, "signed out")


class _Bell:
    """For a poll in place of a socket: whatever is written to it, the poll has to look."""

    def __init__(self) -> None:
        self.is_closed = False
        self.rung = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.rung.set()

    def send_text(self, payload: bytes) -> None:
        self.rung.set()

    def close(self, code: int, reason: str = "") -> None:
        self.is_closed = True
        self.rung.set()


class Poll(ChannelConnection):
    """One poll, until there is something to tell, its time is over, its client gone or its session ended."""

    __slots__ = ("bell", "signed_out", "until_s")

    def __init__(self, channels: "Channels", caller: Caller, token: str, until_s: float) -> None:
        super().__init__(channels, caller, token)
        self.until_s = until_s
        self.bell = _Bell()
        self.signed_out = False

    def open(self) -> None:
        self._open(self.bell)

    def close(self) -> None:
        self.bell.is_closed = True
        self._close()

    def end_session(self) -> None:
        """Answered with the last message."""
        self.signed_out = True
        self.bell.close(NORMAL)
