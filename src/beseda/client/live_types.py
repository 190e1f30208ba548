"""What a Beseda's live protocol tells of: rooms, people, letters, tokens, and what becomes of them (docs/live.md).

Two accounts are the same when their `id` is. Names differ from the wire's where the docstring says so.
"""

from beseda.wire.live.answers import Own, RoomList, TokenMade
from beseda.wire.live.messages import (
    CountsChanged,
    LetterChanged,
    ListChanged,
    MarkChanged,
    ThreadChanged,
    WritingTold,
)
from beseda.wire.live.own import Counts, Letter, MailChange, MailList, Mark, Quote, Thread, Token, Writing
from beseda.wire.live.people import Card, NamedRoom, Occupant, Person, Star
from beseda.wire.live.rooms import Changes, Info, Kick, Links, Lock, Report, Room

__all__ = [
    "Card",
    "Changes",
    "Counts",
    "CountsChanged",
    "Info",
    "Kick",
    "Letter",
    "LetterChanged",
    "Links",
    "ListChanged",
    "Lock",
    "MailChange",
    "MailList",
    "Mark",
    "MarkChanged",
    "NamedRoom",
    "Occupant",
    "Own",
    "Person",
    "Quote",
    "Report",
    "Room",
    "RoomList",
    "Star",
    "Thread",
    "ThreadChanged",
    "Token",
    "TokenMade",
    "Writing",
    "WritingTold",
]
