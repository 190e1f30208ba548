"""Three nodes on one PostgreSQL as processes, and members who talk there while nodes are killed."""

import asyncio
import contextlib
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import asyncpg
import httpx

from awake import awake_s
from beseda.core.accounts import Application
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from beseda.server.storage import KEY_FILE
from e2e.serving import BESEDA, QUICK_HASHES, Process, environment
from failure.talkers import Follower, Poster, Talker, percentile, talking
from ports import free_port

SETTINGS = QUICK_HASHES | {
    "BESEDA_SERVER_LIMITS": "room_line=100000000/0.001,socket_frame=100000000/0.001,sign_in_address=1000000/0.001",
    "BESEDA_BACKUP_EVERY": "",
    "BESEDA_ROOMS_PRESENCE_TIMEOUT_S": "60",
}
LINES = "SELECT seq, kind, text, coalesce(actor_id, 0) FROM room_lines WHERE room_id = $1 ORDER BY seq"
WAIT_S = 60.0
PAUSE_S = 3.0
"""Nearly everybody goes on so soon."""


class Node:
    """A server with a data folder of its own, at the same port whenever it runs."""

    def __init__(self, data: Path, database: str, settings: dict[str, str], under: tuple[str, ...]) -> None:
        self.data = data
        self._settings = SETTINGS | {"BESEDA_SERVER_DATABASE": database} | settings
        self._under = under
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._arguments = ("serve", "--data", str(data), "--listen", f"127.0.0.1:{port}")
        self.process: Process | None = None

    def start(self) -> None:
        self.process = Process(*self._arguments, settings=self._settings, under=self._under)

    def start_in_vain(self) -> str:
        """What it says that keeps it from starting."""
        command, env = [*BESEDA, *self._arguments], environment(self._settings)
        ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=WAIT_S, check=False)
        assert ran.returncode
        return ran.stderr

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process = None


