"""A room of Chat.cz: it is asked for its lines again and again, from an index that the service gave."""

import time
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from beseda.client import lines
from beseda.client._chatcz_lines import author_of, typed, unknown_author, whisper
from beseda.client._platform import AsyncLock, async_sleep
from beseda.client._refusals import of_chatcz
from beseda.client.errors import (
    BesedaError,
    Busy,
    NotAllowed,
    NotAsked,
    NotFound,
    NotUnderstood,
    Refused,
    SessionEnded,
    TooOften,
    Unknown,
)
from beseda.client.lines import Line, Person
from beseda.client.secrets import Secret
from beseda.wire.chatcz import talk

if TYPE_CHECKING:
    from beseda.client._async.chatcz import AsyncChatCz

_POLLED = msgspec.json.Decoder(talk.Polled)


class AsyncChatRoom:
    """A room that one is in. As a context manager it is left at the end, whatever ends it."""

    def __init__(self, site: "AsyncChatCz", room_id: int, name: str, password: str = "") -> None:
        self.id = room_id
        """Its number, the same in every protocol."""
        self.name = name
        self.people: dict[int, Person] = {}
        """Everybody who was in the room or said something since it was entered, by account."""
        self._site = site
        self._password = Secret(password)
        self._index: str = ""
        self._last_ts = 0
        self._me_id = 0
        self._waiting: deque[Line] = deque()
        self._outside = False
        self._asking = AsyncLock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.name!r}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._outside or isinstance(error, NotAsked | Unknown | SessionEnded):  # there is nobody to tell
            return
        try:
            await self.leave()
        except BesedaError:
            if error is None:
                raise

    async def learn(self) -> None:
        """Who is in the room; `lines` goes on learning from what is told."""
        for each in await self._site.users(self.id):
            self.people[each.id] = Person(each.id, each.nick, not each.anonymous)
            if each.nick.casefold() == self._site.nick.casefold():
                self._me_id = each.id

    @property
    def me(self) -> Person | None:
        """Who one is here; None until the service says it, if only by what one has said oneself."""
        return self.people.get(self._me_id)

    async def say(self, text: str) -> None:
        """Say something to all, or give a command that begins with a slash (POST /json/getText).

        What came of a command is a Notice among the lines. Raises TooOften, NotAllowed, NotFound when one is not in
        the room any more; and Unknown, after which the lines show whether it was said.
        """
        async with self._asking:
            before = self._index
            polled = await self._poll(text)
        if polled is None:
            raise NotFound(404, talk.NOT_IN_ROOM)
        if polled.refused is not None:
            raise of_chatcz(polled.refused, polled.message)
        if self._index == before:  # COMPAT(chatcz): that is all that the service says
            raise TooOften(429, "not sent: visitors may say one thing in ten seconds", retry_after_s=10.0)

    async def whisper(self, nick: str, text: str) -> None:
        """Say something to one alone (`/w`). A Notice among the lines says when that could not be."""
        await self.say(whisper(nick, text))

    async def leave(self) -> None:
        """Leave the room."""
        self._outside = True
        await self._site.leave(self.id)

    async def lines(self, *, stay: bool = False) -> AsyncIterator[Line]:
        """What happens, from the moment one came in on; the room is asked every `manners.poll_s` seconds.

        The index of the last answer that came is sent, so a lost answer loses nothing. One who was put out of the room
        gets Kicked at the end; with `stay` the room is entered again instead, which a Gap tells. A Gap also says that
        the service went back to older lines. Raises Refused when the room cannot be entered again, NotUnderstood.
        """
        failures, since_s = 0, time.monotonic()
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._outside:
                return
            try:
                async with self._asking:
                    inside = await self._poll() is not None
                if not inside and not stay:
                    self._outside = True
                    self._waiting.append(lines.Kicked(room_id=self.id, at=datetime.now(UTC), member=self.me))
                    continue
                if not inside:
                    await self.come_back()
                failures = 0
            except (NotAsked, Unknown, Busy, TooOften, NotUnderstood) as error:
                since_s = since_s if failures else time.monotonic()
                failures += 1
                self._give_up(error, failures, time.monotonic() - since_s)
                told_s = error.retry_after_s if isinstance(error, Refused) else None
                await async_sleep(max(self._site.manners.pause_s(failures), told_s or 0.0))
                continue
            if not self._waiting:
                await async_sleep(self._site.manners.poll_s)

    def _give_up(self, error: Exception, failures: int, seconds: float) -> None:
        manners = self._site.manners
        if isinstance(error, NotUnderstood) and failures > manners.retries:
            raise error
        if manners.patience_s is not None and seconds > manners.patience_s:
            raise error

    async def come_back(self) -> None:
        """Enter the room again after having been put out of it; a Gap among the lines tells of that. Raises Refused."""
        room = await self._site.enter(self.name, self._password.reveal())
        self._index, self.id, self.people = "", room.id, self.people | room.people
        self._me_id = room._me_id or self._me_id
        self._gap("the member was outside: put out as idle, or the session was another")

    def _gap(self, reason: str) -> None:
        self._waiting.append(lines.Gap(room_id=self.id, at=datetime.now(UTC), reason=reason))

    async def _poll(self, text: str = "") -> talk.Polled | None:
        """Ask, and say something with it; None when one is not in the room. What came waits to be iterated over."""
        answer = await self._site.poll(talk.poll_form(self.id, self._index, text), safe=not text)
        polled = answer.read(_POLLED)
        if not polled.success or polled.status != 200:
            if polled.message == talk.NOT_IN_ROOM:
                return None
            raise of_chatcz(polled.status, polled.message)
        if not isinstance(polled.data, talk.Lines):
            raise answer.not_understood("expected the member `data` to be an object")
        if text and not self._me_id:
            self._me_id = author_of(polled.data.data, text)
        await self._take(polled.data)
        return polled

    async def _take(self, data: talk.Lines) -> None:
        index = str(data.index)
        if index.isdigit() and self._index.isdigit() and int(index) < int(self._index):
            self._gap("the service went back: it may have lost lines")
            self._last_ts = 0
        for message in data.data:
            if message.ts <= self._last_ts:
                continue
            if uid := unknown_author(message, self.people):
                self.people[uid] = await self._find(uid)
            self._last_ts = message.ts
            if line := typed(message, self.id, self.people, self._me_id):
                self._waiting.append(line)
        self._index = index

    async def _find(self, user_id: int) -> Person:
        try:
            found = await self._site.user(user_id)
        except (NotFound, NotAllowed):
            return Person(user_id, "")
        return Person(found.id, found.nick, not found.anonymous)
