"""Two servers on one database: what is done through one is known to the other, without asking for it all the time."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.live.client import cookie_of, live, member, register, signed_in
from api.spaces.client import Channel, Client
from beseda.adapters.sql.primary import Primary
from beseda.core.caller import Caller
from beseda.domain.accounts import Standing
from beseda.domain.events import Missed
from beseda.domain.ids import RoomId
from beseda.domain.messages import Kind, Line
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.testing import BesedaServer
from contract.places import Place
from contract.test_sign_ins import config
from contract.together import Nodes, account_of, ask, caller_of, counted, say, talk, wait_for


def catch_up(*nodes: BesedaServer) -> None:
    """As the clock does once a second, whatever was heard before."""
    for node in nodes:
        node.run(node.beseda.parts.nodes.catch_up())
        node.run(node.beseda.look_for_others())


class TestSessions:
    def end(self, node: BesedaServer, how: str) -> None:
        core, alena = node.core, account_of(node, "Alena")
        match how:
            case "block":
                node.run(core.accounts.set_standing(alena, Standing.BLOCKED))
            case "password":
                node.run(core.accounts.set_password(alena, "jine dlouhe heslo"))

    @pytest.mark.parametrize("how", ["block", "password"])
    def test_every_socket_and_poll_is_closed(self, nodes: Nodes, how: str) -> None:
        one, other = nodes
        with member(one, "Alena") as socket, closing(Client(one, "Alena").listen()) as channel:
            self.end(other, how)
            catch_up(one)
            assert socket.closed_with() == 1008
            wait_for_logout(channel)

    def test_a_sign_out_ends_what_was_remembered_of_the_session(self, nodes: Nodes) -> None:
        one, other = nodes
        with signed_in(one, "Alena") as client, live(one, cookie_of(client)) as socket:
            (handle,) = client.cookies.values()
            caller = other.run(other.core.auth.caller(Handle.COOKIE, handle, "192.0.2.9"))
            other.run(other.core.auth.sign_out(caller))
            catch_up(one)
            assert socket.closed_with() == 1008
            assert 'id="nav-user"' not in client.get("/").text


def wait_for_logout(channel: Channel) -> None:
    while channel.hear()["act"] != 30:
        pass
    assert channel.closed_with() == 1000


def test_ignores_apply_to_sockets_elsewhere(nodes: Nodes) -> None:
    one, other = nodes
    register(one, "Brana")
    with member(one, "Alena") as alena, member(other, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        alena.do("follow", room=room)
        brana.do("enter", name="Praha")
        brana.do("post", room=room, text="jedna")
        assert alena.take_lines(2)[-1]["text"] == "jedna"
        caller = other.run(caller_of(other, "Alena"))
        other.run(other.core.ignoring.set_ignored(caller, account_of(one, "Brana"), True))
        catch_up(one)
        one.run(read_ignored(one))
        brana.do("post", room=room, text="dvě")
        other.run(other.core.ignoring.set_ignored(caller, account_of(one, "Brana"), False))
        catch_up(one)
        one.run(read_ignored(one))
        brana.do("post", room=room, text="tři")
        catch_up(one)
        assert [line["text"] for line in alena.take_lines(1)] == ["tři"]


async def read_ignored(node: BesedaServer) -> None:
    """Whoever asks whom Alena ignores is answered after her socket, which has begun to ask."""
    await node.core.ignoring.ignored_by((await node.core.accounts.find("Alena")).id)


def test_who_enters_through_one_hears_all_on_the_other_and_may_do_all_there_at_once(nodes: Nodes) -> None:
    one, other = nodes
    with (
        signed_in(one, "Alena") as client,
        live(one, cookie_of(client)) as here,
        live(other, cookie_of(client)) as there,
    ):
        for _ in range(3):
            room = here.do("enter", name="Praha")["room"]
            there.do("follow", room=room, after=0)
            there.do("leave", room=room)
            assert here.refused("follow", room=room) in ("not_in_room", "room_not_found")
            catch_up(one, other)


def test_a_cursor_that_one_gave_is_good_on_the_other(nodes: Nodes) -> None:
    one, other = nodes
    alena = one.run(caller_of(one, "Alena"))
    room = one.run(one.core.rooms.enter(alena, "Praha"))
    other.run(other.core.streams.read(alena, room, 0))
    for number in range(3):
        one.clock.move(1)
        seq = one.run(one.core.messages.post(alena, room, f"n{number}")).seq
        page = other.run(other.core.streams.read(alena, room, seq))
        assert (page.lines, page.cursor) == ([], seq)


def fill(node: BesedaServer, caller: Caller, count: int) -> list[RoomId]:
    """So many rooms with somebody in them, behind everybody's back."""

    async def add() -> list[RoomId]:
        account, session = caller.signed_in()
        rooms, now = list[RoomId](), node.clock.now()
        async with node.beseda.parts.store.unit() as unit:
            for number in range(count):
                room = await unit.rooms.add(f"Pokoj {number}", permanent=True, founder_id=None, at=now)
                line = await unit.messages.append(room.id, Kind.ENTERED, now, actor=account)
                await unit.rooms.enter(room.id, account.id, session.id, line.seq, now)
                rooms.append(room.id)
        return rooms

    return node.run(add())


