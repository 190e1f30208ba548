"""A town for ten minutes, or SOAK hours: what must not grow does not, and all that was acknowledged is there.

Two nodes on one PostgreSQL; thousands listen to rooms by /live, hundreds talk, others poll, write letters, upload
pictures, sign in and out, and moderate. In the middle one node is stopped and started again at its port; whoever was
there comes back and goes on after the last thing that he heard. At the end what people counted is compared with what
is in the database, every cursor with the newest line, and descriptors with those before. p99 are of acknowledged posts,
outside of the restart. `soak.svg` is the picture of it.

Ends with 1 when something does not add up. Times are told and not judged: they are the machine's.
"""

import asyncio
import contextlib
import io
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from PIL import Image

from bench._charts import Points, charts
from bench._processes import CORES, free_port, memory_kib, process
from bench._townsfolk import PASSWORD, Listener, Moderator, Person, Poster, Town, Visitor, Writer
from beseda.adapters.sql.invariants import INVARIANTS
from beseda.core.accounts import Application
from beseda.core.ports import NewAccount
from beseda.domain.ids import AccountId
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.server.config import LogConfig, load_config
from beseda.server.logs import configure_logs
from beseda.testing.postgres import run_postgres

SOAK_S = float(os.environ.get("SOAK") or 1 / 6) * 3600
SOCKETS = 5_000
ROOMS = 50
POSTERS = 200
POST_EVERY_S = 2.0
POLLERS, WRITERS, SIGNERS, PAINTERS = 50, 20, 4, 4
SAMPLE_S = 5.0
REPORT = Path("soak.svg")
QUICK = {
    "SOAK_S": 8.0,
    "SOCKETS": 60,
    "ROOMS": 4,
    "POSTERS": 8,
    "POST_EVERY_S": 0.3,
    "POLLERS": 4,
    "WRITERS": 4,
    "SIGNERS": 1,
    "PAINTERS": 1,
    "SAMPLE_S": 0.5,
    "REPORT": Path(os.devnull),
}
SETTINGS = {
    "BESEDA_BACKUP_EVERY": "",
    "BESEDA_ACCOUNTS_HASH_MEMORY_KIB": "8",
    "BESEDA_ACCOUNTS_HASH_PASSES": "1",
    "BESEDA_SERVER_LIMITS": ",".join(
        f"{name}=100000000/0.001" for name in ("socket_frame", "room_line", "letter_send", "picture")
    ),
}
QUIET_S = 30.0
"""How soon everybody has heard everything when nobody says any more."""
GROWTH_MAX, GROWTH_FROM_S = 1.10, 300.0
"""Of the memory of the node that ran all the while, its second quarter to its last; judged from so long a run on."""
AFTER_RESTART_S = 10.0
SPARE_DESCRIPTORS = 12
"""Seven connections to the database and two processes that make pictures small are there once they were used."""


@dataclass
class Node:
    """A server that is always at the same port."""

    data: Path
    database: str
    port: int = field(default_factory=free_port)
    pid: int = 0
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        command = (sys.executable, "-m", "beseda", "serve", "--data", str(self.data))
        settings = SETTINGS | {"BESEDA_SERVER_DATABASE": self.database}
        listen = ("--listen", f"127.0.0.1:{self.port}")
        started = process(*command, *listen, port=self.port, cores=CORES, settings=settings)
        self.pid = self.stack.enter_context(started)

    def stop(self) -> None:
        """Drained, as by a service manager."""
        self.stack.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    bearer: str
    cookie: str
    room: int


