"""What somebody may do to another whom he meets."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from beseda.domain.accounts import Account
from beseda.domain.errors import Refused
from beseda.domain.moderation import check_may_kick, check_outranks
from beseda.domain.rooms import Rank


class CardDeed(StrEnum):
    """From KICK on in a room."""

    WHISPER = "whisper"
    LETTER = "letter"
    IGNORE = "ignore"
    NOTE = "note"
    KARMA = "karma"
    KICK = "kick"
    MUTE = "mute"
    DELETE_ALL = "delete_all"
    ALLOW_LINKS = "allow_links"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where two meet: what each is in the room, and whether the other is inside and its temporary admin already."""

    rank: Rank
    other_rank: Rank
    inside: bool
    leads: bool


def deeds(actor: Account, other: Account, *, both_talk: bool) -> list[CardDeed]:
    """What one may do to another anywhere; `both_talk` says that each of them is in some room."""
    if actor.id == other.id:
        return []
    possible = [CardDeed.WHISPER] if both_talk else []
    if actor.registered:
        possible += [CardDeed.LETTER] if other.registered else []
        possible += [CardDeed.IGNORE, CardDeed.NOTE]
        possible += [CardDeed.KARMA] if other.registered and actor.karma_earned > 0 else []
    return possible


def deeds_in_room(actor: Account, other: Account, meeting: Meeting) -> list[CardDeed]:
    """What one may do to another as an admin of a room."""
    possible = []
    if _allowed(lambda: check_may_kick(actor, meeting.rank, other, meeting.other_rank)):
        possible.append(CardDeed.KICK)
    if _allowed(lambda: check_outranks(actor, meeting.rank, other, meeting.other_rank)):
        possible += [CardDeed.MUTE, CardDeed.DELETE_ALL]
    if meeting.rank > Rank.NONE and actor.id != other.id:
        possible.append(CardDeed.ALLOW_LINKS)
    if meeting.rank > Rank.NONE and meeting.inside and other.registered and not meeting.leads:
        possible.append(CardDeed.HAND_OVER)
    return possible


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused:
        return False
    return True
