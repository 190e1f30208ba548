"""Rooms full of talk at random, with crashes: the streams keep their order, and nobody misses or repeats a line.

Once on one node, and once on two with one database, which hear of each other late, or badly, or both.
"""

import asyncio
import tempfile
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from beseda.core.caller import Caller
from beseda.domain.errors import BesedaError, NotInRoom, StoreUnavailable
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line, Reader, sees
from beseda.testing.clock import ManualClock
from unit.core.world import World

MEMBERS = ("Alena", "Brana", "Cyril", "Dana")
PEOPLE = (*MEMBERS, "Host")
ROOMS = ("Praha", "Brno")
who, where = st.sampled_from(PEOPLE), st.sampled_from(ROOMS)
COMMANDS = st.sampled_from(["w", "kick", "smaz", "mute", "unmute", "admin", "i"])
nodes = st.integers(0, 1)
TEXTS = st.sampled_from(["ahoj", "http://example.org", "", "x" * 1001, "/help", "/tanec", "/l", "/u", "a\nb", "🦊"])


def facts(line: Line) -> tuple[object, ...]:
    """All of a line but what its people are like today."""
    people = [account.id if account else None for account in (line.actor, line.target)]
    return (line.seq, line.at, line.kind, *people, line.text, line.number, line.hidden)


