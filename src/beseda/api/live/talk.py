"""Going into rooms, following them, talking, and what was said before."""

from beseda.api.live.calls import Client, Op, room_of
from beseda.api.live.codec import LiveCall, LiveCallRefused, encode_answer
from beseda.api.shown import show_line
from beseda.domain.ids import MAX_ID, AccountId

ROOMS_MAX = 20
"""Rooms that one connection may follow."""
HISTORY_MAX = 200


async def _enter(client: Client, call: LiveCall) -> bytes:
    """By `name`, or by `room`, which has to be there."""
    rooms, password = client.core.rooms, call.text("password", "")
    if "name" not in call.members and call.optional_number("room") is not None:
        room_id = room_of(call)
        await rooms.enter_by_id(client.caller, room_id, password)
    else:
        opens = call.flag("opens", True)
        room_id = await rooms.enter(client.caller, call.text("name"), password, opens=opens)
    return encode_answer(call, room=room_id)


async def _leave(client: Client, call: LiveCall) -> bytes:
    await client.core.rooms.leave(client.caller, room_of(call))
    return encode_answer(call)


async def _post(client: Client, call: LiveCall) -> bytes:
    line = await client.core.messages.post(
        client.caller,
        room_of(call),
        call.text("text"),
        to=AccountId(min(call.number("to", 0), MAX_ID)),
        key=call.optional_text("key"),
    )
    return encode_answer(call, line=show_line(line))


async def _delete(client: Client, call: LiveCall) -> bytes:
    line = await client.core.messages.delete(client.caller, room_of(call), call.number("seq"))
    return encode_answer(call, line=show_line(line))


async def _history(client: Client, call: LiveCall) -> bytes:
    """The newest lines, or those before, after or around one."""
    room_id, limit, history = room_of(call), min(call.number("limit", 50), HISTORY_MAX), client.core.history
    before, after, around = (call.optional_number(name) for name in ("before", "after", "around"))
    if around is not None:
        found = await history.around(client.caller, room_id, around, limit)
    elif after is not None:
        found = await history.after(client.caller, room_id, after, limit)
    else:
        found = await history.before(client.caller, room_id, before, limit)
    return encode_answer(
        call,
        lines=[show_line(line) for line in found.lines],
        before=found.before,
        more=found.more,
        after=found.after,
        newer=found.newer,
    )


async def _follow(client: Client, call: LiveCall) -> bytes:
    """The lines after the cursor, then the answer, then what happens; without a cursor what happens from now on."""
    room_id, after = room_of(call), call.optional_number("after")
    if len(client.followed()) >= ROOMS_MAX and room_id not in client.followed():
        raise LiveCallRefused("too_many_rooms", call.id)
    return encode_answer(call, room=room_id, cursor=await client.follow(room_id, after))


async def _unfollow(client: Client, call: LiveCall) -> bytes:
    client.unfollow(room_of(call))
    return encode_answer(call)


OPS: dict[str, Op] = {
    "enter": _enter,
    "leave": _leave,
    "follow": _follow,
    "unfollow": _unfollow,
    "post": _post,
    "delete": _delete,
    "history": _history,
}
