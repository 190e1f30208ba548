"""Lists of a mailbox: put away, thrown away, kept, erased, changed, searched."""

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.accounts import Account
from beseda.domain.ids import ContactId, LetterId
from beseda.domain.mail import Contact, MailList, Quote
from contract.made import MAX, STRANGE, add_member, after, do, send_letter
from contract.test_mail import send


async def contact(store: SqlStore, owner: Account, other: Account) -> Contact:
    found = await store.view.mail.find_contact(owner.id, other.id)
    assert found is not None
    return found


async def listed(store: SqlStore, owner: Account, shown: MailList | None, needle: str = "") -> list[str]:
    found = await store.view.mail.list_contacts(owner.id, shown, needle, offset=0, limit=9)
    assert await store.view.mail.count_contacts(owner.id, shown, needle) == len(found)
    return [each.other.nick for each in found]


async def letters(store: SqlStore, owner: Account, of: Contact, shown: MailList = MailList.INBOX) -> list[LetterId]:
    found = await store.view.mail.list_letters(owner.id, of.id, before=LetterId(MAX), limit=9, shown=shown)
    return [each.id for each in found]


async def test_every_list_has_its_contacts(store: SqlStore) -> None:
    alena, brana, cyril, dana = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril", "Dana")]
    for sender in (brana, cyril, dana):
        await send(store, sender, alena)
    spam, archived = await contact(store, alena, cyril), await contact(store, alena, dana)
    await do(store, lambda unit: unit.mail.set_list(spam.id, MailList.SPAM))
    await do(store, lambda unit: unit.mail.set_list(archived.id, MailList.ARCHIVE))
    assert await listed(store, alena, MailList.INBOX) == ["Brana"]
    assert await listed(store, alena, MailList.SPAM) == ["Cyril"]
    assert await listed(store, alena, MailList.ARCHIVE) == ["Dana"]
    assert await listed(store, alena, MailList.UNREAD) == ["Dana", "Brana"]
    assert await listed(store, alena, None) == ["Dana", "Brana"]
    assert await listed(store, alena, MailList.EMAIL) == []
    assert [await store.view.mail.count_unread(alena.id), await store.view.mail.count_new(alena.id)] == [2, 2]


async def test_a_new_letter_moves_its_contact(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    await send(store, brana, alena)
    of = await contact(store, alena, brana)
    for before, received, after_ in (
        (MailList.ARCHIVE, True, MailList.INBOX),
        (MailList.SPAM, True, MailList.SPAM),
        (MailList.ARCHIVE, False, MailList.INBOX),
        (MailList.SPAM, False, MailList.INBOX),
    ):
        await do(store, lambda unit, to=before: unit.mail.set_list(of.id, to))  # type: ignore[misc]
        await send(store, *((brana, alena) if received else (alena, brana)))
        assert (await contact(store, alena, brana)).list is after_


async def test_letters_thrown_away_and_taken_back(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    first, second, third = [await send(store, brana, alena) for _ in range(3)]
    of = await contact(store, alena, brana)
    assert await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, [first, third], thrown=True)) == 2
    assert await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, [first], thrown=True)) == 0
    of = await contact(store, alena, brana)
    assert (of.received, of.unread, of.thrown, of.last_letter_id, of.last_thrown_id) == (1, 1, 2, second, third)
    assert await letters(store, alena, of) == [second]
    assert await letters(store, alena, of, MailList.GARBAGE) == [third, first]
    assert await listed(store, alena, MailList.GARBAGE) == ["Brana"]
    assert await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, None, thrown=False)) == 2
    of = await contact(store, alena, brana)
    assert (of.received, of.unread, of.thrown, of.last_letter_id, of.last_thrown_id) == (3, 3, 0, third, 0)
    theirs = await contact(store, brana, alena)
    assert await letters(store, brana, theirs) == [third, second, first]


async def test_favourites(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    first, second = await send(store, brana, alena), await send(store, alena, brana)
    of = await contact(store, alena, brana)
    assert await do(store, lambda unit: unit.mail.set_favourite(alena.id, of.id, [first, second], favourite=True)) == 2
    assert await do(store, lambda unit: unit.mail.set_favourite(alena.id, of.id, [second], favourite=False)) == 1
    assert await letters(store, alena, of, MailList.FAVOURITE) == [first]
    assert await listed(store, alena, MailList.FAVOURITE) == ["Brana"]
    assert (await contact(store, alena, brana)).count(MailList.FAVOURITE) == 1
    await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, None, thrown=True))
    assert await listed(store, alena, MailList.FAVOURITE) == []