@pytest.mark.long
def test_one_line_costs_a_few_statements_however_many_rooms_are_watched(nodes: Nodes) -> None:
    one, other = nodes
    alena = one.run(caller_of(one, "Alena"))
    rooms, heard = fill(one, alena, 500), list[Line]()

    async def watch() -> None:
        for room_id in rooms:
            await one.core.streams.read(alena, room_id, 0)
            assert one.core.streams.watch(room_id, heard.append, 1) == []

    one.run(watch())
    one.run(one.core.search_index.settle())
    other.run(other.core.streams.stream(rooms[0]))
    other.clock.move(3600)  # a text in a new hour is a deed, and a line of the journal's

    async def look_often() -> None:
        for _ in range(30):
            await one.beseda.look_for_others()
            await asyncio.sleep(0.01)

    for text in ("první", "druhý"):
        with counted(one) as asked:
            other.run(other.core.messages.post(alena, rooms[250], text))
            wait_for(lambda text=text: heard and heard[-1].text == text)  # type: ignore[misc]
            one.run(look_often())
        assert len(asked) <= 14, asked
        other.clock.move(2)
    assert [line.text for line in heard] == ["první", "druhý"]
    with counted(one) as asked:
        one.run(one.beseda.parts.nodes.catch_up())
    assert len(asked) <= 3


