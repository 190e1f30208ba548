"""What clients ask: each call knows the answer that it gets."""

from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

import msgspec
from msgspec import UNSET, UnsetType

from beseda.wire.live import answers
from beseda.wire.live.answers import Done, Id

A = TypeVar("A", bound=Done, covariant=True)


class Call(msgspec.Struct, Generic[A], frozen=True, tag_field="op", omit_defaults=True, kw_only=True):
    """What a client asks; `id` is its own number for the call, which the answer repeats as `re`."""

    REPEATABLE: ClassVar[bool] = True
    """Whether the same call may be sent again when its answer was lost."""

    id: Id = None

    @property
    def op(self) -> str:
        """Its name on the wire."""
        return str(self.__struct_config__.tag)


AnyCall = Call[Done]


def answer_of(call: type[AnyCall]) -> type[Done]:
    """What the call is answered by."""
    (found,) = get_args(cast("Any", call).__orig_bases__[0])
    return cast("type[Done]", found)


# Talk


class Enter(Call[answers.Entered], frozen=True, tag="enter"):
    """Go into a room by its name, or its number; a temporary one is opened if `opens` and none has the name."""

    name: str | UnsetType = UNSET
    room: int | None = None
    password: str = ""
    opens: bool = True

    def __repr__(self) -> str:
        return f"Enter(name={self.name!r}, room={self.room}, password=...)"


class Leave(Call[Done], frozen=True, tag="leave"):
    """Leave a room."""

    room: int


class Follow(Call[answers.Followed], frozen=True, tag="follow"):
    """Get the lines of a room: those after the cursor `after`, then what happens; without one from now on."""

    room: int
    after: int | None = None


class Unfollow(Call[Done], frozen=True, tag="unfollow"):
    """Get no more lines of a room."""

    room: int


class Post(Call[answers.LineDone], frozen=True, tag="post"):
    """Say something; whisper it to the account `to`. One `key` posts once, for ever."""

    room: int
    text: str
    to: int = 0
    key: str | None = None


class Delete(Call[answers.LineDone], frozen=True, tag="delete"):
    """Delete a text."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    seq: int


class History(Call[answers.HistoryPage], frozen=True, tag="history"):
    """Lines, oldest first, at most `limit` (200): the newest, or those before, after or around a number."""

    room: int
    before: int | None = None
    after: int | None = None
    around: int | None = None
    limit: int = 50


class SearchLines(Call[answers.LinesFound], frozen=True, tag="search"):
    """Lines with all these words, newest first; in a room, or the newest in all that the member is in."""

    text: str
    room: int | None = None
    before: int | None = None
    limit: int = 50


class Read(Call[answers.Marked], frozen=True, tag="read"):
    """The member has read a room up to a line."""

    room: int
    seq: int


class Awake(Call[Done], frozen=True, tag="awake"):
    """The member is there, though he writes nothing."""


# Rooms


class ListRooms(Call[answers.RoomList], frozen=True, tag="rooms"):
    """The list of rooms; with `watch`, its changes are told from then on."""

    watch: bool = False


class AboutRoom(Call[answers.InfoTold], frozen=True, tag="room"):
    """What there is to know of a room."""

    room: int


class People(Call[answers.Occupants], frozen=True, tag="people"):
    """Who is in a room that the member is in."""

    room: int


class SetRoom(Call[answers.InfoTold], frozen=True, tag="set_room"):
    """Change what is given of a room, all or nothing; of the last two null is as configured."""

    room: int
    description: str | None = None
    lock: str | None = None
    password: str | None = None
    links: str | None = None
    web: str | None = None
    opened_by_admins: bool | None = None
    hands_over: bool | None = None
    keep_days: int | UnsetType | None = UNSET
    history_lines: int | UnsetType | None = UNSET

    def __repr__(self) -> str:
        return f"SetRoom(room={self.room}, ...)"


class SetFavourite(Call[Done], frozen=True, tag="set_favourite"):
    """Make a room a favourite, or no longer."""

    room: int
    favourite: bool


class Reserve(Call[answers.Reserved], frozen=True, tag="reserve"):
    """Reserve a room, or give the reservation up."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    reserved: bool


class SetAdmin(Call[answers.InfoTold], frozen=True, tag="set_admin"):
    """Appoint a permanent admin of a reserved room, or dismiss one."""

    room: int
    account: int
    admin: bool


class HandOver(Call[Done], frozen=True, tag="hand_over"):
    """Make somebody in the room its temporary admin."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int


class KickOut(Call[answers.LineDone], frozen=True, tag="kick"):
    """Throw somebody out, and keep him out for `minutes`, or as long as the rules say."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int
    reason: str
    minutes: int | None = None


class Unkick(Call[answers.LineDone], frozen=True, tag="unkick"):
    """Let somebody in again."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int


class Mute(Call[answers.LineDone], frozen=True, tag="mute"):
    """Hide from all what somebody writes, for an hour."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int


class Unmute(Call[answers.LineDone], frozen=True, tag="unmute"):
    """Hear a muted one all the same; for the member alone."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int


class DeleteAll(Call[answers.LineDone], frozen=True, tag="delete_all"):
    """Delete all texts of somebody, who then cannot write for a minute."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int


class AllowLinks(Call[answers.LineDone], frozen=True, tag="allow_links"):
    """Let somebody send links for five minutes."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    account: int


class ListKicks(Call[answers.Kicks], frozen=True, tag="kicks"):
    """Who is kept out of a room now, for its permanent admins."""

    room: int


class ReportLine(Call[Done], frozen=True, tag="report"):
    """Tell a room's admins of a text; telling twice is telling once."""

    room: int
    seq: int
    reason: str


class ListReports(Call[answers.Reports], frozen=True, tag="reports"):
    """Texts that were reported and that nobody has settled, for a room's admins."""

    room: int


class Settle(Call[Done], frozen=True, tag="settle"):
    """Take the reports of a text off the list."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    seq: int


# People


class ShowCard(Call[answers.CardTold], frozen=True, tag="card"):
    """Somebody; with a `room` also what the member may do to him there. A `visit` counts as a view of the profile."""

    account: int
    room: int | None = None
    visit: bool = False


class Find(Call[answers.PeopleFound], frozen=True, tag="find"):
    """Members whose nicks begin so."""

    nick: str


class Ignore(Call[Done], frozen=True, tag="ignore"):
    """Ignore somebody, or no longer."""

    account: int
    ignored: bool


class ListIgnored(Call[answers.PeopleFound], frozen=True, tag="ignored"):
    """Whom the member ignores."""


class Note(Call[Done], frozen=True, tag="note"):
    """Attach a note to somebody that the member alone sees; an empty one takes it away."""

    account: int
    text: str


class GiveKarma(Call[Done], frozen=True, tag="give_karma"):
    """Give karma that the member has earned; an admin with a `reason` takes some away."""

    REPEATABLE: ClassVar[bool] = False

    account: int
    amount: int
    reason: str = ""
