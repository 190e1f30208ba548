"""Letters and what is told of them as the live protocol has them. No I/O."""

from beseda.api.shown import milliseconds, optional_milliseconds, person, show_mark
from beseda.core.mail import Thread
from beseda.core.updates import MAIL
from beseda.domain.ids import RoomId
from beseda.domain.mail import Contact, Letter, MailList
from beseda.domain.reads import read_mark
from beseda.domain.updates import Update, UpdateKind
from beseda.wire import live as wire

LISTS = {shown.name.lower(): shown for shown in MailList if shown is not MailList.EMAIL}
LETTERS = {
    UpdateKind.LETTER_RECEIVED: "received",
    UpdateKind.LETTER_SENT: "sent",
    UpdateKind.LETTER_EDITED: "edited",
    UpdateKind.LETTER_FAVOURITE: "kept",
    UpdateKind.LETTER_THROWN: "thrown",
    UpdateKind.LETTER_ERASED: "erased",
}
THREADS = {
    UpdateKind.CONTACT_READ: "read",
    UpdateKind.CONTACT_ARCHIVED: "archived",
    UpdateKind.CONTACT_SPAM: "spam",
    UpdateKind.CONTACT_THROWN: "thrown",
    UpdateKind.CONTACT_ERASED: "erased",
    UpdateKind.GARBAGE_CLEARED: "cleared",
}
TAKEN_BACK = frozenset({"kept", "thrown", "archived", "spam"})
"""What can be undone: then `set` says whether it is so."""


def show_contact(contact: Contact, last: Letter | None = None) -> wire.Thread:
    return wire.Thread(
        contact=contact.id,
        account=person(contact.other),
        picture=contact.other.picture_url,
        unread=contact.unread,
        letters=contact.received + contact.sent,
        list=wire.MailList(contact.list.name.lower()),
        draft=contact.draft,
        last=show_letter(last) if last else None,
    )


def show_thread(thread: Thread) -> wire.Thread:
    return show_contact(thread.contact, thread.last)


def show_letter(letter: Letter) -> wire.Letter:
    return wire.Letter(
        id=letter.id,
        contact=letter.contact_id,
        received=letter.received,
        text=letter.text,
        at_ms=milliseconds(letter.at),
        read_ms=optional_milliseconds(letter.read_at),
        edited_ms=optional_milliseconds(letter.edited_at),
        favourite=letter.favourite,
        thrown=letter.thrown,
        answers=wire.Quote(letter.answers.id, letter.answers.text) if letter.answers else None,
    )


def encode_update(update: Update) -> bytes | None:
    """What a member's own clients are told; None for what is nothing to this protocol."""
    told = _shown_update(update)
    return None if told is None else wire.encode(told)


def _shown_update(update: Update) -> wire.Event | None:
    kind = update.kind
    if kind is UpdateKind.ROOM_READ:
        return wire.MarkChanged(show_mark(read_mark(RoomId(update.number), update.text)))
    if kind is UpdateKind.COUNTER:
        number, letters = update.number, update.text == MAIL
        return wire.CountsChanged(wire.Counts(letters=number) if letters else wire.Counts(notices=number))
    if kind is UpdateKind.TYPING and update.other is not None:
        return wire.WritingTold(wire.Writing(update.contact_id, person(update.other)))
    what = LETTERS.get(kind) or THREADS.get(kind)
    if what is None:
        return None
    change = wire.MailChange(
        what=what,
        contact=update.contact_id or None,
        letter=update.letter_id or None,
        account=person(update.other) if update.other else None,
        unread=(update.number or None) if kind is UpdateKind.LETTER_RECEIVED else None,
        is_set=bool(update.number) if what in TAKEN_BACK else None,
    )
    return wire.LetterChanged(change) if kind in LETTERS else wire.ThreadChanged(change)