class Talk(RuleBasedStateMachine):
    """`read` is what each client that polls has seen, by room; `cursors` is where it goes on."""

    NODES = 1

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="beseda-")
        self.clock, self.runner = ManualClock(), asyncio.Runner()
        self.worlds = [self.open_world() for _ in range(self.NODES)]
        self.callers: dict[str, Caller] = {}
        self.ids: dict[str, RoomId] = {}
        self.cursors: dict[tuple[str, RoomId], int] = {}
        self.read: dict[tuple[str, RoomId], list[Line]] = {}

    def open_world(self) -> World:
        file = f"sqlite:///{self.folder.name}/beseda.db"
        limits = {"room_line": "1000000/0.001", "anonymous_sign_in": "1000000/0.001"}
        overrides = {"server.database": file, "server.data": self.folder.name, "server.durable": False}
        world = World({**overrides, "server.limits": limits}, self.clock, self.runner).__enter__()
        world.run(world.parts.nodes.start())
        return world

    def teardown(self) -> None:
        for world in self.worlds:
            world.__exit__(None, None, None)
        self.runner.close()
        self.folder.cleanup()

    @property
    def world(self) -> World:
        """The one that knows of everything."""
        world = self.worlds[0]
        world.run(world.parts.nodes.catch_up())
        return world

    def node(self, number: int) -> World:
        """One that may know of less."""
        return self.worlds[number % self.NODES]

    @initialize()
    def prepare(self) -> None:
        world = self.world
        self.ids["Praha"] = world.run(world.core.rooms.add("Praha")).id
        for nick in MEMBERS:
            self.callers[nick] = world.run(world.member_in(nick))
        self.callers["Host"], _ = world.run(world.visitor_in("Host"))

    def account_id(self, nick: str) -> AccountId:
        return self.callers[nick].signed_in()[0].id

    def room_id(self, name: str) -> RoomId:
        found = self.world.run(self.world.core.rooms.find_by_name(name))
        return found.id if found else RoomId(10**6)

    def tried(self, world: World, deed: object) -> bool:
        try:
            world.run(deed)  # type: ignore[arg-type]
        except BesedaError:
            return False
        return True

    @rule(at=nodes, nick=who, name=where)
    def enter(self, at: int, nick: str, name: str) -> None:
        world = self.node(at)
        if self.tried(world, world.core.rooms.enter(self.callers[nick], name)):
            key = (nick, self.room_id(name))
            if key not in self.cursors:
                account, session = self.callers[nick].signed_in()
                view = world.parts.store.view
                self.cursors[key] = world.run(view.messages.entered_seq(key[1], account.id, session.id)) or 0
                self.read[key] = []

    @rule(at=nodes, nick=who, name=where)
    def leave(self, at: int, nick: str, name: str) -> None:
        world = self.node(at)
        self.tried(world, world.core.rooms.leave(self.callers[nick], self.room_id(name)))

    @rule(at=nodes, nick=who, name=where, text=TEXTS, seconds=st.sampled_from([0, 0, 1, 61]))
    def post(self, at: int, nick: str, name: str, text: str, seconds: int) -> None:
        self.clock.move(seconds)
        self.say(at, nick, name, text)

    def say(self, at: int, nick: str, name: str, text: str) -> None:
        world = self.node(at)
        self.tried(world, world.core.messages.post(self.callers[nick], self.room_id(name), text))

    @rule(
        at=nodes,
        nick=who,
        name=where,
        other=who,
        word=COMMANDS,
    )
    def command(self, at: int, nick: str, name: str, other: str, word: str) -> None:
        self.say(at, nick, name, f'/{word} "{other}" proto')

    @rule(at=nodes, nick=who, name=where, seq=st.integers(1, 12))
    def delete(self, at: int, nick: str, name: str, seq: int) -> None:
        world = self.node(at)
        self.tried(world, world.core.messages.delete(self.callers[nick], self.room_id(name), seq))

    @rule()
    def a_long_time_passes(self) -> None:
        self.clock.move(5 * 3600)

    @rule(seconds=st.integers(1, 4000))
    def clock_goes_back(self, seconds: int) -> None:
        self.clock.set_back(seconds)

    @rule(at=nodes)
    def crash(self, at: int) -> None:
        """What is in memory is gone."""
        self.node(at).__exit__(None, None, None)
        self.clock.move(1)
        self.worlds[at % self.NODES] = self.open_world()

    @rule(at=nodes, statement=st.sampled_from(["", "FROM journal", "FROM room_lines", "FROM occupants"]))
    def hear_badly(self, at: int, statement: str) -> None:
        """Reading what others did fails, here or there."""
        world = self.node(at)
        with world.faults.failing(statement), suppress(StoreUnavailable):
            world.run(world.parts.nodes.catch_up())

    @rule(at=nodes, nick=who, name=where)
    def poll(self, at: int, nick: str, name: str) -> None:
        key, world = (nick, self.room_id(name)), self.node(at)
        try:
            page = world.run(world.core.streams.read(self.callers[nick], key[1], self.cursors.get(key, 0)))
        except NotInRoom:
            return
        if key in self.cursors:
            self.read[key] += page.lines
            assert page.cursor >= self.cursors[key]
            self.cursors[key] = page.cursor

    def stream_of(self, room_id: RoomId) -> list[Line]:
        lines, _ = self.world.run(self.world.parts.store.view.messages.list_after(room_id, 0, 10**6))
        return lines

    @invariant()
    def streams_are_in_order(self) -> None:
        for room_id in {room_id for _, room_id in self.cursors}:
            lines = self.stream_of(room_id)
            assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
            assert all(earlier.at < later.at for earlier, later in pairwise(lines))
            assert all(line.actor is not None or line.kind is Kind.ADMIN for line in lines)

    @invariant()
    def who_reads_on_misses_and_repeats_nothing(self) -> None:
        for (nick, room_id), seen in self.read.items():
            assert all(earlier.seq < later.seq for earlier, later in pairwise(seen))
            known = {line.seq for line in seen}
            reader = Reader(self.account_id(nick))
            for line in self.stream_of(room_id):
                public = line.kind not in (Kind.TEXT, Kind.WHISPER) and sees(line, reader)
                if public and seen and seen[0].seq < line.seq <= min(seen[-1].seq, self.cursors[nick, room_id]):
                    assert line.seq in known

    @invariant()
    def at_most_one_temporary_admin_who_is_inside(self) -> None:
        for name in ROOMS:
            room = self.world.run(self.world.core.rooms.find_by_name(name))
            if room is None:
                continue
            present = self.world.run(self.world.parts.store.view.rooms.occupants(room.id))
            assert room.admin_id is None or room.admin_id in {o.account.id for o in present}
            assert all(o.account.registered for o in present if o.account.id == room.admin_id)
            assert present or room.permanent

    @invariant()
    def memory_holds_what_the_database_does(self) -> None:
        """Of the node that knows of everything; the other may be behind."""
        world = self.world
        for room_id in world.core.streams.in_memory():
            present = world.run(world.parts.store.view.rooms.occupants(room_id))
            stream = world.run(world.core.streams.stream(room_id))
            assert stream.present == {o.account.id for o in present}
            kept = [line for line in self.stream_of(room_id) if line.seq > stream.since]
            assert [facts(line) for line in kept] == [facts(line) for line in stream.lines]


class TalkTogether(Talk):
    """The same on two nodes."""

    NODES = 2


TestTalk = Talk.TestCase
TestTalk.settings = settings(max_examples=8, stateful_step_count=40, deadline=None)
TestTalkTogether = TalkTogether.TestCase
TestTalkTogether.settings = settings(max_examples=4, stateful_step_count=40, deadline=None)


class TalkForLong(Talk):
    pass


class TalkTogetherForLong(TalkTogether):
    pass


TestTalkForLong = pytest.mark.long(TalkForLong.TestCase)
TestTalkForLong.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestTalkTogetherForLong = pytest.mark.long(TalkTogetherForLong.TestCase)
TestTalkTogetherForLong.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
