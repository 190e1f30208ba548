"""What is asked and answered below /json: lines of rooms as messages, and what is stored for a member."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from beseda.wire.chatcz.rest import read_date

NOT_IN_ROOM = "User in room NOT_FOUND"
"""COMPAT(gateways): they know by this text that they were thrown out."""
ENTER, LEAVE, AUTO_LEAVE, SYSTEM, USER, ADMIN, SETTING = (
    "enter",
    "leave",
    "auto_leave",
    "cli",
    "user",
    "admin",
    "userSetting",
)
"""Kinds of messages (`s`); a text has none."""
MESSAGES_AT_ONCE = 100


class Speaker(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody, as messages introduce him. COMPAT(gateways): each reads other members; numbers are never yes or no."""

    id: int | UnsetType = UNSET
    uid: int | UnsetType = UNSET
    nick: str
    anonym: bool | UnsetType = UNSET
    anonymous: bool | UnsetType = UNSET
    interval_idle: int | UnsetType = UNSET
    idle: int | UnsetType = UNSET
    room_admin: int | UnsetType = msgspec.field(default=UNSET, name="roomAdmin")
    karma_level: int | UnsetType = msgspec.field(default=UNSET, name="karmaLevel")
    karma: int | UnsetType = UNSET
    friend: int | UnsetType = UNSET
    time_access: Any = msgspec.field(default=UNSET, name="timeAccess")
    sex: str | UnsetType = UNSET
    unsaid: bool | UnsetType = UNSET

    @property
    def account_id(self) -> int:
        """`id`, or else `uid`; 0 for none."""
        return self.id or self.uid or 0

    @property
    def registered(self) -> bool | None:
        """None when it is not said."""
        told = self.anonymous if self.anonym is UNSET else self.anonym
        return None if told is UNSET else not told


class Message(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something that happened: `s` is its kind, `t` a text (escaped HTML, unless it is the system's), `ts` its time.

    A whisper has `w`; `to` is 1 of the reader's own, 0 of one that he got.
    """

    s: str | None = None
    uid: int | UnsetType = UNSET
    t: str | UnsetType = UNSET
    w: Any = UNSET
    to: int | UnsetType = UNSET
    user: Speaker | UnsetType = UNSET
    nick: str | UnsetType = UNSET
    ts: int


class Lines(msgspec.Struct, frozen=True):
    """The messages after the index that was sent, and the index to send next."""

    index: str | int
    data: list[Message]


class Polled(msgspec.Struct, frozen=True, rename={"message": "statusMessage"}):
    """The answer to /json/getText. `refused` is Beseda's: the status of a text that was refused, `message` says why."""

    success: bool
    status: int
    data: Lines | list[Any] | UnsetType = UNSET
    message: str = ""
    refused: int | None = None


class SiteAnswer(msgspec.Struct, frozen=True, rename={"message": "statusMessage"}):
    """Every other answer below /json."""

    success: bool
    status: int
    message: str = ""
    data: Any = UNSET


class Waiting(msgspec.Struct, frozen=True, rename={"unread": "msg_count", "requests": "request_count"}):
    """What waits for a member: stored messages to read (`msg_count`), requests for friendship (`request_count`)."""

    unread: int
    requests: int = 0


class Correspondent(msgspec.Struct, frozen=True, rename={"anonymous": "anonym", "unread": "msg_count"}):
    """Somebody with whom stored messages were exchanged: `anonymous` (`anonym`) is true for a visitor, `sex` is `m` or
    `f`, `unread` (`msg_count`) counts those to read."""

    id: int
    nick: str = ""
    anonymous: bool = False
    sex: str = ""
    unread: int = 0


class Letter(
    msgspec.Struct,
    frozen=True,
    rename={"own": "from_lo", "user_id": "user_id_hi", "time_created": "time_create", "html": "whisp"},
):
    """A stored message: `own` (`from_lo`) is true for what one wrote, `user_id` (`user_id_hi`) is the other party,
    `time_created` (`time_create`) a date of HTTP, `html` (`whisp`) the text with `<br />` for line breaks."""

    own: bool
    user_id: int
    time_created: str
    html: str

    @property
    def at(self) -> datetime | None:
        """`time_created` as a time; None when it is no date of HTTP."""
        return read_date(self.time_created)

    @property
    def text(self) -> str:
        """The text; line breaks are kept."""
        return self.html.replace("<br />", "\n")


def poll_form(room_id: int, index: str, text: str = "") -> dict[str, str]:
    """The fields of /json/getText; the index is "" for everything since one came in."""
    form = {"roomId": str(room_id), "chatIndex": index}
    return {**form, "text": text, "userIdTo": "0"} if text else form
