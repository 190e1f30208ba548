"""The REST methods below /api (chat.cz REST): every answer is an envelope with its data in one member of its own."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType


class Lock(StrEnum):
    """Who may enter a room (`locked`)."""

    OPEN = ""
    """Everybody; also written `open`."""
    LOGGED = "logged"
    """Not anonymous visitors."""
    ADULT = "y18"
    """Nobody under 18."""
    ALL = "all"
    """Nobody new."""
    OTHER = "?"
    """What was not known when this was written."""

    @classmethod
    def _missing_(cls, value: object) -> "Lock":
        return cls.OPEN if value == "open" else cls.OTHER


def http_date(at: datetime) -> str:
    """`Fri, 20 Nov 2026 10:00:00 GMT` (RFC 9110, 5.6.7)."""
    return format_datetime(at, usegmt=True)


def read_date(text: str) -> datetime | None:
    """The same back; None for what is no such date."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


class Envelope(msgspec.Struct, frozen=True, rename={"message": "statusMessage"}):
    """What every answer has: a status as HTTP's, and a text."""

    status: int
    message: str = ""


class Room(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"admin_user_id": "adminUserId", "lock": "locked", "user_count": "userCount"},
):
    """A room.

    `admin_user_id` (`adminUserId`) is the account of the temporary admin, 0 when there is none; `lock` (`locked`) who
    may enter; `user_count` (`userCount`) how many are in; `web` the address of its own page. `favourite` is there for
    members alone.
    """

    admin_user_id: int
    description: str
    id: int
    lock: Lock
    name: str
    permanent: bool
    reserved: bool = False
    user_count: int
    web: str
    favourite: bool | UnsetType = UNSET


class Admin(msgspec.Struct, frozen=True):
    """A permanent admin of a room."""

    id: int
    nick: str


class Occupant(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={
        "anonymous": "anonym",
        "time_access": "timeAccess",
        "time_online": "timeOnline",
        "time_write": "timeWrite",
    },
):
    """Somebody in a room.

    `anonymous` (`anonym`) is true for a visitor, `sex` is `m` or `f`. `time_access` (`timeAccess`) is when he was
    active last, `time_online` (`timeOnline`) since when he is there, `time_write` (`timeWrite`) when he wrote last; the
    latter two are told to those in the same room alone.
    """

    anonymous: bool
    id: int
    nick: str
    time_access: str | int | float
    sex: str
    time_online: str | int | float | UnsetType = UNSET
    time_write: str | int | float | UnsetType = UNSET

    @property
    def accessed_at(self) -> datetime | None:
        """`time_access` as a time; None when it is no date of HTTP."""
        return read_date(str(self.time_access))

    @property
    def online_since(self) -> datetime | None:
        """`time_online` as a time; None when it was not told."""
        return read_date(str(self.time_online))

    @property
    def written_at(self) -> datetime | None:
        """`time_write` as a time; None when it was not told."""
        return read_date(str(self.time_write))


class RoomName(msgspec.Struct, frozen=True):
    """A room by its number and name."""

    id: int
    name: str


class User(msgspec.Struct, frozen=True, kw_only=True, rename={"anonymous": "anonym", "time_access": "timeAccess"}):
    """Somebody, wherever he is: `anonymous` (`anonym`) is true for a visitor, `sex` is `m` or `f`.

    `time_access` (`timeAccess`) is when he was active last; `rooms` are the names of those he is in.
    """

    anonymous: bool
    id: int
    nick: str
    time_access: str | int | float
    sex: str
    online: bool
    rooms: list[str] | UnsetType = UNSET

    @property
    def accessed_at(self) -> datetime | None:
        """`time_access` as a time; None when it is no date of HTTP."""
        return read_date(str(self.time_access))


class Profile(
    msgspec.Struct,
    frozen=True,
    rename={"karma_level": "karmaLevel", "view_count": "profileViewCount", "image_url": "imageUrl"},
):
    """What a member tells of himself.

    `age` is 0 when he does not; `karma_level` (`karmaLevel`) 0 none, 1 yellow, 2 orange, 3 red; `view_count`
    (`profileViewCount`); `image_url` (`imageUrl`) is not there without a picture.
    """

    age: int
    karma_level: int
    view_count: int
    image_url: str | UnsetType = UNSET


class RoomsAnswer(Envelope, frozen=True, kw_only=True):
    """To /rooms."""

    rooms: list[Room]


class RoomAnswer(Envelope, frozen=True, kw_only=True):
    """To /room/<id>."""

    room: Room


class AdminsAnswer(Envelope, frozen=True, kw_only=True):
    """To /room/<id>/admins."""

    admins: list[Admin]


class OccupantsAnswer(Envelope, frozen=True, kw_only=True):
    """To /room/<id>/users."""

    users: list[Occupant]


class UserAnswer(Envelope, frozen=True, kw_only=True):
    """To /user/<id>; `rooms` of one who is online."""

    user: User
    rooms: list[RoomName] = []


class ProfileAnswer(Envelope, frozen=True, kw_only=True):
    """To /user/<id>/profile."""

    profile: Profile


class TokenAnswer(Envelope, frozen=True, kw_only=True):
    """To /token."""

    token: str


class Renewal(msgspec.Struct, frozen=True, rename={"token": "tokenOld", "api_key": "apiKey"}):
    """What /token is sent."""

    token: str
    api_key: str


class Confirmation(msgspec.Struct, frozen=True, rename={"same": "tokenOld", "api_key": "apiKey"}):
    """What /login is sent: the document's list of inputs says `tokenOld`, its errors say `token`."""

    token: str
    same: str
    api_key: str


def encode(value: msgspec.Struct) -> bytes:
    """Compact JSON."""
    return msgspec.json.encode(value)
