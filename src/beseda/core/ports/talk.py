"""What is kept of the talk in rooms: lines, and what admins did about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from beseda.domain.accounts import Account
from beseda.domain.discussion import Post
from beseda.domain.history import Stay
from beseda.domain.ids import AccountId, KickId, LetterId, PostId, RoomId
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.moderation import Kick, LoggedDeed, Mark, Report
from beseda.domain.rooms import Links
from beseda.domain.search import Question


@dataclass(frozen=True, slots=True)
class Writer:
    """What counts when somebody writes: the room's kind and links policy, his previous line, marks that pass."""

    permanent: bool
    links: Links
    written_at: datetime | None
    silent_until: datetime | None
    links_until: datetime | None
    muted_until: datetime | None


class PlainText(NamedTuple):
    """A text for all, without a link, by a registered member. See Store.append_text."""

    room_id: RoomId
    actor: Account
    text: str
    key: str | None
    at: datetime


class Indexed(NamedTuple):
    """A line by its `seq`, and its words."""

    number: int
    words: list[str]


class Messages(Protocol):
    """The streams of lines."""

    async def append(
        self,
        room_id: RoomId,
        kind: Kind,
        at: datetime,
        *,
        actor: Account | None = None,
        target: Account | None = None,
        text: str = "",
        number: int = 0,
        hidden: Hidden = Hidden.NO,
        key: str | None = None,
    ) -> Line:
        """The next line of a room, later than the one before whatever the clock says."""
        ...

    async def head(self, room_id: RoomId) -> int:
        """The `seq` of the newest line, 0 when there was none yet."""
        ...

    async def heads(self, room_ids: Sequence[RoomId]) -> dict[RoomId, int]:
        """The same of many rooms at once."""
        ...

    async def tail(self, room_id: RoomId) -> int:
        """The lines up to this one have been forgotten."""
        ...

    async def find(self, room_id: RoomId, seq: int) -> Line | None: ...

    async def list_some(self, room_id: RoomId, seqs: Sequence[int]) -> list[Line]:
        """Those that exist, newest first."""
        ...

    async def set_key(self, line: Line, key: str) -> None:
        """Remember with which key the line's actor did this."""
        ...

    async def find_by_key(self, actor_id: AccountId, key: str) -> Line | None:
        """What the same call did the first time."""
        ...

    async def list_after(self, room_id: RoomId, seq: int, limit: int) -> tuple[list[Line], int]:
        """The oldest lines after `seq`, and up to where they were read: rows that are no lines are left out."""
        ...

    async def list_before(self, room_id: RoomId, seq: int, limit: int) -> tuple[list[Line], int]:
        """The newest lines before `seq`, oldest first, and the `seq` of the oldest that was read, 0 for the first."""
        ...

    async def list_by(self, actor_id: AccountId, room_id: RoomId, after: int, upto: int) -> list[Line]:
        """What somebody wrote or whispered in a part of a room, oldest first, but for what was deleted."""
        ...

    async def list_heads(self, after: RoomId, limit: int) -> list[tuple[RoomId, int]]:
        """Rooms that ever had a line, those that are closed too, with the number of the newest."""
        ...

    async def list_between(self, one: AccountId, other: AccountId, room_id: RoomId, limit: int) -> list[Line]:
        """What either of two wrote in a room, and their whispers to each other; the newest, oldest first."""
        ...

    async def find_writer(self, room_id: RoomId, account_id: AccountId) -> Writer | None:
        """None when the account is not in the room."""
        ...

    async def note_written(self, room_id: RoomId, account_id: AccountId, at: datetime) -> None: ...

    async def entered_seq(self, room_id: RoomId, account_id: AccountId, session_id: int) -> int | None:
        """The line with which the session came in, or else the account; None when it is not in the room."""
        ...

    async def first_since(self, room_id: RoomId, after: int, at: datetime) -> int | None:
        """The number of the oldest line after `after` that is not older than `at`."""
        ...

    async def delete(self, room_id: RoomId, seq: int) -> None:
        """Leave a tombstone."""
        ...

    async def delete_all_by(self, room_id: RoomId, actor_id: AccountId) -> int:
        """Leave tombstones of all texts of one author; how many."""
        ...

    async def forget(self, room_id: RoomId, before: datetime, limit: int) -> int:
        """Remove the oldest lines of a room; how many, at most `limit`."""
        ...

    async def list_kept(self) -> list[tuple[RoomId, int | None]]:
        """Rooms that have lines, vanished ones too, with their own number of days."""
        ...

    async def list_lifts(self, room_id: RoomId) -> list[tuple[AccountId, AccountId]]:
        """Who hears a muted member all the same: pairs of the muted one and the hearer."""
        ...


