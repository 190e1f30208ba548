"""What stands in the page of a room before its scripts are there: the newest lines, and who is here.

It is the page of history that /live would send, drawn as lines.js and people.js would draw it; the same goes along for
them as data, and they go on after its last line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from markupsafe import Markup

from beseda.api.shown import show_line, show_mark, show_occupant
from beseda.api.web.dates import day
from beseda.api.web.line import TALK, Pen
from beseda.api.words import N_
from beseda.core.history import Excerpt
from beseda.core.rooms import RoomPage
from beseda.domain.ids import AccountId
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.reads import ReadMark
from beseda.domain.rooms import Occupant, rank_in
from beseda.domain.text import sort_key

STARS = {
    "site": N_("admin of the site"),
    "main": N_("main admin"),
    "permanent": N_("permanent admin"),
    "temporary": N_("admin"),
}
KARMA = {"yellow": N_("yellow karma"), "orange": N_("orange karma"), "red": N_("red karma")}
GROUPED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a member sees of a room on coming in: the newest lines, how far he has read, and who is here.

    The lines were read before the people, so that whatever happened in between comes after the last line.
    """

    PEOPLE: ClassVar[int] = 30
    """So many are drawn, as at first by people.js."""

    page: RoomPage
    excerpt: Excerpt
    mark: ReadMark
    away: frozenset[AccountId]
    now: datetime

    def lines(self, pen: Pen) -> Iterator[Markup]:
        """The lines in groups, with days and what is new."""
        before: Line | None = None
        newest_day, new_seq = None, self._first_new(pen)
        today = pen.local(self.now).date()
        for line in self._told(pen):
            if (its_day := pen.local(line.at).date()) != newest_day:
                newest_day = its_day
                yield Markup('<li class="day"><span>{}</span></li>').format(day(its_day, today, pen.texts))
                before = None
            if line.seq == new_seq:
                yield Markup('<li class="new-lines"><span>{}</span></li>').format(pen.text("new"))
                before = None
            yield pen.draw(line, grouped=before is not None and _is_grouped(before, line))
            before = line

    def is_empty(self) -> bool:
        """Whether nobody has spoken."""
        return not any(line.kind in TALK for line in self.excerpt.lines)

    def _told(self, pen: Pen) -> list[Line]:
        """Without what is not worth a place: somebody is heard of, or not."""
        return [line for line in self.excerpt.lines if not _is_silent(line, pen)]

    def _first_new(self, pen: Pen) -> int:
        """The first line that is new to the reader, 0 when none is, or when it is not among these."""
        if self.excerpt.more and self.excerpt.before > self.mark.read + 1:
            return 0
        return next((line.seq for line in self.excerpt.lines if line.seq > self.mark.read and _is_news(line, pen)), 0)

    def people(self) -> list[Occupant]:
        """Admins first, then by nick, guests last."""
        return sorted(self.page.occupants, key=lambda each: (*self._rank(each), sort_key(each.account.nick)))

    def star(self, occupant: Occupant) -> str:
        """Of which kind of admin somebody is, "" for none."""
        star = rank_in(self.page.room, occupant.account, permanent_admin=occupant.room_admin)
        return star.name.lower() if star else ""

    def _rank(self, occupant: Occupant) -> tuple[int, bool]:
        rank = rank_in(self.page.room, occupant.account, permanent_admin=occupant.room_admin)
        return -rank, not occupant.account.registered

    def data(self) -> Markup:
        """The same for scripts, as /live has it: JSON that can stand in a page."""
        room, excerpt = self.page.room, self.excerpt
        shown = {
            "room": {"id": room.id, "name": room.name, "description": room.description, "lock": self.page.lock},
            "lines": [show_line(line) for line in excerpt.lines],
            "before": excerpt.before,
            "more": excerpt.more,
            "after": excerpt.after,
            "newer": excerpt.newer,
            "mark": show_mark(self.mark),
            "people": [show_occupant(each, room, away=each.account.id in self.away) for each in self.page.occupants],
        }
        written = msgspec.json.encode(shown).decode().replace("<", r"\u003c")
        return Markup(written)  # noqa: S704 - within a string of JSON that is the same, and nothing ends the element


def _is_grouped(before: Line, line: Line) -> bool:
    return (
        line.kind is before.kind is Kind.TEXT
        and (line.actor and line.actor.id) == (before.actor and before.actor.id)
        and line.at - before.at < GROUPED
    )


def _is_silent(line: Line, pen: Pen) -> bool:
    mine = line.actor is not None and line.actor.id == pen.me.id
    return line.kind is Kind.PRESENCE or (line.kind is Kind.FAVOURITE and not mine)


def _is_news(line: Line, pen: Pen) -> bool:
    """Whether it is something to read that somebody else wrote."""
    mine = line.actor is not None and line.actor.id == pen.me.id
    return line.kind in TALK and not mine and line.hidden is not Hidden.DELETED
