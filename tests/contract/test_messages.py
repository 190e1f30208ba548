"""Lines: each room's stream keeps its order, its texts and its gaps; rows that are no lines are passed over."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.ports import Unit
from beseda.core.ports.talk import Writer
from beseda.domain.accounts import Account
from beseda.domain.ids import MAX_ID, AccountId
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.moderation import Mark
from beseda.domain.rooms import Links, Room
from contract.made import AT, STRANGE, Refusal, add_member, add_room, add_session, after, do
from contract.places import Place


async def say(store: SqlStore, room: Room, actor: Account, text: str = "ahoj", **more: object) -> Line:
    return await do(store, lambda unit: unit.messages.append(room.id, Kind.TEXT, AT, actor=actor, text=text, **more))  # type: ignore[arg-type]


async def enter(store: SqlStore, room: Room, account: Account, seq: int = 1) -> int:
    session = await add_session(store, account)
    await do(store, lambda unit: unit.rooms.enter(room.id, account.id, session.id, seq, AT))
    return session.id


async def test_lines_are_numbered_and_later_than_the_one_before(store: SqlStore) -> None:
    alena, praha, brno = await add_member(store), await add_room(store), await add_room(store, "Brno")
    assert await store.view.messages.head(praha.id) == 0
    times = [AT, AT, after(-60), after(1), after(1)]
    lines = [
        await do(store, lambda unit, at=at: unit.messages.append(praha.id, Kind.TEXT, at, actor=alena, text="x"))  # type: ignore[misc]
        for at in times
    ]
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
    assert all(later.at - earlier.at >= timedelta(milliseconds=2) for earlier, later in pairwise(lines))
    assert lines[0].at == AT
    assert lines[3].at == after(1)
    assert (await say(store, brno, alena)).seq == 1
    assert await store.view.messages.head(praha.id) == 5


@pytest.mark.parametrize("kind", Kind)
async def test_a_line_is_kept_as_it_is(store: SqlStore, kind: Kind) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    line = await do(
        store,
        lambda unit: unit.messages.append(
            room.id, kind, AT, actor=alena, target=brana, text=STRANGE, number=7, hidden=Hidden.MUTED
        ),
    )
    assert line == Line(room.id, 1, AT, kind, alena, brana, STRANGE, 7, Hidden.MUTED)
    assert await store.view.messages.find(room.id, 1) == line
    nobody = await do(store, lambda unit: unit.messages.append(room.id, kind, AT))
    assert await store.view.messages.find(room.id, nobody.seq) == nobody
    assert await store.view.messages.find(room.id, 3) is None


async def test_a_refused_unit_leaves_no_gap(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    await say(store, room, alena)

    async def refused(unit: Unit) -> None:
        await unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text="x")
        raise Refusal

    with pytest.raises(Refusal):
        await do(store, refused)
    assert (await say(store, room, alena)).seq == 2


async def test_many_at_once_are_one_stream(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    lines = await asyncio.gather(*(say(store, room, alena, str(number)) for number in range(50)))
    assert sorted(line.seq for line in lines) == list(range(1, 51))
    found, _ = await store.view.messages.list_after(room.id, 0, 100)
    assert found == sorted(lines, key=lambda line: line.seq)


async def test_pages_forward_and_back(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    lines = [await say(store, room, alena, str(number)) for number in range(7)]
    messages = store.view.messages
    assert await messages.list_after(room.id, 0, 3) == (lines[:3], 3)
    assert await messages.list_after(room.id, 3, 3) == (lines[3:6], 6)
    assert await messages.list_after(room.id, 7, 3) == ([], 7)
    assert await messages.list_before(room.id, 8, 3) == (lines[4:], 5)
    assert await messages.list_before(room.id, 5, 4) == (lines[:4], 1)
    assert await messages.list_before(room.id, 4, 4) == (lines[:3], 0)
    assert await messages.list_before(room.id, 1, 4) == ([], 0)
    assert (await messages.list_before(room.id, MAX_ID, 9))[0] == lines


async def test_rows_that_are_no_lines_are_passed_over(store: SqlStore, place: Place) -> None:
    alena, room = await add_member(store), await add_room(store)
    for number in range(6):
        await say(store, room, alena, str(number))
    async with store.unit() as unit:
        sql = unit.messages._sql
        await sql.execute("UPDATE room_lines SET kind = 'of a newer schema' WHERE seq IN (2, 5)")
        await sql.execute("UPDATE room_lines SET hidden = 'damaged' WHERE seq = 6")
    lines, end = await store.view.messages.list_after(room.id, 0, 3)
    assert ([line.seq for line in lines], end) == ([1, 3], 3)
    lines, end = await store.view.messages.list_after(room.id, 4, 10)
    assert (lines, end) == ([], 6)
    lines, start = await store.view.messages.list_before(room.id, 7, 3)
    assert ([line.seq for line in lines], start) == ([4], 4)
    assert await store.view.messages.find(room.id, 5) is None


async def test_a_key_names_one_line_of_its_actor(store: SqlStore) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    line = await say(store, room, alena, key="k")
    other = await say(store, room, brana, key="k")
    later = await say(store, room, alena)
    await do(store, lambda unit: unit.messages.set_key(later, "l"))
    messages = store.view.messages
    assert await messages.find_by_key(alena.id, "k") == line
    assert await messages.find_by_key(brana.id, "k") == other
    assert await messages.find_by_key(alena.id, "l") == later
    assert await messages.find_by_key(brana.id, "l") is None


async def test_deleted_lines_leave_tombstones(store: SqlStore) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    for who in (alena, brana, alena, brana, alena):
        await say(store, room, who, "secret")
    await do(store, lambda unit: unit.messages.delete(room.id, 2))
    assert await do(store, lambda unit: unit.messages.delete_all_by(room.id, alena.id)) == 3
    assert await do(store, lambda unit: unit.messages.delete_all_by(room.id, alena.id)) == 0
    lines, _ = await store.view.messages.list_after(room.id, 0, 9)
    assert [line.hidden for line in lines] == [
        Hidden.DELETED,
        Hidden.DELETED,
        Hidden.DELETED,
        Hidden.NO,
        Hidden.DELETED,
    ]
    assert [line.text for line in lines] == ["", "", "", "secret", ""]


async def test_what_two_said_to_each_other(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    room, brno = await add_room(store), await add_room(store, "Brno")
    await say(store, brno, alena)
    kept = [await say(store, room, alena, "1"), await say(store, room, brana, "2")]
    await say(store, room, cyril)
    for whom in (brana, cyril):
        line = await do(
            store,
            lambda unit, whom=whom: unit.messages.append(room.id, Kind.WHISPER, AT, actor=alena, target=whom, text="w"),  # type: ignore[misc]
        )
        kept += [line] if whom is brana else []
    assert await store.view.messages.list_between(alena.id, brana.id, room.id, 10) == kept
    assert await store.view.messages.list_between(brana.id, alena.id, room.id, 2) == [kept[1], kept[2]]


async def test_who_writes(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    assert await store.view.messages.find_writer(room.id, alena.id) is None
    await enter(store, room, alena)
    assert await store.view.messages.find_writer(room.id, alena.id) == Writer(True, Links.KARMA, None, None, None, None)
    async with store.unit() as unit:
        await unit.messages.note_written(room.id, alena.id, after(1))
        await unit.moderation.mark(room.id, alena.id, Mark.SILENT, after(2))
        await unit.moderation.mark(room.id, alena.id, Mark.MUTED, after(3))
        await unit.moderation.mark(room.id, alena.id, Mark.MUTED, after(4))
    found = await store.view.messages.find_writer(room.id, alena.id)
    assert found is not None
    assert found == Writer(True, Links.KARMA, after(1), after(2), None, after(4))


async def test_since_when_a_session_is_in(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    first, second = await enter(store, room, alena, 3), await enter(store, room, alena, 5)
    entered = store.view.messages.entered_seq
    assert await entered(room.id, alena.id, first) == 3
    assert await entered(room.id, alena.id, second) == 5
    assert await entered(room.id, alena.id, 10**9) == 3
    assert await entered(room.id, AccountId(10**9), first) is None


async def test_forgets_the_oldest_first(store: SqlStore) -> None:
    alena, room, brno = await add_member(store), await add_room(store), await add_room(store, "Brno")
    assert await store.view.messages.list_kept() == []
    for seconds in range(6):
        await do(
            store,
            lambda unit, s=seconds: unit.messages.append(room.id, Kind.TEXT, after(s), actor=alena, text="x"),  # type: ignore[misc]
        )
    await say(store, brno, alena)
    assert await store.view.messages.list_kept() == [(room.id, None), (brno.id, None)]
    assert await do(store, lambda unit: unit.messages.forget(room.id, after(4), 3)) == 3
    assert await do(store, lambda unit: unit.messages.forget(room.id, after(4), 3)) == 1
    assert await do(store, lambda unit: unit.messages.forget(room.id, after(4), 3)) == 0
    assert [line.seq for line in (await store.view.messages.list_after(room.id, 0, 9))[0]] == [5, 6]
    assert await store.view.messages.tail(room.id) == 4
    assert (await say(store, room, alena)).seq == 7
    assert await do(store, lambda unit: unit.messages.forget(room.id, after(60), 9)) == 3
    assert (await say(store, room, alena)).seq == 8


async def test_lifted_mutes(store: SqlStore) -> None:
    alena, brana, room = await add_member(store), await add_member(store, "Brana"), await add_room(store)
    for _ in range(2):
        await do(store, lambda unit: unit.moderation.lift_mute(room.id, alena.id, brana.id))
    assert await store.view.messages.list_lifts(room.id) == [(alena.id, brana.id)]
    await do(store, lambda unit: unit.moderation.forget_lifts(room.id, alena.id))
    assert await store.view.messages.list_lifts(room.id) == []
