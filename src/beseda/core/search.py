"""Searching in the rooms that one is in, and in one's letters; and the index behind it.

The index is filled behind what is written, from where it left off, by whichever node comes first; a little at a time,
so that nobody who writes feels it. Who searches is asked the rule of domain/history.py, and shown nothing from the
index itself: what was found there is read anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from beseda.core.access import access_registered
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import Store, Unit
from beseda.core.ports.talk import Indexed
from beseda.core.streams import Streams
from beseda.domain.errors import MessageEmpty, NotInRoom, TokenTooNarrow
from beseda.domain.events import Event, LineAdded, Updated
from beseda.domain.ids import MAX_ID, AccountId, LetterId, RoomId
from beseda.domain.mail import Letter
from beseda.domain.messages import MESSAGE_MAX, Hidden, Kind, Line, sees
from beseda.domain.search import Question, ask, words

LETTERS = RoomId(0)
"""In place of a room, where the index of letters has come to."""
AT_ONCE = 100
"""Lines or letters that one deed puts into the index."""
ASK_EVERY_S = 10.0
"""How often it is asked what nobody has seen to."""
SHARE = 0.05
"""Of the time, at most so much is spent on the index while there is much to do."""
BEATEN_S = 5.0
"""How long a node leaves the index to another that is at it: both would do everything, and one of them in vain."""
FOUND_MAX = 100
TEXTS = frozenset({Kind.TEXT, Kind.WHISPER})


@dataclass(frozen=True, slots=True)
class FoundLines:
    """Newest first; in a room those `before` come next, if `more` says that there are any."""

    lines: list[Line]
    before: int
    more: bool


@dataclass(frozen=True, slots=True)
class FoundLetters:
    """Newest first; those `before` come next, if `more` says that there are any."""

    letters: list[Letter]
    before: int
    more: bool


class Search:
    def __init__(self, store: Store, limiter: Limiter, streams: Streams) -> None:
        self._store = store
        self._limiter = limiter
        self._streams = streams

    def _ask(self, caller: Caller, text: str) -> Question:
        question, (account, _) = ask(text[: 4 * MESSAGE_MAX]), caller.signed_in()
        if question.is_empty:
            raise MessageEmpty
        self._limiter.take("search", str(account.id))
        return question

    async def in_room(
        self, caller: Caller, room_id: RoomId, text: str, *, before: int | None = None, limit: int = FOUND_MAX
    ) -> FoundLines:
        """The newest lines with all words that the caller, who is inside, may read and sees.

        A page may hold fewer lines than `limit`, or none, though there are more. Raises NotSignedIn, NotInRoom,
        MessageEmpty when there is no word in the text, TooOften.
        """
        return await self._in_room(caller, room_id, self._ask(caller, text), before, min(max(limit, 1), FOUND_MAX))

    async def everywhere(self, caller: Caller, text: str, *, limit: int = FOUND_MAX) -> FoundLines:
        """The newest of all rooms that the caller is in; older ones are found in each. Raises as above."""
        question, limit = self._ask(caller, text), min(max(limit, 1), FOUND_MAX)
        lines, more, (account, _) = list[Line](), False, caller.signed_in()
        for room in await self._store.view.rooms.rooms_of(account.id):
            try:
                found = await self._in_room(caller, room.id, question, None, limit)
            except (NotInRoom, TokenTooNarrow):
                continue
            lines, more = lines + found.lines, more or found.more
        lines.sort(key=lambda line: line.at, reverse=True)
        return FoundLines(lines[:limit], 0, more or len(lines) > limit)

    async def _in_room(
        self, caller: Caller, room_id: RoomId, question: Question, before: int | None, limit: int
    ) -> FoundLines:
        stream, reader, stays = await self._streams.access_room(caller, room_id)
        last, seqs = (stream.head if before is None else before - 1), list[int]()
        for stay in reversed(stays):
            upper = min(last, stream.head if stay.last is None else stay.last)
            if stay.first <= upper and len(seqs) < limit:
                left = limit - len(seqs)
                seqs += await self._store.view.search.find_lines(room_id, question, stay.first, upper, left)
        lines = await self._store.view.messages.list_some(room_id, seqs)
        shown = [line for line in lines if line.hidden is not Hidden.DELETED and sees(line, reader)]
        return FoundLines(shown, seqs[-1] if seqs else 0, len(seqs) == limit)

    async def in_letters(
        self, caller: Caller, text: str, *, before: int | None = None, limit: int = FOUND_MAX
    ) -> FoundLetters:
        """The newest of the caller's letters with all words, but for those that he threw away.

        Raises RegisteredOnly, MessageEmpty, TooOften.
        """
        account, question = access_registered(caller), self._ask(caller, text)
        before, limit = MAX_ID if before is None else min(before, MAX_ID), min(max(limit, 1), FOUND_MAX)
        ids = await self._store.view.search.find_letters(account.id, question, LetterId(before), limit)
        found = await self._store.view.mail.find_letters(account.id, ids)
        letters = sorted((each for each in found if not each.thrown), key=lambda letter: -letter.id)
        return FoundLetters(letters, ids[-1] if ids else 0, len(ids) == limit)


class SearchIndex:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: set[RoomId] = {LETTERS}
        self._ask_at_s = 0.0
        self._rest_until_s = 0.0
        self._is_beaten = False

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, LineAdded):
            self._due.add(event.line.room_id)
        elif isinstance(event, Updated):
            self._due.add(LETTERS)

    async def look(self) -> None:
        """Go on for a moment, then rest for a longer one; to be called every moment."""
        began_s = perf_counter()
        if began_s < self._rest_until_s or not await self._is_behind():
            return
        self._is_beaten = False
        await self._go_on()
        ended_s = perf_counter()
        self._rest_until_s = ended_s + (BEATEN_S if self._is_beaten else (ended_s - began_s) * (1 / SHARE - 1))

    async def settle(self) -> None:
        """Until nothing is left to be done: for tests."""
        self._ask_at_s = 0.0
        while await self._is_behind():
            await self._go_on()

    async def _is_behind(self) -> bool:
        """Each node sees to what it wrote; what one left when it was stopped is found in the database."""
        if perf_counter() >= self._ask_at_s:
            behind = await self._store.view.search.list_behind(AT_ONCE)
            self._due.update(behind, (LETTERS,))
            if len(behind) < AT_ONCE:
                self._ask_at_s = perf_counter() + ASK_EVERY_S
        return bool(self._due)

    async def _go_on(self) -> None:
        """A part of what is due in one room, or of the letters; what could not be done is due again."""
        room_id = self._due.pop()
        try:
            more = await (self._index_letters() if room_id == LETTERS else self._index_lines(room_id))
        except BaseException:
            self._due.add(room_id)
            raise
        if more:
            self._due.add(room_id)

    async def _index_lines(self, room_id: RoomId) -> bool:
        """Whether there may be more."""
        view = self._store.view
        after, head = await view.search.head(room_id), await view.messages.head(room_id)
        lines, end = await view.messages.list_after(room_id, after, AT_ONCE)
        if end == after:
            end = head  # those up to there have been forgotten
        if end <= after:
            return False
        texts = [Indexed(line.seq, words(line.text)) for line in lines if line.kind in TEXTS and line.text]
        async with self._store.unit() as unit:
            if await unit.search.head(room_id) != after:
                self._is_beaten = True
                return True
            await unit.search.put_lines(room_id, texts)
            for line in lines:
                if line.kind is Kind.LINE_DELETED:
                    await unit.search.remove_line(room_id, line.number)
                elif line.kind is Kind.LINES_DELETED and line.target is not None:
                    await unit.search.remove_deleted(room_id, line.target.id)
            await unit.search.set_head(room_id, end)
        return True

    async def _index_letters(self) -> bool:
        """Read again within the deed: who changed or erased one in between has had its words changed already."""
        view = self._store.view
        if not await view.mail.list_sent(LetterId(await view.search.head(LETTERS)), 1):
            return False
        async with self._store.unit() as unit:
            letters = await unit.mail.list_sent(LetterId(await unit.search.head(LETTERS)), AT_ONCE)
            for letter in letters:
                await index_letter(unit, letter.id, (letter.sender_id, letter.receiver_id), letter.text)
            if letters:
                await unit.search.set_head(LETTERS, letters[-1].id)
        return True


async def index_letter(unit: Unit, letter_id: LetterId, readers: Sequence[AccountId], text: str) -> None:
    """Within a deed: a letter is found by these words, in place of those before."""
    await unit.search.put_letter(letter_id, readers, words(text))
