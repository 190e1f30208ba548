"""What a member does with the letters that he has: putting away, throwing away, erasing, keeping, changing, drafts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from beseda.core.access import access_contact, access_letter, access_registered
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.mail import PAGE_MAX, bounded_ids
from beseda.core.mail_steps import in_steps
from beseda.core.ports import Clock, Store, Unit
from beseda.core.search import index_letter
from beseda.core.updates import tell, telling_mail_count
from beseda.domain.errors import ContactNotFound, LetterNotFound, NotLetterSender
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import Contact, Letter, MailList, check_edit, check_letter, clean
from beseda.domain.messages import KEY_MAX
from beseda.domain.text import one_line
from beseda.domain.updates import UpdateKind

ContactDeed = Callable[[Unit, AccountId, Contact, int], Awaitable[int]]
LetterDeed = Callable[[Unit, AccountId, Contact, list[LetterId]], Awaitable[object]]


class Mailbox:
    """Deeds over several contacts or letters pass over those that are not there, unless none is."""

    def __init__(self, store: Store, clock: Clock, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter

    async def set_archived(self, caller: Caller, ids: Sequence[ContactId], archived: bool) -> list[ContactId]:
        """Put contacts away, or take them back; whom. Raises RegisteredOnly, ContactNotFound."""
        to = MailList.ARCHIVE if archived else MailList.INBOX

        async def move(unit: Unit, _owner_id: AccountId, contact: Contact, _limit: int) -> int:
            await unit.mail.set_list(contact.id, to)
            return 0

        return await self._for_contacts(caller, ids, move, UpdateKind.CONTACT_ARCHIVED, archived)

    async def set_spam(self, caller: Caller, ids: Sequence[ContactId], spam: bool) -> list[ContactId]:
        """Call contacts spam: their letters come, but are counted nowhere. Raises RegisteredOnly, ContactNotFound."""
        to = MailList.SPAM if spam else MailList.INBOX

        async def move(unit: Unit, _owner_id: AccountId, contact: Contact, _limit: int) -> int:
            await unit.mail.set_list(contact.id, to)
            return 0

        return await self._for_contacts(caller, ids, move, UpdateKind.CONTACT_SPAM, spam)

    async def set_contacts_thrown(self, caller: Caller, ids: Sequence[ContactId], thrown: bool) -> list[ContactId]:
        """Throw all letters of contacts away, or take them back. Raises RegisteredOnly, ContactNotFound."""

        async def throw(unit: Unit, owner_id: AccountId, contact: Contact, limit: int) -> int:
            return await unit.mail.set_thrown(owner_id, contact.id, None, thrown=thrown, limit=limit)

        return await self._for_contacts(caller, ids, throw, UpdateKind.CONTACT_THROWN, thrown)

    async def erase_contacts(self, caller: Caller, ids: Sequence[ContactId]) -> list[ContactId]:
        """Erase all letters of contacts from the caller's mailbox, but what comes meanwhile.

        Raises RegisteredOnly, ContactNotFound.
        """

        async def erase(unit: Unit, owner_id: AccountId, contact: Contact, limit: int) -> int:
            until = max(contact.last_letter_id, contact.last_thrown_id)
            done = await unit.mail.erase(owner_id, contact.id, None, until=until, limit=limit)
            if done < limit:
                await unit.mail.set_draft(contact.id, "")
            return done

        return await self._for_contacts(caller, ids, erase, UpdateKind.CONTACT_ERASED, False)

    async def clear_garbage(self, caller: Caller) -> None:
        """Erase all that the caller threw away. Raises RegisteredOnly."""
        account, now = access_registered(caller), self._clock.now()

        async def clear(unit: Unit, contact: Contact, limit: int) -> int:
            return await unit.mail.erase(account.id, contact.id, None, thrown=True, limit=limit)

        cleared, garbage = False, MailList.GARBAGE
        while contacts := await self._store.view.mail.list_contacts(account.id, garbage, "", offset=0, limit=PAGE_MAX):
            await in_steps(self._store, account.id, now, contacts, clear)
            cleared = True
        if cleared:
            async with self._store.unit() as unit:
                tell(unit, account.id, UpdateKind.GARBAGE_CLEARED, now)

    async def set_favourite(
        self, caller: Caller, contact_id: ContactId, ids: Sequence[LetterId], favourite: bool, mark: str = ""
    ) -> list[LetterId]:
        """Keep letters apart, or no longer; which. Raises RegisteredOnly, ContactNotFound, LetterNotFound."""

        async def keep(unit: Unit, owner_id: AccountId, contact: Contact, found: list[LetterId]) -> None:
            await unit.mail.set_favourite(owner_id, contact.id, found, favourite=favourite)

        return await self._for_letters(caller, contact_id, ids, keep, UpdateKind.LETTER_FAVOURITE, favourite, mark)

    async def set_thrown(
        self, caller: Caller, contact_id: ContactId, ids: Sequence[LetterId], thrown: bool, mark: str = ""
    ) -> list[LetterId]:
        """Throw letters away, or take them back; which. Raises as above."""

        async def throw(unit: Unit, owner_id: AccountId, contact: Contact, found: list[LetterId]) -> None:
            await unit.mail.set_thrown(owner_id, contact.id, found, thrown=thrown)

        return await self._for_letters(caller, contact_id, ids, throw, UpdateKind.LETTER_THROWN, thrown, mark)

    async def erase(
        self, caller: Caller, contact_id: ContactId, ids: Sequence[LetterId], *, for_all: bool = False, mark: str = ""
    ) -> list[LetterId]:
        """Erase letters from the caller's mailbox, and `for_all` from the other's; which.

        Raises as above, and NotLetterSender when one that is to be erased for all is not the caller's.
        """

        async def erase(unit: Unit, owner_id: AccountId, contact: Contact, found: list[LetterId]) -> None:
            if for_all:
                letters = await unit.mail.find_letters(owner_id, found)
                if any(letter.received for letter in letters):
                    raise NotLetterSender
                await self._erase_theirs(unit, owner_id, contact, found)
            await unit.mail.erase(owner_id, contact.id, found)

        return await self._for_letters(caller, contact_id, ids, erase, UpdateKind.LETTER_ERASED, False, mark)

    async def _erase_theirs(self, unit: Unit, owner_id: AccountId, contact: Contact, found: list[LetterId]) -> None:
        theirs = await unit.mail.find_contact(contact.other.id, owner_id)
        if theirs is None:
            return
        now, other_id = self._clock.now(), contact.other.id
        has = await unit.mail.find_letters(other_id, found)
        async with telling_mail_count(unit, now, other_id):
            await unit.mail.erase(other_id, theirs.id, [letter.id for letter in has])
            for letter in has:
                tell(unit, other_id, UpdateKind.LETTER_ERASED, now, contact_id=theirs.id, letter_id=letter.id)

    async def edit(
        self, caller: Caller, contact_id: ContactId, letter_id: LetterId, text: str, mark: str = ""
    ) -> Letter:
        """Change a letter that the caller sent in the last 24 hours, for both.

        Raises RegisteredOnly, ContactNotFound, LetterNotFound, NotLetterSender, LetterTooOld, MessageEmpty,
        MessageTooLong, TooOften.
        """
        text, now = check_letter(text), self._clock.now()
        self._limiter.take("letter_send", str(access_registered(caller).id))
        async with self._store.unit() as unit:
            account, contact = await access_contact(unit, caller, contact_id)
            letter = await access_letter(unit, account, contact, letter_id)
            check_edit(letter, now)
            await unit.mail.set_text(letter.id, text, now)
            await index_letter(unit, letter.id, (account.id, contact.other.id), text)
            kind = UpdateKind.LETTER_EDITED
            tell(unit, account.id, kind, now, contact_id=contact.id, letter_id=letter.id, text=one_line(mark)[:KEY_MAX])
            theirs = await unit.mail.find_contact(contact.other.id, account.id)
            if theirs is not None and await unit.mail.find_letters(contact.other.id, [letter.id]):
                tell(unit, contact.other.id, kind, now, contact_id=theirs.id, letter_id=letter.id)
            return await access_letter(unit, account, contact, letter_id)

    async def get_letter(self, caller: Caller, contact_id: ContactId, letter_id: LetterId) -> tuple[Contact, Letter]:
        """Raises RegisteredOnly, ContactNotFound, LetterNotFound."""
        account, contact = await access_contact(self._store.view, caller, contact_id)
        return contact, await access_letter(self._store.view, account, contact, letter_id)

    async def get_editable(self, caller: Caller, contact_id: ContactId, letter_id: LetterId) -> tuple[Contact, Letter]:
        """A letter that `edit` would change. Raises as `edit` does."""
        contact, letter = await self.get_letter(caller, contact_id, letter_id)
        check_edit(letter, self._clock.now())
        return contact, letter

    async def write(
        self, caller: Caller, contact_id: ContactId, draft: str, *, quietly: bool = False, by_voice: bool = False
    ) -> None:
        """Keep what the caller is writing to a contact, and let the other know that he is, unless `quietly`.

        Raises RegisteredOnly, ContactNotFound, MessageTooLong, TooOften.
        """
        draft, now = clean(draft), self._clock.now()
        self._limiter.take("typing", str(access_registered(caller).id))
        async with self._store.unit() as unit:
            account, contact = await access_contact(unit, caller, contact_id)
            if draft != contact.draft:
                await unit.mail.set_draft(contact.id, draft)
            theirs = None if quietly else await unit.mail.find_contact(contact.other.id, account.id)
            if theirs is not None and not await unit.ignoring.ignores(contact.other.id, account.id):
                kind, number = UpdateKind.TYPING, int(by_voice)
                tell(unit, contact.other.id, kind, now, contact_id=theirs.id, other=account, number=number)

    async def _for_contacts(
        self, caller: Caller, ids: Sequence[ContactId], deed: ContactDeed, kind: UpdateKind, flag: bool
    ) -> list[ContactId]:
        account, now = access_registered(caller), self._clock.now()
        contacts = await self._store.view.mail.find_contacts(account.id, bounded_ids(ids))
        if not contacts:
            raise ContactNotFound

        async def step(unit: Unit, contact: Contact, limit: int) -> int:
            done = await deed(unit, account.id, contact, limit)
            if done < limit:
                tell(unit, account.id, kind, now, contact_id=contact.id, other=contact.other, number=int(flag))
            return done

        await in_steps(self._store, account.id, now, contacts, step)
        return [contact.id for contact in contacts]

    async def _for_letters(
        self,
        caller: Caller,
        contact_id: ContactId,
        ids: Sequence[LetterId],
        deed: LetterDeed,
        kind: UpdateKind,
        flag: bool,
        mark: str,
    ) -> list[LetterId]:
        now = self._clock.now()
        async with self._store.unit() as unit:
            account, contact = await access_contact(unit, caller, contact_id)
            letters = await unit.mail.find_letters(account.id, bounded_ids(ids))
            found = sorted(letter.id for letter in letters if letter.contact_id == contact.id)
            if not found:
                raise LetterNotFound
            facts: dict[str, Any] = {"contact_id": contact.id, "number": int(flag), "text": one_line(mark)[:KEY_MAX]}
            async with telling_mail_count(unit, now, account.id):
                await deed(unit, account.id, contact, found)
                for each in found:
                    tell(unit, account.id, kind, now, letter_id=each, **facts)
            return found
