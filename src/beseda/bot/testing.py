"""A world for a bot to live in while it is tested: rooms, people and time, without a network (docs/tutorial-bot.md).

async with World(bot) as world:
    room, alena = world.room("Praha"), world.member("Alena")
    assert await alena.says(room, "!ping") == ["Alena: pong"]
    await world.move(3600)
"""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from beseda.bot.bot import Bot
from beseda.bot.networks import Hears, Letter, Network, Room
from beseda.bot.ranks import Rank
from beseda.bot.state import MemoryState, StateStore
from beseda.client import lines
from beseda.client.lines import Line, Person

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PATIENCE_S = 10.0
"""So many real seconds the bot may be busy with one thing."""
QUIET_DONE, QUIET_BLOCKED = 3, 100


class WorldClock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self._elapsed_s = 0.0
        self._numbers = itertools.count()
        self._sleeping: list[tuple[float, int, asyncio.Future[None], asyncio.Task[Any] | None]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self._elapsed_s)

    def monotonic_s(self) -> float:
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = self._elapsed_s + seconds, next(self._numbers), woken, asyncio.current_task()
        self._sleeping.append(entry)
        try:
            await woken
        finally:
            self._sleeping.remove(entry)

    @property
    def sleepers(self) -> set[asyncio.Task[Any] | None]:
        """Who waits for time to pass."""
        return {task for _, _, woken, task in self._sleeping if not woken.done()}

    def due_until(self, elapsed_s: float) -> Iterator[asyncio.Future[None]]:
        """Those who wake up until then, in their order; time goes along."""
        while due := sorted((at, number, woken) for at, number, woken, _ in self._sleeping if not woken.done()):
            at, _, woken = due[0]
            if at > elapsed_s:
                break
            self._elapsed_s = max(at, self._elapsed_s)
            yield woken
        self._elapsed_s = elapsed_s


class WorldRoom(Room):
    """A room of the world, which the bot is in; or the letters of somebody."""

    resumes = True

    def __init__(self, network: "WorldNetwork", room_id: int, name: str, *, private: bool = False) -> None:
        super().__init__(network, room_id, name)
        self.private = private
        self.lines: list[Line] = []
        """All that happened here, the bot's own texts too."""
        self.commands: list[str] = []
        """Commands that the bot gave: `/kick Bohus spam`."""
        self.deleted: list[int] = []
        """Numbers of the texts that the bot deleted."""
        self._world = network.world
        self._network = network
        self._inside: dict[int, Person] = {}
        self._posted: set[str] = set()
        self._failures: list[Exception] = []
        self.news = asyncio.Event()
        self.heard = 0
        """How many of the lines the bot has been told."""

    @property
    def texts(self) -> list[str]:
        """What the bot said here so far, and whispered."""
        me = self._network.me
        return [
            line.text
            for line in self.lines
            if isinstance(line, lines.Text | lines.Whisper | Letter) and line.author == me
        ]

    def fail_next(self, *errors: Exception) -> None:
        """The next things that the bot says or does here are refused with these errors, one each."""
        self._failures += errors

    def add(self, kind: type[Line], **members: Any) -> Line:
        """Something happens here, of any kind of line; `happen` waits for what the bot does about it."""
        line = kind(room_id=self.id, at=self._world.clock.now(), seq=len(self.lines) + 1, **members)
        self.lines.append(line)
        self.news.set()
        return line

    async def happen(self, kind: type[Line], **members: Any) -> list[str]:
        """Something happens here, of any kind of line; what the bot said about it."""
        before = len(self.texts)
        self.add(kind, **members)
        await self._world.settle()
        return self.texts[before:]

    def enter(self, person: Person) -> None:
        self._inside[person.id] = person

    def leave(self, person: Person) -> None:
        self._inside.pop(person.id, None)

    async def people(self) -> list[Person]:
        return list(self._inside.values())

    async def rank(self, person: Person) -> Rank:
        everywhere = self._world.ranks.get(("", person.id), await super().rank(person))
        return self._world.ranks.get((self.key, person.id), everywhere)

    async def delete(self, line: Line) -> None:
        self._fail()
        self.deleted.append(line.seq or 0)

    async def _post(self, text: str, key: str | None) -> None:
        if self._is_new(key):
            self.add(Letter if self.private else lines.Text, author=self._me, text=text)

    async def _whisper(self, to: Person, text: str, key: str | None) -> None:
        if self._is_new(key):
            self.add(lines.Whisper, author=self._me, text=text, own=True, to=to)

    async def _command(self, text: str, key: str | None) -> None:
        if self._is_new(key):
            self.commands.append(text)

    @property
    def _me(self) -> Person:
        return self._network.myself

    def _is_new(self, key: str | None) -> bool:
        self._fail()
        new = key is None or key not in self._posted
        self._posted |= {key} if key else set()
        return new

    def _fail(self) -> None:
        if self._failures:
            raise self._failures.pop(0)


