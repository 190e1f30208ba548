"""Reading a room's past: pages, jumps, and what follows ask one rule."""

from datetime import timedelta

import pytest

from beseda.core.caller import Caller
from beseda.domain.errors import LineNotFound, NotInRoom
from beseda.domain.ids import RoomId
from unit.core.world import World, account_id

DAY_S = timedelta(days=1).total_seconds()


@pytest.fixture
def settings() -> dict[str, object]:
    return {"rooms.history_lines": 3, "server.limits": {"room_line": "100000000/0.001"}}


async def talk(world: World, caller: Caller, room_id: RoomId, *texts: str) -> None:
    for text in texts:
        await world.core.messages.post(caller, room_id, text)


async def texts(world: World, caller: Caller, room_id: RoomId) -> list[str]:
    """All that somebody may read, by pages of two from the newest; checked against reading forwards and following."""
    history, backward, before, more = world.core.history, list[str](), None, True
    while more:
        page = await history.before(caller, room_id, before, 2)
        backward = [line.text for line in page.lines if line.text] + backward
        before, more = page.before, page.more
    forward, after, newer = list[str](), 0, True
    while newer:
        page = await history.after(caller, room_id, after, 2)
        forward += [line.text for line in page.lines if line.text]
        after, newer = page.after, page.newer
    followed = [line.text for line in (await world.core.streams.read(caller, room_id, 0)).lines if line.text]
    assert backward == forward == followed
    return backward


async def test_a_newcomer_reads_the_newest_lines_and_whoever_was_inside_all(world: World) -> None:
    await world.core.rooms.add("Praha")
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    room_id = await world.core.rooms.enter(alena, "Praha")
    await talk(world, alena, room_id, "a", "b", "c", "d")
    await world.core.rooms.enter(brana, "Praha")
    assert await texts(world, alena, room_id) == ["a", "b", "c", "d"]
    assert await texts(world, brana, room_id) == ["b", "c", "d"]
    with pytest.raises(LineNotFound):
        await world.core.history.around(brana, room_id, 3, 10)
    found = await world.core.history.around(brana, room_id, 5, 3)
    assert [line.seq for line in found.lines] == [4, 5, 6]
    assert (found.before, found.more, found.after, found.newer) == (4, False, 6, True)


@pytest.mark.parametrize(
    ("away_s", "expected"),
    [(DAY_S - 1, ["1", "2", "3", "4", "5", "6"]), (DAY_S + 1, ["1", "4", "5", "6"])],
    ids=["within a day", "later"],
)
async def test_who_comes_back_within_a_day_misses_nothing(world: World, away_s: float, expected: list[str]) -> None:
    await world.core.rooms.add("Praha")
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    for caller in (alena, brana):
        room_id = await world.core.rooms.enter(caller, "Praha")
    await talk(world, alena, room_id, "1")
    await world.core.rooms.leave(brana, room_id)
    await talk(world, alena, room_id, "2", "3", "4", "5", "6")
    with pytest.raises(NotInRoom):
        await world.core.history.before(brana, room_id, None, 9)
    world.clock.move(away_s)
    await world.core.rooms.enter(brana, "Praha")
    assert await texts(world, brana, room_id) == expected


async def test_who_was_thrown_out_comes_back_as_a_newcomer(world: World) -> None:
    await world.core.rooms.add("Praha")
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    for caller in (alena, brana):
        room_id = await world.core.rooms.enter(caller, "Praha")
    await talk(world, brana, room_id, "moje")
    await world.core.moderation.kick(alena, room_id, account_id(brana), "reklama")
    await talk(world, alena, room_id, "1", "2", "3", "4")
    world.clock.move(16 * 60)
    await world.core.rooms.enter(brana, "Praha")
    assert await texts(world, brana, room_id) == ["moje", "reklama", "2", "3", "4"]


async def test_a_room_may_show_newcomers_nothing(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    room_id = await world.core.rooms.enter(alena, "Brno")
    await world.core.reservations.reserve(alena, room_id)
    await world.core.settings.change(alena, room_id, history_lines=0)
    await talk(world, alena, room_id, "a", "b")
    await world.core.rooms.enter(brana, "Brno")
    assert await texts(world, brana, room_id) == []
    await world.core.settings.change(alena, room_id, history_lines=None)
    cyril = await world.member_in("Cyril")
    await world.core.rooms.enter(cyril, "Brno")
    assert await texts(world, cyril, room_id) == ["a", "b"]