async def test_erasing_leaves_the_others_copy_until_it_is_erased_too(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    first, second = await send(store, brana, alena), await send(store, brana, alena)
    mine, theirs = await contact(store, alena, brana), await contact(store, brana, alena)
    assert await do(store, lambda unit: unit.mail.erase(alena.id, mine.id, [first, LetterId(77)])) == 1
    assert [each.id for each in await store.view.mail.find_letters(brana.id, [first, second])] == [first, second]
    assert await do(store, lambda unit: unit.mail.erase(brana.id, theirs.id, None)) == 2
    assert await store.view.mail.find_letters(brana.id, [first, second]) == []
    assert await letters(store, alena, mine) == [second]
    assert (await contact(store, brana, alena)).is_empty
    await do(store, lambda unit: unit.mail.set_thrown(alena.id, mine.id, None, thrown=True))
    assert await do(store, lambda unit: unit.mail.erase(alena.id, mine.id, None, thrown=True)) == 1
    assert await do(store, lambda unit: unit.mail.find_by_key(brana.id, "k")) is None
    assert await listed(store, alena, MailList.GARBAGE) == []


async def test_reading_is_known_to_the_sender(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    first = await send(store, brana, alena)
    async with store.unit() as unit:  # one that was not delivered
        undelivered = await send_letter(unit, brana, alena, "x", delivered=False)
    mine = await contact(store, alena, brana)
    assert await do(store, lambda unit: unit.mail.mark_read(alena.id, mine.id, after(5))) == [first]
    await do(store, lambda unit: unit.mail.mark_sent_read(brana.id, alena.id, [first], after(5)))
    found = await store.view.mail.find_letters(brana.id, [first, undelivered])
    assert {each.id: each.read_at for each in found} == {first: after(5), undelivered: None}


async def counts(store: SqlStore, owner: Account) -> tuple[int, int]:
    """Unread, new."""
    return await store.view.mail.count_unread(owner.id), await store.view.mail.count_new(owner.id)


async def test_new_until_reset(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    await send(store, brana, alena)
    assert await counts(store, alena) == (1, 1)
    await do(store, lambda unit: unit.mail.reset_new(alena.id))
    assert await counts(store, alena) == (1, 0)
    await send(store, brana, alena)
    assert await counts(store, alena) == (2, 1)


async def test_what_was_looked_at_is_not_new_when_it_comes_back(store: SqlStore) -> None:
    """Nor is what was not looked at forgotten."""
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    await send(store, brana, alena)
    of = await contact(store, alena, brana)
    await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, None, thrown=True))
    await do(store, lambda unit: unit.mail.reset_new(alena.id))
    later = await send(store, brana, alena)
    await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, [later], thrown=True))
    assert await counts(store, alena) == (0, 0)
    await do(store, lambda unit: unit.mail.set_thrown(alena.id, of.id, None, thrown=False))
    assert await counts(store, alena) == (2, 1)
    for away in (MailList.SPAM, MailList.ARCHIVE):
        await do(store, lambda unit, to=away: unit.mail.set_list(of.id, to))  # type: ignore[misc]
        assert await counts(store, alena) == ((0, 0) if away is MailList.SPAM else (2, 1))
        await do(store, lambda unit: unit.mail.set_list(of.id, MailList.INBOX))
        assert await counts(store, alena) == (2, 1)


async def test_answers_and_changes(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    first = await send(store, brana, alena, STRANGE)
    async with store.unit() as unit:
        second = await send_letter(unit, alena, brana, "y", answers=first, delivered=False)
        await unit.mail.set_text(first, "jinak", after(9))
    (answer,) = await store.view.mail.find_letters(alena.id, [second])
    (changed,) = await store.view.mail.find_letters(alena.id, [first])
    assert answer.answers == Quote(first, "jinak")
    assert (changed.text, changed.edited_at) == ("jinak", after(9))


async def test_drafts_end_with_the_letter(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    await send(store, brana, alena)
    of = await contact(store, alena, brana)
    await do(store, lambda unit: unit.mail.set_draft(of.id, STRANGE))
    assert (await contact(store, alena, brana)).draft == STRANGE
    await send(store, alena, brana)
    assert (await contact(store, alena, brana)).draft == ""


async def test_contacts_by_a_part_of_the_nick(store: SqlStore) -> None:
    alena = await add_member(store, "Alena")
    for nick in ("Branka", "Bra_na", "Cyril"):
        await send(store, await add_member(store, nick), alena)
    assert await listed(store, alena, MailList.INBOX, "ra") == ["Bra_na", "Branka"]
    assert await listed(store, alena, MailList.INBOX, "_") == ["Bra_na"]
    assert await listed(store, alena, MailList.INBOX, "%") == []


async def test_contacts_by_their_numbers(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    await send(store, brana, alena)
    mine, theirs = await contact(store, alena, brana), await contact(store, brana, alena)
    assert await store.view.mail.find_contacts(alena.id, [mine.id, theirs.id, ContactId(MAX)]) == [mine]
    assert await store.view.mail.find_contacts(alena.id, []) == []
    assert await store.view.mail.find_letters(alena.id, []) == []
