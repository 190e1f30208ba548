"""Facts that others may want to know, told after they are durable."""

from dataclasses import dataclass
from datetime import datetime

from beseda.domain.ids import AccountId, AnnouncementId, DomainId, EntryId, RoomId, SessionId, ZoneId
from beseda.domain.messages import ON_LIST, Line


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened at `at`. The other fields are numbers and texts, but for LineAdded: nodes tell each other."""

    at: datetime


class Missed(Event):
    """Nobody knows what others have done for a while: whatever is remembered of the database must be read anew."""


@dataclass(frozen=True, slots=True)
class RoomEvent(Event):
    """Something besides its lines that changes what the list of rooms or a room's page shows."""

    room_id: RoomId


class RoomOpened(RoomEvent):
    pass


class RoomChanged(RoomEvent):
    """Name, web address, permanence, reservation or permanent admins."""


class RoomVanished(RoomEvent):
    """A temporary room lost its last occupant, or an operator closed it."""


@dataclass(frozen=True, slots=True)
class LineAdded(Event):
    """Something happened in a room: all that its stream tells."""

    line: Line


@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    account_id: AccountId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    account_id: AccountId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    """Registered, profile, password, standing; `renamed` if what others see him called is another name now."""

    account_id: AccountId
    renamed: bool = False


class LimitReached(Event):
    """Somebody has guessed at a secret as often as he may, over all nodes."""


@dataclass(frozen=True, slots=True)
class IgnoreChanged(Event):
    """A member ignores somebody, or no longer."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class Updated(Event):
    """There is something new for a member's own clients, or in what is counted for him."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class DomainAdded(Event):
    domain_id: DomainId


@dataclass(frozen=True, slots=True)
class DomainRemoved(Event):
    domain_id: DomainId


@dataclass(frozen=True, slots=True)
class DomainHandedOver(Event):
    """It is another member's now."""

    domain_id: DomainId


@dataclass(frozen=True, slots=True)
class ZoneChanged(Event):
    """What is served of a domain is another: made, changed, removed, brought back. `serial` is the new one."""

    zone_id: ZoneId
    domain: str
    serial: int


@dataclass(frozen=True, slots=True)
class AnnouncementsChanged(Event):
    """An operator announced something to everybody, or it is over before its time."""

    announcement_id: AnnouncementId


@dataclass(frozen=True, slots=True)
class EntryPosted(Event):
    entry_id: EntryId


def is_for_all_nodes(event: Event) -> bool:
    """Whether nodes that read no rooms must hear of it, too: what is said in a room they learn from its stream."""
    return event.line.kind in ON_LIST if isinstance(event, LineAdded) else not isinstance(event, Missed)
