"""What tests of several nodes on one database share."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from beseda.core.caller import Caller
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Line
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

Nodes = tuple[BesedaServer, BesedaServer]
WAIT_S = 30.0


def account_of(node: BesedaServer, nick: str) -> AccountId:
    return AccountId(node.run(node.core.accounts.find(nick)).id)


def wait_for(fact: Callable[[], object]) -> None:
    ends = time.monotonic() + WAIT_S
    while not fact():
        assert time.monotonic() < ends
        time.sleep(0.01)


@contextmanager
def counted(node: BesedaServer) -> Iterator[list[str]]:
    """The statements with which a node reads."""
    asked: list[str] = []
    reader: Any = node.beseda.parts.database.reader
    pass_through = reader._faults.pass_through

    async def count(statement: str) -> None:
        asked.append(statement)
        await pass_through(statement)

    reader._faults.pass_through = count
    try:
        yield asked
    finally:
        del reader._faults.pass_through


async def caller_of(node: BesedaServer, nick: str) -> Caller:
    core = node.core
    account = await core.accounts.find(nick)
    async with node.beseda.parts.store.unit() as unit:
        session, _ = await core.auth.start(unit, account.id, Handle.COOKIE)
    return Caller("192.0.2.9", account, session)


def ask(node: BesedaServer, path: str) -> Any:
    return httpx.get(f"{node.beseda.ops_url}{path}")


def talk(nodes: Nodes) -> tuple[Caller, RoomId, list[Line]]:
    """A room that one node watches; both know its member."""
    one, other = nodes
    alena, heard = one.run(caller_of(one, "Alena")), list[Line]()
    room = one.run(one.core.rooms.enter(alena, "Praha"))

    async def watch() -> None:
        page = await one.core.streams.read(alena, room, 0)
        assert one.core.streams.watch(room, heard.append, page.cursor) is not None

    one.run(watch())
    bus: Any = one.beseda.parts.nodes.bus
    wait_for(lambda: not any(node.beseda.parts.nodes.bus.trouble for node in nodes))
    if bus.by_room:
        wait_for(lambda: room in bus._followed)
        one.run(bus._client.flush())
    say(other, alena, room, "nultý")
    wait_for(lambda: heard)
    one.run(one.beseda.parts.nodes._people.get(alena.signed_in()[0].id))
    return alena, room, heard


def say(node: BesedaServer, caller: Caller, room: RoomId, text: str) -> None:
    node.clock.move(1)
    node.run(node.core.messages.post(caller, room, text))
