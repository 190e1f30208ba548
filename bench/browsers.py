"""A thousand browsers' sockets beside as many plain ones of /live, in one room: they may cost the server no more.

A plain socket follows the room. A browser's asks for all that a page asks for: what waits for its member, the list of
rooms with its changes, history, and who is inside. Each is of another member; the two servers are loaded in turn, by 20
lines a second. What a line costs is the CPU time of the server for each socket that gets it. Goal: within a tenth.
"""

import asyncio
import contextlib
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from bench import _live
from bench._crowd import Crowd, frame, handshake
from bench._processes import cpu_seconds, free_port, memory_kib, stay_off_the_servers_core
from beseda.core.caller import Caller
from beseda.core.ports import NewAccount
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import LogConfig, load_config
from beseda.server.logs import configure_logs

SOCKETS = 1_000
ROUNDS = 7
LINES = 100
LINES_PER_S = 20
QUICK = {"SOCKETS": 30, "ROUNDS": 1, "LINES": 3}
PLAIN = ('{"op":"follow","room":1}',)
PAGE = (
    '{"op":"own","watch":true}',
    '{"op":"rooms","watch":true}',
    '{"op":"history","room":1,"limit":50}',
    '{"op":"people","room":1}',
    *PLAIN,
)
"""As store.js and talk.js begin."""
POST = b'{"op":"post","room":1,"text":"%s"}' % _live.TEXT.encode()


async def prepare(folder: Path) -> list[str]:
    """A room full of members: the token of each."""
    tokens = []
    async with open_core(load_config(environment={}, overrides={"server.data": folder})) as parts:
        await parts.core.rooms.add("Praha")
        for number in range(SOCKETS + 1):
            async with parts.store.unit() as unit:
                new = NewAccount(registered=True, nick=f"Member {number}", sex=None, password_hash="none")
                account = await unit.accounts.add(new, parts.clock.now())
                session, handle = await parts.core.auth.start(unit, account.id, Handle.BEARER)
            await parts.core.rooms.enter(Caller("::1", account, session), "Praha")
            tokens.append(handle)
    return tokens


@dataclass
class Contest:
    name: str
    first: tuple[str, ...]
    pid: int = 0
    port: int = 0
    crowd: Crowd = field(default_factory=Crowd)
    speaker: Crowd = field(default_factory=Crowd)
    kib: float = 0.0
    costs_us: list[float] = field(default_factory=list)
    """CPU time of the server for one line and one socket, a round each."""

    async def open(self, tokens: list[str]) -> None:
        spoken, *others = tokens
        first = b"".join(frame(each.encode()) for each in self.first)
        await self.speaker.grow(self.port, 1, handshake("/live", f"Authorization: Bearer {spoken}"))
        before = memory_kib(self.pid)
        for token in others:
            await self.crowd.grow(self.port, 1, handshake("/live", f"Authorization: Bearer {token}"), first)
        await self.crowd.rest()
        self.kib = (memory_kib(self.pid) - before) / len(others)

    async def measure(self) -> None:
        """So many lines, one after another, until all have heard them."""
        await self.crowd.rest()
        [talking] = self.speaker.transports
        cpu = cpu_seconds(self.pid)
        for _ in range(LINES):
            talking.write(frame(POST))
            await asyncio.sleep(1 / LINES_PER_S)
        await self.crowd.until(LINES * SOCKETS * len(POST))
        await self.crowd.rest()
        self.costs_us.append((cpu_seconds(self.pid) - cpu) / LINES / SOCKETS * 1e6)


async def race(contests: list[Contest], tokens: list[list[str]]) -> None:
    for contest, theirs in zip(contests, tokens, strict=True):
        await contest.open(theirs)
    for _ in range(ROUNDS):
        for contest in contests:
            await contest.measure()


def main() -> None:
    configure_logs(LogConfig(level="error"))
    stay_off_the_servers_core()
    contests = [Contest("plain /live", PLAIN), Contest("a page's", PAGE)]
    tokens = []
    with contextlib.ExitStack() as stack:
        for contest in contests:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir="."))).absolute()
            tokens.append(asyncio.run(prepare(folder)))
            contest.port = free_port()
            contest.pid = stack.enter_context(_live.start(contest.port, folder))
        uvloop.run(race(contests, tokens))
    print(f"{SOCKETS:,} sockets in one room; CPU time of the server for a line and socket, median of {ROUNDS}")
    for contest in contests:
        low, middle, high = min(contest.costs_us), statistics.median(contest.costs_us), max(contest.costs_us)
        print(f"  {contest.name:12} {middle:6.2f} us ({low:.2f} to {high:.2f}), {contest.kib:5.1f} KiB each")
    plain, page = (statistics.median(contest.costs_us) for contest in contests)
    print(f"a page's socket costs {page / max(plain, 1e-9):.2f} of a plain one (goal at most 1.1)")
