"""What the tests put into a store, and how they reach it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from beseda.core.ports import NewAccount, Store, Unit
from beseda.core.ports.mail import Copy, Filing, NewLetter
from beseda.domain.accounts import Account, Sex
from beseda.domain.contacts import Email
from beseda.domain.domains import DomainName
from beseda.domain.events import DomainRemoved, Event
from beseda.domain.ids import DomainId, LetterId
from beseda.domain.mail import NO_LETTER, MailList
from beseda.domain.rooms import Room
from beseda.domain.sessions import Handle, Session

T = TypeVar("T")

AT = datetime(2026, 11, 20, 10, 0, 0, 123_000, tzinfo=UTC)
STRANGE = "příliš žluťoučký кот 🦊 e\u0301 \u202e٣ \t\r\n '\"`;--%_\\ $1 ?1"
"""Text that breaks whoever puts SQL together from strings, or keeps less than Unicode."""
MAX = 2**63 - 1


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


async def do(store: Store, deed: Callable[[Unit], Awaitable[T]]) -> T:
    """The result of a deed that is one unit."""
    async with store.unit() as unit:
        return await deed(unit)


def member(nick: str, *, email: str | None = None, phone: str | None = None) -> NewAccount:
    kept = Email(email, email.lower()) if email else None
    return NewAccount(registered=True, nick=nick, sex=Sex.FEMALE, password_hash="$hash$", email=kept, phone=phone)


def visitor(nick: str) -> NewAccount:
    return NewAccount(registered=False, nick=nick, sex=Sex.MALE)


async def add_member(store: Store, nick: str = "Alena") -> Account:
    return await do(store, lambda unit: unit.accounts.add(member(nick), AT))


async def add_visitor(store: Store, nick: str = "Host") -> Account:
    return await do(store, lambda unit: unit.accounts.add(visitor(nick), AT))


async def send_letter(
    unit: Unit,
    sender: Account,
    receiver: Account,
    text: str = "x",
    *,
    key: str | None = None,
    answers: LetterId | None = None,
    delivered: bool = True,
) -> LetterId:
    """Within a deed: a letter, and a copy for each side; for the receiver only if it is delivered."""
    mail = unit.mail
    (letter_id,) = await mail.add_letters([NewLetter(sender.id, receiver.id, text, key, answers)], AT)
    ((_, found),) = await mail.between([(sender.id, receiver.id)])
    for owner, other, side in ((sender, receiver, found.mine), (receiver, sender, found.theirs))[: 1 + delivered]:
        received = owner is receiver
        contact_id = side.contact_id if side else await mail.add_contact(owner.id, other.id)
        to = side.list if side and side.list is MailList.SPAM and received else MailList.INBOX
        last_received_id = letter_id if received else NO_LETTER
        await mail.file([Filing(contact_id, to, int(not received), int(received), letter_id, last_received_id)])
        await mail.add_copies([Copy(owner.id, contact_id, letter_id, received)])
    return letter_id


async def add_room(store: Store, name: str = "Praha", *, permanent: bool = True) -> Room:
    return await do(store, lambda unit: unit.rooms.add(name, permanent=permanent, founder_id=None, at=AT))


async def add_session(store: Store, account: Account, kind: Handle = Handle.COOKIE, at: datetime = AT) -> Session:
    return await do(store, lambda unit: unit.sessions.add(account.id, kind, "nonce", at))


def domain(name: str) -> DomainName:
    return DomainName(name, name)


class Refusal(Exception):
    """What a deed says when it does not want to."""


async def insert(store: Store, name: str, *, then: Exception | None = None) -> None:
    """A unit of one row and one event, perhaps refused after it wrote."""
    async with store.unit() as unit:
        await unit.accounts.add_invite(name, 1, AT)
        unit.record(event(name))
        if then is not None:
            raise then


def event(name: str) -> Event:
    """One that can be told from others."""
    return DomainRemoved(AT, DomainId(int(name)))


async def there(store: Store, names: Sequence[str]) -> list[str]:
    """Which of the rows that `insert` makes are there; takes them away."""
    async with store.unit() as unit:
        return [name for name in names if await unit.accounts.use_invite(name)]
