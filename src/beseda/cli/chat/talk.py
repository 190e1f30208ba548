"""A member's talk in several rooms: what is open, who is there, what he does. Whoever shows it is told."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from beseda.cli.chat.words import OWN, help_lines
from beseda.cli.member import explain, printable
from beseda.client import lines
from beseda.client.errors import BesedaError, Refused
from beseda.client.lines import Line
from beseda.wire.live.own_calls import AskOwn

if TYPE_CHECKING:
    from beseda.client._async.live import AsyncLive
    from beseda.client._async.live_room import AsyncLiveRoom

LINES_MAX = 5_000
"""Lines of a room that are kept to be shown."""
PAGE = 50
READ_EVERY_S = 2.0
CLOSE_S = 2.0
"""How long leaving may take at the end."""


class OpenRoom:
    """A room that is open here: its lines, and the nicks of who is in it."""

    def __init__(self, room: "AsyncLiveRoom", *, was_inside: bool) -> None:
        self.room = room
        self.lines: deque[Line] = deque(maxlen=LINES_MAX)
        self.nicks: dict[int, str] = {}
        self.unread = 0
        self.was_inside = was_inside
        """By another client: then it is not left at the end."""
        self.read_seq = 0

    @property
    def name(self) -> str:
        return self.room.name


class Talk:
    """`told` is given each line that comes, `said` what is for this one alone; `changed` is called for all."""

    def __init__(self, live: "AsyncLive", history: int) -> None:
        self.live = live
        self.rooms: list[OpenRoom] = []
        self.current: OpenRoom | None = None
        self.told: Callable[[OpenRoom, Line], None] = lambda _room, _line: None
        self.said: Callable[[str], None] = lambda _text: None
        """Tells the one who sits here something."""
        self.changed: Callable[[], None] = lambda: None
        self.ended = asyncio.Event()
        self._history = history
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.failure: BaseException | None = None

    async def open(self, name: str, password: str = "") -> None:
        """Go into a room, or show it if it is open already. Raises Refused, NotAsked, Unknown."""
        own = await self.live.ask(AskOwn())
        room = await self.live.enter(name, password)
        if known := next((each for each in self.rooms if each.room.id == room.id), None):
            self.show(known)
            return
        opened = OpenRoom(room, was_inside=room.id in {mark.room for mark in own.marks})
        cursor = room.cursor
        await self._load_people(opened)
        if self._history:
            opened.lines.extend(reversed(await self._earlier(opened, cursor + 1, self._history)))
        self.rooms.append(opened)
        self.show(opened)
        for line in opened.lines:
            self.told(opened, line)
        self._tasks[room.id] = asyncio.create_task(self._follow(opened))

    def show(self, opened: OpenRoom) -> None:
        """This is the room that is talked in now."""
        self.current, opened.unread = opened, 0
        self.changed()

    def turn(self, steps: int) -> None:
        """Show the room that stands so many places behind."""
        if self.current is not None:
            self.show(self.rooms[(self.rooms.index(self.current) + steps) % len(self.rooms)])

    async def more(self) -> int:
        """Load earlier lines of the room that is shown; how many there were."""
        if (opened := self.current) is None:
            return 0
        first = next((line.seq for line in opened.lines if line.seq is not None), opened.room.cursor + 1)
        found = await self._earlier(opened, first, PAGE)
        if len(opened.lines) + len(found) <= LINES_MAX:
            opened.lines.extendleft(found)
            self.changed()
        return len(found)

    async def say(self, text: str) -> None:
        """Say something in the room that is shown, or do what a command asks for; what is refused is told."""
        try:
            word, _, rest = text.removeprefix("/").partition(" ")
            if text.startswith("/") and word in ("help", *OWN):
                await self._commands[word](rest.strip())
            elif self.current is None:
                self.said("no room is open: /join ROOM")
            elif text.strip():
                await self.current.room.say(text)
        except Refused as refused:
            self.said(explain(refused))
        except BesedaError as error:
            self.said(f"not known whether it was said: {explain(error)}")

    async def mark_read(self) -> None:
        """Note how far the room that is shown has been read, as often as the server keeps it."""
        while True:
            await asyncio.sleep(READ_EVERY_S)
            opened = self.current
            if opened is not None and opened.room.cursor > opened.read_seq and self.live.is_connected:
                opened.read_seq = opened.room.cursor
                with contextlib.suppress(BesedaError):
                    await opened.room.read()

    async def close(self) -> None:
        """Leave the rooms that were entered here, and let nothing run on."""
        for task in self._tasks.values():
            task.cancel()
        with contextlib.suppress(BesedaError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for opened in self.rooms:
                    if not opened.was_inside and not opened.room.has_ended:
                        await opened.room.leave()

    @property
    def _commands(self) -> dict[str, Callable[[str], Awaitable[None]]]:
        return {
            "help": self._help,
            "join": self._join,
            "leave": self._leave,
            "room": self._room,
            "people": self._people,
            "rooms": self._rooms,
            "more": self._more,
            "search": self._search,
            "quit": self._quit,
        }

    async def _help(self, _: str) -> None:
        for line in help_lines():
            self.said(line)

    async def _join(self, name: str) -> None:
        if name:
            await self.open(name)
        else:
            self.said("/join ROOM")

    async def _leave(self, _: str) -> None:
        if self.current is not None:
            await self.current.room.leave()

    async def _room(self, name: str) -> None:
        wanted = name.casefold()
        found = [each for each in self.rooms if each.name.casefold().startswith(wanted)]
        if found and wanted:
            self.show(found[0])
        else:
            self.said(f"open are: {', '.join(each.name for each in self.rooms)}")

    async def _people(self, _: str) -> None:
        if self.current is not None:
            self.said(", ".join(sorted(self.current.nicks.values(), key=str.casefold)))

    async def _rooms(self, _: str) -> None:
        for room in (await self.live.rooms.list()).rooms:
            self.said(f"{room.name} ({room.user_count}) {room.description}".rstrip())

    async def _more(self, _: str) -> None:
        if not await self.more():
            self.said("there are no earlier lines that you may read")

    async def _search(self, text: str) -> None:
        if self.current is None:
            return
        found = [line async for line in _first(PAGE, self.current.room.search(text))]
        for line in reversed(found):
            if isinstance(line, lines.Text | lines.Whisper):
                self.said(f"{line.at.astimezone():%Y-%m-%d %H:%M} {line.author.nick}: {line.text}")
        if not found:
            self.said("nothing was found")

    async def _quit(self, _: str) -> None:
        self.ended.set()

    async def _earlier(self, opened: OpenRoom, before: int, count: int) -> list[Line]:
        """Newest first."""
        return [line async for line in _first(count, opened.room.history(before=before))]

    async def _load_people(self, opened: OpenRoom) -> None:
        opened.nicks = {each.id: printable(each.nick) for each in await opened.room.people()}

    async def _follow(self, opened: OpenRoom) -> None:
        """Take what happens in a room, until it is left or cannot be followed any more."""
        connections = self.live.connections
        try:
            async for line in opened.room.lines():
                if self.live.connections != connections:
                    connections = self.live.connections
                    await self._load_people(opened)
                self._take(opened, line)
            self._drop(opened, f"you are no longer in {opened.name}")
        except Refused as refused:
            self._drop(opened, f"{opened.name}: {explain(refused)}", refused)
        except BesedaError as error:
            self.failure = error
            self.ended.set()

    def _take(self, opened: OpenRoom, line: Line) -> None:
        opened.lines.append(line)
        match line:
            case lines.Entered(member=member):
                opened.nicks[member.id] = printable(member.nick)
            case lines.Left(member=member) | lines.Kicked(member=lines.Person() as member):
                opened.nicks.pop(member.id, None)
        if opened is not self.current and isinstance(line, lines.Text | lines.Whisper):
            opened.unread += 1
        self.told(opened, line)
        self.changed()

    def _drop(self, opened: OpenRoom, why: str, failure: BaseException | None = None) -> None:
        """It is not open any more; the program ends with the last one."""
        self.rooms.remove(opened)
        self._tasks.pop(opened.room.id, None)
        self.said(why)
        if opened is self.current:
            self.current = None
            if self.rooms:
                self.show(self.rooms[-1])
        if not self.rooms:
            self.failure = self.failure or failure
            self.ended.set()
        self.changed()


async def _first(count: int, found: AsyncIterator[Line]) -> AsyncIterator[Line]:
    if count:
        async for line in found:
            yield line
            count -= 1
            if not count:
                return
