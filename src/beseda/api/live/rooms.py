"""The list of rooms, who is inside, and what the admins of rooms set."""

from beseda.api.live.calls import Client, Op, account_of, room_of
from beseda.api.live.codec import LiveCall, LiveCallRefused, encode_answer
from beseda.api.live.codec_rooms import show_info, show_room
from beseda.api.shown import show_occupant
from beseda.core.room_settings import SAME, Same
from beseda.domain.errors import NotInRoom
from beseda.domain.ids import RoomId
from beseda.domain.rooms import Links, Lock, list_order


async def _rooms(client: Client, call: LiveCall) -> bytes:
    watched = call.flag("watch", False)
    favourites = await client.core.rooms.favourites(client.caller)
    listing = await (client.watch_rooms() if watched else client.core.rooms.list.get())
    views = sorted(listing.views, key=lambda view: list_order(view, favourites))
    return encode_answer(call, rooms=[show_room(view) for view in views], favourites=sorted(favourites))


async def _room(client: Client, call: LiveCall) -> bytes:
    return await _answer_info(client, call, room_of(call))


async def _answer_info(client: Client, call: LiveCall, room_id: RoomId) -> bytes:
    core, caller = client.core, client.caller
    info, view = await core.reservations.info(caller, room_id), await core.rooms.view(room_id)
    try:
        inside, password = True, (await core.rooms.page(caller, room_id)).password
    except NotInRoom:
        inside, password = False, ""
    members = show_info(
        info,
        view,
        password=password,
        inside=inside,
        favourite=room_id in await core.rooms.favourites(caller),
        history_lines=core.rooms.history_lines,
    )
    return encode_answer(call, info=members)


async def _people(client: Client, call: LiveCall) -> bytes:
    room_id, presence = room_of(call), client.core.presence
    page = await client.core.rooms.page(client.caller, room_id)
    people = [show_occupant(each, page.room, away=presence.is_away(room_id, each)) for each in page.occupants]
    return encode_answer(call, people=people)


async def _set_room(client: Client, call: LiveCall) -> bytes:
    room_id, lock, links = room_of(call), call.optional_text("lock"), call.optional_text("links")
    if lock is not None and lock not in list(Lock):
        raise LiveCallRefused("bad_lock", call.id)
    if links is not None and links not in list(Links):
        raise LiveCallRefused("bad_links", call.id)
    await client.core.settings.change(
        client.caller,
        room_id,
        description=call.optional_text("description"),
        lock=None if lock is None else Lock(lock),
        password=call.optional_text("password"),
        links=None if links is None else Links(links),
        web=call.optional_text("web"),
        opened_by_admins=call.optional_flag("opened_by_admins"),
        hands_over=call.optional_flag("hands_over"),
        keep_days=_number_or_same(call, "keep_days"),
        history_lines=_number_or_same(call, "history_lines"),
    )
    return await _answer_info(client, call, room_id)


def _number_or_same(call: LiveCall, name: str) -> int | Same | None:
    """Null is a value here: as configured."""
    return call.optional_number(name) if name in call.members else SAME


async def _set_favourite(client: Client, call: LiveCall) -> bytes:
    await client.core.rooms.set_favourite(client.caller, room_of(call), call.flag("favourite"))
    return encode_answer(call)


async def _reserve(client: Client, call: LiveCall) -> bytes:
    """A room that was given up may be gone: then there is no `info`."""
    room_id, reservations = room_of(call), client.core.reservations
    if call.flag("reserved"):
        await reservations.reserve(client.caller, room_id)
        return await _answer_info(client, call, room_id)
    await reservations.release(client.caller, room_id)
    return encode_answer(call)


async def _set_admin(client: Client, call: LiveCall) -> bytes:
    room_id = room_of(call)
    await client.core.reservations.set_admin(client.caller, room_id, account_of(call), call.flag("admin"))
    return await _answer_info(client, call, room_id)


async def _hand_over(client: Client, call: LiveCall) -> bytes:
    await client.core.rooms.hand_over(client.caller, room_of(call), account_of(call))
    return encode_answer(call)


OPS: dict[str, Op] = {
    "rooms": _rooms,
    "room": _room,
    "people": _people,
    "set_room": _set_room,
    "set_favourite": _set_favourite,
    "reserve": _reserve,
    "set_admin": _set_admin,
    "hand_over": _hand_over,
}
