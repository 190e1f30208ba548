"""Rooms full of talk at random, with crashes: the streams keep their order, and nobody misses or repeats a line."""

import tempfile
from datetime import timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from beseda.core.caller import Caller
from beseda.domain.errors import BesedaError, NotInRoom
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line, Reader, sees
from unit.core.world import World

MEMBERS = ("Alena", "Brana", "Cyril", "Dana")
PEOPLE = (*MEMBERS, "Host")
ROOMS = ("Praha", "Brno")
who, where = st.sampled_from(PEOPLE), st.sampled_from(ROOMS)
TEXTS = st.sampled_from(["ahoj", "http://example.org", "", "x" * 1001, "/help", "/tanec", "/l", "/u", "a\nb", "🦊"])


def facts(line: Line) -> tuple[object, ...]:
    """All of a line but what its people are like today."""
    people = [account.id if account else None for account in (line.actor, line.target)]
    return (line.seq, line.at, line.kind, *people, line.text, line.number, line.hidden)


class Talk(RuleBasedStateMachine):
    """`read` is what each client that polls has seen, by room; `cursors` is where it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="beseda-")
        self.open_world()
        self.callers: dict[str, Caller] = {}
        self.ids: dict[str, RoomId] = {}
        self.cursors: dict[tuple[str, RoomId], int] = {}
        self.read: dict[tuple[str, RoomId], list[Line]] = {}

    def open_world(self) -> None:
        file = f"sqlite:///{self.folder.name}/beseda.db"
        limits = {"room_line": "1000000/0.001", "anonymous_sign_in": "1000000/0.001"}
        overrides = {"server.database": file, "server.data": self.folder.name, "server.durable": False}
        self.world = World({**overrides, "server.limits": limits}).__enter__()

    def teardown(self) -> None:
        self.world.__exit__(None, None, None)
        self.folder.cleanup()

    @initialize()
    def prepare(self) -> None:
        self.ids["Praha"] = self.world.run(self.world.core.rooms.add("Praha")).id
        for nick in MEMBERS:
            self.callers[nick] = self.world.run(self.world.member_in(nick))
        self.callers["Host"], _ = self.world.run(self.world.visitor_in("Host"))

    def account_id(self, nick: str) -> AccountId:
        return self.callers[nick].signed_in()[0].id

    def room_id(self, name: str) -> RoomId:
        found = self.world.run(self.world.core.rooms.find_by_name(name))
        return found.id if found else RoomId(10**6)

    def tried(self, deed: object) -> bool:
        try:
            self.world.run(deed)  # type: ignore[arg-type]
        except BesedaError:
            return False
        return True

    @rule(nick=who, name=where)
    def enter(self, nick: str, name: str) -> None:
        if self.tried(self.world.core.rooms.enter(self.callers[nick], name)):
            key = (nick, self.room_id(name))
            if key not in self.cursors:
                account, session = self.callers[nick].signed_in()
                view = self.world.parts.store.view
                self.cursors[key] = self.world.run(view.messages.entered_seq(key[1], account.id, session.id)) or 0
                self.read[key] = []

    @rule(nick=who, name=where)
    def leave(self, nick: str, name: str) -> None:
        self.tried(self.world.core.rooms.leave(self.callers[nick], self.room_id(name)))

    @rule(nick=who, name=where, text=TEXTS, seconds=st.sampled_from([0, 0, 1, 61]))
    def post(self, nick: str, name: str, text: str, seconds: int) -> None:
        self.world.clock.move(seconds)
        self.tried(self.world.core.messages.post(self.callers[nick], self.room_id(name), text))

    @rule(nick=who, name=where, other=who, word=st.sampled_from(["w", "kick", "smaz", "mute", "unmute", "admin", "i"]))
    def command(self, nick: str, name: str, other: str, word: str) -> None:
        text = f'/{word} "{other}" proto'
        self.tried(self.world.core.messages.post(self.callers[nick], self.room_id(name), text))

    @rule(nick=who, name=where, seq=st.integers(1, 12))
    def delete(self, nick: str, name: str, seq: int) -> None:
        self.tried(self.world.core.messages.delete(self.callers[nick], self.room_id(name), seq))

    @rule()
    def a_long_time_passes(self) -> None:
        self.world.clock.move(5 * 3600)

    @rule(seconds=st.integers(1, 4000))
    def clock_goes_back(self, seconds: int) -> None:
        self.world.clock.set_back(seconds)

    @rule()
    def crash(self) -> None:
        """What is in memory is gone."""
        clock = self.world.clock
        self.world.__exit__(None, None, None)
        self.open_world_at(clock.now() + timedelta(seconds=1))

    def open_world_at(self, now: object) -> None:
        self.open_world()
        self.world.clock._now = now  # type: ignore[assignment]

    @rule(nick=who, name=where)
    def poll(self, nick: str, name: str) -> None:
        key = (nick, self.room_id(name))
        try:
            page = self.world.run(self.world.core.streams.read(self.callers[nick], key[1], self.cursors.get(key, 0)))
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
            stream = self.world.run(self.world.core.streams.stream(room.id))
            assert stream.present == {o.account.id for o in present}
            kept = [line for line in self.stream_of(room.id) if line.seq > stream.since]
            assert [facts(line) for line in kept] == [facts(line) for line in stream.lines]


TestTalk = Talk.TestCase
TestTalk.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
