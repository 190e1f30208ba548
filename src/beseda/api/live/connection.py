"""One client's WebSocket: its calls, one after another, and the rooms that it follows."""

import asyncio
from collections.abc import Callable, Collection

from beseda.api.following import FollowedRooms, Follower
from beseda.api.gate import Gate
from beseda.api.hub import BROKEN, POLICY, Hub, Socket
from beseda.api.live import codec
from beseda.api.live.codec import LiveCallRefused
from beseda.api.live.feeds import Feeds
from beseda.api.live.ops import OPS, READS
from beseda.api.open_connections import Held
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.patience import be_patient
from beseda.core.room_list import Listing
from beseda.domain.errors import BesedaError, NotSignedIn, OutcomeUnknown, StoreUnavailable, TokenTooNarrow
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle

WAITING_MAX = 64
"""Calls that a client may have under way."""


class LiveConnection(Held):
    """The hub's SocketHandler. Nothing runs for it while its client is silent."""

    __slots__ = (
        "_calls",
        "_feeds",
        "_forget",
        "_hub",
        "_rooms",
        "_working",
        "core",
        "follower",
        "gate",
        "socket",
    )

    def __init__(
        self,
        core: Core,
        hub: Hub,
        rooms: FollowedRooms,
        feeds: Feeds,
        caller: Caller,
        kind: Handle,
        handle: str,
        forget: Callable[["LiveConnection"], None],
    ) -> None:
        super().__init__(core.auth, caller, kind, handle, "live")
        self.core = core
        self._hub = hub
        self._rooms = rooms
        self._feeds = feeds
        self._forget = forget
        self._calls: list[str] = []  # never long; an empty deque takes ten times as much of every silent connection
        self._working: asyncio.Task[None] | None = None
        self.gate: Gate | None = None
        self.socket: Socket
        self.follower: Follower

    def connected(self, socket: Socket) -> None:
        account, _ = self.caller.signed_in()
        self.socket = socket
        self.follower = Follower(socket, account.id)
        self._hub.send(socket, codec.encode_hello(account, self.core.presence.idle, bot=self.caller.scope.bot))

    def received(self, text: str) -> None:
        if len(self._calls) >= WAITING_MAX:
            self._hub.close(self.socket, POLICY, "too many calls at once")
            return
        self._calls.append(text)
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())

    def closed(self) -> None:
        self._calls.clear()
        self._rooms.forget(self.follower)
        self._hub.leave_all(self.socket)
        self._feeds.own.forget(self.socket)
        self._forget(self)

    def followed(self) -> Collection[RoomId]:
        return self.follower.rooms

    def end_session(self) -> None:
        """The session has ended: so does the connection."""
        self._hub.close(self.socket, POLICY, "the session has ended")

    async def load_ignored(self) -> None:
        """Whom the member ignores may have changed."""
        ignored = await self.core.ignoring.ignored_by(self.follower.account_id)
        if not self.socket.is_closed:
            self._rooms.set_ignored(self.follower, ignored)

    async def _work(self) -> None:
        try:
            be_patient()
            while self._calls:
                answer = await self._answer(self._calls.pop(0))
                self._hub.send(self.socket, answer)
        except BaseException:
            self._hub.close(self.socket, BROKEN, "something went wrong here")
            raise
        finally:
            self._working = None

    async def _answer(self, text: str) -> bytes:
        id_, op = None, "unknown"
        try:
            call = codec.read_call(text)
            id_ = call.id
            await self.renew()
            if self.caller.session is None:
                raise NotSignedIn
            if call.op not in OPS:
                raise LiveCallRefused("unknown_op", id_)
            op = call.op
            if self.caller.scope.read_only and call.op not in READS:
                raise TokenTooNarrow
            if self.gate is not None:
                await self.gate(f"live.{call.op}")
            answer = await OPS[call.op](self, call)
        except (LiveCallRefused, BesedaError) as refusal:
            answer = self._refuse(op, id_, refusal)
            if isinstance(refusal, StoreUnavailable | OutcomeUnknown):
                return answer  # calls that waited behind this one have waited for the database as well
        be_patient()
        return answer

    def _refuse(self, op: str, id_: object, refusal: LiveCallRefused | BesedaError) -> bytes:
        """The answer to a call that was refused, with an id by which an operator can be asked why."""
        error = refusal if isinstance(refusal, BesedaError) else None
        request_id = self.core.refusals.note_inside("live", op, refusal.code, self.caller.address, error)
        return codec.encode_error(refusal.id if isinstance(refusal, LiveCallRefused) else id_, refusal, request_id)

    async def follow(self, room_id: RoomId, after: int | None) -> int:
        """The lines after a cursor, then what happens; the cursor in between. Raises NotInRoom."""
        self._rooms.unfollow(self.follower, room_id)
        await self.load_ignored()
        return await self._rooms.follow(self.follower, self.caller, room_id, after)

    def unfollow(self, room_id: RoomId) -> None:
        self._rooms.unfollow(self.follower, room_id)

    async def watch_rooms(self) -> Listing:
        """The list of rooms; how it changes is told from now on."""
        return await self._feeds.rooms.watch(self.socket)

    async def watch_own(self) -> None:
        """What waits for the member is told from now on."""
        await self._feeds.own.watch(self.socket, self.follower.account_id)