class WorldNetwork(Network):
    """Stands for one of the bot's networks, under the same name."""

    def __init__(self, world: "World", name: str, me: Person) -> None:
        self.name = name
        self.me = self.myself = me
        self.world = world
        self.places: list[WorldRoom] = []
        self.changed = asyncio.Event()
        self.pumps: dict[WorldRoom, asyncio.Task[None]] = {}

    @property
    def rooms(self) -> list[Room]:
        return [room for room in self.places if not room.private]

    async def run(self, bot: Hears) -> None:
        pumps = self.pumps
        for room in self.places:
            after = await bot.cursor(room.cursor_key)
            room.heard = len(room.lines) if after is None else after
        try:
            while True:
                self.changed.clear()
                for room in self.places:
                    if room not in pumps:
                        await bot.came_in(room, room.heard)
                        pumps[room] = asyncio.create_task(self._pump(bot, room))
                await self.changed.wait()
        finally:
            for pump in pumps.values():
                pump.cancel()
            await asyncio.gather(*pumps.values(), return_exceptions=True)
            pumps.clear()

    async def _pump(self, bot: Hears, room: WorldRoom) -> None:
        while True:
            room.news.clear()
            while room.heard < len(room.lines):
                await bot.hear(room, room.lines[room.heard])
                room.heard += 1
            await room.news.wait()

    async def aclose(self) -> None:
        """Nothing is to be closed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in the world. What he does returns when the bot has reacted, and returns what it said there."""

    person: Person
    world: "World"

    @property
    def nick(self) -> str:
        return self.person.nick

    async def enters(self, room: WorldRoom) -> list[str]:
        """He comes in."""
        room.enter(self.person)
        return await room.happen(lines.Entered, member=self.person)

    async def leaves(self, room: WorldRoom) -> list[str]:
        """He goes."""
        room.leave(self.person)
        return await room.happen(lines.Left, member=self.person)

    async def says(self, room: WorldRoom, text: str) -> list[str]:
        """He says something to all; he is in the room then."""
        room.enter(self.person)
        return await room.happen(lines.Text, author=self.person, text=text)

    async def whispers(self, room: WorldRoom, text: str) -> list[str]:
        """He says something to the bot alone."""
        room.enter(self.person)
        me = room.network.me
        return await room.happen(lines.Whisper, author=self.person, text=text, own=False, to=me)

    async def writes(self, text: str, *, on: str = "") -> list[str]:
        """He sends the bot a letter, on the network `on` or the first; what it wrote back."""
        return await self.world.letters(self, on=on).happen(Letter, author=self.person, text=text)


