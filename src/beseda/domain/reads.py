"""How far somebody has read a room, and what he has not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line, is_target
from beseda.domain.text import folded

COUNTED_MAX = 999
"""Nobody counts any further."""
WRITTEN_EVERY_S = 2.0
"""How often the mark of one reader in one room is kept."""


@dataclass(frozen=True, slots=True)
class ReadMark:
    """`read` is the last line that was read; `unread` and `mentions` what came after it; `more` when even more did."""

    room_id: RoomId
    read: int
    unread: int
    mentions: int
    more: bool = False


def count(room_id: RoomId, read: int, lines: Iterable[Line], account_id: AccountId, nick: str) -> ReadMark:
    """Of lines that a reader sees: texts and whispers of others, and among them those that mean him."""
    told = [line for line in lines if line.seq > read and _counts(line, account_id)]
    counted, name = told[:COUNTED_MAX], mention_of(nick)
    mentions = sum(line.kind is Kind.WHISPER or bool(name.search(folded(line.text))) for line in counted)
    return ReadMark(room_id, read, len(counted), mentions, len(told) > len(counted))


def _counts(line: Line, account_id: AccountId) -> bool:
    if line.actor is None or line.actor.id == account_id or line.hidden is Hidden.DELETED:
        return False
    return line.kind is Kind.TEXT or (line.kind is Kind.WHISPER and is_target(line, account_id))


def mention_of(nick: str) -> re.Pattern[str]:
    """Finds a nick as a word of its own in a folded text."""
    return re.compile(rf"(?<!\w){re.escape(folded(nick))}(?!\w)")


def mark_text(mark: ReadMark) -> str:
    """A mark without its room, as an update carries it."""
    return f"{mark.read} {mark.unread} {mark.mentions} {int(mark.more)}"


def read_mark(room_id: RoomId, text: str) -> ReadMark:
    """The inverse of `mark_text`."""
    read, unread, mentions, more = map(int, text.split())
    return ReadMark(room_id, read, unread, mentions, bool(more))
