"""Messages of Chat.cz as typed lines, and what its pages say. No I/O."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import msgspec
from msgspec import UNSET

from beseda.client import lines
from beseda.client.lines import Line, Person
from beseda.wire.chatcz import talk
from beseda.wire.chatcz.talk import Message, Speaker

EPOCH = datetime.fromtimestamp(0, UTC)
SECONDS_BELOW = 10**11
"""A time of a message below this is in seconds: the document does not say, gateways do not care."""
LAST_MS = 253_402_300_799_999
_ALERT = re.compile(r'<div[^>]*\bclass="[^"]*\balert\b[^"]*"[^>]*>(.*?)</div>', re.DOTALL)
_STATUS = re.compile(r'\bdata-status="(\d{3})"')
_BUTTON = re.compile(r"<button.*?</button>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SIGNED_IN = re.compile(r"""<li[^>]*\bid=["']?nav-user\b[^>]*>(.*?)</li>""", re.DOTALL)
_ROOM_ID = re.compile(r"/leaveRoom/(\d+)")
_CAPTCHA = re.compile(r"""src=["'](/captcha/[^"']+)["']""")


def person(told: Speaker) -> Person:
    return Person(told.account_id, told.nick, told.registered)


def time_of(ts: int) -> datetime:
    """The last time that there is for one that cannot be."""
    ms = ts * 1000 if ts < SECONDS_BELOW else ts
    return EPOCH + timedelta(milliseconds=min(max(ms, 0), LAST_MS))


def unknown_author(message: Message, people: dict[int, Person]) -> int:
    """The account that one has to ask about before the message can be read; 0 for none."""
    uid = message.uid or 0
    return uid if uid not in people and message.s in (None, talk.LEAVE, talk.AUTO_LEAVE) else 0


def typed(message: Message, room_id: int, people: dict[int, Person], me_id: int) -> Line | None:
    """A message as a line; None for one that only introduces somebody. `people` learns from it."""
    place: dict[str, Any] = {"room_id": room_id, "at": time_of(message.ts)}
    told = person(message.user) if message.user is not UNSET else None
    if told:
        people[told.id] = told
    author = people.get(message.uid or 0)
    text = unescape(message.t or "")
    match message.s:
        case None if author and message.w is not UNSET:
            return lines.Whisper(**place, author=author, text=text, own=message.to == 1)
        case None if author:
            return lines.Text(**place, author=author, text=text)
        case talk.ENTER if told:
            return lines.Entered(**place, member=told)
        case talk.LEAVE | talk.AUTO_LEAVE if author:
            return lines.Left(**place, member=author, taken_out=message.s == talk.AUTO_LEAVE)
        case talk.SYSTEM:
            return lines.Notice(**place, text=message.t or "")
        case talk.ADMIN:
            known = next((each for each in people.values() if each.nick == message.nick), None)
            return lines.AdminChanged(**place, member=known or Person(0, message.nick or ""))
        case talk.USER:
            return None
    return lines.Other(**place, kind=message.s or "", members=msgspec.to_builtins(message))


def own_nick(page: str) -> str | None:
    """Whom a page calls signed in: "" when it does not say who, None when nobody is."""
    found = _SIGNED_IN.search(page)
    return unescape(_TAG.sub("", found[1])).strip() if found else None


def likely_nick(told: str, known: str) -> str:
    """Whom a page most likely means, which says nothing or more than the nick, when a nick or an e-mail is known."""
    if "@" in known or not known or told.casefold() == known.casefold():
        return told
    return known if known.casefold() in told.casefold() or not told else told


def author_of(messages: list[Message], text: str) -> int:
    """The account that said this, when it can be but one; else 0."""
    said = {each.uid for each in messages if each.s is None and each.w is UNSET and unescape(each.t or "") == text}
    return said.pop() or 0 if len(said) == 1 else 0


def room_id(page: str) -> int | None:
    """The room whose page it is."""
    found = _ROOM_ID.search(page)
    return int(found[1]) if found else None


def alert(page: str) -> str:
    """What a page says that went wrong; "" for nothing."""
    found = _ALERT.search(page)
    return " ".join(unescape(_TAG.sub("", _BUTTON.sub("", found[1]))).split()) if found else ""


def refused(page: str) -> int:
    """The status of a page that refuses; 0 when it does not say, as only Beseda does."""
    found = _ALERT.search(page)
    told = _STATUS.search(page, found.start(), found.start(1)) if found else None
    return int(told[1]) if told else 0


def captcha_path(page: str) -> str:
    """Where the picture is that a page wants read; "" for none."""
    found = _CAPTCHA.search(page)
    return found[1] if found else ""


def whisper(nick: str, text: str) -> str:
    """The command; a nick with spaces goes into quotes."""
    return f'/w "{nick}" {text}' if " " in nick else f"/w {nick} {text}"
