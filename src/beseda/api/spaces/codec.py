"""Calls in, answers out, without a socket or a clock (Spaces session API).

A method is `section.name`. Clients name it by the body (`/neoapi/<section>`, `method=`) or by the path
(`/api/<section>/<name>/`), with or without `/ajax` in front and a slash behind. Pages that are read as JSON are methods
of the section `page`.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from msgspec import Raw, Struct

from beseda.api.forms import LARGE, SMALL, Form, FormLimits, read_form, read_query
from beseda.api.jsontext import write_json
from beseda.api.spaces.errors import Refusal, UnknownMethod, WrongVerb, code_of, not_writable
from beseda.core.kept import KeptBytes
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError, CaptchaNeeded, CaptchaWrong, CrossSite, OutcomeUnknown, SecondFactorNeeded
from beseda.domain.ids import MAX_ID
from beseda.domain.sessions import Session
from beseda.wire.spaces.calls import OLD_SECTIONS, Attributes, OnlineStatus
from beseda.wire.spaces.codes import SEND_DENIED, SUCCESS

READS = frozenset(
    {"session.check", "common.getOAuthLinks", "common.getTopCounts", "common.beacon", "users.isOnline", "users.search"}
    | {"mail.getMessagesByIds", "mail.getMessages", "mail.getContacts", "mail.getContactsByIds"}
    | {"chat.getMessages", "journal.getRecords", "page.mail", "page.message_list", "page.journal", "page.events"}
    | {"page.mysite", "page.room"}
)
FREE_CHANGES = frozenset({"session.login", "session.logout", "mail.resetMailEventsCnt"})
"""Changes that clients make without the anti-forgery value."""
PROVED_CHANGES = frozenset(
    {"mail.sendMessage", "mail.markContactsAsRead", "mail.typing", "mail.swapContacts", "mail.archiveContacts"}
    | {"mail.spamContacts", "mail.eraseContacts", "mail.swapMessages", "mail.favMessages", "mail.eraseMessages"}
    | {"mail.editMessage", "mail.getEditMessage", "mail.getReplyMessage", "mail.clearGarbage"}
    | {"chat.sendMessage", "chat.invite"}
)
CHANGES = FREE_CHANGES | PROVED_CHANGES
SEEN_READS = frozenset({"chat.getMessages", "journal.getRecords", "page.journal"})
"""Reads that leave a trace: the reader is in the room, or has seen what was new."""
GUARDED = CHANGES | SEEN_READS

_SECOND_FACTOR = "Включена двухфакторная защита: вместо пароля укажите личный токен."
_OUTCOME_UNKNOWN = "Неизвестно, сохранены ли изменения. Проверьте это, прежде чем повторять."
_XSRF = 5
_ROOTS = ("neoapi", "api")
_PAGES = {
    ("mail",): "page.mail",
    ("mail", "message_list"): "page.message_list",
    ("journal",): "page.journal",
    ("events",): "page.events",
    ("mysite",): "page.mysite",
    ("chat", "room"): "page.room",
}
_LONG = re.compile(r"(?:^|/)(?:mail|chat)(?:/|\Z)")
READ_VERBS = ("GET", "HEAD")
_LINKED = re.compile(rb"(^|&)(?:amp(?:;|%3B))+", re.IGNORECASE)
_SID = re.compile(r"[0-9]{16}")
_NOTHING = Form([])
_HOLE_BYTE = b"\0"
_HOLE = Raw(_HOLE_BYTE)
"""Where a time will stand: JSON never has this byte."""
MEMBERS_KEPT_BYTES = 4 * 1024 * 1024
PATH_KEPT_CHARS = 100
"""Paths that are no longer are looked into once."""
_NUMBER_DIGITS = 19


class SpacesCall(Struct, frozen=True):
    """One call. `sid` is "" when there is none; `rides` says that it is the cookie's, which browsers send unasked."""

    method: str
    body: Form
    query: Form
    sid: str
    rides: bool

    @property
    def guarded(self) -> bool:
        """Whether it changes something by the cookie, or plants one: what no page of another site may do."""
        return self.method == "session.login" or (self.rides and self.method in GUARDED)

    @property
    def proof(self) -> str | None:
        """The anti-forgery value, if it was sent."""
        # COMPAT(spaces): OpenSpaces calls it Dck, old scripts put it into the query, SpacesClient signs out without it.
        return self._find_secret("CK", "Dck")

    def text(self, *names: str) -> str:
        """The first value of these names, in the body or else in the query; "" when there is none."""
        return self._find(*names) or ""

    def secret(self, *names: str) -> str:
        """The same for what must be exactly what was sent."""
        return self._find_secret(*names) or ""

    def number(self, *names: str, default: int = 0) -> int:
        """A number that is not negative; what is none, or too large for an id, is the default."""
        return _number(self.text(*names), default)

    def texts(self, *names: str) -> list[str]:
        """All values of these names: repeated, or with commas between and behind them."""
        values = self.body.get_all(*names) or self.query.get_all(*names)
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def numbers(self, *names: str) -> list[int]:
        """Those of them that are numbers."""
        numbers = [_number(part, -1) for part in self.texts(*names)]
        return [number for number in numbers if number >= 0]

    def flag(self, *names: str, default: bool = False) -> bool:
        """Whether it is "1"; what was not sent is the default."""
        value = self._find(*names)
        return default if value is None else value not in ("", "0")

    def _find(self, *names: str) -> str | None:
        found = self.body.get(*names)
        return self.query.get(*names) if found is None else found

    def _find_secret(self, *names: str) -> str | None:
        found = self.body.get_secret(*names)
        return self.query.get_secret(*names) if found is None else found


