"""What the server answers to calls that were done."""

import msgspec

from beseda.wire.live.own import Counts, Letter, Mark, Thread, Token
from beseda.wire.live.people import Card, Occupant, Person
from beseda.wire.live.rooms import Info, Kick, Line, Report, Room

Id = str | int | None


class Done(msgspec.Struct, frozen=True):
    """The call with the id `re` was done, and there is no more to say. All answers have these two members."""

    re: Id
    ok: bool


class Entered(Done, frozen=True):
    """The number of the room."""

    room: int


class Followed(Done, frozen=True):
    """The lines up to `cursor` have been sent."""

    room: int
    cursor: int


class LineDone(Done, frozen=True):
    """The line that came of it."""

    line: Line


class LinesFound(Done, frozen=True, kw_only=True):
    """Lines; `before` leads on when there are `more`."""

    lines: tuple[Line, ...]
    before: int
    more: bool


class HistoryPage(LinesFound, frozen=True, kw_only=True):
    """Lines, oldest first; `before` leads to older ones when there are `more`, `after` to newer ones if `newer`."""

    after: int = 0
    newer: bool = False


class RoomList(Done, frozen=True):
    """All rooms in the order of the list, and the numbers of the member's favourites."""

    rooms: tuple[Room, ...]
    favourites: tuple[int, ...]


class InfoTold(Done, frozen=True):
    """All of one room."""

    info: Info


class Reserved(Done, frozen=True):
    """All of the room; None when it was given up and is gone."""

    info: Info | None = None


class Occupants(Done, frozen=True):
    """Who is in the room."""

    people: tuple[Occupant, ...]


class PeopleFound(Done, frozen=True):
    """Members."""

    people: tuple[Person, ...]


class CardTold(Done, frozen=True):
    """Somebody's card."""

    card: Card


class Kicks(Done, frozen=True):
    """Who is kept out."""

    kicks: tuple[Kick, ...]


class Reports(Done, frozen=True):
    """What was reported, and nobody has settled."""

    reports: tuple[Report, ...]


class Own(Done, frozen=True):
    """What waits for the member: counts, a mark of each room that he is in, the numbers of his favourite rooms."""

    counts: Counts
    marks: tuple[Mark, ...]
    favourites: tuple[int, ...]


class Marked(Done, frozen=True):
    """How far a room has been read."""

    mark: Mark


class Threads(Done, frozen=True):
    """A page of a list of the mailbox, and how many threads the whole list has."""

    threads: tuple[Thread, ...]
    total: int


class Letters(Done, frozen=True, kw_only=True):
    """Letters, newest first; `before` leads on when there are `more`. `contact` is their thread, when it is one."""

    letters: tuple[Letter, ...]
    before: int
    more: bool
    contact: Thread | None = None


class LetterDone(Done, frozen=True):
    """The letter as it is now."""

    letter: Letter


class TokensTold(Done, frozen=True):
    """The member's personal tokens."""

    tokens: tuple[Token, ...]


class TokenMade(Done, frozen=True):
    """A new token, and its `secret`, which is told this once."""

    token: Token
    secret: str

    def __repr__(self) -> str:
        return f"TokenMade(token={self.token!r}, secret=...)"
