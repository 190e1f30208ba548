"""Contacts and letters. COMPAT(spaces): numbers may be strings, and a flag is set when it stands there at all."""

from datetime import UTC, datetime
from enum import IntEnum
from html import unescape
from typing import Any

import msgspec

from beseda.wire.spaces.calls import without_nulls


class MailList(IntEnum):
    """A list of contacts (`List`)."""

    INBOX = 0
    FAVOURITE = 1
    SPAM = 2
    ARCHIVE = 3
    GARBAGE = 4
    EMAIL = 5
    UNREAD = 6


class ContactOfLetter(msgspec.Struct, frozen=True, rename={"id": "nid", "nick": "user"}):
    """Whose letter it is: the owner's number of the contact (`nid`), the nick (`user`), the account."""

    id: int
    nick: str = ""
    user_id: int = 0

    def __post_init__(self) -> None:
        unescape_members(self, "nick")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as its owner has it.

    `id` (`nid`); `date` in seconds since 1970; `html` (`text`) is a fragment; `contact`; the flags `received`,
    `unread` (`not_read`: of one's own, by the other), `favourite` (`fav`), `thrown` (`garbage`) and `edited`.
    """

    id: int
    date: int
    html: str = ""
    contact: ContactOfLetter
    received: bool = False
    unread: bool = False
    favourite: bool = False
    thrown: bool = False
    edited: bool = False

    @property
    def at(self) -> datetime:
        """When it was sent, UTC."""
        return moment(self.date)

    @property
    def text(self) -> str:
        """The text without markup; line breaks are kept."""
        return plain(self.html)


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with whom there are letters.

    `id` (`nid`) is the owner's number of the contact, `user_id` the account; `name` his nick; `unread` (`new_cnt`),
    `received` (`in_cnt`) and `sent` (`out_cnt`) count letters. `writable` is false when one may not write to him
    (`can_write_error`).
    """

    id: int
    name: str
    user_id: int = 0
    list: int = 0
    unread: int = 0
    received: int = 0
    sent: int = 0
    last_letter_id: int | None = None
    writable: bool = True


LAST_S = 253_402_300_799


def moment(date: int) -> datetime:
    """Seconds since 1970 as a time, UTC; the last that there is for one that cannot be."""
    return datetime.fromtimestamp(min(max(date, 0), LAST_S), UTC)


FLAGS = {"received": "received", "not_read": "unread", "fav": "favourite", "garbage": "thrown", "edited": "edited"}
_LETTER = {"nid": "id", "date": "date", "text": "html"}
_CONTACT = {"nid": "id", "name": "name", "user_id": "user_id", "list": "list", "new_cnt": "unread"} | {
    "in_cnt": "received",
    "out_cnt": "sent",
    "last_message_id": "last_letter_id",
}


def unescape_members(struct: msgspec.Struct, *names: str) -> None:
    """COMPAT(spaces): nicks, names and links are escaped once for HTML, whatever they stand in."""
    for name in names:
        msgspec.structs.force_setattr(struct, name, unescape(getattr(struct, name)))


def plain(html: str) -> str:
    """A fragment of HTML as text; `<br />` is a line break, other marks go."""
    parts = html.replace("<br />", "\n").replace("<br/>", "\n").replace("<br>", "\n").split("<")
    return unescape(parts[0] + "".join(part.partition(">")[2] for part in parts[1:]))


def read_letter(told: Any) -> Letter:
    """A message object. Raises msgspec.ValidationError, which names what is missing."""
    told = _object(told)
    members = {name: told[key] for key, name in _LETTER.items() if told.get(key) is not None}
    flags = {name: True for key, name in FLAGS.items() if key in told and told[key] not in (None, "0", 0, False)}
    contact = without_nulls(told.get("contact"))
    return msgspec.convert({**members, **flags, "contact": contact}, Letter, strict=False)


def read_contact(told: Any) -> Contact:
    """A contact object. Raises msgspec.ValidationError, which names what is missing."""
    told = _object(told)
    members = {name: told[key] for key, name in _CONTACT.items() if told.get(key) is not None}
    if "name" in members:
        members["name"] = unescape(str(members["name"]))
    return msgspec.convert({**members, "writable": not told.get("can_write_error")}, Contact, strict=False)


def has_next(pagination: Any, page: int) -> bool:
    """Whether there is a page after this one; what is no object says that this is the only one."""
    if type(pagination) is not dict:
        return False
    last = pagination.get("last_page")
    return str(last).isdigit() and int(str(last)) > page


def _object(told: Any) -> dict[str, Any]:
    if type(told) is not dict:
        raise msgspec.ValidationError(f"Expected `object`, got `{type(told).__name__}`")
    return told