class MemberSession(Struct, frozen=True):
    """Who is signed in, by which session and which sid, how many letters are new."""

    account: Account
    session: Session
    sid: str
    mail: int


class Answer(Struct, frozen=True):
    """What a call came to.

    `more` are members of the envelope beside the usual ones. `cookie` is the sid that the client's cookie jar is to
    hold from now on: "" for none, None leaves it as it is.
    """

    code: str = SUCCESS
    member: MemberSession | None = None
    more: Mapping[str, object] = MappingProxyType({})
    cookie: str | None = None


class LinkBase(Struct, frozen=True):
    """Where this server is, as its own links say it; `sid` stands in them if they are to hold one.

    They are if the configuration wants it, and to who has no cookie that holds it: such a client has nothing else.
    """

    origin: str
    sid_in_links: bool = False
    sid: str = ""

    def link(self, path: str, **query: object) -> str:
        """An address, escaped once as all links in answers are."""
        pairs = [f"{name}={quote(str(value), safe='')}" for name, value in query.items()]
        if self.sid_in_links and self.sid:
            pairs.append(f"sid={self.sid}")
        return escape(f"{self.origin}{path}?{'&'.join(pairs)}" if pairs else self.origin + path)

    def picture(self, account: Account) -> str:
        """A member's own picture, or the pattern that everybody has."""
        if account.picture_url:
            return account.picture_url if "://" in account.picture_url else self.origin + account.picture_url
        return f"{self.origin}/avatar/{account.id}.png?{int(account.created_at.timestamp())}"


def read_call(verb: str, path: str, query: bytes, content_type: bytes | None, body: bytes, cookie: str) -> SpacesCall:
    """The call of a request, whose sid cookie is `cookie`. Raises UnknownMethod, WrongVerb, FormRefused."""
    if verb != "POST" and verb not in READ_VERBS:
        raise WrongVerb
    limits = LARGE if holds_letters(path) else SMALL
    sent = read_form(content_type, body, limits) if body else _NOTHING
    asked = read_query_of(query, limits) if query else _NOTHING
    method = _method(path, sent.get("method") or asked.get("method") or "")
    if method not in READS and method not in CHANGES:
        raise UnknownMethod
    if method in CHANGES and verb != "POST":
        raise WrongVerb
    sid = _sid(sent.get("sid"), asked.get("sid"), cookie)
    return SpacesCall(method, sent, asked, sid, rides=sid in ("", cookie))


def read_query_of(query: bytes, limits: FormLimits = SMALL) -> Form:
    """The fields of a query. Raises FormRefused."""
    # COMPAT(spaces): a client takes links from answers as they stand there, and asks with "&amp;P=2".
    return read_query(_LINKED.sub(rb"\1", query), limits)


def holds_letters(path: str) -> bool:
    """Whether a call at this address may be long."""
    return _LONG.search(path) is not None


def _method(path: str, named: str) -> str:
    """`section.name`, or "" for an address that is none of the API's."""
    method = (_short_path if len(path) <= PATH_KEPT_CHARS else _read_path)(path)
    return method + named if method.endswith(".") else method


