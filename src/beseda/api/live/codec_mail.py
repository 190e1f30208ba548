"""Letters and what is told of them as the live protocol has them. No I/O."""

from beseda.api.jsontext import write_json
from beseda.api.live.codec import milliseconds, person
from beseda.api.live.codec_rooms import Members, encode_mark, filled
from beseda.core.mail import Thread
from beseda.core.updates import MAIL
from beseda.domain.ids import RoomId
from beseda.domain.mail import Contact, Letter, MailList
from beseda.domain.reads import read_mark
from beseda.domain.updates import Update, UpdateKind

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


def encode_contact(contact: Contact, last: Letter | None = None) -> Members:
    members: Members = {
        "contact": contact.id,
        "account": person(contact.other),
        "unread": contact.unread,
        "letters": contact.received + contact.sent,
        "list": contact.list.name.lower(),
        "draft": contact.draft,
        "last": encode_letter(last) if last else None,
    }
    return filled(members, always=("unread", "letters"))


def encode_thread(thread: Thread) -> Members:
    return encode_contact(thread.contact, thread.last)


def encode_letter(letter: Letter) -> Members:
    members: Members = {
        "letter": letter.id,
        "contact": letter.contact_id,
        "received": letter.received,
        "text": letter.text,
        "at": milliseconds(letter.at),
        "read": letter.read_at and milliseconds(letter.read_at),
        "edited": letter.edited_at and milliseconds(letter.edited_at),
        "favourite": letter.favourite,
        "thrown": letter.thrown,
        "answers": letter.answers and {"letter": letter.answers.id, "text": letter.answers.text},
    }
    return filled(members, always=("received", "text"))


def encode_update(update: Update) -> bytes | None:
    """What a member's own clients are told; None for what is nothing to this protocol."""
    kind = update.kind
    if kind is UpdateKind.ROOM_READ:
        return write_json({"mark": encode_mark(read_mark(RoomId(update.number), update.text))})
    if kind is UpdateKind.COUNTER:
        return write_json({"counts": {"letters" if update.text == MAIL else "notices": update.number}})
    if kind is UpdateKind.TYPING and update.other is not None:
        return write_json({"writing": {"contact": update.contact_id, "account": person(update.other)}})
    what = LETTERS.get(kind) or THREADS.get(kind)
    if what is None:
        return None
    members: Members = {
        "what": what,
        "contact": update.contact_id,
        "letter": update.letter_id,
        "account": person(update.other) if update.other else None,
        "unread": update.number if kind is UpdateKind.LETTER_RECEIVED else None,
    }
    members = filled(members)
    if what in TAKEN_BACK:
        members["set"] = bool(update.number)
    return write_json({"letter" if kind in LETTERS else "thread": members})
