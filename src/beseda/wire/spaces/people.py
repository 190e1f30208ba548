"""Counters, the journal, members, and texts of rooms."""

from datetime import datetime

import msgspec

from beseda.wire.spaces.mail import moment, plain, unescape_members


class Counters(msgspec.Struct, frozen=True, rename={"journal": "1", "feed": "2", "mail": "3"}):
    """What is new: in the journal (`1`), the feed of friends (`2`), the mail (`3`)."""

    journal: int = 0
    feed: int = 0
    mail: int = 0


class Record(msgspec.Struct, frozen=True, kw_only=True, rename={"html": "text"}):
    """An entry of the journal: `html` (`text`) is a fragment, `header` what it is about, `link` where it leads.

    `date` is in seconds since 1970, 0 when it is not told; `color_type` is 0 or missing for one that has been seen.
    """

    id: int
    html: str = ""
    header: str = ""
    link: str = ""
    date: int = 0
    color_type: int | None = None

    def __post_init__(self) -> None:
        unescape_members(self, "header", "link")

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
    """A text of a room: `id` is its number in it, the same in every protocol; `html` (`text`) is a fragment.

    `date` is in seconds since 1970; `user_id` and `user` are the author's account and nick, `to_user_id` and `to` those
    of whom it is said to, and to nobody else if it is `private`. `deleted` says that an admin took it away.
    """

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

    def __post_init__(self) -> None:
        unescape_members(self, "user", "to")

    @property
    def at(self) -> datetime:
        """When it was said, UTC."""
        return moment(self.date)

    @property
    def text(self) -> str:
        """The text without markup."""
        return plain(self.html)


class RoomPage(msgspec.Struct, frozen=True):
    """A room: its number, name, description without markup, and how many are in (`users_cnt`)."""

    id: int
    name: str
    description: str = ""
    users_cnt: int = 0

    def __post_init__(self) -> None:
        unescape_members(self, "name")
        msgspec.structs.force_setattr(self, "description", plain(self.description))
