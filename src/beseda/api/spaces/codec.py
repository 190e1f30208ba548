"""Calls in, answers out, without a socket or a clock (Spaces session API).

A method is `section.name`. Clients name it by the body (`/neoapi/<section>`, `method=`) or by the path
(`/api/<section>/<name>/`), with or without `/ajax` in front and a slash behind.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote

from beseda.api.forms import Form, read_form, read_query
from beseda.api.jsontext import write_json
from beseda.api.spaces.codes import SUCCESS
from beseda.api.spaces.errors import Refusal, UnknownMethod, WrongVerb, code_of
from beseda.domain.accounts import Account
from beseda.domain.errors import CrossSite

READS = frozenset({"session.check", "common.getOAuthLinks"})
CHANGES = frozenset({"session.login", "session.logout"})

_XSRF = 5
_OLD_SECTIONS = {"auth": "session"}
_ROOTS = ("neoapi", "api")
_READ_VERBS = ("GET", "HEAD")
_SID = re.compile(r"[0-9]{16}")
_NOTHING = Form([])


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `sid` is "" when there is none; `rides` says that it is the cookie's, which browsers send unasked."""

    method: str
    body: Form
    query: Form
    sid: str
    rides: bool

    @property
    def guarded(self) -> bool:
        """Whether it changes something by the cookie, or plants one: what no page of another site may do."""
        return self.method == "session.login" or (self.rides and self.method in CHANGES)

    @property
    def proof(self) -> str | None:
        """The anti-forgery value, if it was sent."""
        # COMPAT(spaces): OpenSpaces calls it Dck, old scripts put it into the query, SpacesClient signs out without it.
        proof = self.body.get("CK", "Dck")
        return self.query.get("CK", "Dck") if proof is None else proof


class Member(NamedTuple):
    """Who is signed in, by which sid, and the token of the session's live channel."""

    account: Account
    channel: str
    sid: str


class Answer(NamedTuple):
    """What a call came to.

    `more` are members of the envelope beside the usual ones. `cookie` is the sid that the client's cookie jar is to
    hold from now on: "" for none, None leaves it as it is.
    """

    code: str = SUCCESS
    member: Member | None = None
    more: Mapping[str, object] = MappingProxyType({})
    cookie: str | None = None


class Site(NamedTuple):
    """Where this server is, as its own links say it."""

    origin: str
    sid_in_links: bool


def read_call(verb: str, path: str, query: bytes, content_type: bytes | None, body: bytes, cookie: str) -> Call:
    """The call of a request, whose sid cookie is `cookie`. Raises UnknownMethod, WrongVerb, FormRefused."""
    if verb != "POST" and verb not in _READ_VERBS:
        raise WrongVerb
    sent = read_form(content_type, body) if body else _NOTHING
    asked = read_query(query) if query else _NOTHING
    method = _method(path, sent.get("method") or asked.get("method") or "")
    if method not in READS and method not in CHANGES:
        raise UnknownMethod
    if method in CHANGES and verb != "POST":
        raise WrongVerb
    sid = _sid(sent.get("sid"), asked.get("sid"), cookie)
    return Call(method, sent, asked, sid, rides=sid in ("", cookie))


def _method(path: str, named: str) -> str:
    """`section.name`, or "" for an address that is none of the API's."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["ajax"]:
        del parts[0]
    if len(parts) < 2 or parts[0] not in _ROOTS:
        return ""
    section = _OLD_SECTIONS.get(parts[1], parts[1])
    return f"{section}.{'.'.join(parts[2:]) or named}"


def _sid(*candidates: str | None) -> str:
    """The first that can be a sid."""
    # COMPAT(spaces): clients without one send "", "null" or "undefined", which are no guesses at one.
    return next((each for each in candidates if each and _SID.fullmatch(each)), "")


def refusal(error: Refusal) -> Answer:
    """The answer to what was refused."""
    # COMPAT(spaces): the member that says why a session was refused really has three r.
    return Answer(code_of(error), more={"auth_errror": _XSRF} if isinstance(error, CrossSite) else {})


def oauth_links(providers: dict[str, str]) -> Answer:
    """The sign-in pages of other providers, by name; links stand in answers escaped once."""
    return Answer(more={"urls": {f"{name}_login_URL": escape(url) for name, url in providers.items()}})


def encode(answer: Answer, site: Site, *, now_s: int, took_s: float) -> bytes:
    """The whole answer in the envelope that every answer has."""
    attributes = {"attributes": _attributes(answer.member, site, now_s)} if answer.member else {}
    return write_json(
        {
            "css_files": [],
            "time": now_s,
            "config": {
                "large_display_min_width": 480,
                "thumbs": {"baseurl": f"{site.origin}/"},
                "TOUCH_INTERFACE_SCREEN_WIDTH": 320,
                "icons": {"baseurl": f"{site.origin}/static/"},
            },
            **attributes,
            **answer.more,
            "t": took_s,
            "code": answer.code,
        }
    )


def _attributes(member: Member, site: Site, now_s: int) -> dict[str, object]:
    """The member, who is there now, as login and check tell it."""
    account, channel, sid = member
    link = f"{site.origin}/mysite/?name={quote(account.nick, safe='')}"
    return {
        "channel_id": channel,
        "sid": sid,
        "isAutoreg": 0,
        "avatar": f"{site.origin}/avatar/{account.id}.png?{int(account.created_at.timestamp())}",
        "name": account.nick,
        "CK": sid[-4:],
        "nid": account.id,
        "mysite_link": escape(f"{link}&sid={sid}" if site.sid_in_links else link),
        "online_status": {
            "system": 0,
            "alt": "(ON)",
            "last_time": now_s,
            "off_img": "man_off.gif",
            "is_online": 1,
            "no_link": 1,
            "on_img": "man_on.gif",
            "id": str(account.id),
        },
        "mailTbNm": 0,
    }


def sid_cookie(sid: str, *, secure: bool) -> bytes:
    """Set-Cookie for a new sid; "" takes it away. Old clients read it back by this very name."""
    life = "" if sid else "; Max-Age=0"
    return f"sid={sid}; Path=/{life}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}".encode()
