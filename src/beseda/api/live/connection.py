"""One client's WebSocket: its calls, one after another, and the rooms that it follows."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection

from beseda.api.following import FollowedRooms, Follower
from beseda.api.gate import Gate
from beseda.api.hub import BROKEN, POLICY, Hub, Socket
from beseda.api.live import codec
from beseda.api.live.codec import Call, CallRefused
from beseda.api.open_connections import Held
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.patience import be_patient
from beseda.domain.errors import BesedaError, NotSignedIn, OutcomeUnknown, StoreUnavailable
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.sessions import Handle

WAITING_MAX = 64
"""Calls that a client may have under way."""
ROOMS_MAX = 20
"""Rooms that one connection may follow."""
HISTORY_MAX = 200


class Connection(Held):
    """The hub's SocketHandler. Nothing runs for it while its client is silent."""

    __slots__ = (
        "_calls",
        "_core",
        "_forget",
        "_hub",
        "_rooms",
        "_working",
        "follower",
        "gate",
        "socket",
    )

    def __init__(
        self,
        core: Core,
        hub: Hub,
        rooms: FollowedRooms,
        caller: Caller,
        kind: Handle,
        handle: str,
        forget: Callable[["Connection"], None],
    ) -> None:
        super().__init__(core.auth, caller, kind, handle)
        self._core = core
        self._hub = hub
        self._rooms = rooms
        self._forget = forget
        self._calls: deque[str] = deque()
        self._working: asyncio.Task[None] | None = None
        self.gate: Gate | None = None
        self.socket: Socket
        self.follower: Follower

    def connected(self, socket: Socket) -> None:
        account, _ = self.caller.signed_in()
        self.socket = socket
        self.follower = Follower(socket, account.id)
        self._hub.send(socket, codec.encode_hello(account))

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
        self._forget(self)

    def followed(self) -> Collection[RoomId]:
        return self.follower.rooms

    def end_session(self) -> None:
        """The session has ended: so does the connection."""
        self._hub.close(self.socket, POLICY, "the session has ended")

    async def load_ignored(self) -> None:
        """Whom the member ignores may have changed."""
        ignored = await self._core.ignoring.ignored_by(self.follower.account_id)
        if not self.socket.is_closed:
            self._rooms.set_ignored(self.follower, ignored)

    async def _work(self) -> None:
        try:
            be_patient()
            while self._calls:
                answer = await self._answer(self._calls.popleft())
                self._hub.send(self.socket, answer)
        except BaseException:
            self._hub.close(self.socket, BROKEN, "something went wrong here")
            raise
        finally:
            self._working = None

    async def _answer(self, text: str) -> bytes:
        id_: object = None
        try:
            call = codec.read_call(text)
            id_ = call.id
            await self.renew()
            if self.caller.session is None:
                raise NotSignedIn
            if call.op not in OPS:
                raise CallRefused("unknown_op", id_)
            if self.gate is not None:
                await self.gate(f"live.{call.op}")
            answer = await OPS[call.op](self, call)
        except (CallRefused, BesedaError) as refusal:
            answer = codec.encode_error(refusal.id if isinstance(refusal, CallRefused) else id_, refusal)
            if isinstance(refusal, StoreUnavailable | OutcomeUnknown):
                return answer  # calls that waited behind this one have waited for the database as well
        be_patient()
        return answer

    async def _enter(self, call: Call) -> bytes:
        room_id = await self._core.rooms.enter(self.caller, call.text("name"), call.text("password", ""))
        return codec.encode_answer(call, room=room_id)

    async def _leave(self, call: Call) -> bytes:
        await self._core.rooms.leave(self.caller, _room(call))
        return codec.encode_answer(call)

    async def _post(self, call: Call) -> bytes:
        line = await self._core.messages.post(
            self.caller,
            _room(call),
            call.text("text"),
            to=AccountId(min(call.number("to", 0), MAX_ID)),
            key=call.optional_text("key"),
        )
        return codec.encode_answer(call, line=codec.line_members(line))

    async def _delete(self, call: Call) -> bytes:
        line = await self._core.messages.delete(self.caller, _room(call), call.number("seq"))
        return codec.encode_answer(call, line=codec.line_members(line))

    async def _history(self, call: Call) -> bytes:
        limit = min(call.number("limit", 50), HISTORY_MAX)
        page = await self._core.streams.history(self.caller, _room(call), call.optional_number("before"), limit)
        lines = [codec.line_members(line) for line in page.lines]
        return codec.encode_answer(call, lines=lines, before=page.cursor, more=page.full)

    async def _follow(self, call: Call) -> bytes:
        """The lines after the cursor, then the answer, then what happens; without a cursor what happens from now on."""
        room_id, after = _room(call), call.optional_number("after")
        if len(self.follower.rooms) >= ROOMS_MAX and room_id not in self.follower.rooms:
            raise CallRefused("too_many_rooms", call.id)
        self._rooms.unfollow(self.follower, room_id)
        await self.load_ignored()
        cursor = await self._rooms.follow(self.follower, self.caller, room_id, after)
        return codec.encode_answer(call, room=room_id, cursor=cursor)

    async def _unfollow(self, call: Call) -> bytes:
        self._rooms.unfollow(self.follower, _room(call))
        return codec.encode_answer(call)


def _room(call: Call) -> RoomId:
    return RoomId(call.number("room"))


OPS: dict[str, Callable[[Connection, Call], Awaitable[bytes]]] = {
    "enter": Connection._enter,
    "leave": Connection._leave,
    "follow": Connection._follow,
    "unfollow": Connection._unfollow,
    "post": Connection._post,
    "delete": Connection._delete,
    "history": Connection._history,
}
