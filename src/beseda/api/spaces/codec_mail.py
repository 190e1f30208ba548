"""Contacts, letters and pages of them, as the mail part of Spaces shows them.

COMPAT(spaces): numbers are strings, and a flag is there or is not: clients ask whether it stands, not what it is.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from beseda.api.spaces.codec import LinkBase, SpacesCall
from beseda.api.spaces.errors import not_writable
from beseda.core.mail import Thread
from beseda.domain.accounts import Account, Sex
from beseda.domain.errors import BesedaError
from beseda.domain.ids import AccountId
from beseda.domain.mail import Contact, Letter, MailList
from beseda.domain.text import closed

ON_PAGE = 20
ON_PAGE_MAX = 100
LISTS = {
    "INBOX": MailList.INBOX,
    "FAVOURITE": MailList.FAVOURITE,
    "SPAM": MailList.SPAM,
    "ARCHIVE": MailList.ARCHIVE,
    "GARBAGE": MailList.GARBAGE,
    "EMAILS": MailList.EMAIL,
    "NEW": MailList.UNREAD,
}
_LIST_NUMBERS = {name: str(int(shown)) for name, shown in LISTS.items()}
_GENDERS = {Sex.MALE: "0", Sex.FEMALE: "1", None: "-1"}
PREVIEW_CHARS = 100
"""How much of a letter a list shows; it shows as much again as what there is more."""

ZWJ = "\u200d"
REGIONAL = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""The letters of which flags are made."""
_EXTENDS = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Tones of skin, and tags, which follow the picture that they change."""

Online = Mapping[AccountId, bool]
WhyNot = Mapping[AccountId, type[BesedaError]]
"""To whom one may not write, and why."""


class PageOf:
    """Which part of a list is asked for: page `P` from 1 on, or `L` entries from the offset `O` on."""

    def __init__(self, call: SpacesCall) -> None:
        self.limit = min(call.number("L") or ON_PAGE, ON_PAGE_MAX)
        offset, number = call.number("O"), max(call.number("P", default=1), 1)
        self.offset = offset or min((number - 1) * self.limit, 10**12)
        self.number = self.offset // self.limit + 1

    def pagination(self, total: int, site: LinkBase, path: str, **query: object) -> dict[str, object] | None:
        """None when everything is on one page."""
        last = -(-total // self.limit)
        if last <= 1:
            return None
        encoded: dict[str, object] = {
            "page_param": "P",
            "current_page": str(self.number),
            "last_page": str(last),
            "items_on_page": str(self.limit),
            "url": site.link(path, **query),
        }
        # COMPAT(spaces): on Android null is read as the text "null": a link that there is not is left out.
        if self.number < last:
            encoded["next_link_url"] = site.link(path, **query, P=self.number + 1)
        if self.number > 1:
            encoded["prev_link_url"] = site.link(path, **query, P=self.number - 1)
        return encoded


def read_list(call: SpacesCall) -> MailList:
    """The list that is asked for; what is none is the inbox."""
    number = call.number("List")
    return MailList(number) if number in set(MailList) else MailList.INBOX


def html(text: str) -> str:
    """A text as a small clean fragment."""
    return escape(text).replace("\n", "<br />")


def seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def human(at: datetime) -> str:
    """A time for people, UTC."""
    return f"{at:%d.%m.%Y %H:%M}"


def preview(text: str) -> dict[str, str]:
    """The beginning of a letter on one line, and if that is not all, as much of what follows."""
    shown, rest = _cut(" ".join(text.split()))
    if not rest:
        return {"text": escape(shown)}
    more, further = _cut(rest)
    shown, more = closed(shown), closed(more)
    return {"text": f"{escape(shown)}...", "there_is_more": escape(more) + ("..." if further else "")}


def _cut(text: str) -> tuple[str, str]:
    """Its first words, and the rest; within a word only where no character is torn apart."""
    if len(text) <= PREVIEW_CHARS:
        return text, ""
    at = text.rfind(" ", PREVIEW_CHARS // 2, PREVIEW_CHARS + 1)
    if at < 0:
        at = PREVIEW_CHARS
        while at > PREVIEW_CHARS // 2 and _joins(text, at):
            at -= 1
    return text[:at], text[at:].lstrip()


def _joins(text: str, at: int) -> bool:
    """Whether the character there belongs to the one before."""
    character, before = text[at], text[:at]
    if character == ZWJ or before.endswith(ZWJ) or _EXTENDS.match(character):
        return True
    if character in REGIONAL:  # two are a flag
        return (at - len(before.rstrip(REGIONAL))) % 2 == 1
    return unicodedata.category(character)[0] == "M"


def _encode_head(contact: Contact, why: WhyNot) -> dict[str, object]:
    """What a contact is wherever it stands. `can_write_error` is null while one may write."""
    refused = why.get(contact.other.id)
    return {
        "nid": str(contact.id),
        "id": f"{contact.id}:0",
        "name": escape(contact.other.nick),
        "list": str(int(contact.list)),
        "in_cnt": str(contact.received),
        "out_cnt": str(contact.sent),
        "new_cnt": str(contact.unread),
        "can_write_error": not_writable(refused) if refused else None,
    }


def encode_contact(thread: Thread, online: Online, why: WhyNot, site: LinkBase) -> dict[str, object]:
    """A contact as its owner sees it; its `nid` is his own number for it."""
    contact, other = thread.contact, thread.contact.other
    encoded = _encode_head(contact, why) | {
        "text_addr": escape(other.nick),
        "user_id": str(other.id),
        "user2_id": str(other.id),
        "lists": _LIST_NUMBERS,
        "gender": _GENDERS[other.sex],
        "msg_list_link": site.link("/mail/message_list/", Contact=contact.id),
        "avatar": {"previewURL": site.picture(other)},
        "online_status": online_status(other, online.get(other.id, False)),
        "widget": {"avatar": {"previewURL": site.picture(other)}, "lastVisit": human(other.accessed_at)},
    }
    if contact.last_letter_id:
        encoded["last_message_id"] = str(contact.last_letter_id)
    if contact.last_received_id:
        encoded["last_received_msg_id"] = str(contact.last_received_id)
    if contact.draft:
        encoded["draft"] = escape(contact.draft)
    if thread.last is not None:
        letter = encode_letter(thread.last, other, online, site)
        encoded["mtime"] = seconds(thread.last.at)
        encoded["human_mtime"] = human(thread.last.at)
        of = {"contact": {**letter["contact"], **_encode_head(contact, why)}}
        encoded["last_message_widget"] = letter | of | preview(thread.last.text)
    return encoded


def online_status(account: Account, online: bool) -> dict[str, object]:
    """Whether somebody is there, as contacts and pages tell it."""
    return {
        "system": "0",
        "alt": "(ON)" if online else "(OFF)",
        "last_time": seconds(account.accessed_at),
        "off_img": "man_off.gif",
        "is_online": str(int(online)),
        "no_link": "1",
        "on_img": "man_on.gif",
        "id": str(account.id),
    }


def encode_letter(letter: Letter, other: Account, online: Online, site: LinkBase) -> dict[str, Any]:
    """A letter from or to another as its owner sees it. One that he sent is unread until the other has read it."""
    encoded: dict[str, Any] = {
        "nid": str(letter.id),
        "date": seconds(letter.at),
        "human_date": human(letter.at),
        "text": html(letter.text),
        "contact": {
            "nid": str(letter.contact_id),
            "user": escape(other.nick),
            "user_id": str(other.id),
            "avatar": {"previewURL": site.picture(other)},
            "widget": {
                "onlineStatus": {"id": str(other.id), "is_online": str(int(online.get(other.id, False)))},
                "siteLink": {"user_name": escape(other.nick)},
            },
        },
    }
    flags = {
        "received": letter.received,
        "not_read": letter.read_at is None,
        "fav": letter.favourite,
        "garbage": letter.thrown,
        "edited": letter.edited_at is not None,
    }
    encoded |= {name: "1" for name, is_set in flags.items() if is_set}
    if letter.answers is not None:
        encoded["reply"] = {"nid": str(letter.answers.id), "text": html(letter.answers.text)}
    return encoded
