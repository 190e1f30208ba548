"""Lines and people as our own clients have them: over /live, and in the page of a room. No I/O."""

from datetime import UTC, datetime, timedelta

from beseda.domain.accounts import Account, KarmaLevel, Role
from beseda.domain.messages import Hidden, Line
from beseda.domain.reads import ReadMark
from beseda.domain.rooms import Occupant, Room, rank_in
from beseda.wire import live as wire

EPOCH = datetime.fromtimestamp(0, UTC)
MILLISECOND = timedelta(milliseconds=1)


def show_line(line: Line) -> wire.Line:
    actor, target, hidden = line.actor, line.target, line.hidden
    return wire.Line(
        line.room_id,
        line.seq,
        milliseconds(line.at),
        line.kind.value,
        None if actor is None else person(actor),
        None if target is None else person(target),
        line.text,
        line.number,
        hidden is Hidden.MUTED,
        hidden is Hidden.DELETED,
    )


def person(account: Account) -> wire.Person:
    """Somebody, with the marks that he has everywhere."""
    sex, karma = account.sex, account.karma_level
    return wire.Person(
        account.id,
        account.nick,
        account.registered,
        "" if sex is None else sex.value,
        "" if karma is KarmaLevel.NONE else karma.name.lower(),
        account.role is Role.ROOM_ADMIN,
    )


def show_occupant(occupant: Occupant, room: Room, *, away: bool) -> wire.Occupant:
    """Somebody in a room, with his star."""
    account = person(occupant.account)
    return wire.Occupant(
        account.id,
        account.nick,
        account.registered,
        account.sex,
        account.karma,
        account.site,
        star=wire.Star(rank_in(room, occupant.account, permanent_admin=occupant.room_admin).name.lower()),
        away=away,
        entered_ms=milliseconds(occupant.entered_at),
        written_ms=optional_milliseconds(occupant.written_at),
    )


def show_mark(mark: ReadMark) -> wire.Mark:
    return wire.Mark(room=mark.room_id, read=mark.read, unread=mark.unread, mentions=mark.mentions, more=mark.more)


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - EPOCH) // MILLISECOND


def optional_milliseconds(at: datetime | None) -> int | None:
    """The same, None for never."""
    return None if at is None else milliseconds(at)
