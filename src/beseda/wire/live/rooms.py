"""Rooms as the live protocol has them: their list, one of them, its lines, its moderation."""

from datetime import datetime
from enum import StrEnum

import msgspec

from beseda.wire.live.people import Person, Star, moment


class Lock(StrEnum):
    """Whom a room keeps out (`lock`, `in_force`)."""

    OPEN = ""
    LOGGED = "logged"
    """Anonymous visitors."""
    ADULT = "y18"
    """Everybody under 18."""
    ALL = "all"
    """Everybody new."""
    OTHER = "?"
    """What was not known when this was written."""

    @classmethod
    def _missing_(cls, value: object) -> "Lock":
        return cls.OTHER


class Links(StrEnum):
    """Who may send links (`links`)."""

    KARMA = ""
    """Whoever has karma."""
    ALL = "all"
    NONE = "none"
    OTHER = "?"
    """What was not known when this was written."""

    @classmethod
    def _missing_(cls, value: object) -> "Links":
        return cls.OTHER


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened in a room; what is empty is left out. `at` is in milliseconds since 1970."""

    room: int
    seq: int
    at: int
    kind: str
    actor: Person | None = None
    target: Person | None = None
    text: str = ""
    number: int = 0
    muted: bool = False
    deleted: bool = False


class Room(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room of the list.

    `user_count` (`people`) is how many are in; `admin_id` (`admin`) the account of its temporary admin; `web` the
    address of its own page; `lock` the lock that is in force.
    """

    id: int
    name: str
    user_count: int = msgspec.field(name="people")
    permanent: bool
    description: str = ""
    web: str = ""
    reserved: bool = False
    lock: Lock = Lock.OPEN
    admin_id: int | None = msgspec.field(name="admin", default=None)


class Info(Room, frozen=True, kw_only=True, omit_defaults=True):
    """What there is to know of a room, and what the member who asks is in it (`rank`).

    `lock` is the lock that is set, `in_force` the one that holds. `created_ms` (`created`) is in milliseconds since
    1970; `keep_days` how long lines are kept, None as configured; `history_lines` what whoever enters may read of what
    came before, `history_lines_set` whether that is set for the room. `password` is there for whoever may see it,
    `reservable` says that the member may reserve the room.
    """

    rank: Star
    admins: tuple[Person, ...]
    created_ms: int = msgspec.field(name="created")
    hands_over: bool
    opened_by_admins: bool
    history_lines: int
    history_lines_set: bool = False
    in_force: Lock = Lock.OPEN
    links: Links = Links.KARMA
    main_admin: Person | None = None
    founder: Person | None = None
    keep_days: int | None = None
    password: str = ""
    inside: bool = False
    favourite: bool = False
    reservable: bool = False

    @property
    def created_at(self) -> datetime:
        """When it was made, UTC."""
        return moment(self.created_ms)


class Changes(msgspec.Struct, frozen=True):
    """What has become of the list of rooms: those that are other or new, as they are now, and numbers that are gone."""

    rooms: tuple[Room, ...]
    gone: tuple[int, ...]


class Kick(msgspec.Struct, frozen=True, kw_only=True):
    """Who is kept out of a room, by whom, why; `at_ms` (`at`) and `until_ms` (`until`) in milliseconds since 1970."""

    account: Person
    admin: Person
    reason: str
    at_ms: int = msgspec.field(name="at")
    until_ms: int = msgspec.field(name="until")

    @property
    def at(self) -> datetime:
        """Since when, UTC."""
        return moment(self.at_ms)

    @property
    def until(self) -> datetime:
        """Until when, UTC."""
        return moment(self.until_ms)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A text that somebody told the admins of; `at_ms` (`at`) is when he did, in milliseconds since 1970."""

    seq: int
    author: Person
    reporter: Person
    text: str
    reason: str
    at_ms: int = msgspec.field(name="at")

    @property
    def at(self) -> datetime:
        """When it was reported, UTC."""
        return moment(self.at_ms)
