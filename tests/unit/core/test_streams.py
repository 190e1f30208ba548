"""Reading rooms: without SQL while it happens, from the database when it is long ago; forgetting; the clock."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from beseda.core.caller import Caller
from beseda.core.stream import RING
from beseda.core.streams import PAGE
from beseda.domain.errors import NotInRoom, StoreUnavailable, TooOften
from beseda.domain.ids import RoomId
from beseda.domain.messages import Kind, Line
from unit.core.world import World, account_id

FREE = "100000000/0.001"


@pytest.fixture
def settings(tmp_path: object) -> dict[str, object]:
    return {"server.database": f"sqlite:///{tmp_path}/beseda.db", "server.limits": {"room_line": FREE}}


async def inside(world: World, *nicks: str) -> tuple[RoomId, list[Caller]]:
    await world.core.rooms.add("Praha")
    callers = [await world.member_in(nick) for nick in nicks]
    for caller in callers:
        room_id = await world.core.rooms.enter(caller, "Praha")
    return room_id, callers


def statements(world: World) -> list[str]:
    """All that is asked of the database from now on."""
    asked: list[str] = []
    database: Any = world.parts.database
    for connection in (database.raw, database.reader.raw):
        assert isinstance(connection, sqlite3.Connection)
        connection.set_trace_callback(asked.append)
    return asked


async def test_polling_an_active_room_asks_the_database_nothing(world: World) -> None:
    room_id, (alena, brana) = await inside(world, "Alena", "Brana")
    cursor = (await world.core.streams.read(alena, room_id, 0)).cursor
    for number in range(20):
        await world.core.messages.post(brana, room_id, f"n{number}")
    asked = statements(world)
    page = await world.core.streams.read(alena, room_id, cursor)
    assert [line.text for line in page.lines] == [f"n{number}" for number in range(20)]
    for _ in range(10):
        again = await world.core.streams.read(alena, room_id, page.cursor)
        assert (again.lines, again.cursor) == ([], page.cursor)
    assert asked == []


async def test_what_is_no_longer_in_memory_comes_from_the_database_in_pages(world: World) -> None:
    room_id, (alena,) = await inside(world, "Alena")
    actor, _ = alena.signed_in()
    async with world.parts.store.unit() as unit:
        for number in range(2 * PAGE + RING):
            await unit.messages.append(room_id, Kind.TEXT, world.clock.now(), actor=actor, text=str(number))
    cursor, seqs, pages = 0, [], 0
    while True:
        page = await world.core.streams.read(alena, room_id, cursor)
        seqs += [line.seq for line in page.lines]
        cursor, pages = page.cursor, pages + 1
        if not page.full:
            break
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) == 2 * PAGE + RING + 2
    assert pages == 3
    back: list[int] = []
    before: int | None = None
    while True:
        page = await world.core.streams.history(alena, room_id, before, 300)
        back = [line.seq for line in page.lines] + back
        before = page.cursor
        if not page.full:
            break
    assert back == seqs


async def test_posting_and_reading_at_once(world: World) -> None:
    room_id, callers = await inside(world, "Alena", "Brana", "Cyril")
    seen: list[int] = []

    async def write(caller: Caller) -> None:
        for number in range(150):
            await world.core.messages.post(caller, room_id, str(number))

    async def read() -> None:
        cursor = 0
        while len(seen) < 450 + 4:
            page = await world.core.streams.read(callers[0], room_id, cursor)
            seen.extend(line.seq for line in page.lines)
            cursor = page.cursor
            await asyncio.sleep(0)

    await asyncio.gather(read(), *(write(caller) for caller in callers))
    assert seen == list(range(1, 455))


async def test_the_same_key_at_once_posts_once(world: World) -> None:
    room_id, (alena, brana) = await inside(world, "Alena", "Brana")
    deeds: dict[str, Callable[[], Coroutine[Any, Any, Line]]] = {
        "text": lambda: world.core.messages.post(alena, room_id, "ahoj", key="a"),
        "whisper": lambda: world.core.messages.post(alena, room_id, "psst", to=account_id(brana), key="b"),
        "command": lambda: world.core.messages.post(alena, room_id, "/l", key="c"),
        "refused": lambda: world.core.messages.post(alena, room_id, "/kick", key="d"),
    }
    for deed in deeds.values():
        head = await world.parts.store.view.messages.head(room_id)
        lines = await asyncio.gather(*(deed() for _ in range(8)))
        assert {line.seq for line in lines} == {head + 1}
        assert await world.parts.store.view.messages.head(room_id) == head + 1
    other = await world.core.messages.post(brana, room_id, "moje", key="a")
    assert other.text == "moje"


async def test_who_left_reads_no_more(world: World) -> None:
    room_id, (alena, brana) = await inside(world, "Alena", "Brana")
    await world.core.streams.read(brana, room_id, 0)
    await world.core.rooms.leave(brana, room_id)
    for deed in (world.core.streams.read(brana, room_id, 0), world.core.streams.history(brana, room_id, None, 9)):
        with pytest.raises(NotInRoom):
            await deed
    await world.core.auth.sign_out(alena)
    with pytest.raises(NotInRoom):
        await world.core.streams.read(alena, room_id, 0)


async def test_old_lines_are_forgotten_as_the_room_wants(world: World) -> None:
    room_id, (alena,) = await inside(world, "Alena")
    for _ in range(3):
        await world.core.messages.post(alena, room_id, "staré")
    world.clock.move(timedelta(days=40).total_seconds())
    await world.core.messages.post(alena, room_id, "nové")
    assert await world.core.messages.forget_old(0) == 0
    assert await world.core.messages.forget_old(90) == 0
    assert await world.core.messages.forget_old(30) == 5
    await world.core.streams.drop_unread()
    page = await world.core.streams.history(alena, room_id, None, 50)
    assert [line.text for line in page.lines] == ["nové"]
    assert (await world.core.streams.read(alena, room_id, 0)).lines == page.lines


async def test_a_room_that_nobody_reads_is_dropped_from_memory(world: World) -> None:
    room_id, (alena,) = await inside(world, "Alena")
    await world.core.streams.read(alena, room_id, 0)
    world.clock.move(601)
    await world.core.streams.drop_unread()
    asked = statements(world)
    assert len((await world.core.streams.read(alena, room_id, 0)).lines) == 2
    assert asked != []


READ = ("FROM room_heads", "FROM room_lines", "FROM occupants", "FROM mute_lifts")
"""What bringing a room into memory asks for, in this order."""


@pytest.mark.parametrize(
    ("part", "known"), [*((part, False) for part in READ), ("FROM room_lines", True)], ids=[*READ, "a later read"]
)
async def test_a_failed_read_leaves_nothing_half_known(world: World, part: str, known: bool) -> None:
    room_id, (alena, brana) = await inside(world, "Alena", "Brana")
    if known:
        await world.core.streams.read(alena, room_id, 0)
    async with world.parts.store.unit() as unit:  # as another process would: nobody is told
        await unit.messages.append(room_id, Kind.TEXT, world.clock.now(), actor=brana.signed_in()[0], text="odjinud")
    with world.faults.failing(part):
        for _ in range(2):
            await world.core.messages.post(brana, room_id, "zatím")
            with pytest.raises(StoreUnavailable):
                await world.core.streams.read(alena, room_id, 0)
    texts = [line.text for line in (await world.core.streams.read(alena, room_id, 0)).lines if line.text]
    assert texts == ["odjinud", "zatím", "zatím"]


async def test_lines_that_come_while_a_room_is_read_stand_in_order(world: World) -> None:
    room_id, (alena, brana) = await inside(world, "Alena", "Brana")
    for part in READ:
        await world.core.streams.drop_unread()
        world.clock.move(601)
        await world.core.streams.drop_unread()
        with world.faults.held(part) as arrived:
            reading = asyncio.ensure_future(world.core.streams.read(alena, room_id, 0))
            await arrived.wait()
            await world.core.messages.post(brana, room_id, part)
        page = await reading
        assert [line.seq for line in page.lines] == list(range(1, page.cursor + 1))
        assert page.lines[-1].text == part


async def said_elsewhere(world: World, room_id: RoomId, caller: Caller, *texts: str) -> list[Line]:
    """What another node has written, of which this one has not heard."""
    async with world.parts.store.unit() as unit:
        account = caller.signed_in()[0]
        return [
            await unit.messages.append(room_id, Kind.TEXT, world.clock.now(), actor=account, text=text)
            for text in texts
        ]


class TestOutOfOrder:
    """Of two nodes' lines those of one are heard before, which were said after."""

    async def watched(self, world: World, *texts: str) -> tuple[list[str], list[Line]]:
        """What somebody hears who watches a room, and what another node has written there since."""
        room_id, (alena, brana) = await inside(world, "Alena", "Brana")
        heard: list[str] = []
        cursor = (await world.core.streams.read(alena, room_id, 0)).cursor
        assert world.core.streams.watch(room_id, lambda line: heard.append(line.text), cursor) == []
        return heard, await said_elsewhere(world, room_id, brana, *texts)

    async def test_a_long_gap_is_read_in_pages(self, world: World) -> None:
        heard, lines = await self.watched(world, *map(str, range(2 * RING + 10)))
        world.core.streams.hear(lines[0].room_id, lines[-1].seq, lines[-1:])
        asked = statements(world)
        assert world.core.streams.catching_up is not None
        await world.core.streams.catching_up
        assert heard == [line.text for line in lines]
        limits = [statement.split()[-1] for statement in asked if "FROM room_lines" in statement]
        assert limits == [str(RING), str(RING), "9"]

    async def test_only_what_is_missing_is_read(self, world: World) -> None:
        room_id, (alena, brana) = await inside(world, "Alena", "Brana")
        cursor = (await world.core.streams.read(alena, room_id, 0)).cursor
        lines = await said_elsewhere(world, room_id, brana, *"abcde")
        world.core.streams.hear(room_id, lines[-1].seq, lines[2:])
        asked = statements(world)
        page = await world.core.streams.read(alena, room_id, cursor)
        assert [line.text for line in page.lines] == [*"abcde"]
        assert [statement.split()[-1] for statement in asked if "FROM room_lines" in statement] == ["2"]

    async def test_several_gaps_are_closed_one_after_another(self, world: World) -> None:
        room_id, (alena, brana) = await inside(world, "Alena", "Brana")
        cursor = (await world.core.streams.read(alena, room_id, 0)).cursor
        lines = await said_elsewhere(world, room_id, brana, *"abcdef")
        world.core.streams.hear(room_id, lines[-1].seq, lines[1::2])
        page = await world.core.streams.read(alena, room_id, cursor)
        assert [line.text for line in page.lines] == [*"abcdef"]

    async def test_a_gap_that_closes_by_itself_is_not_read(self, world: World) -> None:
        heard, lines = await self.watched(world, *"abc")
        streams, room_id = world.core.streams, lines[0].room_id
        asked = statements(world)
        for line in reversed(lines):
            streams.hear(room_id, lines[-1].seq, [line])
        assert streams.catching_up is not None
        await streams.catching_up
        assert heard == [*"abc"]
        assert asked == []

    async def test_a_gap_that_stays_is_read_for_who_watches(self, world: World) -> None:
        heard, lines = await self.watched(world, *"abc")
        streams = world.core.streams
        streams.hear(lines[0].room_id, lines[-1].seq, lines[1:])
        assert streams.catching_up is not None
        await streams.catching_up
        assert heard == [*"abc"]


class TestFlood:
    @pytest.fixture
    def settings(self) -> dict[str, object]:
        return {"server.limits": {"room_line": "3/2"}}

    async def test_the_operator_sets_the_bound(self, world: World) -> None:
        room_id, (alena,) = await inside(world, "Alena")
        for _ in range(3):
            await world.core.messages.post(alena, room_id, "x")
        with pytest.raises(TooOften):
            await world.core.messages.post(alena, room_id, "x")
        world.clock.move(2)
        await world.core.messages.post(alena, room_id, "x")
