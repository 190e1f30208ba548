"""The live channel without a socket: what an update or a line is called there, and cursors (`beseda.wire.spaces`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from beseda.api.forms import Form
from beseda.api.jsontext import write_json
from beseda.domain.ids import MAX_ID, RoomId, UpdateId
from beseda.domain.messages import Kind, Line
from beseda.domain.notifications import NotificationKind
from beseda.domain.updates import Update, UpdateKind
from beseda.wire.spaces.channel import COUNTERS, Act, event_id, read_event_id

_SEVERITY_INFO = 1


_CONTACT_ACTS = {
    UpdateKind.CONTACT_READ: (Act.MAIL_CONTACT_READ, ""),
    UpdateKind.CONTACT_THROWN: (Act.MAIL_CONTACT_SWAP, "Garbage"),
    UpdateKind.CONTACT_ERASED: (Act.MAIL_CONTACT_ERASE, ""),
    UpdateKind.CONTACT_ARCHIVED: (Act.MAIL_CONTACT_ARCHIVE, "Archive"),
    UpdateKind.CONTACT_SPAM: (Act.MAIL_CONTACT_SPAM, "Spam"),
}
_LETTER_ACTS = {
    UpdateKind.LETTER_FAVOURITE: (Act.MAIL_MESSAGE_FAV, "Fav"),
    UpdateKind.LETTER_THROWN: (Act.MAIL_MESSAGE_SWAP, "Garbage"),
    UpdateKind.LETTER_ERASED: (Act.MAIL_MESSAGE_ERASE, ""),
    UpdateKind.LETTER_EDITED: (Act.MAIL_MESSAGE_EDIT, ""),
}
_NOTICES = {
    NotificationKind.KARMA: "{nick} меняет вашу карму",
    NotificationKind.INVITED: "{nick} зовёт вас в комнату",
    NotificationKind.ROOM_ADMIN: "Вы стали администратором комнаты",
    NotificationKind.PICTURE_DELETED: "Ваш аватар удалён",
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a client has seen: `update` and the lines of `rooms`; of what is not said, all before `since`.

    Where nothing is said of a stream, the client wants only what is new.
    """

    update: UpdateId | None = None
    rooms: Mapping[RoomId, int] | None = None
    since: datetime | None = None


def read_cursor(query: Form, tag: str, time: str, event: str) -> Cursor:
    """From the query, or else from headers (`tag`, `time`, `event`). What is no cursor is none."""
    asked_id, asked_tag, asked_time = (query.get(name) for name in ("eventid", "tag", "time"))
    since = _time(asked_time or time)
    if found := read_event_id(asked_id or event or asked_tag or tag):
        return Cursor(UpdateId(found[0]), {RoomId(room): seq for room, seq in found[1].items()}, since)
    number = (asked_tag or tag).strip()
    if number.isascii() and number.isdigit() and len(number) < 20 and int(number):
        return Cursor(UpdateId(min(int(number), MAX_ID)), None, since)
    return Cursor(None, None, since)