class TestHints:
    @pytest.fixture(params=["postgres"])
    def engine(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_a_line_of_somebody_known_is_told_without_a_read(self, nodes: Nodes) -> None:
        one, other = nodes
        alena, room, heard = talk(nodes)
        with counted(one) as asked:
            for number in range(20):
                say(other, alena, room, f"n{number}")
                wait_for(lambda number=number: heard[-1].text == f"n{number}")  # type: ignore[misc]
        reads = [statement for statement in asked if "FROM room_lines" in statement]
        assert len(reads) <= 5  # of 20: the clock may look a moment before the hint comes
        assert [line.text for line in heard] == ["nultý", *(f"n{number}" for number in range(20))]
        pages = [node.run(node.core.streams.read(alena, room, 1)).lines for node in nodes]
        told, read = ([(line.seq, line.at, line.kind, line.text) for line in page] for page in pages)
        assert told == read

    def test_a_line_of_a_stranger_is_told_when_he_is_known(self, nodes: Nodes) -> None:
        one, other = nodes
        alena, room, heard = talk(nodes)
        people: Any = one.beseda.parts.nodes._people
        with counted(one) as asked:
            for number in range(20):
                people.clear()
                say(other, alena, room, f"n{number}")
                wait_for(lambda number=number: heard[-1].text == f"n{number}")  # type: ignore[misc]
        assert len([statement for statement in asked if "FROM accounts" in statement]) >= 15
        assert len([statement for statement in asked if "FROM room_lines" in statement]) <= 5

    def test_lost_doubled_reordered_and_forged_hints_change_nothing(self, nodes: Nodes) -> None:
        one, other = nodes
        alena, room, heard = talk(nodes)
        told: Any = one.beseda.parts.nodes
        held: list[bytes] = []
        bus: Any = told.bus
        hear, bus._hear = bus._hear, held.append
        for number in range(6):
            say(other, alena, room, f"n{number}")
            wait_for(lambda number=number: len(held) > number)  # type: ignore[misc]

        async def confuse() -> None:
            for payload in (held[3], held[3], held[1], b"", b"x" * 500, held[2][:-1] + b" ", held[0]):
                told.hear(payload)
            await asyncio.sleep(0.05)

        one.run(confuse())
        wait_for(lambda: heard[-1].text == "n5")
        bus._hear = hear
        say(other, alena, room, "n6")
        wait_for(lambda: heard[-1].text == "n6")
        assert [line.text for line in heard] == ["nultý", *(f"n{number}" for number in range(7))]
        assert told.refused == 3

    def test_a_private_line_is_told_as_a_number_and_read(self, nodes: Nodes) -> None:
        one, other = nodes
        register(one, "Brana")
        alena, room, heard = talk(nodes)
        brana = other.run(caller_of(other, "Brana"))
        other.run(other.core.rooms.enter(brana, "Praha"))
        payloads: list[bytes] = []
        bus: Any = one.beseda.parts.nodes.bus
        hear = bus._hear

        def listen_in(payload: bytes) -> None:
            payloads.append(payload)
            hear(payload)

        bus._hear = listen_in
        other.run(other.core.messages.post(brana, room, "jen tobě", to=alena.signed_in()[0].id))
        wait_for(lambda: heard[-1].text == "jen tobě")
        assert payloads
        assert not any("tobě".encode() in payload or b"Brana" in payload for payload in payloads)

    def test_the_bus_is_lost_and_found_and_nothing_else(self, nodes: Nodes) -> None:
        one, other = nodes
        alena, room, heard = talk(nodes)
        bus: Any = one.beseda.parts.nodes.bus
        working, bus._connect = bus._connect, Primary("postgresql://postgres@127.0.0.1:1/nothing").connect
        one._loop.call_soon_threadsafe(bus._connection.terminate)
        wait_for(lambda: bus.trouble)
        ready = ask(one, "/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert "bus" in ready.json()["slowed"]
        assert "beseda_bus_up 0.0" in ask(one, "/metrics").text
        say(other, alena, room, "bez sběrnice")
        wait_for(lambda: heard[-1].text == "bez sběrnice")
        bus._connect = working
        wait_for(lambda: not bus.trouble)
        assert ask(one, "/health/ready").json()["status"] == "ok"
        assert "beseda_bus_losses_total 1.0" in ask(one, "/metrics").text


def test_who_was_away_longer_than_the_journal_is_kept_begins_anew(nodes: Nodes) -> None:
    one, other = nodes
    register(one, "Brana")
    told: Any = one.beseda.parts.nodes
    events: list[object] = []
    with signed_in(one, "Alena") as client, live(one, cookie_of(client)) as socket:

        async def be_away() -> None:
            """Neither hints nor the clock get through."""
            await told._reading.acquire()

        one.run(be_away())
        one.beseda.parts.feed.subscribe(events.append)
        other.run(other.core.accounts.set_password(account_of(other, "Alena"), "jine dlouhe heslo"))
        other.clock.move(3601)
        other.run(other.core.accounts.set_password(account_of(other, "Brana"), "jine dlouhe heslo"))
        assert other.run(other.beseda.parts.nodes.forget_old()) > 0
        one._loop.call_soon_threadsafe(told._reading.release)
        wait_for(lambda: any(isinstance(event, Missed) for event in events))
        assert socket.closed_with() == 1008
        assert 'id="nav-user"' not in client.get("/").text
    assert sum(isinstance(event, Missed) for event in events) == 1


class TestPresence:
    def lines(self, node: BesedaServer, caller: Caller, room: RoomId) -> list[tuple[str, int]]:
        found = node.run(node.beseda.parts.store.view.messages.list_after(room, 0, 100))[0]
        return [(line.kind.value, line.number) for line in found if line.kind in (Kind.PRESENCE, Kind.AUTO_LEFT)]

    def pass_time(self, nodes: Nodes, seconds: float) -> None:
        nodes[0].clock.move(seconds)
        for node in nodes:
            node.run(node.beseda.housekeeping())

    def test_away_and_back_are_told_once_for_all(self, nodes: Nodes) -> None:
        one, other = nodes
        self.pass_time(nodes, 200)
        alena = one.run(caller_of(one, "Alena"))
        room = one.run(one.core.rooms.enter(alena, "Praha"))
        for _ in range(5):
            self.pass_time(nodes, 20)
        assert self.lines(one, alena, room) == [("presence", 0)]
        other.run(other.core.streams.read(alena, room, 0))
        for _ in range(2):
            self.pass_time(nodes, 10)
        self.pass_time(tuple(reversed(nodes)), 10)  # type: ignore[arg-type]
        assert self.lines(one, alena, room) == [("presence", 0), ("presence", 1)]
        commits = one.beseda.parts.store.commits
        for _ in range(8):
            self.pass_time(nodes, 20)
        assert self.lines(one, alena, room)[2:] == [("presence", 0), ("auto_left", 0)]
        assert one.beseda.parts.store.commits - commits < 20

    def test_one_does_it_and_the_other_when_it_is_gone(self, nodes: Nodes) -> None:
        one, other = nodes
        for _ in range(4):
            self.pass_time(nodes, 10)
        leases = [node.beseda.services.lease for node in nodes]
        assert [node.run(lease.is_mine()) for node, lease in zip(nodes, leases, strict=True)] == [True, False]
        mine = []
        for _ in range(5):
            other.clock.move(10)
            mine.append(other.run(leases[1].is_mine()))
        assert mine == [False, False, True, True, True]
        assert not one.run(leases[0].is_mine())
        other.run(leases[1].give_up())
        assert one.run(leases[0].is_mine())


async def test_a_node_that_has_stopped_tells_nothing_more(place: Place, tmp_path: Path) -> None:
    """What still ends then is found in the database: a hint would need a connection that nobody closes."""
    async with open_core(config(place, tmp_path)) as parts:
        await parts.nodes.start()
        await parts.nodes.stop()
        sent = parts.nodes.sent
        await parts.core.rooms.add("Praha")
        await asyncio.sleep(0)
        assert parts.nodes.sent == sent