async def settle(parts: Parts) -> tuple[list[Member], list[str]]:
    """Members, each in one of the rooms; and those who only sign in, with a password.

    The first of all is admin of his room. The last, who is there as well, says nothing: he is to be muted.
    """
    core, members = parts.core, []
    rooms = [await core.rooms.add(f"Room {number}") for number in range(ROOMS)]
    people = max(POSTERS, POLLERS, ROOMS, SOCKETS // 10)
    for number, room in zip(
        range(people + 1), [*itertools.islice(itertools.cycle(rooms), people), rooms[0]], strict=True
    ):
        new = NewAccount(registered=True, nick=f"Member {number}", sex=None, password_hash="none")
        async with parts.store.unit() as unit:
            account = await unit.accounts.add(new, parts.clock.now())
            _, bearer = await core.auth.start(unit, account.id, Handle.BEARER)
            _, cookie = await core.auth.start(unit, account.id, Handle.COOKIE)
        await core.rooms.enter(await core.auth.caller(Handle.BEARER, bearer, "::1"), room.name)
        members.append(Member(account.id, bearer, cookie, room.id))
    await core.rooms.set_admin(rooms[0].id, AccountId(members[0].id), True)
    nicks = [f"Signer {number}" for number in range(SIGNERS)]
    for nick in nicks:
        await core.accounts.add(Application(nick, PASSWORD))
    return members, nicks


async def counted(parts: Parts) -> dict[str, int]:
    """What is in the database."""
    asked = {
        "posts": "SELECT count(*) FROM room_lines WHERE text = 'soaked, as ever'",
        "letters": "SELECT count(*) FROM letters",
        "sessions": "SELECT count(*) FROM sessions",
        "mutes": "SELECT count(*) FROM moderation_log",
    }
    found = {}
    for name, statement in asked.items():
        row = await parts.database.reader.fetch_row(statement)
        found[name] = int(row[0]) if row else 0
    return found


PRIVATE = "unmuted"
"""The one kind of line here that only whose it is may see."""


async def newest_lines(parts: Parts) -> dict[int, int]:
    """By room, of those that all may see."""
    statement = "SELECT room_id, max(seq) FROM room_lines WHERE kind <> $1 GROUP BY room_id"
    return {int(room): int(seq) for room, seq in await parts.database.reader.fetch(statement, PRIVATE)}


def picture() -> bytes:
    content = io.BytesIO()
    Image.effect_noise((640, 480), 90).save(content, "PNG")
    return content.getvalue()


@dataclass
class People:
    listeners: list[Listener]
    pollers: list[Visitor]
    others: list[Person | Visitor]

    @property
    def all(self) -> Sequence[Person | Visitor]:
        return [*self.listeners, *self.pollers, *self.others]


def gather(town: Town, members: Sequence[Member], nicks: Sequence[str], newest: dict[int, int]) -> People:
    """Everybody, by turns at the first node and at the second."""
    nodes, many = itertools.cycle(range(len(town.urls))), itertools.cycle(members)
    listeners = [
        Listener(town, next(nodes), each.bearer, each.room, newest[each.room])
        for each in itertools.islice(many, SOCKETS)
    ]
    pollers = [
        Visitor(town, next(nodes), 1.0, handle=each.cookie, room=each.room, cursor=newest[each.room])
        for each in members[:POLLERS]
    ]
    others: list[Person | Visitor] = [
        Poster(town, next(nodes), each.bearer, each.room, POST_EVERY_S) for each in members[:POSTERS]
    ]
    pairs = itertools.islice(itertools.pairwise(members), WRITERS)
    others += [Writer(town, next(nodes), each.bearer, to.id, POST_EVERY_S) for each, to in pairs]
    others += [Visitor(town, next(nodes), 1.0, nick=nick) for nick in nicks]
    others += [Visitor(town, next(nodes), 2.0, each.cookie, picture=picture()) for each in members[:PAINTERS]]
    others.append(Moderator(town, 0, members[0].bearer, members[0].room, members[-1].id, POST_EVERY_S))
    return People(listeners, pollers, others)


@dataclass
class Record:
    """What was seen meanwhile, by seconds since the beginning."""

    began: float = field(default_factory=time.perf_counter)
    lines: dict[str, dict[str, list[tuple[float, float]]]] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    restart: tuple[float, float] = (0.0, 0.0)

    def note(self, panel: str, line: str, value: float) -> None:
        self.lines.setdefault(panel, {}).setdefault(line, []).append((time.perf_counter() - self.began, value))

    async def watch(self, town: Town, nodes: Sequence[Node]) -> None:
        """Until it is cancelled."""
        posts = heard = 0
        while True:
            began, answered = time.perf_counter(), len(town.answered)
            await asyncio.sleep(SAMPLE_S)
            took = time.perf_counter() - began
            for number, node in enumerate(nodes, 1):
                with contextlib.suppress(OSError):  # it is being started again
                    self.note("memory, MiB", f"node {number}", memory_kib(node.pid, "Anonymous") / 1024)
                    self.note("descriptors", f"node {number}", node.descriptors())
            posts, before = town.counts["posts"], posts
            self.note("posts a second", "posts", (posts - before) / took)
            heard, before = town.counts["heard"], heard
            self.note("lines heard a second", "lines", (heard - before) / took)
            self.note("posts' p99, ms", "p99", percentile([ms for _, ms in town.answered[answered:]]))


def percentile(numbers: Sequence[float], part: float = 0.99) -> float:
    return sorted(numbers)[int((len(numbers) - 1) * part)] if numbers else 0.0


async def soak(parts: Parts, nodes: Sequence[Node]) -> list[str]:
    """All of it; what does not add up."""
    members, nicks = await settle(parts)
    for node in nodes:
        await asyncio.to_thread(node.start)
    town, newest = Town([node.url for node in nodes]), await newest_lines(parts)
    people, before = gather(town, members, nicks, newest), await counted(parts)
    await asyncio.sleep(SAMPLE_S)
    idle, record = [node.descriptors() for node in nodes], Record()
    tasks = [asyncio.create_task(person.run()) for person in people.all]
    watching = asyncio.create_task(record.watch(town, nodes))
    await asyncio.sleep(SOAK_S / 2)
    began = record.marks["node 2 is restarted"] = time.perf_counter() - record.began
    await asyncio.to_thread(nodes[1].stop)
    await asyncio.to_thread(nodes[1].start)
    record.restart = (record.began + began, time.perf_counter() + AFTER_RESTART_S)
    await asyncio.sleep(SOAK_S / 2)
    town.over = True
    wrong = await _end(parts, town, people)
    watching.cancel()
    wrong += await _compare(parts, town, people, before, newest)
    for person in people.all:
        if isinstance(person, Person):
            person.leave()
    await asyncio.gather(watching, *tasks, return_exceptions=True)
    wrong += [f"{type(ended).__name__} in a task" for task in tasks if (ended := _failure(task))]
    for node, had in zip(nodes, idle, strict=True):
        left = await _descriptors_left(node, had + SPARE_DESCRIPTORS)
        if left > had + SPARE_DESCRIPTORS:
            wrong.append(f"{left} descriptors {QUIET_S:.0f} s after all have gone, and {had} before they came")
    wrong += _growth(record)
    tell(town, record, idle)
    return wrong


async def _descriptors_left(node: Node, most: int) -> int:
    """When there are few enough, or it has had time enough."""
    for _ in range(int(QUIET_S / 0.5)):
        if node.descriptors() <= most:
            break
        await asyncio.sleep(0.5)
    return node.descriptors()


def _failure(task: "asyncio.Task[None]") -> BaseException | None:
    return None if task.cancelled() else task.exception()


async def _end(parts: Parts, town: Town, people: People) -> list[str]:
    """Everybody finishes what he has begun, and hears the rest."""
    for _ in range(int(QUIET_S / 0.5)):
        await asyncio.sleep(0.5)
        newest = await newest_lines(parts)
        behind = sum(each.cursor < newest[each.room] for each in people.listeners)  # some heard a private line more
        if not behind and not any(isinstance(each, Poster) and each.due for each in people.others):
            return []
    return [f"{behind} listeners have not heard everything {QUIET_S:.0f} s later"]


async def _compare(
    parts: Parts, town: Town, people: People, before: dict[str, int], newest: dict[int, int]
) -> list[str]:
    """What people know, and what there is."""
    after, counts, wrong = await counted(parts), town.counts, []
    wrong += [
        f"{counts[name]:,} {name} were acknowledged, and there are {after[name]:,}"
        for name in ("posts", "letters")
        if after[name] != counts[name]
    ]
    if after["sessions"] - before["sessions"] > SIGNERS:  # each may have been cut off once between in and out
        wrong.append(f"{after['sessions'] - before['sessions']} sessions are left over")
    mutes = after["mutes"] - before["mutes"]
    if not counts["mutes"] <= mutes <= counts["mutes"] + counts["mutes, perhaps"]:
        wrong.append(f"{counts['mutes']} mutes were acknowledged, and there are {mutes}")
    rows = await parts.database.reader.fetch("SELECT room_id, seq FROM room_lines WHERE kind = $1", PRIVATE)
    private = {(int(room), int(seq)) for room, seq in rows}
    missed = sum((each.room, seq) not in private for each in people.listeners for seq in each.missed)
    if missed or any(each.stale for each in people.listeners):
        wrong.append(f"{missed} lines never came, and {sum(each.stale for each in people.listeners)} out of order")
    for poller in people.pollers:
        statement = "SELECT count(*) FROM room_lines WHERE room_id = $1 AND seq > $2 AND seq <= $3 AND text = $4"
        row = await parts.database.reader.fetch_row(
            statement, poller.room, newest[poller.room], poller.cursor, "soaked, as ever"
        )
        if row is None or row[0] != poller.texts:
            wrong.append(f"a poll of room {poller.room} told {poller.texts} lines of {row and row[0]}")
    if +town.refusals:
        wrong.append(f"refused: {dict(+town.refusals)}")
    for invariant in INVARIANTS:
        row = await parts.database.reader.fetch_row(invariant.wrong)
        if row is None or row[0]:
            wrong.append(f"it is not so that {invariant.name}")
    return wrong


def _growth(record: Record) -> list[str]:
    points: Points = record.lines.get("memory, MiB", {}).get("node 1", [])
    if SOAK_S < GROWTH_FROM_S or len(points) < 8:
        return []
    quarter = len(points) // 4
    early, late = (
        statistics.median(value for _, value in part) for part in (points[quarter : 2 * quarter], points[-quarter:])
    )
    return [f"memory grew from {early:.1f} to {late:.1f} MiB"] if late > early * GROWTH_MAX else []


def tell(town: Town, record: Record, idle: Sequence[int]) -> None:
    began, ended = record.restart
    calm = [ms for at, ms in town.answered if not began <= at <= ended]
    print(f"{SOCKETS:,} sockets in {ROOMS} rooms at two nodes for {SOAK_S:,.0f} s; one of them was restarted between")
    for name, count in sorted(town.counts.items()):
        print(f"  {name:22}{count:12,}")
    print(f"  posts' p50 {percentile(calm, 0.5):.1f} ms, p99 {percentile(calm):.1f} ms, outside of the restart")
    rough = [ms for at, ms in town.answered if began <= at <= ended]
    print(f"  about the restart, and {AFTER_RESTART_S:.0f} s after it: p99 {percentile(rough):.1f} ms")
    for line, points in record.lines.get("memory, MiB", {}).items():
        values = [value for _, value in points]
        print(f"  memory of {line}: {values[0]:.1f} MiB at first, {max(values):.1f} at most, {values[-1]:.1f} at last")
    print(f"  descriptors before: {', '.join(map(str, idle))}")
    title = f"{SOCKETS:,} sockets, {POSTERS} posters, {SOAK_S:,.0f} s"
    REPORT.write_text(charts(title, record.lines, record.marks), encoding="utf-8")
    print(f"  picture: {REPORT}")


async def both(folder: Path, database: str) -> list[str]:
    config = load_config(environment=SETTINGS, overrides={"server.data": folder, "server.database": database})
    nodes = [Node(folder, database) for _ in range(2)]
    try:
        async with open_core(config) as parts:
            return await soak(parts, nodes)
    finally:
        for node in nodes:
            node.stop()


def main() -> None:
    configure_logs(LogConfig(level="error"))
    with run_postgres(durable=True) as dsn, tempfile.TemporaryDirectory() as folder:
        wrong = uvloop.run(both(Path(folder), dsn.format("postgres")))
    if wrong:
        sys.exit("\n".join(["what does not add up:", *wrong]))
    print("  everything adds up")
