"""Lines of rooms as the messages of /json/getText, and what that is asked. No I/O.

All messages of a room have strictly increasing times; a line told in two messages has two (gateways drop what is not
newer than the last). Texts are escaped HTML, lines of the system are plain text that is harmless as HTML.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from msgspec import UNSET

from beseda.api.chatcz.codec import read_room_id, sex_of, unescaped
from beseda.api.chatcz.errors import BAD_REQUEST, ERRORS, NOT_IN_ROOM, ON_PAGES
from beseda.api.forms import Form
from beseda.api.jsontext import write_json
from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line, is_private
from beseda.wire.chatcz import talk
from beseda.wire.chatcz.rest import http_date
from beseda.wire.chatcz.talk import Message

EPOCH = datetime.fromtimestamp(0, UTC)
MILLISECOND = timedelta(milliseconds=1)
KICKED_INDEX = "out"
"""COMPAT(gateways): another index than the one they sent tells them that they were thrown out, not just unheard."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What /json/getText is asked. `cursor` is None for everything since the caller came in; `text` may be empty."""

    room_id: RoomId
    index: str
    cursor: int | None
    text: str
    to: AccountId


def read_poll(form: Form) -> Poll:
    """Raises RequestRefused without a room."""
    index, to = form.get("chatIndex") or "", form.get("userIdTo") or ""
    return Poll(
        read_room_id(form),
        index,
        int(index) if _is_number(index) else None,
        form.get("text") or "",
        AccountId(int(to) if _is_number(to) else 0),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def encode_lines(index: str, lines: Iterable[bytes], refusal: tuple[int, str] | None = None) -> bytes:
    """The answer to a poll; to one whose text was refused with the reason as its message and `refused`, the status.

    COMPAT(gateways): they take another `status` than 200 for something worse, and the index they sent for a visitor's
    ten seconds that are not over; so any other refusal is told by a line, and by another index.
    """
    data = b",".join(line for line in lines if line)
    status, reason = refusal or (200, "OK")
    head = b'{"success":true,"status":200,"statusMessage":%b' % write_json(reason)
    if refusal:
        head += b',"refused":%d' % status
    return head + b',"data":{"index":%b,"data":[' % write_json(index) + data + b"]}}"


def encode_outside(index: str) -> bytes:
    """The answer to who is not in the room, or has no session any more."""
    (status, message), other = NOT_IN_ROOM, KICKED_INDEX if index != KICKED_INDEX else ""
    data = {"index": other, "data": []}
    return write_json({"success": False, "status": status, "statusMessage": message, "data": data})


def other_index(index: str) -> str:
    """Another index that means the same: zeros in front are not counted, nor is anything in what is no number."""
    if _is_number(index):
        return index[1:] if index[0] == "0" and len(index) > 1 else f"0{index}"
    return index[:-1] if index[-1:] == "-" else f"{index}-"


def encode_reason(code: str, at: datetime) -> bytes:
    """A line of the system that is in no room: why something was refused, or that nobody knows what became of it.

    COMPAT(gateways): `at` is before anything that it may have become, for they drop what is not newer than the last.
    """
    ts = (at - EPOCH) // MILLISECOND - 1
    return write_json(Message(s=talk.SYSTEM, t=unescaped(NOTICES[code]), ts=ts))


class LineWriter:
    """Encodes lines; one that is the same for all readers only once."""

    KEPT = 8_192

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int, Hidden], bytes] = {}

    def write(self, line: Line, reader_id: AccountId, present: Set[AccountId]) -> bytes:
        """A line as messages with commas between them; b"" when there is nothing to tell this reader.

        `present` is who is in the room: a whisper of somebody else comes with an introduction.
        """
        if is_private(line) or (line.actor is not None and line.actor.id == reader_id):
            return encode_line(line, reader_id, present)
        key = (line.room_id, line.seq, line.hidden)
        encoded = self._kept.get(key)
        if encoded is None:
            if len(self._kept) >= self.KEPT:
                self._kept.clear()
            encoded = self._kept[key] = encode_line(line, reader_id, present)
        return encoded


def encode_line(line: Line, reader_id: AccountId, present: Set[AccountId]) -> bytes:
    """See LineWriter.write."""
    return write_json(_messages(line, reader_id, present))[1:-1]


