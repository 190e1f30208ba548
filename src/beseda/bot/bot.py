"""A bot: a module that goes into rooms, hears what happens there, and goes on whatever breaks."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

from beseda.bot.clock import Clock, SystemClock
from beseda.bot.commands import Command
from beseda.bot.context import Context
from beseda.bot.filters import Check
from beseda.bot.handling import by_name, give_help, handle, plain
from beseda.bot.lanes import Lane, Turn
from beseda.bot.live import LiveNetwork
from beseda.bot.module import Job, Module
from beseda.bot.networks import Network, Room
from beseda.bot.phrases import ENGLISH, Phrases
from beseda.bot.ranks import Rank
from beseda.bot.state import FileState, MemoryState, Scopes, StateStore, Values
from beseda.bot.throttle import Counts, Throttle
from beseda.client.lines import Line, Person

LOG = logging.getLogger("beseda.bot")
DRAIN_S = 10.0


class Bot(Module):
    """`bot = Bot(rooms=["Praha"])`, handlers, `bot.run()`.

    `networks` are where it goes; without any it goes into `rooms` of the Beseda at `BESEDA_URL`, with the personal
    token `BESEDA_TOKEN`, over the live protocol. `state` keeps what it remembers: a store, or the path of a file; then
    it also goes on from where it was in each room, so that lines that came while it was away are handled, unless
    `resume` is false. `prefix` (one, or several) is what commands begin with; the bot's nick does, too, and in
    private with nothing. `owners` are members by nick in whatever case, or by account. `phrases` is what it says by
    itself: ENGLISH, CZECH, RUSSIAN or another's. `help` says whether it has a command that shows the others.
    """

    def __init__(
        self,
        networks: Iterable[Network] = (),
        *,
        rooms: Iterable[str] | Mapping[str, str] = (),
        state: StateStore | Path | str | None = None,
        resume: bool = True,
        prefix: str | tuple[str, ...] = "!",
        owners: Iterable[str | int] = (),
        phrases: Phrases = ENGLISH,
        help: bool = True,  # noqa: A002 - what it is
        where: Check | None = None,
        drain_s: float = DRAIN_S,
        clock: Clock | None = None,
    ) -> None:
        """`rooms` may have passwords, by name. `drain_s` is how long what is being done may take at the end."""
        super().__init__(where=where)
        self.networks = list(networks)
        self.clock = clock or SystemClock()
        self.phrases = phrases
        self.prefixes = (prefix,) if isinstance(prefix, str) else prefix
        self.instance = ""
        """A name of this bot's own, which its state keeps."""
        self.store: StateStore = FileState(state) if isinstance(state, Path | str) else state or MemoryState()
        self._rooms = rooms
        self._resume = resume
        self._owners = {each.casefold() if isinstance(each, str) else each for each in owners}
        self._drain_s = drain_s
        self._scopes = Scopes()
        self._counts: dict[Throttle, Counts] = {}
        self._lanes: dict[str, Lane] = {}
        self._by_name: dict[str, Command] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        if help:
            names = dict.fromkeys((phrases.help_name, ENGLISH.help_name))
            self.command(*names, help=phrases.help_help)(give_help)

    @property
    def prefix(self) -> str:
        """What help shows before a command."""
        return self.prefixes[0]

    @property
    def rooms(self) -> list[Room]:
        """Those that it is in now, on all networks."""
        return [room for network in self.networks for room in network.rooms]

    def room(self, name: str, *, on: str = "") -> Room | None:
        """One of them by its name, on the network `on` or any; None when the bot is not in it now."""
        wanted = name.casefold()
        return next((r for r in self.rooms if r.name.casefold() == wanted and on in ("", r.network.name)), None)

    def state(self, scope: str) -> AbstractAsyncContextManager[Values]:
        """What is kept under a name of one's own: `async with bot.state("scores") as scores:` (`Context.bot_state`)."""
        return self._scopes.open(self.store, scope)

    def counts(self, throttle: Throttle) -> Counts:
        """Who passed a throttle in this run."""
        if throttle not in self._counts:
            self._counts[throttle] = Counts(throttle)
        return self._counts[throttle]

    def unhandled(self, error: Exception, where: str) -> None:
        """What became of an error that no `on_error` was there for: it is logged."""
        LOG.error("%s: %s", where, error, exc_info=error)

    async def rank(self, room: Room, person: Person) -> Rank:
        """What somebody is in a room. Raises what asking the service does."""
        if person.registered is not False and self._owners & {person.id, person.nick.casefold()}:
            return Rank.OWNER
        return await room.rank(person)

    def find_command(self, name: str) -> Command | None:
        """The command of that name, in whatever case."""
        return self._by_name.get(plain(name))

    def run(self) -> None:
        """Run until Ctrl-C or SIGTERM, or `stop`. Raises what `serve` does."""
        if not logging.getLogger().handlers:
            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
            logging.getLogger("httpx").setLevel(logging.WARNING)
        asyncio.run(self._run_with_signals())

    async def _run_with_signals(self) -> None:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)

        def stop() -> None:
            for each in signals:
                loop.remove_signal_handler(each)  # a second one ends it at once
            self.stop()

        with contextlib.suppress(NotImplementedError):  # Windows
            for each in signals:
                loop.add_signal_handler(each, stop)
        await self.serve()

    async def serve(self) -> None:
        """The same inside a loop that runs already.

        Raises what cannot be mended: SignInRefused, CaptchaNeeded, SessionEnded when a token is no good any more; and
        ValueError for a bot of which two commands have one name, or that has nowhere to go.
        """
        self._by_name = by_name(self.commands)
        if not self.networks:
            self.networks = [_network_of_the_environment(self._rooms)]
        if len({network.name for network in self.networks}) < len(self.networks):
            raise ValueError("two networks have one name")
        async with self.state("bot.instance") as kept:
            self.instance = kept.setdefault("name", uuid4().hex)
        self._counts.clear()
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runs = [asyncio.create_task(network.run(self)) for network in self.networks]
        jobs = [asyncio.create_task(self._repeat(job)) for job in self.jobs()]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({*runs, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for run in runs:
                if run.done():
                    run.result()  # raises
        finally:
            await _end({*runs, *jobs, stopping})
            await self._wind_down()

    def stop(self) -> None:
        """What is being done is finished, rooms are left, then `serve` and `run` return. From whatever thread."""
        if self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _wind_down(self) -> None:
        for lane in self._lanes.values():
            lane.close()
        under_way = {task for lane in self._lanes.values() for task in lane.tasks} | self._working
        if under_way:
            await asyncio.wait(under_way, timeout=self._drain_s)
        await _end(under_way)
        self._lanes.clear()
        for network in self.networks:
            try:
                await network.aclose()
            except Exception as error:
                LOG.warning("%s was not left: %s", network.name, error)
        await self.store.aclose()
        self._stopping = None

    async def _repeat(self, job: Job) -> None:
        while True:
            await self.clock.sleep(job.wait_s(self.clock.now()))
            work = asyncio.create_task(self._work(job))
            self._working.add(work)
            work.add_done_callback(self._working.discard)
            await asyncio.shield(work)

    async def _work(self, job: Job) -> None:
        try:
            await job.work(self)
        except Exception as error:
            self.unhandled(error, "scheduled work failed")

    @property
    def busy(self) -> set[asyncio.Task[None]]:
        """What is being done, apart from waiting for what somebody says."""
        return self._working | {lane.holder for lane in self._lanes.values() if lane.holder is not None}

    async def hear(self, room: Room, line: Line) -> None:
        """What the networks tell. Returns when it is the line's turn."""

        def do(turn: Turn) -> Coroutine[Any, Any, None]:
            return handle(Context(self, room, line, turn))

        lane = self._lanes.get(room.key)
        if lane is None:

            async def note(done: Line) -> None:
                await self._note(room, done)

            lane = self._lanes[room.key] = Lane(note)
        await lane.give(line, do)

    async def _note(self, room: Room, line: Line) -> None:
        """A line has been done with."""
        try:
            if room.resumes and line.seq is not None:
                await self.store.save(f"cursor/{room.cursor_key}", {"seq": line.seq})
            await room.handled(line)
        except Exception as error:
            LOG.warning("%s, line %s is not noted as done: %s", room.key, line.seq, error)

    async def cursor(self, key: str) -> int | None:
        """The last line that was done with, of the room whose `cursor_key` this is; None to begin with what comes."""
        kept = await self.store.load(f"cursor/{key}") if self._resume else {}
        return kept.get("seq")

    async def came_in(self, room: Room, cursor: int | None) -> None:
        """The bot is in a room."""
        LOG.info("in %s as %s", room.name or room.id, room.network.me.nick if room.network.me else "?")
        if room.resumes and cursor is not None and (not self._resume or await self.cursor(room.cursor_key) is None):
            await self.store.save(f"cursor/{room.cursor_key}", {"seq": cursor})


def _network_of_the_environment(rooms: Iterable[str] | Mapping[str, str]) -> Network:
    url, token = os.environ.get("BESEDA_URL", ""), os.environ.get("BESEDA_TOKEN", "")
    if not url or not token:
        raise ValueError("the bot has nowhere to go: set BESEDA_URL and BESEDA_TOKEN, or give it `networks`")
    return LiveNetwork(url, token=token, rooms=rooms)


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