class World:
    """`async with World(bot) as world:`; the bot runs inside, with the world's clock and a state that is empty.

    Its networks are replaced by doubles of the same names, `live` when it has none. An error in a handler that no
    `on_error` takes is raised where the test next waits for the bot.
    """

    def __init__(self, bot: Bot, *, nick: str = "Bot", state: StateStore | None = None) -> None:
        self.bot = bot
        self.clock = WorldClock()
        self.ranks: dict[tuple[str, int], Rank] = {}
        self._ids = itertools.count(2)
        self._state = state or MemoryState()
        self._own = bot.networks, bot.clock, bot.store
        names = [network.name for network in bot.networks] or ["live"]
        self.networks = {name: WorldNetwork(self, name, Person(1, nick, True)) for name in names}
        self._people: dict[str, Actor] = {}
        self._errors: list[Exception] = []
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.bot.networks, self.bot.clock, self.bot.store = list(self.networks.values()), self.clock, self._state
        self.bot.unhandled = self._keep_error  # type: ignore[method-assign]
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop()
            if kind is None:
                self._raise()
        finally:
            self.bot.networks, self.bot.clock, self.bot.store = self._own
            del self.bot.unhandled

    async def start(self) -> None:
        """The bot runs (again, after `stop`): it goes on where it was in each room."""
        self._serving = asyncio.create_task(self.bot.serve())
        await self.settle()

    async def stop(self) -> None:
        """The bot stops in good order; the world goes on, and what happens in it is kept."""
        if self._serving is not None:
            serving, self._serving = self._serving, None
            self.bot.stop()
            await serving

    async def kill(self) -> None:
        """The bot stops in the midst of whatever it does, as if it were killed."""
        if self._serving is not None:
            serving, self._serving = self._serving, None
            pumps = {pump for network in self.networks.values() for pump in network.pumps.values()}
            for task in (*pumps, *self.bot.busy, serving):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving

    def room(self, name: str, *, on: str = "") -> WorldRoom:
        """A room, which the bot is in, on the network `on` or the first."""
        network = self._network(on)
        known = next((room for room in network.places if room.name == name and not room.private), None)
        return known or self._add(network, name, private=False)

    def letters(self, who: Actor, *, on: str = "") -> WorldRoom:
        """The letters between somebody and the bot, on the network `on` or the first."""
        network = self._network(on)
        known = next((room for room in network.places if room.name == who.nick and room.private), None)
        return known or self._add(network, who.nick, private=True)

    def _add(self, network: WorldNetwork, name: str, *, private: bool) -> WorldRoom:
        room = WorldRoom(network, next(self._ids), name, private=private)
        network.places.append(room)
        network.changed.set()
        return room

    def _network(self, name: str) -> WorldNetwork:
        return self.networks[name] if name else next(iter(self.networks.values()))

    def member(self, nick: str, *, rank: Rank = Rank.MEMBER, room: WorldRoom | None = None) -> Actor:
        """Somebody, the same each time, with the rank in `room` or else everywhere; an owner's is the bot's to give."""
        if nick not in self._people:
            person = Person(next(self._ids), nick, rank != Rank.VISITOR)
            self._people[nick] = Actor(person, self)
        actor = self._people[nick]
        if room is not None or rank > Rank.MEMBER:
            self.ranks[room.key if room else "", actor.person.id] = rank
        if room is not None:
            room.enter(actor.person)
        return actor

    async def move(self, seconds: float) -> None:
        """Time passes, and what it brings about is done."""
        await self.settle()
        for woken in self.clock.due_until(self.clock.monotonic_s() + seconds):
            if not woken.done():
                woken.set_result(None)
            await self.settle()

    async def settle(self) -> None:
        """Wait until the bot has done with all that happened; it may wait for somebody, or for time to pass.

        Raises what a handler raised, and TimeoutError when it takes ten seconds.
        """
        async with asyncio.timeout(PATIENCE_S):
            quiet = 0
            for number in itertools.count():
                wanted = self._quiet_wanted()
                quiet = quiet + 1 if wanted else 0
                if quiet > wanted:
                    break
                await asyncio.sleep(0 if number < 1_000 else 0.001)
        self._raise()

    def _quiet_wanted(self) -> int:
        """For how many turns of the loop it has to stay like this to be settled; 0 while it is not."""
        if self._serving is None:
            return QUIET_DONE
        if self._serving.done():
            self._serving.result()
            return QUIET_DONE
        if self.bot.busy & self.clock.sleepers:  # others may wait for those who wait for time to pass
            return QUIET_BLOCKED
        places = [(network, room) for network in self.networks.values() for room in network.places]
        heard = all(room in network.pumps and room.heard == len(room.lines) for network, room in places)
        return QUIET_DONE if heard and not self.bot.busy else 0

    def _keep_error(self, error: Exception, where: str) -> None:
        self._errors.append(error)

    def _raise(self) -> None:
        if self._errors:
            raise self._errors.pop(0)
