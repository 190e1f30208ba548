"""Lines: everything that happens in a room, in one order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from beseda.domain.accounts import Account
from beseda.domain.errors import LinksRefused, MessageEmpty, MessageTooLong
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.links import has_link
from beseda.domain.rooms import Links
from beseda.domain.text import is_blank, one_line

MESSAGE_MAX = 1_000
KEY_MAX = 64


class Kind(StrEnum):
    """What a line tells. `actor` did it, to `target` if there is one; `text` and `number` are as said here."""

    TEXT = "text"
    """`text` for all."""
    WHISPER = "whisper"
    """`text` for `target`; a line in each room that either of the two is in, all with the same `number`."""
    NOTICE = "notice"
    """An answer of the system to the actor alone: `text` is a code, `number` its seconds, `target` whom it is about."""
    ENTERED = "entered"
    LEFT = "left"
    AUTO_LEFT = "auto_left"
    """The server took the actor out: not heard of in this room, or silent for too long."""
    PRESENCE = "presence"
    """Nothing is heard of the actor in this room (`number` 0), or something is again (1)."""
    ADMIN = "admin"
    """`target` is the temporary admin now; None when there is none. The actor gave the role away."""
    LOCKED = "locked"
    """`text` is the lock, "" when the room was opened."""
    DESCRIBED = "described"
    """`text` is the room's new description."""
    KICKED = "kicked"
    """`text` is the reason, `number` the minutes."""
    UNKICKED = "unkicked"
    MUTED = "muted"
    """An admin muted `target` for `number` minutes."""
    UNMUTED = "unmuted"
    """The actor lifted `target`'s mute for himself."""
    LINKS_ALLOWED = "links_allowed"
    """`target` may send links for `number` minutes."""
    LINE_DELETED = "line_deleted"
    """The line `number` of `target`."""
    LINES_DELETED = "lines_deleted"
    """All texts of `target` so far."""
    FAVOURITE = "favourite"
    """The actor made the room a favourite (`number` 1), or no longer (0)."""
    ANNOUNCED = "announced"
    """An operator says `text` to everybody; `number` is the announcement's, the same in all rooms."""


class Hidden(StrEnum):
    """Why a text is not shown to all."""

    NO = ""
    MUTED = "muted"
    """Its author was muted: shown to himself and to who lifted that."""
    DELETED = "deleted"
    """Gone for good: `text` is empty."""


OWN = frozenset({Kind.NOTICE, Kind.UNMUTED, Kind.FAVOURITE})
"""Seen by the actor alone."""
ON_LIST = frozenset({Kind.ENTERED, Kind.LEFT, Kind.AUTO_LEFT, Kind.KICKED, Kind.ADMIN, Kind.LOCKED, Kind.DESCRIBED})
"""What changes the list of rooms."""


class Line(NamedTuple):
    """One entry of a room's stream. `seq` counts from 1 without gaps; `at` is a millisecond of its own."""

    room_id: RoomId
    seq: int
    at: datetime
    kind: Kind
    actor: Account | None
    target: Account | None
    text: str
    number: int
    hidden: Hidden = Hidden.NO


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes a stream is read with: `ignored` by himself, `lifted` are muted ones whom he hears all the same."""

    account_id: AccountId
    ignored: frozenset[AccountId] = frozenset()
    lifted: frozenset[AccountId] = frozenset()


def sees(line: Line, reader: Reader) -> bool:
    """Whether a line is for this reader (chat.cz help, rules 30 and 31)."""
    actor_id = line.actor.id if line.actor else None
    if actor_id == reader.account_id:
        return True
    match line.kind:
        case Kind.TEXT if line.hidden is Hidden.MUTED:
            return actor_id in reader.lifted and actor_id not in reader.ignored
        case Kind.TEXT:
            return actor_id not in reader.ignored
        case Kind.WHISPER:
            return is_target(line, reader.account_id) and actor_id not in reader.ignored
        case _:
            return line.kind not in OWN


def is_target(line: Line, account_id: AccountId) -> bool:
    return line.target is not None and line.target.id == account_id


def is_private(line: Line) -> bool:
    """Whether a line is for some only, whoever else reads the room."""
    return line.kind is Kind.WHISPER or line.kind in OWN or line.hidden is Hidden.MUTED


def entombed(line: Line) -> Line:
    """What is left of a deleted line."""
    return line._replace(text="", hidden=Hidden.DELETED)


def check_text(text: str) -> str:
    """The text as it is kept: one line. Raises MessageEmpty, MessageTooLong."""
    if len(text) > 4 * MESSAGE_MAX:
        raise MessageTooLong(max_chars=MESSAGE_MAX)
    text = one_line(text)
    if is_blank(text):
        raise MessageEmpty
    if len(text) > MESSAGE_MAX:
        raise MessageTooLong(max_chars=MESSAGE_MAX)
    return text


def check_links(text: str, policy: Links, author: Account, *, exempt: bool) -> None:
    """LinksRefused when the room's policy keeps this author from sending links.

    By default only who has karma may (chat.cz help, rule 24); `exempt` are admins, and whom one let for five minutes.
    """
    if exempt or policy is Links.ALL or not has_link(text):
        return
    if policy is Links.NONE or author.karma_given <= 0:
        raise LinksRefused