class Town:
    """Posters and followers at each node, in one room. Made by `settle`."""

    def __init__(self, database: str, nodes: list[Node], room: RoomId, tokens: list[str]) -> None:
        self.database = database
        """Where it is looked for what there is."""
        self.nodes = nodes
        self.room = room
        self.tokens = tokens
        urls, places = [node.url for node in nodes], range(len(nodes))
        given = iter(tokens)
        self.posters = [
            Poster(next(given), urls, place, f"{number}.{place}", room) for number in "12" for place in places
        ]
        self.followers = [Follower(next(given), urls, place, room) for place in places]

    @contextlib.asynccontextmanager
    async def talk(self) -> AsyncIterator[None]:
        """Everybody does what he does; at the end what they know is compared with what there is."""
        async with talking(self.people):
            await self.go_on(1)
            yield
            await self.go_on(3)
            await self.wait_for(lambda: all(self._has_heard(follower) for follower in self.followers))
        await self.check()

    @property
    def people(self) -> Sequence[Talker]:
        return [*self.posters, *self.followers]

    def _has_heard(self, follower: Follower) -> bool:
        """Of everybody's last words, so that he is not long behind."""
        return all(poster.acknowledged[-5][0] in follower.lines for poster in self.posters)

    async def go_on(self, count: int) -> float:
        """Until everybody was acknowledged so much, and has heard as much, from now on; the seconds that it took."""
        began = awake_s()
        posted = [len(poster.acknowledged) + count for poster in self.posters]
        heard = [len(follower.lines) + count for follower in self.followers]
        await self.wait_for(
            lambda: (
                all(len(poster.acknowledged) >= due for poster, due in zip(self.posters, posted, strict=True))
                and all(len(follower.lines) >= due for follower, due in zip(self.followers, heard, strict=True))
            )
        )
        return awake_s() - began

    async def wait_for(self, fact: Callable[[], object]) -> None:
        ends = time.monotonic() + WAIT_S
        while not fact():
            assert time.monotonic() < ends, self.troubles()
            await asyncio.sleep(0.02)

    async def become(self, status: str) -> None:
        """Until all nodes say so of themselves."""
        async with httpx.AsyncClient() as client:
            for node in self.nodes:
                assert node.process is not None
                told, ends = "", time.monotonic() + WAIT_S
                while told != status:
                    assert time.monotonic() < ends, self.troubles()
                    await asyncio.sleep(0.2)
                    told = (await client.get(f"{node.process.ops_url}/health/ready")).json()["status"]

    def troubles(self) -> str:
        """What nodes said last."""
        logs = [node.process.lines[-6:] for node in self.nodes if node.process]
        counts = [(len(poster.acknowledged), poster.at, poster.losses) for poster in self.posters]
        return f"{counts} {[(len(f.lines), f.at, f.losses) for f in self.followers]}\n{logs}"

    async def lines(self) -> list[tuple[int, str, str, int]]:
        """Number, kind, text and author of all lines of the room, as the database has them."""
        if not self.database:
            return await asyncio.to_thread(self._lines_of_sqlite)
        connection = await asyncpg.connect(self.database)
        try:
            return [tuple(row) for row in await connection.fetch(LINES, self.room)]
        finally:
            await connection.close()

    def _lines_of_sqlite(self) -> list[tuple[int, str, str, int]]:
        with contextlib.closing(sqlite3.connect(self.nodes[0].data / "beseda.db")) as database:
            return database.execute(LINES.replace("$1", "?"), (self.room,)).fetchall()

    async def check(self) -> None:
        """Nothing that was acknowledged is lost, nothing is there twice, nobody has heard anything else."""
        lines = await self.lines()
        assert [seq for seq, *_ in lines] == list(range(1, len(lines) + 1))
        texts = Counter(text for _, kind, text, _ in lines if kind == "text")
        assert [(seq, text) for seq, _, text, _ in lines if texts[text] > 1] == []
        there = {seq: text for seq, _, text, _ in lines}
        for poster in self.posters:
            assert all(there.get(seq) == text for seq, text in poster.acknowledged)
        for follower in self.followers:
            assert follower.faults == []
            assert all(there[seq] == text for seq, text in follower.lines.items())

    def check_pauses(self, most_s: float = PAUSE_S) -> None:
        pauses = [pause for person in self.people for pause in person.pauses]
        found = f"{len(pauses)} pauses: p50 {percentile(pauses, 0.5):.2f} s, p99 {percentile(pauses, 0.99):.2f} s"
        print(found)  # noqa: T201 - a measurement
        assert percentile(pauses, 0.99) < most_s, found


@contextlib.asynccontextmanager
async def settle(
    folder: Path,
    database: str,
    count: int = 3,
    *,
    settings: dict[str, str] | None = None,
    under: dict[int, tuple[str, ...]] | None = None,
    members: int = 1,
) -> AsyncIterator[Town]:
    """A room, so many followers at each node and twice as many posters, and so many nodes that run, some of them
    `under` a program. With "" for a database it is SQLite, and one node."""
    nodes = [
        Node(folder / f"node{number}", database, settings or {}, (under or {}).get(number, ()))
        for number in range(count)
    ]
    config = load_config(environment={}, overrides={"server.data": nodes[0].data, "server.database": database})
    async with open_core(config) as parts:
        core, tokens = parts.core, []
        room = await core.rooms.add("Praha")
        for number in range(3 * count * members):
            await core.accounts.add(Application(f"Clen {number}", "kratka zima 7"))
            account = await core.accounts.find(f"Clen {number}")
            async with parts.store.unit() as unit:
                _, token = await core.auth.start(unit, account.id, Handle.BEARER)
            tokens.append(token)
    for node in nodes[1:]:
        node.data.mkdir(mode=0o700)
        (node.data / KEY_FILE).write_text((nodes[0].data / KEY_FILE).read_text("ascii"), "ascii")
    try:
        for node in nodes:
            await asyncio.to_thread(node.start)
        yield Town(database, nodes * members, room.id, tokens)
    finally:
        for node in nodes:
            node.kill()
