"""Following rooms: from a cursor, without a gap, nothing twice, in order, and only what one may see."""

import contextlib
import tempfile
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from api.live.client import Message, cookie_of, live, member, register, signed_in
from beseda.api.live.talk import ROOMS_MAX
from beseda.core.stream import RING
from beseda.core.streams import PAGE
from beseda.domain.ids import RoomId
from beseda.domain.messages import Kind
from beseda.testing import BesedaServer


def fill(server: BesedaServer, room: int, nick: str, count: int) -> None:
    """Lines that were there before anybody looks."""
    account = server.run(server.core.accounts.find(nick))

    async def append() -> None:
        async with server.beseda.parts.store.unit() as unit:
            for number in range(count):
                await unit.messages.append(
                    RoomId(room), Kind.TEXT, server.clock.now(), actor=account, text=f"n{number}"
                )

    server.run(append())


def check_order(lines: list[Message]) -> None:
    assert all(earlier["seq"] < later["seq"] and earlier["at"] < later["at"] for earlier, later in pairwise(lines))


def test_lines_arrive_as_they_happen(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        cursor = alena.do("follow", room=room)["cursor"]
        brana.do("enter", name="Praha")
        brana.do("post", room=room, text="ahoj")
        entered, text = alena.take_lines(2)
        assert (entered["kind"], text["kind"], text["text"]) == ("entered", "text", "ahoj")
        assert entered["seq"] == cursor + 1
        alena.do("unfollow", room=room)
        brana.do("post", room=room, text="neslysis")
        assert alena.do("history", room=room, limit=1)["lines"][0]["text"] == "neslysis"
        assert alena.lines == []


def test_whoever_comes_back_misses_nothing(server: BesedaServer) -> None:
    with member(server, "Brana") as brana, signed_in(server, "Alena") as client:
        room = brana.do("enter", name="Praha")["room"]
        with live(server, cookie_of(client)) as first:
            first.do("enter", name="Praha")
            first.do("follow", room=room, after=0)
            brana.do("post", room=room, text="1")
            seen = first.take_lines(4)
        for number in range(2, 8):
            brana.do("post", room=room, text=str(number))
        with live(server, cookie_of(client)) as second:
            second.do("follow", room=room, after=seen[-1]["seq"])
            brana.do("post", room=room, text="8")
            seen += second.take_lines(7)
        check_order(seen)
        assert [line["seq"] for line in seen] == list(range(1, len(seen) + 1))
        assert [line["text"] for line in seen if line["kind"] == "text"] == [str(number) for number in range(1, 9)]


@pytest.mark.parametrize("count", [RING - 3, RING + 5, PAGE + 7, 3 * PAGE])
def test_far_more_than_is_in_memory_while_others_write(server: BesedaServer, count: int) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        brana.do("enter", name="Praha")
        fill(server, room, "Cyril", count)
        number = alena.send("follow", room=room, after=0)
        for text in range(15):
            brana.send("post", room=room, text=f"b{text}")
        answer = alena.answer(number)
        assert answer["ok"]
        lines = alena.take_lines(3 + count + 15)
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


def test_lines_in_memory_show_what_their_author_is_called_now(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        brana.do("enter", name="Praha")
        brana.do("follow", room=room)
        alena.do("post", room=room, text="ahoj")
        account = alena.do("post", room=room, text="/w Brana pst")["line"]["actor"]["id"]
        brana.take_lines(2)
        server.run(server.core.accounts.rename(account, "Alice"))
        alena.do("post", room=room, text="to jsem ja")
        assert [line["actor"]["nick"] for line in brana.take_lines(1)] == ["Alice"]
        brana.do("unfollow", room=room)
        brana.do("follow", room=room, after=0)
        people = [line.get("actor") or line["target"] for line in brana.take_lines(6)]
        assert [person["nick"] for person in people] == ["Alice", "Alice", "Brana", "Alice", "Alice", "Alice"]


def test_goes_on_after_a_restart(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with BesedaServer(data=Path(folder)) as before:
            before.run(before.core.rooms.add("Praha"))
            register(before, "Alena")
            with signed_in(before, "Alena") as client:
                cookie = cookie_of(client)
                with live(before, cookie) as alena:
                    room = alena.do("enter", name="Praha")["room"]
                    cursor = alena.do("follow", room=room)["cursor"]
                    alena.do("post", room=room, text="pred", key="k")
        with BesedaServer(data=Path(folder), clock=before.clock) as server, live(server, cookie) as alena:
            assert alena.do("post", room=room, text="pred", key="k")["line"]["seq"] == cursor + 1
            alena.do("follow", room=room, after=cursor)
            assert [line["text"] for line in alena.take_lines(1)] == ["pred"]


def test_what_is_for_some_only(server: BesedaServer) -> None:
    with (
        member(server, "Alena") as alena,
        member(server, "Brana") as brana,
        member(server, "Cyril") as cyril,
    ):
        room = alena.do("enter", name="Praha")["room"]
        for other in (brana, cyril):
            other.do("enter", name="Praha")
        for each in (alena, brana, cyril):
            each.do("follow", room=room)
        alena.do("post", room=room, text="/w Brana tajne")
        alena.do("post", room=room, text="/help")
        alena.do("post", room=room, text="verejne")
        assert [line["kind"] for line in alena.take_lines(3)] == ["whisper", "notice", "text"]
        assert [line["kind"] for line in brana.take_lines(2)] == ["whisper", "text"]
        assert [line["kind"] for line in cyril.take_lines(1)] == ["text"]
        history = cyril.do("history", room=room, limit=20)["lines"]
        assert not {"whisper", "notice"} & {line["kind"] for line in history}


def test_ignoring_and_muting_count_at_once(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana, member(server, "Cyril") as cyril:
        room = alena.do("enter", name="Praha")["room"]
        for other in (brana, cyril):
            other.do("enter", name="Praha")
        for each in (alena, cyril):
            each.do("follow", room=room)
        cyril.do("post", room=room, text="/ignore Brana")
        cyril.do("history", room=room)
        brana.do("post", room=room, text="1")
        alena.do("post", room=room, text="2")
        assert [line.get("text") for line in cyril.take_lines(2)] == ["ignored", "2"]
        cyril.do("post", room=room, text="/unignore Brana")
        cyril.do("history", room=room)
        brana.do("post", room=room, text="3")
        assert [line.get("text") for line in cyril.take_lines(2)] == ["unignored", "3"]
        alena.do("post", room=room, text="/mute Brana")
        brana.do("post", room=room, text="4")
        alena.do("post", room=room, text="5")
        assert [line.get("text") for line in cyril.take_lines(2)] == [None, "5"]
        cyril.do("post", room=room, text="/unmute Brana")
        brana.do("post", room=room, text="6")
        assert [(line["kind"], line.get("text"), line.get("muted")) for line in cyril.take_lines(2)] == [
            ("unmuted", None, None),
            ("text", "6", True),
        ]


def test_who_is_kicked_is_told_and_follows_no_longer(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        brana.do("enter", name="Praha")
        brana.do("follow", room=room)
        alena.do("post", room=room, text="/kick Brana dost")
        (line,) = brana.take_lines(1)
        assert (line["kind"], line["target"]["nick"], line["text"], line["number"]) == ("kicked", "Brana", "dost", 15)
        alena.do("post", room=room, text="neslysis")
        error = brana.call("enter", name="Praha")["error"]
        assert error.pop("request_id")
        assert error == {"code": "kicked_out", "reason": "dost", "retry_after_s": 900.0}
        assert (brana.unfollowed, brana.lines) == ([room], [])


def test_another_process_on_the_same_database_is_heard(server: BesedaServer) -> None:
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(BesedaServer(data=server.config.server.data, clock=server.clock))
        with member(server, "Alena") as alena, member(other, "Brana") as brana:
            room = alena.do("enter", name="Praha")["room"]
            alena.do("follow", room=room)
            brana.do("enter", name="Praha")
            brana.do("post", room=room, text="odjinud")
            server.run(server.beseda.look_for_others())
            alena.do("post", room=room, text="a odtud")
            lines = alena.take_lines(3)
            assert [line["kind"] for line in lines] == ["entered", "text", "text"]
            check_order(lines)
            account = other.run(other.core.accounts.find("Alena"))
            other.run(other.core.accounts.set_password(account.id, "jine dlouhe heslo"))
            server.run(server.beseda.look_for_others())
            assert alena.closed_with() == 1008


def test_the_same_order_for_all_while_many_write(server: BesedaServer) -> None:
    def write(nick: str, room: int) -> None:
        with member(server, nick) as socket:
            socket.do("enter", name="Praha")
            for number in range(15):
                socket.do("post", room=room, text=f"{nick} {number}")

    with member(server, "Alena") as alena, signed_in(server, "Alena") as client:
        room = alena.do("enter", name="Praha")["room"]
        alena.do("follow", room=room)
        client.get("/Praha")
        threads = [threading.Thread(target=write, args=(nick, room)) for nick in ("Brana", "Cyril")]
        for thread in threads:
            thread.start()
        lines: list[Message] = []
        while sum(1 for line in lines if line["kind"] == "text") < 30:
            lines += alena.take_lines(1)
        for thread in threads:
            thread.join()
        check_order(lines)
        polled = client.post("/json/getText", data={"roomId": room, "chatIndex": str(lines[0]["seq"] - 1)}).json()
        texts = [message["t"] for message in polled["data"]["data"] if "t" in message]
        assert texts == [line["text"] for line in lines if line["kind"] == "text"]


def test_too_many_rooms(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        rooms = [server.run(server.core.rooms.add(f"Mistnost {number}")) for number in range(ROOMS_MAX + 1)]
        with signed_in(server, "Alena") as client:
            for room in rooms:
                client.get(f"/{room.name}")
            for room in rooms[:-1]:
                alena.do("follow", room=room.id)
            assert alena.refused("follow", room=rooms[-1].id) == "too_many_rooms"
            alena.do("follow", room=rooms[0].id)
