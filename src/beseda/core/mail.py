"""Letters between members: sending and reading them.

Who ignores the sender does not get them; that is told only to who asks to be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from beseda.core.access import access_contact, access_registered
from beseda.core.caller import Caller
from beseda.core.delivery import Delivered, Outgoing, deliver, get_letter
from beseda.core.gathering import Gathering
from beseda.core.kept import Kept
from beseda.core.limits import Limiter
from beseda.core.mail_steps import in_steps
from beseda.core.patience import note_change
from beseda.core.ports import Clock, Store, Unit
from beseda.core.updates import tell, telling_mail_count
from beseda.domain.accounts import Account, nick_key
from beseda.domain.errors import AccountNotFound, BesedaError, MessageTooLong
from beseda.domain.events import AccountChanged, Event, Missed
from beseda.domain.ids import MAX_ID, AccountId, ContactId, LetterId
from beseda.domain.mail import Contact, Letter, MailList, check_letter, matches
from beseda.domain.messages import KEY_MAX
from beseda.domain.text import folded, is_plain
from beseda.domain.updates import UpdateKind

PAGE_MAX = 100
SEARCHED_MAX = 5_000
"""The newest letters of a contact in which a search looks."""
SEARCHED_AT_ONCE = 500
NEWEST = LetterId(MAX_ID)
NICKS_KEPT = 20_000

Id = TypeVar("Id", bound=int)


@dataclass(frozen=True, slots=True)
class Thread:
    """A contact in a list, with the newest letter that the list shows of it."""

    contact: Contact
    last: Letter | None


@dataclass(frozen=True, slots=True)
class Threads:
    """A page of a list, and how many threads the list has."""

    threads: list[Thread]
    total: int


@dataclass(frozen=True, slots=True)
class Letters:
    """A page of a thread, newest first, and how many letters there are."""

    contact: Contact
    letters: list[Letter]
    total: int


class Mail:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._outgoing = Gathering(self._deliver, _keyed)
        self._nicks: Kept[str, Account] = Kept(
            self._find_nick, NICKS_KEPT, keeps=lambda found: found.registered, owner=lambda found: found.id
        )

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, AccountChanged):
            self._nicks.drop_all_of(event.account_id)
        elif isinstance(event, Missed):
            self._nicks.clear()

    async def find_receiver(self, nick: str) -> Account:
        """Who has this nick; `accessed_at` may be of an earlier time. Raises AccountNotFound."""
        return await self._nicks.get(nick_key(nick))

    async def _find_nick(self, nick: str) -> Account:
        account = await self._store.view.accounts.find_by_nick(nick)
        if account is None:
            raise AccountNotFound
        return account

    async def send(
        self,
        caller: Caller,
        receiver_id: AccountId,
        text: str,
        *,
        key: str | None = None,
        answers: LetterId | None = None,
        mark: str = "",
        openly: bool = False,
    ) -> Delivered:
        """A letter from the caller; with a `key` used before, the one that was sent then.

        `answers` is a letter in the same thread. `mark` tells the caller's clients which of them sent it. `openly` also
        refuses what otherwise nobody is told: LetterRepeated, ReceiverIgnored, IgnoredByReceiver.

        Raises RegisteredOnly, AccountNotFound, MessageEmpty, MessageTooLong, LetterToOneself, LetterNotFound, TooOften.
        """
        account = access_registered(caller)
        text = check_letter(text)
        if key is not None:
            if not 0 < len(key) <= KEY_MAX or not is_plain(key):
                raise MessageTooLong(max_chars=KEY_MAX)
            if found := await self._store.view.mail.find_by_key(account.id, key):
                return Delivered(await get_letter(self._store.view, account.id, found), None)
        self._limiter.take("letter_send", str(account.id))
        sent = await self._outgoing.add(Outgoing(account, receiver_id, text, key, answers, mark, openly))
        if isinstance(sent, BesedaError):
            try:
                raise sent
            finally:
                del sent  # it would hold this frame, which holds it
        note_change()
        return sent

    async def _deliver(self, letters: Sequence[Outgoing]) -> list[Delivered | BesedaError]:
        async with self._store.unit(gathered=True) as unit:
            return await deliver(unit, letters, self._clock.now())

    async def count_unread(self, caller: Caller) -> int:
        """Letters that the caller has not read; visitors have none."""
        account, _ = caller.signed_in()
        return await self._store.view.mail.count_unread(account.id)

    async def reset_new(self, caller: Caller) -> None:
        """The caller has looked at his mailbox: no letter is new any more, though some may be unread."""
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit, telling_mail_count(unit, now, account.id):
            await unit.mail.reset_new(account.id)

    async def list_contacts(self, caller: Caller, *, offset: int = 0, limit: int = PAGE_MAX) -> list[Contact]:
        """With whom the caller exchanged letters, without spam; the latest first. Raises RegisteredOnly."""
        account = access_registered(caller)
        offset, limit = _bounded(offset, limit)
        return await self._store.view.mail.list_contacts(account.id, None, "", offset=offset, limit=limit)

    async def list_threads(
        self, caller: Caller, shown: MailList, *, nick: str = "", offset: int = 0, limit: int = PAGE_MAX
    ) -> Threads:
        """A list of the caller's mailbox, the latest first; only with `nick` in their nicks. Raises RegisteredOnly."""
        account, needle = access_registered(caller), nick_key(nick[:64])
        offset, limit = _bounded(offset, limit)
        mail = self._store.view.mail
        contacts = await mail.list_contacts(account.id, shown, needle, offset=offset, limit=limit)
        total = await mail.count_contacts(account.id, shown, needle)
        return Threads(await self._with_last(account, contacts, shown), total)

    async def get_threads(self, caller: Caller, ids: Sequence[ContactId]) -> list[Thread]:
        """The caller's contacts of these ids that hold letters. Raises RegisteredOnly."""
        account = access_registered(caller)
        contacts = await self._store.view.mail.find_contacts(account.id, bounded_ids(ids))
        return await self._with_last(account, [each for each in contacts if not each.is_empty], MailList.INBOX)

    async def _with_last(self, account: Account, contacts: list[Contact], shown: MailList) -> list[Thread]:
        last = {contact.id: contact.last(shown) for contact in contacts}
        found = await self._store.view.mail.find_letters(account.id, [each for each in last.values() if each])
        letters = {letter.id: letter for letter in found}
        return [Thread(contact, letters.get(last[contact.id])) for contact in contacts]

    async def list_letters(
        self, caller: Caller, other_id: AccountId, *, before: LetterId | None = None, limit: int = PAGE_MAX
    ) -> list[Letter]:
        """What the caller exchanged with another, newest first; nothing when that is none. Raises RegisteredOnly."""
        account, view = access_registered(caller), self._store.view
        contact = await view.mail.find_contact(account.id, other_id) if 0 < other_id <= MAX_ID else None
        if contact is None:
            return []
        before, (_, limit) = NEWEST if before is None else before, _bounded(0, limit)
        return await view.mail.list_letters(account.id, contact.id, before=before, limit=limit)

    async def read_thread(
        self,
        caller: Caller,
        contact_id: ContactId,
        shown: MailList = MailList.INBOX,
        *,
        search: str = "",
        offset: int = 0,
        limit: int = PAGE_MAX,
    ) -> Letters:
        """A page of letters; a search looks into the newest 5,000 of the thread.

        Raises RegisteredOnly, ContactNotFound; when searching TooOften.
        """
        view = self._store.view
        account, contact = await access_contact(view, caller, contact_id)
        offset, limit = _bounded(offset, limit)
        if needle := folded(search):
            self._limiter.take("search", str(account.id))
            found = await self._search(account, contact, shown, needle)
            return Letters(contact, found[offset : offset + limit], len(found))
        letters = await view.mail.list_letters(
            account.id, contact.id, before=NEWEST, offset=offset, limit=limit, shown=shown
        )
        return Letters(contact, letters, contact.count(shown))

    async def page_of_thread(
        self, caller: Caller, contact_id: ContactId, shown: MailList, *, before: LetterId | int | None, limit: int
    ) -> Letters:
        """The newest letters of a thread, or those before one. Raises RegisteredOnly, ContactNotFound."""
        account, contact = await access_contact(self._store.view, caller, contact_id)
        before = NEWEST if before is None else LetterId(min(before, MAX_ID))
        letters = await self._store.view.mail.list_letters(
            account.id, contact.id, before=before, limit=_bounded(0, limit)[1], shown=shown
        )
        return Letters(contact, letters, contact.count(shown))

    async def _search(self, account: Account, contact: Contact, shown: MailList, needle: str) -> list[Letter]:
        found: list[Letter] = []
        before = NEWEST
        for _ in range(0, SEARCHED_MAX, SEARCHED_AT_ONCE):
            page = await self._store.view.mail.list_letters(
                account.id, contact.id, before=before, limit=SEARCHED_AT_ONCE, shown=shown
            )
            found += [letter for letter in page if matches(letter, needle)]
            if len(page) < SEARCHED_AT_ONCE:
                break
            before = page[-1].id
        return found

    async def get_letters(
        self, caller: Caller, contact_id: ContactId, ids: Sequence[LetterId]
    ) -> tuple[Contact, list[Letter]]:
        """Those of the ids that are letters of a contact, oldest first. Raises RegisteredOnly, ContactNotFound."""
        account, contact = await access_contact(self._store.view, caller, contact_id)
        found = await self._store.view.mail.find_letters(account.id, bounded_ids(ids))
        return contact, sorted((each for each in found if each.contact_id == contact.id), key=lambda each: each.id)

    async def find_contact(self, caller: Caller, other_id: AccountId) -> Contact | None:
        """The caller's contact for another member. Raises RegisteredOnly."""
        account = access_registered(caller)
        return await self._store.view.mail.find_contact(account.id, other_id) if 0 < other_id <= MAX_ID else None

    async def receiver(self, caller: Caller, contact_id: ContactId) -> Account:
        """Whom a contact is. Raises RegisteredOnly, ContactNotFound."""
        _, contact = await access_contact(self._store.view, caller, contact_id)
        return contact.other

    async def mark_read(self, caller: Caller, contact_ids: Sequence[ContactId]) -> int:
        """All that the caller received from these contacts has been read; how many of them are his.

        Raises RegisteredOnly.
        """
        account = access_registered(caller)
        contacts = await self._store.view.mail.find_contacts(account.id, bounded_ids(contact_ids))
        await self._mark_read(account, contacts)
        return len(contacts)

    async def mark_all_read(self, caller: Caller) -> None:
        """All that the caller received has been read. Raises RegisteredOnly."""
        account = access_registered(caller)
        await self._mark_read(account, await self._store.view.mail.list_unread_contacts(account.id))

    async def _mark_read(self, account: Account, contacts: Sequence[Contact]) -> None:
        """In steps; the other side is told as well, when all of a contact has been read."""
        now, begun = self._clock.now(), set[ContactId]()

        async def read(unit: Unit, contact: Contact, limit: int) -> int:
            ids = await unit.mail.mark_read(account.id, contact.id, now, limit)
            await unit.mail.mark_sent_read(contact.other.id, account.id, ids, now)
            if len(ids) == limit:
                begun.add(contact.id)
            elif ids or contact.id in begun:
                await _tell_read(unit, account, contact, now)
            return len(ids)

        await in_steps(self._store, account.id, now, contacts, read)


def _keyed(letter: Outgoing) -> tuple[AccountId, str] | None:
    """What of several letters only one may have."""
    return None if letter.key is None else (letter.sender.id, letter.key)


async def _tell_read(unit: Unit, account: Account, contact: Contact, now: datetime) -> None:
    tell(unit, account.id, UpdateKind.CONTACT_READ, now, contact_id=contact.id, other=contact.other)
    theirs = await unit.mail.find_contact(contact.other.id, account.id)
    if theirs is not None:
        tell(unit, contact.other.id, UpdateKind.CONTACT_READ, now, contact_id=theirs.id, other=account)


def _bounded(offset: int, limit: int) -> tuple[int, int]:
    return min(max(offset, 0), MAX_ID), min(max(limit, 0), PAGE_MAX)


def bounded_ids(ids: Sequence[Id]) -> list[Id]:
    """Those that may be ids, each once, at most a page of them."""
    return [each for each in dict.fromkeys(ids) if 0 < each <= MAX_ID][:PAGE_MAX]