class History(Protocol):
    """Who was in which room when, as lines tell it, and how far he has read there."""

    async def list_stays(self, room_id: RoomId, account_id: AccountId) -> list[Stay]:
        """In the order of their lines; the last one lasts when the account is inside."""
        ...

    async def forget_stays(self, room_id: RoomId, account_id: AccountId, stays: Sequence[Stay]) -> None: ...

    async def forget_visitor(self, account_id: AccountId) -> None:
        """An anonymous visitor will not come back."""
        ...

    async def find_read(self, room_id: RoomId, account_id: AccountId) -> int:
        """The last line that the account has read, or before which it has written; 0 when there is none."""
        ...

    async def mark_read(self, room_id: RoomId, account_id: AccountId, seq: int, at: datetime) -> bool:
        """Whether it had not read so far."""
        ...


class Search(Protocol):
    """The index over words. A room's, or the letters' in place of room 0, is filled up to its head."""

    async def list_behind(self, limit: int) -> list[RoomId]:
        """Rooms with lines after their head."""
        ...

    async def head(self, room_id: RoomId) -> int: ...

    async def set_head(self, room_id: RoomId, seq: int) -> None: ...

    async def put_lines(self, room_id: RoomId, lines: Sequence[Indexed]) -> None:
        """In place of what was there."""
        ...

    async def put_letter(self, letter_id: LetterId, readers: Iterable[AccountId], words: Sequence[str]) -> None: ...

    async def remove_line(self, room_id: RoomId, seq: int) -> None: ...

    async def remove_deleted(self, room_id: RoomId, actor_id: AccountId) -> None:
        """All texts of somebody that are deleted."""
        ...

    async def find_lines(self, room_id: RoomId, question: Question, first: int, last: int, limit: int) -> list[int]:
        """The newest lines from `first` to `last`, newest first, by their `seq`."""
        ...

    async def find_letters(
        self, reader_id: AccountId, question: Question, before: LetterId, limit: int
    ) -> list[LetterId]:
        """The newest letters that somebody sent or received."""
        ...


class Discussion(Protocol):
    async def add(self, room_id: RoomId, author_id: AccountId, text: str, at: datetime) -> PostId: ...

    async def find(self, post_id: PostId) -> Post | None:
        """None for a deleted one, too."""
        ...

    async def list_of(self, room_id: RoomId, *, before: PostId, limit: int) -> list[Post]:
        """Newest first."""
        ...

    async def delete(self, post_id: PostId, by: AccountId, at: datetime) -> None: ...


class Moderation(Protocol):
    """What admins do."""

    async def mark(self, room_id: RoomId, account_id: AccountId, mark: Mark, until: datetime) -> None: ...

    async def lift_mute(self, room_id: RoomId, muted_id: AccountId, account_id: AccountId) -> None: ...

    async def forget_lifts(self, room_id: RoomId, muted_id: AccountId) -> None: ...

    async def add_kick(
        self, room_id: RoomId, account_id: AccountId, admin_id: AccountId, reason: str, at: datetime, until: datetime
    ) -> KickId: ...

    async def keep_evidence(self, kick_id: KickId, lines: list[Line]) -> None: ...

    async def evidence(self, kick_id: KickId) -> list[Line]: ...

    async def was_kicked(self, account_id: AccountId, since: datetime) -> bool:
        """From any room."""
        ...

    async def find_kick(self, room_id: RoomId, account_id: AccountId, now: datetime) -> Kick | None:
        """The kick that keeps somebody out now, the one that does so longest."""
        ...

    async def get_kick(self, kick_id: KickId) -> Kick | None: ...

    async def list_kicks(self, room_id: RoomId, now: datetime) -> list[Kick]:
        """Those in force."""
        ...

    async def lift_kicks(self, room_id: RoomId, account_id: AccountId, by: AccountId, now: datetime) -> None: ...

    async def log(
        self,
        room_id: RoomId,
        at: datetime,
        actor_id: AccountId | None,
        deed: str,
        target_id: AccountId | None,
        reason: str,
    ) -> None: ...

    async def list_log(self, room_id: RoomId, *, before: int, limit: int) -> list[LoggedDeed]:
        """Newest first."""
        ...

    async def add_report(self, line: Line, reporter_id: AccountId, reason: str, at: datetime) -> bool:
        """False when the same member reported the same line before."""
        ...

    async def list_reports(self, room_id: RoomId, limit: int) -> list[Report]:
        """Those that nobody has settled, oldest first."""
        ...

    async def settle_report(self, room_id: RoomId, seq: int, by: AccountId | None, at: datetime) -> int:
        """All reports of a line; how many there were."""
        ...
