"""How far members have read: kept when the server stops, whatever goes on meanwhile."""

import asyncio

from unit.core.world import World


async def test_marks_are_settled_while_they_are_flushed(world: World) -> None:
    """Whoever stops the server is not held up by a mark that is let go of in the same moment."""
    *callers, writer = [await world.member_in(nick) for nick in ("Alena", "Brana", "Cyril")]
    for caller in (*callers, writer):
        await world.core.rooms.enter(caller, "Praha")
    room = await world.core.rooms.find_by_name("Praha")
    assert room is not None
    await world.core.messages.post(writer, room.id, "ahoj")
    for caller in callers:
        await world.core.reads.mark(caller, room.id, 9)
    await world.core.messages.post(writer, room.id, "nazdar")
    read = (await world.core.reads.mark(callers[0], room.id, 9)).read
    world.clock.move(3)
    await asyncio.gather(world.core.reads.settle(), world.core.reads.flush())
    assert await world.parts.store.view.history.find_read(room.id, callers[0].signed_in()[0].id) == read
