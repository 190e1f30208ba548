"""Lines of the live protocol as typed lines. No I/O."""

from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from beseda.client import lines
from beseda.client.lines import Line, Person
from beseda.wire import live as wire
from beseda.wire.live.people import moment

EPOCH = datetime.fromtimestamp(0, UTC)


class HasNumber(Protocol):
    """A member or a visitor, whatever else is known of him."""

    @property
    def id(self) -> int:
        """The number of the account."""
        ...


Who = HasNumber | int


def number_of(who: Who) -> int:
    """The number of the account."""
    return who if isinstance(who, int) else who.id


def person(told: wire.Person) -> Person:
    return Person(told.id, told.nick, told.registered)


def typed(line: wire.Line, me_id: int) -> Line:
    """A line as one of `beseda.client.lines`; Other when its kind, or what it lacks, is unknown here."""
    place: dict[str, Any] = {
        "room_id": line.room,
        "seq": line.seq,
        "at": moment(line.at),
    }
    by = person(line.actor) if line.actor else None
    target = person(line.target) if line.target else None
    found = _by_somebody(line, place, by, target, me_id) if by else None
    found = found or (_about_somebody(line, place, by, target) if target else None)
    if found:
        return found
    match line.kind:
        case "notice":
            return lines.Notice(**place, text=line.text, about=target)
        case "admin":
            return lines.AdminChanged(**place, member=target, by=by)
        case "locked":
            return lines.LockChanged(**place, lock=line.text, by=by)
        case "described":
            return lines.Described(**place, description=line.text, by=by)
        case "announced":
            return lines.Announced(**place, text=line.text, number=line.number)
        case "line_deleted":
            return lines.TextDeleted(**place, deleted_seq=line.number, author=target, by=by)
    return lines.Other(**place, kind=line.kind, members=msgspec.to_builtins(line))


def _by_somebody(line: wire.Line, place: dict[str, Any], by: Person, to: Person | None, me_id: int) -> Line | None:
    match line.kind:
        case "text" if line.deleted:  # what it said is gone
            return lines.TextDeleted(**place, deleted_seq=line.seq, author=by)
        case "text":
            return lines.Text(**place, author=by, text=line.text, muted=line.muted)
        case "whisper":
            return lines.Whisper(**place, author=by, text=line.text, own=by.id == me_id, to=to)
        case "entered":
            return lines.Entered(**place, member=by)
        case "left" | "auto_left":
            return lines.Left(**place, member=by, taken_out=line.kind == "auto_left")
        case "presence":
            return lines.PresenceChanged(**place, member=by, heard=bool(line.number))
    return None


def _about_somebody(line: wire.Line, place: dict[str, Any], by: Person | None, member: Person) -> Line | None:
    match line.kind:
        case "kicked":
            return lines.Kicked(**place, member=member, by=by, reason=line.text, minutes=line.number)
        case "unkicked":
            return lines.Unkicked(**place, member=member, by=by)
        case "muted":
            return lines.Muted(**place, member=member, by=by, minutes=line.number)
        case "unmuted":
            return lines.Unmuted(**place, member=member)
        case "links_allowed":
            return lines.LinksAllowed(**place, member=member, by=by, minutes=line.number)
        case "lines_deleted":
            return lines.TextsDeleted(**place, author=member, by=by)
    return None
