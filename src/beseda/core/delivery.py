"""Delivering letters: all that are sent in one turn of the loop, in one deed.

What becomes of each is decided one after another, as if they had come alone, from what is read for all of them at once;
then all is written at once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from beseda.core.ports import Repositories, Unit
from beseda.core.ports.mail import Between, Copy, Filing, NewLetter, NewUpdate, Side
from beseda.core.updates import MAIL
from beseda.domain.accounts import Account
from beseda.domain.errors import (
    AccountNotFound,
    BesedaError,
    IgnoredByReceiver,
    LetterNotFound,
    LetterToOneself,
    ReceiverIgnored,
)
from beseda.domain.events import Updated
from beseda.domain.ids import MAX_ID, AccountId, ContactId, LetterId
from beseda.domain.mail import NO_LETTER, Last, Letter, MailList, Quote, check_not_repeated
from beseda.domain.messages import KEY_MAX
from beseda.domain.presence import Signs
from beseda.domain.text import one_line
from beseda.domain.updates import UpdateKind

NO_CONTACT = ContactId(0)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter to be sent; see Mail.send."""

    sender: Account
    receiver_id: AccountId
    text: str
    key: str | None
    answers: LetterId | None
    mark: str
    openly: bool


class Delivered(NamedTuple):
    """A letter as it was sent, and what was known of its receiver's being here: None if that was another time."""

    letter: Letter
    signs: Signs | None


