"""Stays in rooms and how far members have read, on both engines."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.history import Stay
from beseda.domain.messages import Kind
from contract.made import AT, add_member, add_room, add_session, after, do
from contract.places import Place, Places
from contract.test_migrations import ACCOUNT, older

OCCUPANT = "INSERT INTO occupants (room_id, account_id, entered_ms, accessed_ms, entered_seq) VALUES (1, {}, 0, 0, {})"


async def test_stays_begin_end_and_are_forgotten(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    session, history = await add_session(store, alena), store.view.history
    assert await history.list_stays(room.id, alena.id) == []
    for first, left_at in ((1, after(1)), (2, None), (3, after(3))):
        await do(store, lambda unit: unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text="x"))
        await do(store, lambda unit, n=first: unit.rooms.enter(room.id, alena.id, session.id, n, AT, first=n))  # type: ignore[misc]
        assert (await history.list_stays(room.id, alena.id))[-1] == Stay(first)
        await do(store, lambda unit, at=left_at: unit.rooms.leave(room.id, alena.id, at))  # type: ignore[misc]
    stays = await history.list_stays(room.id, alena.id)
    assert stays == [Stay(1, 1, after(1)), Stay(2, 2, None), Stay(3, 3, after(3))]
    await do(store, lambda unit: unit.history.forget_stays(room.id, alena.id, stays[1:]))
    assert await history.list_stays(room.id, alena.id) == stays[:1]
    await do(store, lambda unit: unit.messages.forget(room.id, after(9), 2))
    assert await history.list_stays(room.id, alena.id) == []


async def test_how_far_somebody_has_read(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    history = store.view.history
    assert await history.find_read(room.id, alena.id) == 0
    assert await do(store, lambda unit: unit.history.mark_read(room.id, alena.id, 7, AT))
    assert not await do(store, lambda unit: unit.history.mark_read(room.id, alena.id, 7, AT))
    assert not await do(store, lambda unit: unit.history.mark_read(room.id, alena.id, 3, AT))
    assert await history.find_read(room.id, alena.id) == 7
    for kind in (*[Kind.ENTERED] * 8, Kind.TEXT, Kind.LEFT):
        await do(store, lambda unit, kind=kind: unit.messages.append(room.id, kind, AT, actor=alena))  # type: ignore[misc]
    assert await history.find_read(room.id, alena.id) == 9
    await do(store, lambda unit: unit.history.forget_visitor(alena.id))
    await do(store, lambda unit: unit.messages.delete_all_by(room.id, alena.id))
    assert await history.find_read(room.id, alena.id) == 9


async def test_who_was_inside_before_goes_on_reading(
    places: Places, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0009"):
        assert await place.migrate()
    await place.run(
        *(ACCOUNT.format(nick, nick.lower()) for nick in ("Alena", "Brana")),
        "INSERT INTO rooms (name, name_key, permanent, created_ms) VALUES ('Praha', 'praha', 1, 0)",
        *(OCCUPANT.format(*each) for each in ((1, 20), (2, 90))),
    )
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    (room,) = await store.view.rooms.list_views()
    firsts = [occupant.first_seq for occupant in await store.view.rooms.occupants(room.id)]
    assert firsts == [1, 40]
    await store.close()
