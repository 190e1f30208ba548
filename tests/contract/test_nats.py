"""Two servers that tell each other by NATS what they did: it makes them faster, and nothing depends on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from api.live.client import register
from beseda.testing import BesedaServer, ManualClock
from beseda.testing.nats import NatsServer, run_nats
from contract.together import Nodes, ask, caller_of, counted, say, talk, wait_for


@pytest.fixture(scope="module")
def nats() -> Iterator[NatsServer]:
    with run_nats() as server:
        yield server


@pytest.fixture
def nodes(nats: NatsServer, tmp_path: Path) -> Iterator[Nodes]:
    """On one file of SQLite, at whose change counter nobody looks where there is a bus."""
    clock, settings = ManualClock(), {"server.bus": f"nats://127.0.0.1:1,{nats.url}"}
    with ExitStack() as stack:
        one, other = (stack.enter_context(BesedaServer(settings, data=tmp_path, clock=clock)) for _ in "12")
        register(one, "Alena")
        for node in (one, other):
            wait_for(lambda node=node: not node.beseda.parts.nodes.bus.trouble)  # type: ignore[misc]
        yield one, other


def test_a_line_of_somebody_known_is_told_without_a_read(nodes: Nodes) -> None:
    one, other = nodes
    alena, room, heard = talk(nodes)
    with counted(one) as asked:
        for number in range(20):
            say(other, alena, room, f"n{number}")
            wait_for(lambda number=number: heard[-1].text == f"n{number}")  # type: ignore[misc]
    reads = [statement for statement in asked if "FROM room_lines" in statement]
    assert len(reads) <= 5  # of 20: the clock may look a moment before the hint comes
    assert [line.text for line in heard] == ["nultý", *(f"n{number}" for number in range(20))]


def test_a_room_that_a_node_does_not_read_is_not_told_to_it(nodes: Nodes) -> None:
    one, other = nodes
    alena, room, _ = talk(nodes)
    elsewhere = other.run(other.core.rooms.enter(alena, "Brno"))
    say(other, alena, elsewhere, "tady nikdo neposlouchá")
    bus: Any = one.beseda.parts.nodes.bus
    assert set(bus._followed) == {room}
    one.run(one.core.streams.read(alena, elsewhere, 0))
    wait_for(lambda: set(bus._followed) == {room, elsewhere})
    one.clock.move(601)
    one.run(one.core.streams.drop_unread())
    wait_for(lambda: set(bus._followed) == {room})


@pytest.mark.long
def test_without_it_everything_comes_a_second_later(nodes: Nodes, nats: NatsServer) -> None:
    one, other = nodes
    alena, room, heard = talk(nodes)
    nats.stop()
    wait_for(lambda: all(node.beseda.parts.nodes.bus.trouble for node in nodes))
    ready = ask(one, "/health/ready")
    assert (ready.status_code, ready.json()["status"], list(ready.json()["slowed"])) == (200, "degraded", ["bus"])
    say(other, alena, room, "bez NATS")
    wait_for(lambda: heard[-1].text == "bez NATS")
    nats.start()
    wait_for(lambda: not any(node.beseda.parts.nodes.bus.trouble for node in nodes))
    assert ask(one, "/health/ready").json()["status"] == "ok"
    before = one.beseda.parts.nodes.heard
    wait_for(lambda: set(one.beseda.parts.nodes.bus._followed) == {room})  # type: ignore[attr-defined]
    say(other, alena, room, "zase s ním")
    wait_for(lambda: heard[-1].text == "zase s ním" and one.beseda.parts.nodes.heard > before)
    with nats.frozen():
        say(other, alena, room, "ztuhlý")
        wait_for(lambda: heard[-1].text == "ztuhlý")
        wait_for(lambda: one.beseda.parts.nodes.bus.trouble)
    wait_for(lambda: not one.beseda.parts.nodes.bus.trouble)
    assert [line.text for line in heard] == ["nultý", "bez NATS", "zase s ním", "ztuhlý"]


def test_what_others_say_on_its_subjects_is_nobodys_word(nodes: Nodes, nats: NatsServer) -> None:
    one, other = nodes
    alena, room, heard = talk(nodes)
    bus: Any = one.beseda.parts.nodes.bus

    async def lie() -> None:
        from nats.aio.client import Client

        client = Client()
        await client.connect(nats.url)
        for topic in ("journal", f"room.{room}"):
            for payload in (
                b"",
                b"{}",
                b"\xff" * 100,
                b"0" * 64 + b'{"v": 1, "node": "x", "journal": true, "rooms": []}',
            ):
                await client.publish(f"{bus._subject}.{topic}", payload)
        await client.flush()
        await client.close()

    other.run(lie())
    wait_for(lambda: one.beseda.parts.nodes.refused == 8)
    say(other, alena, room, "pravda")
    wait_for(lambda: heard[-1].text == "pravda")


@pytest.mark.long
def test_a_server_starts_without_it(tmp_path: Path) -> None:
    with BesedaServer({"server.bus": "nats://127.0.0.1:1"}, data=tmp_path) as server:
        register(server, "Alena")
        server.run(server.core.rooms.enter(server.run(caller_of(server, "Alena")), "Praha"))
        assert ask(server, "/health/ready").json()["slowed"]["bus"]
