"""Counters, the journal, members, and texts of rooms."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from beseda.wire.spaces.mail import plain


class Counters(msgspec.Struct, frozen=True, rename={"journal": "1", "feed": "2", "mail": "3"}):
    """What is new: in the journal (`1`), the feed of friends (`2`), the mail (`3`)."""

    journal: int = 0
    feed: int = 0
    mail: int = 0


class Record(msgspec.Struct, frozen=True, kw_only=True, rename={"html": "text"}):
    """An entry of the journal: `html` (`text`) is a fragment, `header` what it is about, `link` where it leads."""

    id: int
    html: str = ""
    header: str = ""
    link: str = ""
    date: int = 0
    color_type: int | None = None

    @property
    def text(self) -> str:
        """The text without markup."""
        return plain(self.html)

    @property
    def is_new(self) -> bool:
        """Whether it had not been seen before."""
        return bool(self.color_type)


class FoundUser(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "nid"}):
    """A member that was searched for; `id` (`nid`) is the account."""

    id: int
    name: str
    is_online: bool = False


class Presence(msgspec.Struct, frozen=True):
    """Whether somebody is there, and a time for people when he was last."""

    is_online: bool
    human_last_time: str = ""


class RoomText(msgspec.Struct, frozen=True, kw_only=True, rename={"html": "text"}):
    """A text of a room: `id` is its number in it, the same in every protocol; `to_user_id` whom a whisper is for."""

    id: int
    room_id: int
    date: int
    html: str = ""
    user_id: int = 0
    user: str = ""
    private: bool = False
    to_user_id: int = 0
    to: str = ""
    deleted: bool = False

    @property
    def at(self) -> datetime:
        """When it was said, UTC."""
        return datetime.fromtimestamp(self.date, UTC)

    @property
    def text(self) -> str:
        """The text without markup."""
        return plain(self.html)


class RoomPage(msgspec.Struct, frozen=True):
    """A room: its number, name, description and how many are in (`users_cnt`)."""

    id: int
    name: str
    description: str = ""
    users_cnt: int = 0


def read_list(told: Any, kind: type[msgspec.Struct]) -> list[Any]:
    """A list of objects, numbers of which may be strings. Raises msgspec.ValidationError."""
    return msgspec.convert(told, list[kind], strict=False)  # type: ignore[valid-type]
