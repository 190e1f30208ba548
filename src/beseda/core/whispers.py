"""Whispering: a text for one other, in every room that either of the two is in."""

from datetime import datetime

from beseda.core.ports import Unit
from beseda.domain.accounts import Account
from beseda.domain.errors import NickNotHere, NotInRoom, RankTooLow
from beseda.domain.events import LineAdded
from beseda.domain.ids import RoomId
from beseda.domain.messages import Kind, Line


async def whisper(
    unit: Unit, account: Account, room_id: RoomId, to: Account, text: str, now: datetime, *, key: str | None = None
) -> Line:
    """Within a deed: see Messages.whisper. The line in `room_id` is returned, and has the key.

    All copies have one `number`: the `seq` of that line.
    """
    if account.id == to.id:
        raise RankTooLow
    own = [room.id for room in await unit.rooms.rooms_of(account.id)]
    if room_id not in own:
        raise NotInRoom
    others = [room.id for room in await unit.rooms.rooms_of(to.id)]
    if not others:
        raise NickNotHere
    elsewhere = {*own, *others} - {room_id}
    number = await unit.messages.head(room_id) + 1
    first = await _copy(unit, room_id, account, to, text, now, number, key=key)
    for other_id in sorted(elsewhere):
        await _copy(unit, other_id, account, to, text, now, number)
    await unit.messages.note_written(room_id, account.id, now)
    return first


async def _copy(
    unit: Unit,
    room_id: RoomId,
    account: Account,
    to: Account,
    text: str,
    now: datetime,
    number: int,
    *,
    key: str | None = None,
) -> Line:
    line = await unit.messages.append(
        room_id, Kind.WHISPER, now, actor=account, target=to, text=text, number=number, key=key
    )
    unit.record(LineAdded(now, line))
    return line
