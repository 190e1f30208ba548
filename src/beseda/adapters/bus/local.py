"""No bus: of other processes on the same SQLite file its own change counter tells."""

from collections.abc import Callable, Sequence

from beseda.domain.ids import RoomId


class LocalBus:
    """See core/ports/nodes.py. `others_wrote` is the database's."""

    by_room = False
    payload_max = 0
    trouble = ""
    losses = 0

    def __init__(self, others_wrote: Callable[[], bool]) -> None:
        self._others_wrote = others_wrote

    async def start(self, hear: Callable[[bytes], None]) -> None:
        pass

    def follow(self, room_id: RoomId) -> None:
        pass

    def unfollow(self, room_id: RoomId) -> None:
        pass

    async def send(self, hints: Sequence[tuple[RoomId | None, bytes]]) -> None:
        pass

    async def look(self) -> bool:
        return self._others_wrote()

    async def close(self) -> None:
        pass