def _time(text: str) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7)."""
    try:
        parsed = parsedate_to_datetime(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def encode_message(number: int, channel: str, text: Mapping[str, object], tag: int, at: datetime, event: str) -> bytes:
    """One message. `channel` names the stream, not the token by which it was opened."""
    return write_json(
        {"id": number, "channel": channel, "text": text, "tag": str(tag), "time": http_date(at), "eventid": event}
    )


UNTOLD = frozenset({UpdateKind.ROOM_READ})
"""What these clients know nothing of."""


def encode_update(update: Update) -> bytes:
    """For sockets, whose clients send no cursor."""
    event = event_id(update.id, ())
    return encode_message(update.id, f"u{update.account_id}", update_text(update), update.id, update.at, event)


def encode_line(line: Line) -> bytes | None:
    """For sockets; None for what is no message."""
    text = line_text(line)
    channel = f"r{line.room_id}"
    return encode_message(line.seq, channel, text, line.seq, line.at, channel) if text else None


def encode_logout(ctime: int, at: datetime) -> bytes:
    """The last message of a session."""
    text = {"act": int(Act.LOGOUT), "session_ctime": ctime, "data": {"session_ctime": ctime}, "device_type": ""}
    return encode_message(0, "session", text, 0, at, "")


def update_text(update: Update) -> dict[str, object]:
    """What clients read."""
    nick = escape(update.other.nick) if update.other else ""
    kind = update.kind
    if kind in _CONTACT_ACTS:
        act, flag = _CONTACT_ACTS[kind]
        data: dict[str, object] = {"nid": update.contact_id, "contact": {"nid": update.contact_id, "user": nick}}
        return {"act": int(act), "data": data | ({flag: update.number} if flag else {})}
    if kind in _LETTER_ACTS:
        act, flag = _LETTER_ACTS[kind]
        data = {"nid": update.letter_id, "contact": {"nid": update.contact_id}, "hash": update.text}
        return {"act": int(act), "data": data | ({flag: update.number} if flag else {})}
    match kind:
        case UpdateKind.LETTER_RECEIVED:
            data = {
                "nid": update.letter_id,
                "contact": {"nid": update.contact_id, "user": nick},
                "new_cnt": update.number,
            }
            return {"act": int(Act.MAIL_MESSAGE_RECEIVE), "data": data}
        case UpdateKind.LETTER_SENT:
            data = {
                "nid": update.letter_id,
                "contact": {"nid": update.contact_id, "user": nick},
                "hash": update.text,
                "pagination_widget": "",
            }
            return {"act": int(Act.MAIL_MESSAGE_SEND), "data": data}
        case UpdateKind.TYPING:
            return {
                "act": int(Act.MAIL_TYPING),
                "contact_id": update.contact_id,
                "user": nick,
                "voice": update.number,
            }
        case UpdateKind.COUNTER:
            return {
                "act": int(Act.TOP_COUNTER_UPDATE),
                "type": COUNTERS.get(update.text, 0),
                "cnt": update.number,
                "important": 0,
            }
        case UpdateKind.NOTIFIED:
            return _notification(update.number, _notice(update.text, nick))
        case UpdateKind.GARBAGE_CLEARED:
            return {"act": int(Act.MAIL_CLEAR_GARBAGE), "data": {}}
        case _:
            return {"act": int(Act.STATUS_CHANGE)}


def _notification(id_: int | str, text: str) -> dict[str, object]:
    """`text` is HTML."""
    return {
        "act": int(Act.NOTIFICATION_SEND),
        "id": id_,
        "text": text,
        "severity": _SEVERITY_INFO,
        "sessions_ctimes": [],
        "close_link": "",
    }


def _notice(kind: str, nick: str) -> str:
    template = next((text for each, text in _NOTICES.items() if each.value == kind), "")
    return template.format(nick=nick)


def line_text(line: Line) -> dict[str, object] | None:
    """A text, a whisper, that one was deleted, what an operator says to all; the rest of a stream is not told here."""
    match line.kind:
        case Kind.TEXT | Kind.WHISPER:
            act, told, author = Act.CHAT_SEND_MESSAGE, line.seq, line.actor
        case Kind.LINE_DELETED:
            act, told, author = Act.CHAT_DELETE_MESSAGE, line.number, line.target
        case Kind.LINES_DELETED:  # all that one wrote: no number names them
            act, told, author = Act.CHAT_DELETE_MESSAGE, 0, line.target
        case Kind.ANNOUNCED:  # in each room that he is in: its id is the same, and no notification's
            return _notification(f"announcement-{line.number}", escape(line.text))
        case _:
            return None
    return {
        "act": int(act),
        "room_id": line.room_id,
        "id": told,
        "msg_id": told,
        "user_id": author.id if author else 0,
    }


def encode_poll(callback: str, messages: Sequence[bytes]) -> bytes:
    """The answer to a poll: a call of the page's own function, or plain JSON when it names none."""
    body = b"[" + b",".join(messages) + b"]"
    if not callback:
        return body
    # Inside a script these two end a line, though not in JSON.
    safe = body.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")
    return callback.encode() + b"(" + safe + b");"
