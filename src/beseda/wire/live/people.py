"""Members as the live protocol tells of them: in lines, on cards. Also what its times are."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

EPOCH = datetime.fromtimestamp(0, UTC)
LAST_MS = 253_402_300_799_999


def moment(at_ms: int) -> datetime:
    """A time of the protocol: milliseconds since 1970, UTC; the last that there is for one that cannot be."""
    return EPOCH + timedelta(milliseconds=min(max(at_ms, 0), LAST_MS))


def optional_moment(at_ms: int | None) -> datetime | None:
    """The same, None when it was not told."""
    return None if at_ms is None else moment(at_ms)


class Star(StrEnum):
    """What somebody is in a room (`star`, `rank`)."""

    NONE = "none"
    TEMPORARY = "temporary"
    """The admin of a temporary room, or of a permanent one whose admins are not there."""
    PERMANENT = "permanent"
    MAIN = "main"
    """Whose room it is."""
    SITE = "site"
    """The site's admin of rooms, in any room."""
    OTHER = "?"
    """What was not known when this was written."""

    @classmethod
    def _missing_(cls, value: object) -> "Star":
        return cls.OTHER


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody: his account's number, his nick, whether he is a member.

    `sex` is "m", "f" or "" when not told; `karma` the mark of a karma group ("yellow", "orange", "red"), "" for none;
    `site` says that he is the site's admin of rooms.
    """

    id: int
    nick: str
    registered: bool
    sex: str = ""
    karma: str = ""
    site: bool = False


class Occupant(Person, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in a room.

    `star` is what he is there; `away` says that nothing is heard of him. `entered_ms` (`entered`) and `written_ms`
    (`written`, his last line here) are in milliseconds since 1970.
    """

    entered_ms: int = msgspec.field(name="entered")
    written_ms: int | None = msgspec.field(name="written", default=None)
    star: Star = Star.NONE
    away: bool = False

    @property
    def entered_at(self) -> datetime:
        """When he came in, UTC."""
        return moment(self.entered_ms)

    @property
    def written_at(self) -> datetime | None:
        """When he last wrote, UTC; None for never."""
        return optional_moment(self.written_ms)


class NamedRoom(msgspec.Struct, frozen=True):
    """Which room somebody is in."""

    id: int
    name: str


class Card(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody, as the member who asks may see him.

    `seen_ms` (`seen`) is his last activity, `created_ms` (`created`) when he registered, both in milliseconds since
    1970; `age` in years, 0 when not told; `picture` an address on the server; `contact` the thread of letters with him.
    `note` is the asking member's own. `may` says what that member may do to him: `whisper`, `letter`, `ignore`, `note`,
    `karma`; and in the room that was asked for `kick`, `mute`, `delete_all`, `allow_links`, `hand_over`.
    """

    account: Person
    online: bool
    seen_ms: int = msgspec.field(name="seen")
    may: tuple[str, ...]
    rooms: tuple[NamedRoom, ...] = ()
    created_ms: int | None = msgspec.field(name="created", default=None)
    age: int = 0
    picture: str = ""
    karma_given: int = 0
    views: int = 0
    contact: int | None = None
    ignored: bool = False
    note: str = ""
    own: bool = False

    @property
    def seen_at(self) -> datetime:
        """When he was last active, UTC."""
        return moment(self.seen_ms)

    @property
    def created_at(self) -> datetime | None:
        """When he registered, UTC; None for a visitor."""
        return optional_moment(self.created_ms)
