"""What happens in rooms, as typed lines: the same for Chat.cz and Beseda's live protocol, so that bots speak both."""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A member or a visitor. `id` is the same in every protocol; `registered` is None when it is not known."""

    id: int
    nick: str
    registered: bool | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What all lines have. `seq` is the line's number in its room, None where the protocol has none (Chat.cz)."""

    room_id: int
    at: datetime
    seq: int | None = None


class Text(Line, frozen=True, kw_only=True):
    """Somebody said something to all. `muted` says that nobody else sees it, as its author is muted (live alone)."""

    author: Person
    text: str
    muted: bool = False


class Whisper(Line, frozen=True, kw_only=True):
    """Something for two alone. `own` says that the client's member wrote it; `to` is None where that is not told."""

    author: Person
    text: str
    own: bool
    to: Person | None = None


class Notice(Line, frozen=True, kw_only=True):
    """The system says something: a text for people (Chat.cz), or a code as `text` (live: `nick_not_here`)."""

    text: str
    about: Person | None = None


class Entered(Line, frozen=True, kw_only=True):
    """Somebody came in."""

    member: Person


class Left(Line, frozen=True, kw_only=True):
    """Somebody went. `taken_out` says that the service took him out: he was silent for too long, or not heard of."""

    member: Person
    taken_out: bool = False


class Kicked(Line, frozen=True, kw_only=True):
    """An admin threw somebody out, for `minutes`.

    Chat.cz tells it to nobody but the one it happens to: then `by`, `reason` and `minutes` are not known, and it may
    also be that the session has ended.
    """

    member: Person | None
    by: Person | None = None
    reason: str = ""
    minutes: int | None = None


class Unkicked(Line, frozen=True, kw_only=True):
    """Somebody who was thrown out may come back."""

    member: Person
    by: Person | None = None


class Muted(Line, frozen=True, kw_only=True):
    """An admin muted somebody for `minutes`; each member may hear him all the same."""

    member: Person
    minutes: int
    by: Person | None = None


class Unmuted(Line, frozen=True, kw_only=True):
    """The client's member hears somebody who is muted."""

    member: Person


class LinksAllowed(Line, frozen=True, kw_only=True):
    """Somebody may send links for `minutes`."""

    member: Person
    minutes: int
    by: Person | None = None


class AdminChanged(Line, frozen=True, kw_only=True):
    """Who is the room's temporary admin now; None when there is none."""

    member: Person | None
    by: Person | None = None


class LockChanged(Line, frozen=True, kw_only=True):
    """Who may come in now: a value of `Lock`."""

    lock: str
    by: Person | None = None


class Described(Line, frozen=True, kw_only=True):
    """The room has another description."""

    description: str
    by: Person | None = None


class Announced(Line, frozen=True, kw_only=True):
    """An operator says something to everybody; `number` is the same in all rooms."""

    text: str
    number: int


class TextDeleted(Line, frozen=True, kw_only=True):
    """The text with the number `deleted_seq` is gone."""

    deleted_seq: int
    author: Person | None = None
    by: Person | None = None


class TextsDeleted(Line, frozen=True, kw_only=True):
    """All that one has said so far is gone."""

    author: Person
    by: Person | None = None


class PresenceChanged(Line, frozen=True, kw_only=True):
    """Somebody in the room is heard of again, or not (`heard`), for instance as his connection broke."""

    member: Person
    heard: bool


class Gap(Line, frozen=True, kw_only=True):
    """Something may have been missed here, and why; `seq` is the last number before it, `at` when that was noticed."""

    reason: str


class Other(Line, frozen=True, kw_only=True):
    """What this version of the library has no name for: the wire's `kind`, and its `members`."""

    kind: str
    members: Mapping[str, object] = {}
