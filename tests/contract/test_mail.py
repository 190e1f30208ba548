"""Letters, copies, contacts."""

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.accounts import Account
from beseda.domain.ids import ContactId, LetterId
from beseda.domain.mail import Contact, Letter
from contract.made import AT, MAX, STRANGE, add_member, after, do, send_letter


async def send(
    store: SqlStore, sender: Account, receiver: Account, text: str = "x", *, key: str | None = None
) -> LetterId:
    async with store.unit() as unit:
        return await send_letter(unit, sender, receiver, text, key=key)


async def test_each_has_a_copy_and_numbers_contacts_for_himself(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    first, second = await send(store, alena, brana, STRANGE), await send(store, brana, alena)
    third = await send(store, alena, cyril)
    contacts = await store.view.mail.list_contacts(alena.id, None, "", offset=0, limit=9)
    assert contacts == [
        Contact(contacts[0].id, cyril, 0, third, sent=1),
        Contact(contacts[1].id, brana, 1, second, received=1, sent=1, last_received_id=second),
    ]
    assert await store.view.mail.list_contacts(alena.id, None, "", offset=1, limit=1) == contacts[1:]
    assert await store.view.mail.find_contact(alena.id, brana.id) == contacts[1]
    assert await store.view.mail.find_contact(cyril.id, brana.id) is None
    (theirs,) = await store.view.mail.list_contacts(brana.id, None, "", offset=0, limit=9)
    assert theirs == Contact(theirs.id, alena, 1, second, received=1, sent=1, last_received_id=first)
    assert theirs.id != contacts[1].id
    assert await store.view.mail.list_letters(brana.id, theirs.id, before=LetterId(MAX), limit=9) == [
        Letter(second, theirs.id, alena.id, False, "x", AT, None),
        Letter(first, theirs.id, alena.id, True, STRANGE, AT, None),
    ]
    assert [
        letter.id for letter in await store.view.mail.list_letters(brana.id, theirs.id, before=second, limit=9)
    ] == [first]
    assert await store.view.mail.list_letters(cyril.id, theirs.id, before=LetterId(MAX), limit=9) == []


async def test_unread_until_marked(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    ids = [await send(store, sender, alena) for sender in (brana, brana, cyril)]
    mail = store.view.mail
    assert [await mail.count_unread(who.id) for who in (alena, brana)] == [3, 0]
    contact = await mail.find_contact(alena.id, brana.id)
    assert contact is not None
    assert [each.other for each in await mail.list_unread_contacts(alena.id)] == [brana, cyril]
    assert await do(store, lambda unit: unit.mail.mark_read(alena.id, contact.id, after(1))) == ids[:2]
    assert await do(store, lambda unit: unit.mail.mark_read(alena.id, contact.id, after(2))) == []
    assert await mail.count_unread(alena.id) == 1
    letters = await mail.list_letters(alena.id, contact.id, before=LetterId(MAX), limit=9)
    assert [letter.read_at for letter in letters] == [after(1), after(1)]
    assert await do(store, lambda unit: unit.mail.mark_read(alena.id, ContactId(MAX), after(1))) == []


async def test_a_key_names_one_letter_of_its_sender(store: SqlStore) -> None:
    alena, brana = await add_member(store), await add_member(store, "Brana")
    letter_id = await send(store, alena, brana, key="k")
    await send(store, brana, alena, key="k")
    assert await store.view.mail.find_by_key(alena.id, "k") == letter_id
    assert await store.view.mail.find_by_key(alena.id, "l") is None
