"""Mail between members: who may do what with whose letters, and what both sides' clients are told."""

from collections.abc import Awaitable, Callable

import pytest

from beseda.core.caller import Caller
from beseda.core.ports.mail import NewUpdate
from beseda.domain.accounts import Sex
from beseda.domain.errors import BesedaError
from beseda.domain.events import Missed
from beseda.domain.ids import ContactId, LetterId, UpdateId
from beseda.domain.mail import MailList
from beseda.domain.sessions import Handle
from beseda.domain.updates import Update, UpdateKind
from unit.core.world import HERE, World

Deed = Callable[[World, Caller, ContactId, LetterId], Awaitable[object]]
DEEDS: dict[str, Deed] = {
    "read": lambda w, c, contact, letter: w.core.mail.read_thread(c, contact),
    "by id": lambda w, c, contact, letter: w.core.mail.get_letters(c, contact, [letter]),
    "receiver": lambda w, c, contact, letter: w.core.mail.receiver(c, contact),
    "write": lambda w, c, contact, letter: w.core.mailbox.write(c, contact, "x"),
    "archive": lambda w, c, contact, letter: w.core.mailbox.set_archived(c, [contact], True),
    "spam": lambda w, c, contact, letter: w.core.mailbox.set_spam(c, [contact], True),
    "throw all": lambda w, c, contact, letter: w.core.mailbox.set_contacts_thrown(c, [contact], True),
    "erase all": lambda w, c, contact, letter: w.core.mailbox.erase_contacts(c, [contact]),
    "throw": lambda w, c, contact, letter: w.core.mailbox.set_thrown(c, contact, [letter], True),
    "favourite": lambda w, c, contact, letter: w.core.mailbox.set_favourite(c, contact, [letter], True),
    "erase": lambda w, c, contact, letter: w.core.mailbox.erase(c, contact, [letter]),
    "erase for all": lambda w, c, contact, letter: w.core.mailbox.erase(c, contact, [letter], for_all=True),
    "edit": lambda w, c, contact, letter: w.core.mailbox.edit(c, contact, letter, "x"),
    "editable": lambda w, c, contact, letter: w.core.mailbox.get_editable(c, contact, letter),
    "one": lambda w, c, contact, letter: w.core.mailbox.get_letter(c, contact, letter),
}
OF_THE_SENDER = {"erase for all", "edit", "editable"}
OF_CONTACTS = {"read", "by id", "receiver", "write", "archive", "spam", "throw all", "erase all"}


async def refusal(deed: Awaitable[object]) -> str:
    try:
        await deed
    except BesedaError as error:
        return error.code
    return ""


async def callers(world: World) -> tuple[Caller, Caller, Caller]:
    """Two who write each other, and a third."""
    found = [(await world.signed_in(await world.known(nick)))[0] for nick in ("Alena", "Brana", "Cyril")]
    return found[0], found[1], found[2]


@pytest.mark.parametrize("name", DEEDS)
async def test_whose_letters(world: World, name: str) -> None:
    alena, brana, cyril = await callers(world)
    letter, _ = await world.core.mail.send(alena, brana.signed_in()[0].id, "Ahoj")
    theirs = await world.core.mail.find_contact(brana, alena.signed_in()[0].id)
    assert theirs is not None
    deed = DEEDS[name]
    assert await refusal(deed(world, Caller(HERE), letter.contact_id, letter.id)) == "not_signed_in"
    signed_in = await world.core.auth.sign_in_anonymously(Caller(HERE), "Host", Sex.MALE, kind=Handle.COOKIE)
    visitor = Caller(HERE, signed_in.account, signed_in.session)
    assert await refusal(deed(world, visitor, letter.contact_id, letter.id)) == "registered_only"
    for stranger in (cyril, brana):
        assert await refusal(deed(world, stranger, letter.contact_id, letter.id)) == "contact_not_found"
    for absent in (ContactId(0), ContactId(-1), ContactId(2**70)):
        assert await refusal(deed(world, alena, absent, letter.id)) == "contact_not_found"
    if name not in OF_CONTACTS:
        for nothing in (LetterId(0), LetterId(99), LetterId(2**70)):
            assert await refusal(deed(world, alena, letter.contact_id, nothing)) == "letter_not_found"
    expected = "not_letter_sender" if name in OF_THE_SENDER else ""
    assert await refusal(deed(world, brana, theirs.id, letter.id)) == expected
    if name != "erase for all":
        assert await refusal(deed(world, alena, letter.contact_id, letter.id)) == ""