class _Contact:
    """A member's contact as it will be: `found` is what it was, None when there was none."""

    __slots__ = (
        "found",
        "id",
        "last",
        "last_id",
        "last_received_id",
        "list",
        "other_id",
        "owner_id",
        "received",
        "sent",
    )

    def __init__(self, owner_id: AccountId, other_id: AccountId, found: Side | None) -> None:
        self.owner_id = owner_id
        self.other_id = other_id
        self.found = found
        self.id, self.list = (found.contact_id, found.list) if found else (NO_CONTACT, MailList.INBOX)
        self.last: Last | None = None
        self.sent = self.received = 0
        self.last_id = self.last_received_id = NO_LETTER

    @property
    def unread(self) -> int:
        return (self.found.unread if self.found else 0) + self.received

    @property
    def fresh(self) -> int:
        return (self.found.fresh if self.found else 0) + self.received

    def file(self, letter_id: LetterId, *, received: bool) -> Copy:
        self.last_id = letter_id
        if received:
            self.last_received_id = letter_id
        return Copy(self.owner_id, self.id, letter_id, received)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A letter that is sent: what it adds to what is new for either side, and what its receiver has not read then."""

    outgoing: Outgoing
    quote: Quote | None
    mine: _Contact
    theirs: _Contact | None
    new_of_mine: int
    new_of_theirs: int
    unread: int


async def deliver(unit: Unit, letters: Sequence[Outgoing], now: datetime) -> list[Delivered | BesedaError]:
    """Within a deed: the letters as they were sent, or why one was not. Those with a key have different ones."""
    delivery = _Delivery(unit, now)
    decided = await delivery.decide(letters)
    sent = iter(await delivery.write([each for each in decided if isinstance(each, _Accepted)]))
    return [next(sent) if isinstance(each, _Accepted) else each for each in decided]


class _Delivery:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit = unit
        self._now = now
        self._between: dict[tuple[AccountId, AccountId], Between] = {}
        self._contacts: dict[tuple[AccountId, AccountId], _Contact] = {}

    async def decide(self, letters: Sequence[Outgoing]) -> list[_Accepted | Delivered | BesedaError]:
        await self._read({(each.sender.id, each.receiver_id) for each in letters if 0 < each.receiver_id <= MAX_ID})
        decided: list[_Accepted | Delivered | BesedaError] = []
        for each in letters:
            try:
                decided.append(await self._decide(each))
            except BesedaError as refusal:
                decided.append(refusal.with_traceback(None))  # which holds this frame, which would hold it
        return decided

    async def _read(self, pairs: set[tuple[AccountId, AccountId]]) -> None:
        for (one, other), found in await self._unit.mail.between(pairs):
            self._between[one, other] = found
            self._contacts.setdefault((one, other), _Contact(one, other, found.mine)).last = found.last
            self._contacts.setdefault((other, one), _Contact(other, one, found.theirs))

    async def _decide(self, letter: Outgoing) -> _Accepted | Delivered:
        account, receiver_id, mail = letter.sender, letter.receiver_id, self._unit.mail
        if letter.key is not None and (sent := await mail.find_by_key(account.id, letter.key)):
            return Delivered(await get_letter(self._unit, account.id, sent), None)
        between = self._between.get((account.id, receiver_id))
        if between is None:
            raise AccountNotFound
        if receiver_id == account.id:
            raise LetterToOneself
        quote = await self._quote(letter) if letter.answers is not None else None
        mine = self._contacts[account.id, receiver_id]
        if letter.openly:
            if between.ignored:
                raise ReceiverIgnored
            if between.ignores_sender:
                raise IgnoredByReceiver
            check_not_repeated(mine.last, letter.text, self._now)
        theirs = None if between.ignores_sender else self._contacts[receiver_id, account.id]
        return self._accept(letter, quote, mine, theirs)

    async def _quote(self, letter: Outgoing) -> Quote:
        ids = [letter.answers] if letter.answers is not None and 0 < letter.answers <= MAX_ID else []
        found = await self._unit.mail.find_letters(letter.sender.id, ids)
        if not found or found[0].other_id != letter.receiver_id:
            raise LetterNotFound
        return Quote(found[0].id, found[0].text)

    def _accept(self, letter: Outgoing, quote: Quote | None, mine: _Contact, theirs: _Contact | None) -> _Accepted:
        """Who writes takes the other out of the archive and the spam; who is written to, out of the archive."""
        new_of_mine = mine.fresh if mine.list is MailList.SPAM and mine.unread else 0
        mine.list, mine.sent, mine.last = MailList.INBOX, mine.sent + 1, Last(False, letter.text, self._now)
        new_of_theirs = 0
        if theirs is not None:
            theirs.received, theirs.last = theirs.received + 1, Last(True, letter.text, self._now)
            if theirs.list is not MailList.SPAM:
                theirs.list, new_of_theirs = MailList.INBOX, 1
        return _Accepted(letter, quote, mine, theirs, new_of_mine, new_of_theirs, theirs.unread if theirs else 0)

    async def write(self, accepted: Sequence[_Accepted]) -> list[Delivered]:
        if not accepted:
            return []
        mail, now = self._unit.mail, self._now
        new = await self._count_new(accepted)
        ids = await mail.add_letters(
            [
                NewLetter(o.sender.id, o.receiver_id, o.text, o.key, each.quote.id if each.quote else None)
                for each in accepted
                for o in (each.outgoing,)
            ],
            now,
        )
        touched = [contact for contact in self._contacts.values() if contact.sent or contact.received]
        for contact in touched:
            if contact.found is None:
                contact.id = await mail.add_contact(contact.owner_id, contact.other_id)
        copies, letters = list[Copy](), list[Delivered]()
        for each, letter_id in zip(accepted, ids, strict=True):
            copies.append(each.mine.file(letter_id, received=False))
            if each.theirs is not None:
                copies.append(each.theirs.file(letter_id, received=True))
            self._tell(each, letter_id, new)
            to, text = each.outgoing.receiver_id, each.outgoing.text
            letter = Letter(letter_id, each.mine.id, to, False, text, now, None, answers=each.quote)
            letters.append(Delivered(letter, self._between[each.outgoing.sender.id, to].signs))
        await mail.file([Filing(c.id, c.list, c.sent, c.received, c.last_id, c.last_received_id) for c in touched])
        await mail.add_copies(copies)
        for account_id in dict.fromkeys(copy.owner_id for copy in copies):
            self._unit.record(Updated(now, account_id))
        return letters

    async def _count_new(self, accepted: Sequence[_Accepted]) -> Counter[AccountId]:
        """What is new, before these letters, for those for whom it will be another number."""
        pairs = {(each.outgoing.sender.id, each.outgoing.receiver_id) for each in accepted if each.new_of_theirs}
        new = Counter({receiver_id: self._between[sender_id, receiver_id].new for sender_id, receiver_id in pairs})
        if owners := list({each.outgoing.sender.id for each in accepted if each.new_of_mine} - new.keys()):
            new.update(dict(zip(owners, await self._unit.mail.counts_new(owners), strict=True)))
        return new

    def _tell(self, each: _Accepted, letter_id: LetterId, new: Counter[AccountId]) -> None:
        """What both sides' clients are told."""
        sender_id, receiver_id, tell = each.outgoing.sender.id, each.outgoing.receiver_id, self._unit.tell
        sent, received, mark = UpdateKind.LETTER_SENT, UpdateKind.LETTER_RECEIVED, one_line(each.outgoing.mark)
        tell(NewUpdate(sender_id, sent, self._now, each.mine.id, letter_id, receiver_id, text=mark[:KEY_MAX]))
        if each.theirs is not None:
            facts = (each.theirs.id, letter_id, sender_id, each.unread)
            tell(NewUpdate(receiver_id, received, self._now, *facts))
        for account_id, more in ((sender_id, each.new_of_mine), (receiver_id, each.new_of_theirs)):
            if more:
                new[account_id] += more
                tell(NewUpdate(account_id, UpdateKind.COUNTER, self._now, number=new[account_id], text=MAIL))


async def get_letter(repos: Repositories, owner_id: AccountId, letter_id: LetterId) -> Letter:
    """Raises LetterNotFound when it has been erased."""
    found = await repos.mail.find_letters(owner_id, [letter_id])
    if not found:
        raise LetterNotFound
    return found[0]
