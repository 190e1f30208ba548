"""What the live channel tells of rooms: what its member may see, from the first line on, and nothing left behind."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.spaces.client import TLS, Channel, Client, make_members
from beseda.api.spaces import channel
from beseda.core.caller import Caller
from beseda.core.messages import FOR_ALL
from beseda.domain.errors import StoreUnavailable
from beseda.domain.events import Missed
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Line
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

ALENA, BRANA, CYRIL = AccountId(1), AccountId(2), AccountId(3)


class Room:
    """A room with Alena and Brana inside; Cyril has a channel open and is not."""

    def __init__(self, server: BesedaServer) -> None:
        make_members(server, "Cyril")
        self.server = server
        self.cyril = Client(server, "Cyril")
        self.callers = [server.run(session(server, nick)) for nick in ("Alena", "Brana", "Cyril")]
        self.id: RoomId = server.run(server.core.rooms.add("Praha")).id
        for caller in self.callers[:2]:
            server.run(server.core.rooms.enter(caller, "Praha"))

    def enter(self) -> Coroutine[Any, Any, RoomId]:
        return self.server.core.rooms.enter(self.callers[2], "Praha")

    def say(self, who: AccountId, text: str = "ahoj", to: AccountId = FOR_ALL) -> Coroutine[Any, Any, Line]:
        return self.server.core.messages.post(self.callers[who - 1], self.id, text, to=to)

    def at_once(self, *deeds: Coroutine[Any, Any, object]) -> None:
        """In one commit."""
        self.server.run(gathered(*deeds))


async def gathered(*deeds: Coroutine[Any, Any, object]) -> None:
    await asyncio.gather(*deeds)


async def session(server: BesedaServer, nick: str) -> Caller:
    handle = (await server.core.auth.sign_in(nick, "kratka zima 7", kind=Handle.COOKIE, address="192.0.2.1")).handle
    return await server.core.auth.caller(Handle.COOKIE, handle, "192.0.2.1")


@pytest.fixture
def room(server: BesedaServer) -> Room:
    return Room(server)


@pytest.fixture
def his(room: Room) -> Iterator[Channel]:
    with closing(room.cyril.listen()) as channel:
        yield channel


def heard(channel: Channel) -> tuple[int, AccountId]:
    """The kind of the next message and whose doing it was."""
    message = channel.hear()
    return message["act"], message["user_id"]


def test_a_whisper_of_others_in_the_commit_in_which_one_enters(room: Room, his: Channel) -> None:
    room.at_once(room.enter(), room.say(ALENA, "jen tobě", to=BRANA), room.say(BRANA))
    assert heard(his) == (32, BRANA)
    his.hear_nothing()


def test_a_text_of_somebody_ignored_in_the_commit_in_which_one_enters(room: Room, his: Channel) -> None:
    room.server.run(room.server.core.ignoring.set_ignored(room.callers[2], ALENA, True))
    room.at_once(room.enter(), room.say(ALENA), room.say(BRANA))
    assert heard(his) == (32, BRANA)
    his.hear_nothing()


@pytest.mark.parametrize("part", ["FROM room_lines", "FROM occupants", "FROM ignores"])
def test_a_room_that_cannot_be_read_is_told_when_it_can(room: Room, his: Channel, part: str) -> None:
    server = room.server
    with server.faults.failing(part):
        server.run(somebody_else_wrote(server))
        server.run(room.enter())
        server.run(room.say(ALENA))
        server.run(quietly(server.beseda.look_for_others()))
        his.hear_nothing()
    server.run(server.beseda.look_for_others())
    assert heard(his) == (32, ALENA)
    server.run(room.say(BRANA))
    assert heard(his) == (32, BRANA)
    his.hear_nothing()


@pytest.mark.parametrize("missed", [False, True])
def test_what_is_said_while_a_channel_that_has_just_opened_cannot_be_served(room: Room, missed: bool) -> None:
    server = room.server
    server.run(room.enter())
    server.run(room.say(ALENA, "předtím"))
    if missed:
        server.run(somebody_else_wrote(server))
    with ExitStack() as stack:
        with server.faults.failing("FROM ignores"):
            his = stack.enter_context(closing(room.cyril.listen()))
            his.hear_nothing()
            server.run(room.say(ALENA))
            server.run(quietly(server.beseda.look_for_others()))
            his.hear_nothing()
            server.run(room.say(BRANA))
        server.run(server.beseda.look_for_others())
        assert [heard(his) for _ in "12"] == [(32, ALENA), (32, BRANA)]
        his.hear_nothing()


def test_more_lines_than_memory_holds_while_a_room_cannot_be_read(room: Room, his: Channel) -> None:
    server = room.server
    server.run(somebody_else_wrote(server))
    with server.faults.failing("FROM occupants"):
        server.run(room.enter())
        server.run(server.beseda.channels.settle())
    for _ in range(300):
        server.clock.move(1)
        server.run(room.say(ALENA))
    server.run(server.beseda.look_for_others())
    assert [heard(his) for _ in range(300)] == [(32, ALENA)] * 300
    his.hear_nothing()


@pytest.mark.parametrize("part", ["FROM occupants", "FROM ignores"])
def test_nothing_is_kept_of_a_socket_that_closes_while_it_begins(room: Room, his: Channel, part: str) -> None:
    server, channels = room.server, room.server.beseda.channels

    async def enter_and_close() -> None:
        with server.faults.held(part) as arrived:
            await somebody_else_wrote(server)
            await room.enter()
            await arrived.wait()
            await asyncio.to_thread(hang_up, his, lambda: channels.connections.of(CYRIL))
        await channels.settle()
        assert not channels.rooms.followed(room.id)

    server.run(enter_and_close())


def test_a_socket_that_opens_while_sessions_are_looked_at_stays_open(room: Room, his: Channel) -> None:
    """They are looked at when it is not known what others have done."""
    server, opened = room.server, list[Channel]()

    async def look_while_one_opens() -> None:
        await somebody_else_wrote(server)
        with server.faults.held("FROM sessions WHERE id IN") as arrived:
            looking = asyncio.ensure_future(server.beseda.channels.connections.look())
            await arrived.wait()
            opened.append(await asyncio.to_thread(lambda: Client(server, "Alena").listen()))
        await looking

    server.run(look_while_one_opens())
    with closing(opened[0]) as hers:
        hers.hear_nothing()


def test_sessions_that_could_not_be_looked_at_are_looked_at_again(tmp_path: Path) -> None:
    with BesedaServer({}, data=tmp_path) as here, BesedaServer({}, data=tmp_path) as there:
        make_members(here, "Alena")
        with closing(Client(here, "Alena").listen()) as hers:
            with here.faults.failing("FROM journal"):
                there.run(there.core.accounts.set_password(ALENA, "jine heslo 88"))
                here.run(quietly(here.beseda.look_for_others()))
                here.run(here.beseda.channels.settle())
                assert hers.hear()["act"] == 35
                hers.hear_nothing()
            here.run(here.beseda.look_for_others())
            assert hers.hear()["act"] == 30
            assert hers.closed_with() == 1000


def test_who_enters_on_another_node_hears_all_here(tmp_path: Path) -> None:
    with BesedaServer({}, data=tmp_path) as here, BesedaServer({}, data=tmp_path) as there:
        make_members(here, "Alena", "Brana")
        room = Room(here)
        alena, cyril = (there.run(session(there, nick)) for nick in ("Alena", "Cyril"))

        async def speak() -> list[int]:
            core = there.core
            await core.rooms.enter(alena, "Praha")
            for _ in range(2):
                await core.rooms.enter(cyril, "Praha")
                await core.messages.post(alena, room.id, "jedna")
                await core.rooms.leave(cyril, room.id)
            await core.rooms.enter(cyril, "Praha")
            return [(await core.messages.post(alena, room.id, text)).seq for text in ("dvě", "tři")]

        with closing(room.cyril.listen()) as his:
            said = there.run(speak())
            here.run(here.beseda.look_for_others())
            said.append(there.run(there.core.messages.post(alena, room.id, "čtyři")).seq)
            here.run(here.beseda.look_for_others())
            told = [his.hear()["id"]]
            while told[-1] != said[-1]:
                told.append(his.hear()["id"])
            assert told[-3:] == said  # of a stay that was over before anybody looked nothing is told
            assert told == sorted(set(told))
            his.hear_nothing()


async def enter_many(server: BesedaServer, count: int) -> tuple[Caller, list[RoomId]]:
    caller = await session(server, "Cyril")
    rooms = [(await server.core.rooms.add(f"Mistnost {number}")).id for number in range(count)]
    for room_id in rooms:
        await server.core.rooms.enter_by_id(caller, room_id, "")
    return caller, rooms


def test_polls_in_many_rooms_miss_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those whose clients send the cursor alone."""
    server, his = room.server, room.cyril
    _, rooms = server.run(enter_many(server, 130))
    alena = server.run(session(server, "Alena"))

    async def say(room_id: RoomId) -> int:
        await server.core.rooms.enter_by_id(alena, room_id, "")
        return (await server.core.messages.post(alena, room_id, "ahoj")).seq

    def poll(**query: str) -> httpx.Response:
        return httpx.get(f"{server.url}/lpex/{his.channel}", params=query, timeout=30, verify=TLS)

    server.run(say(rooms[0]))
    cursor = his.poll()[-1]["eventid"]
    assert cursor.count(".") == len(rooms)
    for number in (129, 101, 3):
        said = server.run(say(rooms[number]))
        told = poll(eventid=cursor).json()
        assert [(each["text"]["act"], each["text"]["room_id"], each["id"]) for each in told] == [
            (32, rooms[number], said)
        ]
        cursor = told[-1]["eventid"]
    monkeypatch.setattr(channel, "ROOMS_MAX", 129)
    refused = poll(eventid=cursor)
    assert (refused.status_code, refused.text) == (409, "in more than 129 rooms: use /ws/\n")
    assert server.beseda.channels.held == 0


def hang_up(channel: Channel, still_there: Callable[[], object]) -> None:
    channel.close()
    while still_there():
        pass


async def somebody_else_wrote(server: BesedaServer) -> None:
    """And nobody knows what, so that all has to be read anew."""
    server.beseda.parts.feed.publish_others([Missed(server.clock.now())])


async def quietly(work: Coroutine[Any, Any, None]) -> None:
    with suppress(StoreUnavailable):
        await work
