"""Calls, sign-in and the envelope (Spaces session API): what every request carries and every answer has."""

from collections.abc import Mapping
from html import unescape
from typing import Any

import msgspec

JSON_COOKIE = "json=1"
OLD_SECTIONS = {"auth": "session"}
"""Older names of sections."""
Fields = list[tuple[str, str]]


class OnlineStatus(msgspec.Struct, frozen=True):
    """Whether somebody is there: `is_online` is 0 or 1, `last_time` in seconds since 1970, the others are for pages.

    COMPAT(spaces): the id is a string, all other numbers are numbers.
    """

    system: int
    alt: str
    last_time: int
    off_img: str
    is_online: int
    no_link: int
    on_img: str
    id: str


class Attributes(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"is_autoreg": "isAutoreg", "mail": "mailTbNm", "proof": "CK", "user_id": "nid"},
):
    """Who is signed in, as login and check tell it.

    `channel_id` opens the live channel; `proof` (`CK`) is the last four digits of `sid`, and shows that a change is
    meant; `user_id` (`nid`) is the account, `mail` (`mailTbNm`) how many letters are new. `avatar` and `mysite_link`
    are addresses, `is_autoreg` (`isAutoreg`) is 1 for an account that was made without a form. `online_status` is told
    to browsers; the client leaves it aside.
    """

    channel_id: str
    sid: str
    is_autoreg: int = 0
    avatar: str = ""
    name: str
    proof: str
    user_id: int
    mysite_link: str = ""
    online_status: OnlineStatus | None = None
    mail: int = 0

    def __repr__(self) -> str:
        return f"Attributes(name={self.name!r}, user_id={self.user_id})"


def read_attributes(members: Mapping[str, Any]) -> Attributes:
    """Those of an answer to login or check. Raises msgspec.ValidationError, which names what is missing."""
    told = members.get("attributes")
    if type(told) is dict:
        links = {name: unescape(str(told[name])) for name in ("avatar", "mysite_link") if told.get(name)}
        told = {**without_nulls(told), **links, "online_status": None}  # told to browsers
    return msgspec.convert(told, Attributes, strict=False)


def without_nulls(told: Any, depth: int = 8) -> Any:
    """COMPAT(spaces): what is not there may be null. Nothing that is read here stands as deep as `depth`."""
    if type(told) is dict and depth:
        return {name: without_nulls(value, depth - 1) for name, value in told.items() if value is not None}
    return [without_nulls(each, depth - 1) for each in told] if type(told) is list and depth else told


class Envelope(msgspec.Struct, frozen=True):
    """What every answer has; the data stands beside it."""

    code: str | int
    time: int = 0


_MEMBERS = msgspec.json.Decoder(dict[str, Any])


def read_answer(body: bytes) -> tuple[str, dict[str, Any]]:
    """The code, five digits, and all members. Raises msgspec.DecodeError."""
    members = _MEMBERS.decode(body)
    envelope = msgspec.convert(members, Envelope, strict=False)
    return str(envelope.code).zfill(5), members


def call_fields(name: str, fields: Fields, proof: str = "", rid: str = "") -> Fields:
    """The fields of a call of the method `name`, with the proof `CK` if it changes something, and `rid` if given."""
    more = [(key, value) for key, value in (("CK", proof), ("rid", rid)) if value]
    return [("method", name), *fields, *more]


def headers(sid: str) -> dict[str, str]:
    """What asks for JSON; the document calls both required."""
    return {"X-Proxy": "spaces", "Cookie": f"{JSON_COOKIE}; sid={sid}" if sid else JSON_COOKIE}