def _messages(line: Line, reader_id: AccountId, present: Set[AccountId]) -> list[Message]:
    actor, target, ts = line.actor, line.target, (line.at - EPOCH) // MILLISECOND
    match line.kind:
        case Kind.TEXT if actor is not None and line.hidden is not Hidden.DELETED:
            return [Message(uid=actor.id, t=escape(line.text), ts=ts)]
        case Kind.WHISPER if actor is not None:
            text = Message(uid=actor.id, t=escape(line.text), w=1, to=int(actor.id == reader_id), ts=ts)
            known = actor.id == reader_id or actor.id in present
            return [text] if known else [_introduction(actor, line, ts - 1), text]
        case Kind.ENTERED if actor is not None:
            own = actor.id == reader_id  # COMPAT(gateways): who reads of his own coming is listed twice
            return [] if own else [Message(s=talk.ENTER, user=encode_user(actor, line), ts=ts)]
        case Kind.LEFT | Kind.AUTO_LEFT if actor is not None:
            own, how = actor.id == reader_id, talk.LEAVE if line.kind is Kind.LEFT else talk.AUTO_LEAVE
            return [] if own else [Message(s=how, uid=actor.id, ts=ts)]
        case Kind.ADMIN if target is not None:
            # COMPAT(gateways): one of them dies of a nick that it has not met.
            return [_introduction(target, line, ts - 1), Message(s=talk.ADMIN, nick=target.nick, ts=ts)]
        case Kind.KICKED if target is not None:
            return [_system(line, ts - 1), Message(s=talk.LEAVE, uid=target.id, ts=ts)]
        case Kind.PRESENCE | Kind.FAVOURITE if actor is not None:
            return [Message(s=talk.SETTING, uid=actor.id, ts=ts)]
        case Kind.TEXT:
            return []
        case _:
            return [_system(line, ts)]


def _introduction(account: Account, line: Line, ts: int) -> Message:
    return Message(s=talk.USER, user=encode_user(account, line), ts=ts)


def encode_user(account: Account, line: Line) -> talk.Speaker:
    """COMPAT(gateways): each reads other members; numbers are numbers, never yes or no.

    There is no `adminId`: whoever has one, be it 0, is shown as an admin. `unsaid` is for our own page, which would
    rather not guess a sex.
    """
    return talk.Speaker(
        id=account.id,
        uid=account.id,
        nick=account.nick,
        anonym=not account.registered,
        anonymous=not account.registered,
        interval_idle=0,
        idle=0,
        room_admin=0,
        karma_level=int(account.karma_level),
        karma=account.karma_given,
        friend=0,
        time_access=http_date(line.at),
        sex=sex_of(account),
        unsaid=UNSET if account.sex else True,
    )


def _system(line: Line, ts: int) -> Message:
    return Message(s=talk.SYSTEM, t=system_text(line), ts=ts)


def system_text(line: Line) -> str:
    """What a line that is no text says, in Czech."""
    facts = {
        "actor": line.actor.nick if line.actor else "Systém",
        "target": line.target.nick if line.target else "",
        "text": line.text,
        "number": line.number,
        "duration": _duration(line.number),
    }
    if line.kind is Kind.NOTICE:
        template = NOTICES.get(line.text, "")
    elif line.kind is Kind.LOCKED:
        template = LOCKED.get(line.text, "")
    else:
        template = TEXTS.get(line.kind, "")
    return unescaped(template.format(**facts))


def _duration(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"


TEXTS = {
    Kind.ADMIN: "Místnost nemá správce.",
    Kind.DESCRIBED: "{actor} změnil(a) popis místnosti: {text}",
    Kind.KICKED: "{actor} vyhodil(a) uživatele {target} na {duration}: {text}",
    Kind.UNKICKED: "{actor} dovolil(a) uživateli {target} vrátit se.",
    Kind.MUTED: "{actor} nastavil(a) ignorování uživatele {target} na {duration}. Zrušit pro sebe: /unmute {target}",
    Kind.UNMUTED: "Uživatele {target} znovu slyšíte.",
    Kind.LINKS_ALLOWED: "{actor} dovolil(a) uživateli {target} posílat odkazy po {duration}.",
    Kind.LINE_DELETED: "{actor} smazal(a) řádek uživatele {target}.",
    Kind.LINES_DELETED: "{actor} smazal(a) texty uživatele {target}.",
    Kind.ANNOUNCED: "Oznámení správce: {text}",
}
LOCKED = {
    "": "{actor} odemkl(a) místnost.",
    "logged": "{actor} zavřel(a) místnost nepřihlášeným.",
    "y18": "{actor} zavřel(a) místnost mladším 18 let.",
    "all": "{actor} zamkl(a) místnost.",
}
HELP = (
    "Příkazy: /w nick text (šeptat) · /i nick (ignorovat) · /unignore nick · /unmute nick · /help"
    " | Pro správce: /na, /l18, /l, /u (zámky) · /smaz nick · /link nick · /mute nick · /kick nick důvod"
    " · /unkick nick · /admin nick | Nick s mezerou patří do uvozovek."
)
NOTICES = {leaf.code: ON_PAGES.get(answer, answer[1]) for leaf, answer in ERRORS.items()} | {
    "account_not_found": "Nikdo takový tu není.",
    "bad_request": ON_PAGES[BAD_REQUEST],
    "help": HELP,
    "ignored": "Uživatele {target} teď ignorujete.",
    "unignored": "Uživatele {target} už neignorujete.",
    "admin_already": "{target} už správcem je.",
    "lock_already": "Tak už místnost je.",
}
"""What the system answers, by code; a refused command is answered by its refusal."""
