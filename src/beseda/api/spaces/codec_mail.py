"""Contacts, letters and pages of them, as the mail part of Spaces shows them.

COMPAT(spaces): numbers are strings, and a flag is there or is not: clients ask whether it stands, not what it is.
"""

from collections.abc import Mapping
from datetime import datetime
from html import escape

from beseda.api.spaces.codec import Call, Site
from beseda.core.mail import Thread
from beseda.domain.accounts import Account, Sex
from beseda.domain.ids import AccountId
from beseda.domain.mail import Letter, MailList

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
_GENDERS = {Sex.MALE: "m", Sex.FEMALE: "f", None: ""}

Online = Mapping[AccountId, bool]


class PageOf:
    """Which part of a list is asked for: page `P` from 1 on, or `L` entries from the offset `O` on."""

    def __init__(self, call: Call) -> None:
        self.limit = min(call.number("L") or ON_PAGE, ON_PAGE_MAX)
        offset, number = call.number("O"), max(call.number("P", default=1), 1)
        self.offset = offset or min((number - 1) * self.limit, 10**12)
        self.number = self.offset // self.limit + 1

    def pagination(self, total: int, site: Site, path: str, **query: object) -> dict[str, object] | None:
        """None when everything is on one page."""
        last = -(-total // self.limit)
        if last <= 1:
            return None
        return {
            "page_param": "P",
            "current_page": str(self.number),
            "last_page": str(last),
            "items_on_page": str(self.limit),
            "url": site.link(path, **query),
            "next_link_url": site.link(path, **query, P=self.number + 1) if self.number < last else None,
            "prev_link_url": site.link(path, **query, P=self.number - 1) if self.number > 1 else None,
        }


def read_list(call: Call) -> MailList:
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


def encode_contact(thread: Thread, owner: Account, online: Online, site: Site) -> dict[str, object]:
    """A contact as its owner sees it; its `nid` is his own number for it."""
    contact, other = thread.contact, thread.contact.other
    name = escape(other.nick)
    encoded: dict[str, object] = {
        "nid": str(contact.id),
        "id": f"{contact.id}:0",
        "name": name,
        "text_addr": name,
        "user_id": str(other.id),
        "user2_id": str(owner.id),
        "list": str(int(contact.list)),
        "lists": _LIST_NUMBERS,
        "in_cnt": str(contact.received),
        "out_cnt": str(contact.sent),
        "new_cnt": str(contact.unread),
        "gender": _GENDERS[other.sex],
        "last_message_id": str(contact.last_letter_id) if contact.last_letter_id else None,
        "last_received_msg_id": str(contact.last_received_id) if contact.last_received_id else None,
        "msg_list_link": site.link("/mail/message_list/", Contact=contact.id),
        "avatar": {"previewURL": site.picture(other)},
        "online_status": online_status(other, online.get(other.id, False)),
        "widget": {"avatar": {"previewURL": site.picture(other)}, "lastVisit": human(other.accessed_at)},
        "can_write_error": None,
    }
    if contact.draft:
        encoded["draft"] = escape(contact.draft)
    if thread.last is not None:
        encoded["mtime"] = seconds(thread.last.at)
        encoded["human_mtime"] = human(thread.last.at)
        encoded["last_message_widget"] = encode_letter(thread.last, other, online, site)
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


def encode_letter(letter: Letter, other: Account, online: Online, site: Site) -> dict[str, object]:
    """A letter from or to another as its owner sees it. One that he sent is unread until the other has read it."""
    encoded: dict[str, object] = {
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
