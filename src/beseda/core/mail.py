"""Letters between members. Whoever ignores the sender does not get them, and that is not told."""

from beseda.core.access import access_member, access_registered
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Store
from beseda.domain.errors import MessageTooLong
from beseda.domain.events import LetterSent, LettersRead
from beseda.domain.ids import MAX_ID, AccountId, LetterId
from beseda.domain.mail import Contact, Letter, check_correspondents, check_letter
from beseda.domain.messages import KEY_MAX

PAGE_MAX = 100


class Mail:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter

    async def send(self, caller: Caller, receiver_id: AccountId, text: str, *, key: str | None = None) -> LetterId:
        """A letter from the caller; with a `key` used before, the one that was sent then.

        Raises RegisteredOnly, AccountNotFound, MessageEmpty, MessageTooLong, RankTooLow to oneself, TooOften.
        """
        account = access_registered(caller)
        text = check_letter(text)
        if key is not None:
            if not 0 < len(key) <= KEY_MAX or not key.isprintable():
                raise MessageTooLong(max_chars=KEY_MAX)
            if sent := await self._store.view.mail.find_by_key(account.id, key):
                return sent
        self._limiter.take("letter_send", str(account.id))
        now = self._clock.now()
        async with self._store.unit() as unit:
            if key is not None and (sent := await unit.mail.find_by_key(account.id, key)):
                return sent
            receiver = await access_member(unit, receiver_id)
            check_correspondents(account, receiver)
            delivered = not await unit.ignoring.ignores(receiver.id, account.id)
            letter_id = await unit.mail.add_letter(account.id, receiver.id, text, now, key)
            await unit.mail.add_copy(account.id, receiver.id, letter_id, received=False)
            if delivered:
                await unit.mail.add_copy(receiver.id, account.id, letter_id, received=True)
            unit.record(LetterSent(now, letter_id, account.id, receiver.id, delivered))
            return letter_id

    async def count_unread(self, caller: Caller) -> int:
        """Letters that the caller has not read; visitors have none."""
        account, _ = caller.signed_in()
        return await self._store.view.mail.count_unread(account.id)

    async def list_contacts(self, caller: Caller, *, offset: int = 0, limit: int = PAGE_MAX) -> list[Contact]:
        """With whom the caller exchanged letters; the latest first. Raises RegisteredOnly."""
        account = access_registered(caller)
        limit, offset = min(max(limit, 0), PAGE_MAX), min(max(offset, 0), MAX_ID)
        return await self._store.view.mail.list_contacts(account.id, offset=offset, limit=limit)

    async def list_letters(
        self, caller: Caller, other_id: AccountId, *, before: LetterId | None = None, limit: int = PAGE_MAX
    ) -> list[Letter]:
        """What the caller exchanged with another, newest first; nothing when that is none. Raises RegisteredOnly."""
        account, view = access_registered(caller), self._store.view
        contact = await view.mail.find_contact(account.id, other_id) if 0 < other_id <= MAX_ID else None
        if contact is None:
            return []
        before = LetterId(MAX_ID) if before is None else before
        limit = min(max(limit, 0), PAGE_MAX)
        return await view.mail.list_letters(account.id, contact.id, before=before, limit=limit)

    async def mark_read(self, caller: Caller, other_id: AccountId) -> None:
        """All that the caller received from another has been read. Raises RegisteredOnly."""
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            contact = await unit.mail.find_contact(account.id, other_id) if 0 < other_id <= MAX_ID else None
            if contact is not None and await unit.mail.mark_read(account.id, contact.id, now):
                unit.record(LettersRead(now, account.id, contact.other.id))

    async def mark_all_read(self, caller: Caller) -> None:
        """All that the caller received has been read. Raises RegisteredOnly."""
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            for contact in await unit.mail.list_unread_contacts(account.id):
                await unit.mail.mark_read(account.id, contact.id, now)
                unit.record(LettersRead(now, account.id, contact.other.id))
