"""What members may read of a room's past, page by page and around a line: domain/history.py has the rule."""

from dataclasses import dataclass
from datetime import datetime

from beseda.core.caller import Caller
from beseda.core.ports import Store, Unit
from beseda.core.streams import PAGE, Streams
from beseda.domain.accounts import Account
from beseda.domain.errors import LineNotFound
from beseda.domain.history import begin, may_read, skip
from beseda.domain.ids import MAX_ID, RoomId
from beseda.domain.messages import Line, sees
from beseda.domain.rooms import Room


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines, oldest first. Those `before` and `after` come next, if `more` and `newer` say that there are any.

    It may hold fewer lines than were asked for, or none, though there are others.
    """

    lines: list[Line]
    before: int
    more: bool
    after: int
    newer: bool


class History:
    def __init__(self, store: Store, streams: Streams) -> None:
        self._store = store
        self._streams = streams

    async def before(self, caller: Caller, room_id: RoomId, before: int | None, limit: int) -> Excerpt:
        """The newest lines before one, None for the newest of all, that the caller, who is inside, may read and sees.

        Raises NotSignedIn, NotInRoom.
        """
        stream = await self._streams.stream(room_id)
        after = stream.head if before is None else max(min(before, stream.head + 1) - 1, 0)
        page = await self._streams.history(caller, room_id, after + 1, limit)
        return Excerpt(page.lines, page.cursor, page.full, after, after < stream.head)

    async def after(self, caller: Caller, room_id: RoomId, after: int, limit: int) -> Excerpt:
        """The oldest lines after one that the caller, who is inside, may read and sees. Raises as above."""
        stream, reader, stays = await self._streams.access_room(caller, room_id)
        start = skip(stays, min(after, MAX_ID))
        lines, end = await self._store.view.messages.list_after(room_id, start, min(max(limit, 1), PAGE))
        readable = [line for line in lines if may_read(stays, line.seq) and sees(line, reader)]
        more = bool(stays) and start >= stays[0].first
        return Excerpt(readable, start + 1, more, end, end < stream.head)

    async def around(self, caller: Caller, room_id: RoomId, seq: int, limit: int) -> Excerpt:
        """A line that the caller, who is inside, may read and sees, amid others. Raises as above, and LineNotFound."""
        _, reader, stays = await self._streams.access_room(caller, room_id)
        line = await self._store.view.messages.find(room_id, seq) if 0 < seq <= MAX_ID else None
        if line is None or not may_read(stays, seq) or not sees(line, reader):
            raise LineNotFound
        up_to = await self.before(caller, room_id, seq + 1, limit // 2 + 1)
        if (left := limit - limit // 2 - 1) < 1:
            return up_to
        then = await self.after(caller, room_id, seq, left)
        return Excerpt(up_to.lines + then.lines, up_to.before, up_to.more, then.after, then.newer)


async def begin_stay(
    unit: Unit, room: Room, account: Account, entered_seq: int, now: datetime, history_lines: int
) -> int:
    """Within a deed: somebody comes in with a line; the first line that he may read from now on.

    `history_lines` is for rooms that do not say otherwise.
    """
    newest = history_lines if room.history_lines is None else room.history_lines
    earlier = await unit.history.list_stays(room.id, account.id)
    first, continued = begin(entered_seq, newest, earlier, now)
    await unit.history.forget_stays(room.id, account.id, continued)
    if not continued:  # what came before is not new to him
        await unit.history.mark_read(room.id, account.id, entered_seq, now)
    return first
