"""What Spaces' live channel tells, as typed events."""

from collections.abc import Mapping

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What all events have: `act`, the wire's number of the kind."""

    act: int = 0


class LetterReceived(Event, frozen=True, kw_only=True):
    """A letter came. `contact` is the number of the contact (`data.contact.nid`), `nick` who wrote."""

    letter_id: int
    contact: int
    nick: str = ""
    unread: int = 0


class LetterSent(Event, frozen=True, kw_only=True):
    """The member sent a letter, perhaps by another client."""

    letter_id: int
    contact: int
    nick: str = ""


class LetterChanged(Event, frozen=True, kw_only=True):
    """A letter was edited, thrown away, erased or marked: `act` says which."""

    letter_id: int
    contact: int


class ContactRead(Event, frozen=True, kw_only=True):
    """All letters of a contact have been read, by the member or by the other."""

    contact: int


class ContactChanged(Event, frozen=True, kw_only=True):
    """A contact went to another list, or was erased: `act` says which."""

    contact: int


class GarbageCleared(Event, frozen=True, kw_only=True):
    """What was thrown away is gone."""


class CounterChanged(Event, frozen=True, kw_only=True):
    """A counter of what is new: `counter` is `journal`, `feed`, `mail`, or the wire's number of another."""

    counter: str
    count: int


class Typing(Event, frozen=True, kw_only=True):
    """Somebody is writing a letter to the member, or speaking one."""

    contact: int
    nick: str
    voice: bool = False


class Notified(Event, frozen=True, kw_only=True):
    """Something to tell the member; `text` is without markup, `severity` 1 to inform, 2 to warn, 3 an error."""

    text: str
    severity: int = 1


class RoomTextReceived(Event, frozen=True, kw_only=True):
    """Somebody said something in a room that the member is in; `message_id` is its number there."""

    room_id: int
    message_id: int
    user_id: int


class RoomTextDeleted(Event, frozen=True, kw_only=True):
    """A text of a room is gone; `message_id` is 0 when all that `user_id` said is."""

    room_id: int
    message_id: int
    user_id: int


class StatusChanged(Event, frozen=True, kw_only=True):
    """The member himself counts as there, or no longer."""


class LoggedOut(Event, frozen=True, kw_only=True):
    """A session of the member has ended, this one or another."""


class Missed(Event, frozen=True, kw_only=True):
    """Something may have been missed here, and why: read counters and letters anew."""

    reason: str


class OtherEvent(Event, frozen=True, kw_only=True):
    """What this version of the library has no name for, as it came."""

    members: Mapping[str, object]
