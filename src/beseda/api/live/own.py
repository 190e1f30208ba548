"""What waits for a member, and how far he has read."""

from beseda.api.live.calls import Client, Op, room_of
from beseda.api.live.codec import LiveCall, encode_answer
from beseda.api.shown import show_mark


async def _own(client: Client, call: LiveCall) -> bytes:
    core, caller = client.core, client.caller
    if call.flag("watch", False):
        caller.check_whole()
        await client.watch_own()
    counts = await core.counters.count(caller)
    return encode_answer(
        call,
        counts={"letters": counts.mail, "notices": counts.journal},
        marks=[show_mark(mark) for mark in await core.reads.list_all(caller)],
        favourites=sorted(await core.rooms.favourites(caller)),
    )


async def _read(client: Client, call: LiveCall) -> bytes:
    mark = await client.core.reads.mark(client.caller, room_of(call), call.number("seq"))
    return encode_answer(call, mark=show_mark(mark))


async def _awake(client: Client, call: LiveCall) -> bytes:
    await client.core.presence.stay_awake(client.caller.signed_in()[0].id, client.followed())
    return encode_answer(call)


OPS: dict[str, Op] = {"own": _own, "read": _read, "awake": _awake}