def _read_path(path: str) -> str:
    """The method that it names, or `section.` of one that the body names."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["ajax"]:
        del parts[0]
    if page := _PAGES.get(tuple(parts)):
        return page
    if len(parts) < 2 or parts[0] not in _ROOTS:
        return ""
    section = OLD_SECTIONS.get(parts[1], parts[1])
    return f"{section}.{'.'.join(parts[2:])}" if section != "page" else ""


_short_path = lru_cache(maxsize=1_024)(_read_path)


def _sid(*candidates: str | None) -> str:
    """The first that can be a sid."""
    # COMPAT(spaces): clients without one send "", "null" or "undefined", which are no guesses at one.
    for each in candidates:
        if each and _SID.fullmatch(each):
            return each
    return ""


def _number(text: str, default: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
        return default
    number = int(text)
    return number if number <= MAX_ID else default


def refusal(error: Refusal, site: LinkBase, now_s: int) -> Answer:
    """The answer to what was refused."""
    more: dict[str, object] = {}
    if isinstance(error, CrossSite):  # COMPAT(spaces): the member that says why really has three r.
        more = {"auth_errror": _XSRF}
    elif isinstance(error, CaptchaNeeded | CaptchaWrong):
        more = {"captcha_url": f"{site.origin}/captcha/{error.challenge}.png?{now_s}"}
    elif isinstance(error, OutcomeUnknown):
        more = {"message": _OUTCOME_UNKNOWN}
    elif isinstance(error, SecondFactorNeeded):
        more = {"message": _SECOND_FACTOR}
    elif isinstance(error, BesedaError) and code_of(error) == SEND_DENIED:
        more = {"can_write_error": not_writable(type(error))}
    return Answer(code_of(error), more=more)


def oauth_links(providers: dict[str, str]) -> Answer:
    """The sign-in pages of other providers, by name; links stand in answers escaped once."""
    return Answer(more={"urls": {f"{name}_login_URL": escape(url) for name, url in providers.items()}})


class Encoder:
    """Writes answers. What says who is signed in is asked for all the time, and only the times in it are others: it is
    kept as long as the rest is true, by the sid. `channel` is the token of a session's live channel."""

    def __init__(self, channel: Callable[[Session], str]) -> None:
        self._channel = channel
        self._members: KeptBytes[str] = KeptBytes(MEMBERS_KEPT_BYTES)

    def encode(self, answer: Answer, site: LinkBase, *, now_s: int, took_s: float) -> bytes:
        """The whole answer in the envelope that every answer has."""
        member = answer.member
        if member is None:
            return _envelope(answer, site, now_s, took_s)
        written = self._members.get(member.sid, (site, answer))
        if written is None:
            attributes = _attributes(member, self._channel(member.session), site, _HOLE)
            written = _form(_envelope(answer, site, _HOLE, _HOLE, attributes=attributes))
            self._members.put(member.sid, (site, answer), written)
        now = b"%d" % now_s
        return written % (now, now, write_json(took_s))


def _envelope(answer: Answer, site: LinkBase, now_s: object, took_s: object, **attributes: Attributes) -> bytes:
    return write_json(
        {
            "css_files": [],
            "time": now_s,
            "config": _config(site.origin),
            **attributes,
            **answer.more,
            "t": took_s,
            "code": answer.code,
        }
    )


def _form(written: bytes) -> bytes:
    """What is filled in with times: that of the answer, the member's last one, how long it took."""
    return written.replace(b"%", b"%%").replace(_HOLE_BYTE, b"%b")


@lru_cache(maxsize=64)
def _config(origin: str) -> Raw:
    """What is the same in every answer of one address, encoded once."""
    return Raw(
        write_json(
            {
                "large_display_min_width": 480,
                "thumbs": {"baseurl": f"{origin}/"},
                "TOUCH_INTERFACE_SCREEN_WIDTH": 320,
                "icons": {"baseurl": f"{origin}/static/"},
            }
        )
    )


def _attributes(member: MemberSession, channel: str, site: LinkBase, now_s: Any) -> Attributes:
    """The member, who is there now, as login and check tell it."""
    account, sid = member.account, member.sid
    return Attributes(
        channel_id=channel,
        sid=sid,
        is_autoreg=0,
        avatar=site.picture(account),
        name=account.nick,
        proof=sid[-4:],
        user_id=account.id,
        mysite_link=LinkBase(site.origin, site.sid_in_links, sid).link("/mysite/", name=account.nick),
        online_status=OnlineStatus(0, "(ON)", now_s, "man_off.gif", 1, 1, "man_on.gif", str(account.id)),
        mail=member.mail,
    )


def sid_cookie(sid: str, *, secure: bool) -> bytes:
    """Set-Cookie for a new sid; "" takes it away. Old clients read it back by this very name."""
    life = "" if sid else "; Max-Age=0"
    return f"sid={sid}; Path=/{life}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}".encode()
