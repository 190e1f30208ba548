"""The newest lines of a room as a page, for whoever has no scripts."""

from beseda.api.forms import Form, FormRefused, read_query
from beseda.api.web.call import PageCall, Reply
from beseda.api.web.house import House
from beseda.api.web.own import number_of
from beseda.core.core import Core
from beseda.domain.ids import RoomId
from beseda.domain.messages import Hidden, Kind

LINES = 50
TALK = frozenset({Kind.TEXT, Kind.WHISPER})


class Reading:
    def __init__(self, core: Core, house: House) -> None:
        self._core = core
        self._house = house

    async def show(self, call: PageCall) -> Reply:
        """What was said in `room`, where the caller is, newest first; `before` a line. Raises NotInRoom."""
        try:
            query = read_query(call.scope["query_string"])
        except FormRefused:
            query = Form([])
        room_id, before = RoomId(number_of(query.get("room") or "")), number_of(query.get("before") or "") or None
        page = await self._core.history.before(call.caller, room_id, before, LINES)
        said = [line for line in page.lines if line.kind in TALK and line.actor and line.hidden is not Hidden.DELETED]
        body = self._house.page(
            "read.html",
            call.scope,
            call.caller.account,
            room=await self._core.rooms.view_for(call.caller, room_id),
            lines=[(line.at, line) for line in reversed(said)],
            older=page.before if page.more else 0,
        )
        return Reply(body)
