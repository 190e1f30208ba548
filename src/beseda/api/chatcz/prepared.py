"""The answers about rooms, encoded once per change and then sent as they are."""

from dataclasses import dataclass

from beseda.api.base import ANSWER, NO_STORE, Message, Outcome, Scope
from beseda.api.chatcz import codec
from beseda.core.room_list import Listing
from beseda.core.rooms import Rooms
from beseda.domain.errors import RoomNotFound
from beseda.domain.ids import RoomId
from beseda.domain.rooms import RoomView


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer as the message that sends it."""

    message: Message
    outcome: Outcome


def make_ready(method: str, body: bytes) -> Ready:
    length = (b"content-length", str(len(body)).encode())
    return Ready(
        {
            "type": ANSWER,
            "status": 200,
            "headers": ((b"content-type", codec.JSON), length, NO_STORE),
            "body": body,
        },
        Outcome(method, "200"),
    )


class RoomAnswers:
    """Follows the list of rooms; what did not change is not encoded again."""

    def __init__(self, rooms: Rooms) -> None:
        self._list = rooms.list
        self._listing: Listing | None = None
        self._encoded: dict[RoomId, tuple[RoomView, bytes]] = {}
        self._ready: dict[str, Ready] = {}

    def find(self, scope: Scope) -> Ready | None:
        """The answer to a request that asks for rooms without a cookie, if it is prepared and still true."""
        ready = self._ready.get(scope["path"])
        if ready is None or scope["method"] != "GET" or self._list.fresh() is not self._listing:
            return None
        for name, _ in scope["headers"]:
            if name == b"cookie":
                return None
        return ready

    async def rooms(self) -> bytes:
        """/rooms as everybody sees it."""
        await self._refresh()
        rooms = (encoded for _, encoded in self._encoded.values())
        return self._keep("/api/rooms", "rooms", codec.encode_rooms_answer(rooms))

    async def rooms_with(self, favourites: frozenset[RoomId]) -> bytes:
        """/rooms as an authorised caller sees it: favourites first (chat.cz help, rule 3), and marked."""
        await self._refresh()
        rooms = sorted(self._encoded.items(), key=lambda item: item[0] not in favourites)
        return codec.encode_rooms_answer(codec.mark_favourite(room, id_ in favourites) for id_, (_, room) in rooms)

    async def room(self, room_id: RoomId) -> bytes:
        """/room/<id>. Raises RoomNotFound."""
        await self._refresh()
        if room_id not in self._encoded:
            raise RoomNotFound
        return self._keep(f"/api/room/{room_id}", "room", codec.encode_room_answer(self._encoded[room_id][1]))

    def _keep(self, path: str, method: str, body: bytes) -> bytes:
        self._ready[path] = make_ready(method, body)
        return body

    async def _refresh(self) -> None:
        listing = await self._list.get()
        if listing is self._listing:
            return
        before, self._listing, self._ready = self._encoded, listing, {}
        self._encoded = {view.id: self._encode(before.get(view.id), view) for view in listing.views}

    def _encode(self, before: tuple[RoomView, bytes] | None, view: RoomView) -> tuple[RoomView, bytes]:
        return before if before is not None and before[0] is view else (view, codec.encode_room(view))
