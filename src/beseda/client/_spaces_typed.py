"""Messages of Spaces' live channel as typed events, and where in the streams they stand. No I/O."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from beseda.client import spaces_events as events
from beseda.client.spaces_events import Event
from beseda.wire.spaces.channel import Act, Told, event_id, read_event_id
from beseda.wire.spaces.mail import plain

_COUNTERS = {1: "journal", 2: "feed", 3: "mail"}
_LETTER_ACTS = frozenset({Act.MAIL_MESSAGE_FAV, Act.MAIL_MESSAGE_SWAP, Act.MAIL_MESSAGE_ERASE, Act.MAIL_MESSAGE_EDIT})
_CONTACT_ACTS = frozenset(
    {Act.MAIL_CONTACT_SWAP, Act.MAIL_CONTACT_ERASE, Act.MAIL_CONTACT_ARCHIVE, Act.MAIL_CONTACT_SPAM}
)
_STREAM = re.compile(r"([ur])([0-9]+)")
SEEN_MAX = 2_000


def typed(told: Mapping[str, Any]) -> Event:
    """The `text` of a message as an event; what lacks its number, or is of an unknown kind, is OtherEvent."""
    act = _number(told.get("act"))
    data = told.get("data")
    data = data if isinstance(data, dict) else {}
    contact = data.get("contact")
    contact = contact if isinstance(contact, dict) else {}
    nid, contact_id = _number(data.get("nid")), _number(contact.get("nid"))
    nick = unescape(str(contact.get("user") or told.get("user") or ""))
    match act:
        case Act.MAIL_MESSAGE_RECEIVE if nid and contact_id:
            unread = _number(data.get("new_cnt"))
            return events.LetterReceived(act=act, letter_id=nid, contact=contact_id, nick=nick, unread=unread)
        case Act.MAIL_MESSAGE_SEND if nid and contact_id:
            return events.LetterSent(act=act, letter_id=nid, contact=contact_id, nick=nick)
        case Act.MAIL_CONTACT_READ if nid:
            return events.ContactRead(act=act, contact=nid)
        case _ if act in _LETTER_ACTS and nid:
            return events.LetterChanged(act=act, letter_id=nid, contact=contact_id)
        case _ if act in _CONTACT_ACTS and nid:
            return events.ContactChanged(act=act, contact=nid)
    return _about_others(act, told, nick)


def _about_others(act: int, told: Mapping[str, Any], nick: str) -> Event:
    room_id, author_id = _number(told.get("room_id")), _number(told.get("user_id"))
    message_id = _number(told.get("id")) or _number(told.get("msg_id"))
    match act:
        case Act.MAIL_CLEAR_GARBAGE:
            return events.GarbageCleared(act=act)
        case Act.TOP_COUNTER_UPDATE:
            kind = _number(told.get("type"))
            counter = _COUNTERS.get(kind, str(kind))
            return events.CounterChanged(act=act, counter=counter, count=_number(told.get("cnt")))
        case Act.MAIL_TYPING:
            contact, voice = _number(told.get("contact_id")), bool(_number(told.get("voice")))
            return events.Typing(act=act, contact=contact, nick=nick, voice=voice)
        case Act.NOTIFICATION_SEND:
            severity = _number(told.get("severity")) or 1
            return events.Notified(act=act, text=plain(str(told.get("text") or "")), severity=severity)
        case Act.CHAT_SEND_MESSAGE if room_id:
            return events.RoomTextReceived(act=act, room_id=room_id, message_id=message_id, user_id=author_id)
        case Act.CHAT_DELETE_MESSAGE if room_id:
            return events.RoomTextDeleted(act=act, room_id=room_id, message_id=message_id, user_id=author_id)
        case Act.STATUS_CHANGE:
            return events.StatusChanged(act=act)
        case Act.LOGOUT:
            return events.LoggedOut(act=act)
    return events.OtherEvent(act=act, members=dict(told))


def _number(value: object) -> int:
    """COMPAT(spaces): numbers may be strings; what is none is 0."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


class Position:
    """How far a channel has been read. Messages of Beseda name their stream, others have one cursor to echo."""

    def __init__(self) -> None:
        self.time = ""
        """An HTTP date: everything before it is known."""
        self._tag = ""
        self._event_id = ""
        self._update: int | None = None
        self._rooms: dict[int, int] = {}
        self._named = False
        self._seen: dict[tuple[str, ...], None] = {}

    @property
    def keeps(self) -> bool:
        """Whether the service keeps what was missed, however long ago: Beseda does."""
        return self._named

    def begin(self, time: str) -> None:
        """From now on, `time` being the service's."""
        self.time, self._tag, self._event_id, self._update, self._rooms = time, "", "", None, {}

    def take(self, told: Told) -> bool:
        """Note a message; whether it is new."""
        stream = _STREAM.fullmatch(told.channel)
        if self._is_known(told, stream):
            return False
        self.time = told.time or self.time
        if stream is None:
            self._tag, self._event_id = str(told.tag), str(told.eventid)
            return True
        self._named = True
        if stream[1] == "u":
            self._update = _number(told.id)
        else:
            self._rooms[int(stream[2])] = _number(told.id)
        if found := read_event_id(str(told.eventid)):  # a poll says it of all streams
            self._update = max(found[0], self._update or 0)
            self._rooms |= {room: max(seq, self._rooms.get(room, 0)) for room, seq in found[1].items()}
        return True

    def _is_known(self, told: Told, stream: re.Match[str] | None) -> bool:
        """Numbers only grow within a stream of Beseda; another service may count from 1 again, some time."""
        if stream is not None:
            seen = self._update if stream[1] == "u" else self._rooms.get(int(stream[2]))
            return seen is not None and _number(told.id) <= seen
        key = (told.channel, str(told.id), told.time, str(told.tag))
        if told.id and key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]
        return False

    def query(self) -> dict[str, str]:
        """What a poll sends so that it is told everything after that."""
        if not self._named:
            return {"tag": self._tag, "eventid": self._event_id, "time": self.time}
        event = "" if self._update is None else event_id(self._update, self._rooms.items())
        return {"tag": "", "eventid": event, "time": self.time}