async def test_both_sides_are_told_with_their_own_numbers(world: World) -> None:
    alena, brana, _ = await callers(world)
    told: list[Update] = []
    await world.core.updates.watch(told.append)
    letter, _ = await world.core.mail.send(alena, brana.signed_in()[0].id, "Ahoj", mark="tab")
    theirs = await world.core.mail.find_contact(brana, alena.signed_in()[0].id)
    assert theirs is not None
    await world.core.mail.mark_read(brana, [theirs.id])
    await world.core.updates.settle()
    a, b = alena.signed_in()[0].id, brana.signed_in()[0].id
    assert [(each.account_id, each.kind, each.contact_id, each.number) for each in told] == [
        (a, UpdateKind.LETTER_SENT, letter.contact_id, 0),
        (b, UpdateKind.LETTER_RECEIVED, theirs.id, 1),
        (b, UpdateKind.COUNTER, 0, 1),
        (b, UpdateKind.CONTACT_READ, theirs.id, 0),
        (a, UpdateKind.CONTACT_READ, letter.contact_id, 0),
        (b, UpdateKind.COUNTER, 0, 0),
    ]


async def test_watching_begins_now_and_ends(world: World) -> None:
    alena, brana, _ = await callers(world)
    told: list[Update] = []
    receiver = brana.signed_in()[0].id
    await world.core.mail.send(alena, receiver, "předtím")
    await world.core.updates.watch(told.append)
    await world.core.updates.watch(told.append)
    await world.core.mail.send(alena, receiver, "teď")
    await world.core.updates.settle()
    world.core.updates.unwatch(told.append)
    await world.core.mail.send(alena, receiver, "potom")
    await world.core.updates.settle()
    assert [each.letter_id for each in told if each.kind is UpdateKind.LETTER_RECEIVED] == [2]


async def test_what_another_process_wrote_is_told(world: World) -> None:
    """As a row that no event of this process tells of."""
    _, brana, _ = await callers(world)
    told: list[Update] = []
    await world.core.updates.watch(told.append)
    async with world.parts.store.unit() as unit:
        unit.tell(NewUpdate(brana.signed_in()[0].id, UpdateKind.STATUS, world.clock.now()))
    await world.core.updates.catch_up()
    assert told == []
    world.parts.feed.publish_others([Missed(world.clock.now())])
    await world.core.updates.catch_up()
    assert [each.kind for each in told] == [UpdateKind.STATUS]


async def test_old_updates_go(world: World) -> None:
    alena, brana, _ = await callers(world)
    await world.core.mail.send(alena, brana.signed_in()[0].id, "Ahoj")
    world.clock.move(3601)
    assert await world.core.updates.forget_old() > 0
    assert await world.core.updates.list_after(brana.signed_in()[0].id, UpdateId(0)) == []


async def test_garbage_of_many_contacts(world: World) -> None:
    alena, brana, cyril = await callers(world)
    for other in (brana, cyril):
        await world.core.mail.send(other, alena.signed_in()[0].id, "Ahoj")
    ids = [thread.contact.id for thread in (await world.core.mail.list_threads(alena, MailList.INBOX)).threads]
    assert sorted(await world.core.mailbox.set_contacts_thrown(alena, ids, True)) == sorted(ids)
    assert (await world.core.mail.list_threads(alena, MailList.GARBAGE)).total == 2
    await world.core.mailbox.clear_garbage(alena)
    assert (await world.core.mail.list_threads(alena, MailList.GARBAGE)).total == 0
    assert len(await world.core.mail.list_letters(brana, alena.signed_in()[0].id)) == 1


async def test_counters_are_asked_of_the_database_only_after_a_change(world: World) -> None:
    alena, brana, _ = await callers(world)
    first = await world.core.counters.count(brana)
    assert await world.core.counters.count(brana) is first
    await world.core.mail.send(alena, brana.signed_in()[0].id, "Ahoj")
    assert (await world.core.counters.count(brana)).mail == 1
    await world.core.mail.reset_new(brana)
    assert (await world.core.counters.count(brana)).mail == 0
