"""The hub alone: who gets what, in which order, in how many writes."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from beseda.api.hub import Hub, text_frame

ROOMS = ("brno", "praha")
SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 100_000)


class Ear:
    """A socket that remembers its writes."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.is_closed = False
        self.close_code = 0
        self.write: Callable[[bytes], None] = self.writes.append

    def send_text(self, payload: bytes) -> None:
        self.write(text_frame(payload))

    def close(self, code: int, reason: str = "") -> None:
        self.is_closed, self.close_code = True, code
        self.write = lambda data: None

    @property
    def heard(self) -> list[str]:
        """Payloads of under 126 bytes."""
        data, found = b"".join(self.writes), []
        while data:
            size = data[1]
            found.append(data[2 : 2 + size].decode())
            data = data[2 + size :]
        return found


def play(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


async def end_of_turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_what_the_standard_says(size: int) -> None:
    payload = b"a" * size
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


def test_what_comes_up_in_one_turn_is_one_write() -> None:
    async def scene() -> None:
        hub, alena, boris = Hub(), Ear(), Ear()
        hub.join("praha", alena)
        hub.join("praha", boris)
        for number in range(16):
            hub.broadcast("praha", str(number).encode())
        assert alena.writes == []
        await end_of_turn()
        hub.broadcast("praha", b"later")
        await end_of_turn()
        assert [len(ear.writes) for ear in (alena, boris)] == [2, 2]
        assert alena.heard == boris.heard == [*map(str, range(16)), "later"]
        assert alena.writes[0] is boris.writes[0]
        assert (hub.frames, hub.deliveries) == (17, 34)

    play(scene())


def test_a_private_frame_keeps_its_place_and_costs_the_others_nothing() -> None:
    async def scene() -> None:
        hub, alena, boris = Hub(), Ear(), Ear()
        for room in ROOMS:
            hub.join(room, alena)
        hub.join("praha", boris)
        hub.broadcast("praha", b"1")
        hub.send(alena, b"2")
        hub.broadcast("brno", b"3")
        hub.broadcast("praha", b"4", skip=[alena])
        hub.broadcast("praha", b"5")
        hub.send(alena, b"6")
        await end_of_turn()
        assert alena.heard == ["1", "2", "3", "5", "6"]
        assert boris.heard == ["1", "4", "5"]
        assert [len(ear.writes) for ear in (alena, boris)] == [1, 1]
        assert hub.deliveries == 8

    play(scene())


def test_who_comes_or_goes_within_the_turn_gets_what_was_said_meanwhile() -> None:
    async def scene() -> None:
        hub, alena, boris = Hub(), Ear(), Ear()
        hub.join("praha", alena)
        hub.broadcast("praha", b"1")
        hub.join("praha", boris)
        hub.join("praha", boris)
        hub.broadcast("praha", b"2")
        hub.leave("praha", alena)
        hub.broadcast("praha", b"3")
        hub.join("praha", alena)
        hub.broadcast("praha", b"4")
        hub.leave_all(boris)
        await end_of_turn()
        assert alena.heard == ["1", "2", "4"]
        assert boris.heard == ["2", "3", "4"]

    play(scene())


def test_a_socket_is_closed_after_what_was_sent_to_it() -> None:
    async def scene() -> None:
        hub, alena = Hub(), Ear()
        hub.join("praha", alena)
        hub.broadcast("praha", b"1")
        hub.send(alena, b"2")
        hub.close(alena, 4001)
        hub.broadcast("praha", b"3")
        hub.send(alena, b"4")
        await end_of_turn()
        assert alena.heard == ["1", "2"]
        assert alena.close_code == 4001

    play(scene())


def test_nobody_is_kept() -> None:
    async def scene() -> None:
        hub, ears = Hub(), [Ear() for _ in range(10)]
        for ear in ears:
            for room in ROOMS:
                hub.join(room, ear)
        assert (hub.groups, hub.members("praha")) == (2, 10)
        hub.broadcast("praha", b"1")
        for ear in ears:
            hub.leave("brno", ear)
            hub.leave("brno", ear)
            ear.close(1000)
            hub.leave_all(ear)
            hub.join("praha", ear)
        hub.broadcast("praha", b"to nobody")
        await end_of_turn()
        assert (hub.groups, hub.members("praha"), hub.deliveries) == (0, 0, 0)
        kept = [value for value in vars(hub).values() if isinstance(value, dict)]
        assert not any(kept)

    play(scene())


STEPS = st.one_of(
    st.tuples(st.sampled_from(("join", "leave")), st.sampled_from(ROOMS), st.integers(0, 3)),
    st.tuples(st.just("broadcast"), st.sampled_from(ROOMS), st.sets(st.integers(0, 3), max_size=2)),
    st.tuples(st.just("send"), st.just(""), st.integers(0, 3)),
    st.tuples(st.just("turn"), st.just(""), st.just(0)),
)


@pytest.mark.long
@given(st.lists(STEPS, max_size=40))
def test_each_hears_what_he_should_in_the_order_in_which_it_was_said(steps: list[tuple[str, str, Any]]) -> None:
    """Beside a model that writes at once. At first three are in both rooms."""

    async def scene() -> None:
        hub, ears = Hub(), [Ear() for _ in range(4)]
        members = {room: {0, 1, 2} for room in ROOMS}
        for room in ROOMS:
            for index in members[room]:
                hub.join(room, ears[index])
        due: list[list[str]] = [[] for _ in ears]
        for number, (what, room, who) in enumerate(steps):
            text = str(number)
            if what == "join":
                hub.join(room, ears[who])
                members[room].add(who)
            elif what == "leave":
                hub.leave(room, ears[who])
                members[room].discard(who)
            elif what == "broadcast":
                hub.broadcast(room, text.encode(), skip=[ears[index] for index in who])
                for index in members[room] - who:
                    due[index].append(text)
            elif what == "send":
                hub.send(ears[who], text.encode())
                due[who].append(text)
            else:
                await end_of_turn()
        await end_of_turn()
        assert [ear.heard for ear in ears] == due

    play(scene())
