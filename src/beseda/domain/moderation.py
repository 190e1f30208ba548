"""What admins do to others: for how long, and against whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beseda.domain.accounts import Account, KarmaLevel
from beseda.domain.errors import AmountInvalid, CommandIncomplete, MessageTooLong, NotRoomAdmin, RankTooLow
from beseda.domain.ids import KickId, RoomId
from beseda.domain.rooms import Rank
from beseda.domain.text import is_blank, one_line

KICK = timedelta(minutes=15)
KICK_AGAIN = timedelta(hours=5)
KICK_MEMORY = timedelta(hours=24)
"""A kick within so long of another, from any room, is the longer one (chat.cz help, rule 27)."""
MUTE = timedelta(minutes=60)
SILENCE = timedelta(minutes=1)
"""How long somebody whose texts were all deleted cannot write (rule 23)."""
LINKS = timedelta(minutes=5)
"""How long an exemption from the links policy lasts (rule 25)."""
REASON_MAX = 200
EVIDENCE_MAX = 200
"""Lines kept with a kick."""


class Mark(StrEnum):
    """What is remembered of somebody in a room for a while, though he leaves and comes back."""

    SILENT = "silent"
    LINKS = "links"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Kick:
    """`lifted_at` is None while nobody has let the kicked one in again."""

    id: KickId
    room_id: RoomId
    account: Account
    admin: Account
    reason: str
    at: datetime
    until: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoggedDeed:
    """Who did what to whom, when and why; `number` orders a room's log."""

    number: int
    at: datetime
    actor: Account | None
    deed: str
    target: Account | None
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """A line that a member reported to the room's admins; `text` is what it said then."""

    room_id: RoomId
    seq: int
    reporter: Account
    author: Account
    text: str
    reason: str
    at: datetime


def kick_length(*, kicked_lately: bool) -> timedelta:
    """15 minutes, or 5 hours for who was kicked from any room within the last 24 hours (chat.cz help, rule 27)."""
    return KICK_AGAIN if kicked_lately else KICK


def check_minutes(minutes: int) -> timedelta:
    """How long an admin keeps somebody out, if not as long as the rules say: up to the longest. Or AmountInvalid."""
    if not 1 <= minutes <= KICK_AGAIN // timedelta(minutes=1):
        raise AmountInvalid
    return timedelta(minutes=minutes)


def check_reason(reason: str) -> str:
    """The reason as it is kept, or CommandIncomplete, MessageTooLong (chat.cz help, rule 26: it is mandatory)."""
    reason = one_line(reason[: 4 * REASON_MAX])
    if is_blank(reason):
        raise CommandIncomplete
    if len(reason) > REASON_MAX:
        raise MessageTooLong(max_chars=REASON_MAX)
    return reason


def check_outranks(actor: Account, rank: Rank, target: Account, target_rank: Rank) -> None:
    """Nothing when an admin may act against somebody: never against an equal, a higher one, or himself.

    Raises NotRoomAdmin, RankTooLow.
    """
    if rank is Rank.NONE:
        raise NotRoomAdmin
    if actor.id == target.id or target_rank >= rank:
        raise RankTooLow


def check_may_kick(actor: Account, rank: Rank, target: Account, target_rank: Rank) -> None:
    """As `check_outranks`; members of the red karma group kick anonymous visitors anywhere (chat.cz help, rule 29)."""
    if rank is Rank.NONE and actor.karma_level is KarmaLevel.RED and not target.registered:
        return
    check_outranks(actor, rank, target, target_rank)


def is_marked(until: datetime | None, now: datetime) -> bool:
    """Whether a mark is still there."""
    return until is not None and now < until
