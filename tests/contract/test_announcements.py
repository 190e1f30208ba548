"""What operators announce, on both engines: said where somebody is, shown until it is over, forgotten after a year."""

from datetime import timedelta

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.announcements import Announcements
from beseda.domain.announcements import KEPT
from beseda.domain.errors import MessageEmpty, MessageTooLong
from beseda.domain.events import AnnouncementsChanged, Missed
from beseda.domain.ids import AnnouncementId
from beseda.domain.messages import Kind
from beseda.testing import ManualClock
from contract.made import AT, STRANGE, add_member, add_room, add_session, do

HOUR = timedelta(hours=1)


async def test_it_is_said_in_rooms_shown_for_a_while_and_forgotten(store: SqlStore) -> None:
    clock = ManualClock(AT)
    announcements = Announcements(store, clock)
    room, empty, alena = await add_room(store), await add_room(store, "Brno"), await add_member(store)
    session = await add_session(store, alena)
    await do(store, lambda unit: unit.rooms.enter(room.id, alena.id, session.id, 1, AT))
    first, rooms = await announcements.add(STRANGE, HOUR)
    assert (rooms, first.text, first.until) == (1, " ".join(first.text.split()), AT + HOUR)
    now, _ = await announcements.add("Jen teď", timedelta(0))
    lines, _ = await store.view.messages.list_after(room.id, 0, 10)
    assert [(each.kind, each.text, each.number) for each in lines] == [
        (Kind.ANNOUNCED, each.text, each.id) for each in (first, now)
    ]
    assert (await store.view.messages.list_after(empty.id, 0, 10))[0] == []
    assert announcements.shown() == []
    await announcements.look()
    assert announcements.shown() == [first] == await announcements.list_all()
    assert await announcements.list_all(over=True) == [now, first]
    assert await announcements.list_all(over=True, before=now.id, limit=1) == [first]
    for text, refusal in (("\u200b ", MessageEmpty), ("x" * 1001, MessageTooLong)):
        with pytest.raises(refusal):
            await announcements.add(text, HOUR)

    second, _ = await announcements.add("Ještě něco", 2 * HOUR)
    announcements.note(AnnouncementsChanged(clock.now(), second.id))
    await announcements.look()
    assert announcements.shown() == [second, first]
    clock.move(3600)
    assert announcements.shown() == [second]
    assert not await announcements.end(first.id)
    assert not await announcements.end(AnnouncementId(99))
    assert await announcements.end(second.id)
    announcements.note(Missed(clock.now()))
    await announcements.look()
    assert announcements.shown() == await announcements.list_all() == []
    clock.move(KEPT.total_seconds() - 1)
    assert await announcements.forget_old() == 1  # the one that was said and not shown
    clock.move(2)
    assert await announcements.forget_old() == 2
