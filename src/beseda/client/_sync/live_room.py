# Written by tools/twins.py from src/beseda/client/_async/live_room.py: change that, then `make twins`.
"""A room over the live protocol."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from beseda.client import lines
from beseda.client._live_lines import EPOCH, Who, number_of, typed
from beseda.client._sync.live_admin import RoomCalls
from beseda.client.errors import BesedaError, NotAsked, Refused, SessionEnded, Unknown
from beseda.client.lines import Line
from beseda.client.secrets import Secret
from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._sync.live import Live

WAITING_MAX = 10_000
"""Lines that may wait to be iterated over; later ones are asked for again when these have been taken."""
PAGE_MAX = 200


class LiveRoom(RoomCalls):
    """A room that the member is in. As a context manager it is left at the end, whatever ends it."""

    def __init__(self, live: "Live", room_id: int, name: str = "", password: str = "") -> None:
        self.id = room_id
        """Its number, the same in every protocol (`room`)."""
        self.name = name
        """As it was entered; "" when it was not by its name."""
        self._live = live
        self._password = Secret(password)
        self._waiting: deque[Line] = deque()
        self._cursor = 0
        self._behind = False
        self._out: Line | None = None
        self._outside = False
        self._failure: Exception | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.name!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._outside or isinstance(error, NotAsked | Unknown | SessionEnded):  # there is nobody to tell
            return
        try:
            self.leave()
        except BesedaError:
            if error is None:
                raise

    @property
    def cursor(self) -> int:
        """The number of the last line that came: with it another program goes on from here (`follow(after=…)`)."""
        return self._cursor

    def say(self, text: str, *, key: str | None = None) -> Line:
        """Say something to all, or give a command that begins with a slash; the line that came of it.

        It is posted once, however often it has to be sent: every post has a `key` of its own, unless one is given
        (up to 64 characters), which is good for one post of the member for ever. Raises Refused, Unknown.
        """
        return self._post(text, 0, key)

    def whisper(self, to: Who, text: str, *, key: str | None = None) -> Line:
        """Say something to one alone, by his account or its number (`to`). Raises Refused, Unknown."""
        return self._post(text, number_of(to), key)

    def _post(self, text: str, to: int, key: str | None) -> Line:
        return self._done(wire.Post(room=self.id, text=text, to=to, key=key or uuid4().hex))

    def delete(self, seq: int) -> Line:
        """Delete a text by its number. Raises Refused, Unknown."""
        return self._done(wire.Delete(room=self.id, seq=seq))

    def read(self, seq: int | None = None) -> wire.Mark:
        """The member has read the room up to the line of this number, or all that came; in all of his clients."""
        return (self._live.ask(wire.Read(room=self.id, seq=self._cursor if seq is None else seq))).mark

    def history(self, *, before: int | None = None) -> Iterator[Line]:
        """Older lines, newest first, page by page: those before the number `before`, else the newest."""
        while True:
            done = self._live.ask(wire.History(room=self.id, before=before, limit=PAGE_MAX))
            for line in reversed(done.lines):
                yield typed(line, self._live.me.id)
            if not done.more:
                return
            before = done.before

    def around(self, seq: int, *, limit: int = 50) -> list[Line]:
        """A page of lines, oldest first, amid which the line of this number stands."""
        done = self._live.ask(wire.History(room=self.id, around=seq, limit=limit))
        return [typed(line, self._live.me.id) for line in done.lines]

    def search(self, text: str) -> Iterator[Line]:
        """Lines with all these words, of which the last may be the beginning of one; newest first."""
        before = None
        while True:
            done = self._live.ask(wire.SearchLines(room=self.id, text=text, before=before))
            for line in done.lines:
                yield typed(line, self._live.me.id)
            if not done.more:
                return
            before = done.before

    def leave(self) -> None:
        """Leave the room."""
        self._outside = True
        self._live.leave(self)

    def lines(self) -> Iterator[Line]:
        """What happens, from the moment the room was entered or followed on; nothing is missing, nothing comes twice.

        The connection is opened anew when it breaks, and the room entered again when the service took the member out
        for his silence. It ends when he leaves or is thrown out, after that line. Where something may be missing all
        the same, a Gap says so. Raises SessionEnded, and Refused when the room cannot be entered again.
        """
        while True:
            while (line := self.next_line()) is not None:
                yield line
            if self.has_ended:
                return
            if self.needs_care:
                self._live.return_to(self)
            else:
                self._live.wait_for(lambda: self.has_news)

    def next_line(self) -> Line | None:
        """One that has come; None when there is none now. Raises Refused when none can come any more."""
        if self._waiting:
            return self._waiting.popleft()
        if self._failure is not None:
            raise self._failure
        return None

    @property
    def has_ended(self) -> bool:
        """Whether the member is outside for good: he left, or was thrown out."""
        return self._outside and not (isinstance(self._out, lines.Left) and self._out.taken_out)

    @property
    def has_news(self) -> bool:
        """Whether there is anything to take or to do."""
        return bool(self._waiting) or self.needs_care

    @property
    def needs_care(self) -> bool:
        """Whether there is something to do before more lines come."""
        return self._outside or self._behind or self._failure is not None

    def take(self, line: Line) -> None:
        """A line that came; one that came before is passed over."""
        if self._behind or line.seq is None or line.seq <= self._cursor:
            return
        if len(self._waiting) >= WAITING_MAX:
            self._behind = True
            return
        self._cursor = line.seq
        self._waiting.append(line)
        if isinstance(line, lines.Left | lines.Kicked) and line.member and line.member.id == self._live.me.id:
            self._out = line

    def put_outside(self) -> None:
        """No more lines come: the member is not in the room."""
        self._outside = True

    def fail(self, error: Refused) -> None:
        """The room cannot be followed any more."""
        self._failure = error

    def followed(self, cursor: int, at: datetime = EPOCH) -> None:
        """The lines up to the cursor have come."""
        if cursor < self._cursor:
            reason = "the service knows fewer lines than it has told: it may have lost some"
            self._waiting.append(lines.Gap(room_id=self.id, at=at, seq=cursor, reason=reason))
        self._cursor, self._behind, self._outside, self._out, self._failure = cursor, False, False, None, None

    def entering(self) -> wire.Enter:
        """The call that enters it again: by its number when it was followed without having been entered."""
        if not self.name:
            return wire.Enter(room=self.id)
        return wire.Enter(name=self.name, password=self._password.reveal())
