"""Updates for members' own clients, and notifications."""

from beseda.adapters.sql.engine import SqlStore
from beseda.core.ports.mail import NewUpdate
from beseda.domain.ids import AccountId, ContactId, LetterId, NotificationId, UpdateId
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.updates import Update, UpdateKind
from contract.made import AT, MAX, STRANGE, add_member, add_room, after, do


async def test_updates_come_back_whole_and_in_order(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    assert await store.view.updates.head() == 0
    async with store.unit() as unit:
        kind = UpdateKind.LETTER_RECEIVED
        unit.tell(NewUpdate(alena.id, kind, AT, 3, MAX, brana.id, 5, STRANGE))
        unit.tell(NewUpdate(brana.id, UpdateKind.STATUS, after(1)))
    await do(store, lambda unit: unit.updates.add([NewUpdate(alena.id, UpdateKind.STATUS, after(2))]))
    (first, second, third), end, full = await store.view.updates.list_after(UpdateId(0), 9)
    assert (end, full) == (third.id, False)
    assert first == Update(first.id, alena.id, AT, kind, ContactId(3), LetterId(MAX), brana, 5, STRANGE)
    assert third == Update(third.id, alena.id, after(2), UpdateKind.STATUS, ContactId(0), LetterId(0), None, 0, "")
    assert first.id < second.id < third.id == await store.view.updates.head()
    assert await store.view.updates.list_after(first.id, 1) == ([second], second.id, True)
    assert await store.view.updates.list_of(alena.id, UpdateId(0), 9) == [first, third]
    assert await store.view.updates.list_of(alena.id, first.id, 9) == [third]
    assert await store.view.updates.list_since(alena.id, after(2), 9) == [third]


async def test_a_row_of_a_newer_schema_is_passed_over(store: SqlStore) -> None:
    alena = await add_member(store, "Alena")
    await do(store, lambda unit: unit.updates.add([NewUpdate(alena.id, UpdateKind.STATUS, AT)]))
    async with store.unit() as unit:
        await unit.updates._sql.execute("UPDATE updates SET kind = $1", "of tomorrow")
    newest = await store.view.updates.head()
    assert await store.view.updates.list_after(UpdateId(0), 1) == ([], newest, True)
    assert await store.view.updates.list_after(newest, 1) == ([], newest, False)


async def test_old_updates_are_forgotten_and_their_numbers_not_used_again(store: SqlStore) -> None:
    alena = await add_member(store, "Alena")
    for seconds in range(5):
        async with store.unit() as unit:
            unit.tell(NewUpdate(alena.id, UpdateKind.STATUS, after(seconds)))
    head = await store.view.updates.head()
    assert await do(store, lambda unit: unit.updates.forget(after(3), 2)) == 2
    assert await do(store, lambda unit: unit.updates.forget(after(3), 2)) == 1
    assert await do(store, lambda unit: unit.updates.forget(after(99), 9)) == 2
    assert await do(store, lambda unit: unit.updates.forget(after(99), 9)) == 0
    await do(store, lambda unit: unit.updates.add([NewUpdate(alena.id, UpdateKind.STATUS, AT)]))
    (left,), _, _ = await store.view.updates.list_after(UpdateId(0), 9)
    assert left.id > head


async def test_notifications(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    room = await add_room(store)
    karma, invited = NotificationKind.KARMA, NotificationKind.INVITED
    async with store.unit() as unit:
        first = await unit.notifications.add(alena.id, karma, AT, actor=brana, number=-3, text=STRANGE)
        second = await unit.notifications.add(alena.id, invited, after(1), actor=brana, room_id=room.id)
    both = await store.view.notifications.list_of(alena.id, unread_only=False, offset=0, limit=9)
    assert both == [
        Notification(second, after(1), invited, brana, room.id, "Praha", 0, "", None),
        Notification(first, AT, karma, brana, None, "", -3, STRANGE, None),
    ]
    assert await store.view.notifications.has_invitation(alena.id, brana.id, room.id)
    assert await store.view.notifications.count(alena.id) == (2, 2)
    marked = await do(
        store, lambda unit: unit.notifications.mark_read(alena.id, [second, NotificationId(MAX)], after(5))
    )
    assert marked == 1
    assert await do(store, lambda unit: unit.notifications.mark_read(brana.id, [first], after(5))) == 0
    assert await do(store, lambda unit: unit.notifications.mark_read(alena.id, [], after(5))) == 0
    assert not await store.view.notifications.has_invitation(alena.id, brana.id, room.id)
    assert await store.view.notifications.count(alena.id) == (2, 1)
    unread = await store.view.notifications.list_of(alena.id, unread_only=True, offset=0, limit=9)
    assert [each.id for each in unread] == [first]
    assert await store.view.notifications.list_of(AccountId(MAX), unread_only=False, offset=0, limit=9) == []
    await do(store, lambda unit: unit.rooms.close(room.id, after(2)))
    (newest,) = await store.view.notifications.list_of(alena.id, unread_only=False, offset=0, limit=1)
    assert newest.room_name == ""
    assert await do(store, lambda unit: unit.notifications.forget(after(1), 9)) == 1
    assert await store.view.notifications.count(alena.id) == (1, 0)


async def test_members_by_the_beginning_of_their_nicks(store: SqlStore) -> None:
    for nick in ("Brana", "Branka", "Braňo", "Cyril"):
        await add_member(store, nick)
    found = await store.view.accounts.search("bran", 9)
    assert [each.nick for each in found] == ["Brana", "Branka"]
    assert [each.nick for each in await store.view.accounts.search("bra", 1)] == ["Brana"]
    ids = [each.id for each in found]
    assert {each.nick for each in await store.view.accounts.find_all([*ids, AccountId(MAX)])} == {"Brana", "Branka"}
