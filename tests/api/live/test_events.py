"""GET /live/rooms/<id>: Server-Sent Events."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.live.client import PASSWORD, cookie_of, member, register, signed_in
from awake import awake_s
from beseda.api.live import events as events_module
from beseda.api.live.events import EventFeed, EventStream
from beseda.core.caller import Caller
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer


def events(response: httpx.Response) -> Iterator[tuple[int, dict[str, Any]]]:
    """The id and the line of each event."""
    number = 0
    for row in response.iter_lines():
        if row.startswith("id: "):
            number = int(row[4:])
        elif row.startswith("data: "):
            yield number, json.loads(row[6:])


def test_reads_on_from_a_cursor_as_it_happens(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, signed_in(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        brana.get("/Praha")
        alena.do("post", room=room, text="1")
        with brana.stream("GET", f"/live/rooms/{room}?after=0") as response:
            assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
            found = events(response)
            read = [next(found) for _ in range(4)]
            alena.do("post", room=room, text="2")
            alena.do("post", room=room, text="/w Brana 3")
            alena.do("post", room=room, text="/help")
            alena.do("post", room=room, text="4")
            read += [next(found) for _ in range(3)]
        assert [number for number, _ in read] == [1, 2, 3, 4, 5, 6, 8]
        assert [line["text"] for _, line in read if "text" in line] == ["1", "2", "3", "4"]
        with brana.stream("GET", f"/live/rooms/{room}", headers={"Last-Event-ID": "6"}) as response:
            assert next(events(response))[1]["text"] == "4"


def test_ends_when_the_member_leaves_or_the_session_ends(server: BesedaServer) -> None:
    with signed_in(server, "Brana") as brana, signed_in(server, "Brana") as beside:
        brana.get("/Praha")
        beside.get("/Praha")
        with brana.stream("GET", "/live/rooms/1?after=0") as response:
            found = events(response)
            next(found)
            beside.get("/leaveRoom/1")
            assert [line["kind"] for _, line in found][-1] == "left"
        brana.get("/Praha")
        with brana.stream("GET", "/live/rooms/1?after=0") as response:
            found = events(response)
            next(found)
            account = server.run(server.core.accounts.find("Brana"))
            server.run(server.core.accounts.set_password(account.id, "jine dlouhe heslo"))
            list(found)


def test_who_may_not(server: BesedaServer) -> None:
    with signed_in(server, "Brana") as brana:
        assert httpx.get(f"{server.url}/live/rooms/1").status_code == 401
        answer = brana.get("/live/rooms/1")
        assert (answer.status_code, answer.json()) == (403, {"ok": False, "error": {"code": "not_in_room"}})
        assert brana.get("/live/rooms/999999").status_code == 403
        brana.get("/Praha")
        assert brana.get("/live/rooms/1", headers={"Origin": "https://evil.example.org"}).status_code == 403
        assert cookie_of(brana)


def test_an_open_stream_keeps_its_reader_in_that_room(server: BesedaServer) -> None:
    with signed_in(server, "Brana") as brana:
        brana.get("/Praha")
        brana.get("/Brno")
        with brana.stream("GET", "/live/rooms/1?after=0") as response:
            found = events(response)
            next(found)
            for _ in range(5):
                server.move_clock(100)
            account = server.run(server.core.accounts.find("Brana"))
            assert [room.name for room in server.run(server.core.presence.get(account.id)).rooms] == ["Praha"]


def test_a_quiet_room_is_heard_of_at_once(server: BesedaServer) -> None:
    """The head, a comment, and how soon to come back; nothing of it is an event."""
    with signed_in(server, "Brana") as brana:
        brana.get("/Praha")
        with brana.stream("GET", "/live/rooms/1") as response:
            assert response.status_code == 200
            rows = response.iter_lines()
            begin = [next(rows) for _ in range(3)]
            assert begin[0].startswith(":")
            assert begin[1].startswith("retry: ")
            assert 1_000 <= int(begin[1].removeprefix("retry: ")) <= 60_000
            assert begin[2] == ""


@pytest.mark.parametrize("quiet", [True, False])
def test_an_open_stream_does_not_hold_up_the_stop(quiet: bool) -> None:
    """It ends as an answer does, and its client comes back."""
    with BesedaServer({"server.drain_s": 600}) as server:
        register(server, "Brana")
        with signed_in(server, "Brana") as brana, signed_in(server, "Brana") as beside:
            brana.get("/Praha")
            address = "/live/rooms/1" if quiet else "/live/rooms/1?after=0"
            with brana.stream("GET", address) as response, beside.stream("GET", address) as other:
                rows, others = response.iter_lines(), other.iter_lines()
                assert next(rows) == next(others) == ":"
                began = time.monotonic()
                server.run(server.beseda.stop(600))
                assert time.monotonic() - began < 60
                assert [row for row in (*rows, *others) if "retry" in row] == ["retry: 3000"] * 2


async def talk(server: BesedaServer, caller: Caller, lines: int) -> None:
    """Four kilobytes a line."""
    for number in range(lines):
        await server.core.messages.post(caller, RoomId(1), f"{number} " + "🙂" * 990)


@pytest.mark.long
@pytest.mark.parametrize("lines", [2, 30, 1000])
def test_a_reader_who_does_not_read_does_not_hold_up_the_stop(lines: int) -> None:
    """Whether the stream is stuck in the middle, at its end, or not at all."""
    with BesedaServer({"server.drain_s": 60, "server.limits": {"room_line": "100000/0.001"}}) as server:
        register(server, "Brana")
        with signed_in(server, "Brana") as brana, socket.socket() as slow:
            brana.get("/Praha")
            deed = server.core.auth.sign_in("Brana", PASSWORD, kind=Handle.COOKIE, address="192.0.2.1")
            signed = server.run(deed)
            caller = Caller("192.0.2.1", signed.account, signed.session)
            server.run(talk(server, caller, lines))
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            url = httpx.URL(server.url)
            slow.connect((url.host, url.port))
            head = f"GET /live/rooms/1?after=0 HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n"
            slow.sendall(f"{head}Cookie: {cookie_of(brana)['Cookie']}\r\n\r\n".encode())
            assert slow.recv(15) == b"HTTP/1.1 200 OK"
            began = awake_s()
            server.run(server.beseda.stop(60))
            assert awake_s() - began < 10


async def lag(server: BesedaServer, caller: Caller) -> tuple[list[int], int]:
    """What a reader who stops reading after the first line has got, and how many lines there were."""
    bodies: list[bytes] = []
    go_on = asyncio.Event()

    async def send(message: Any) -> None:
        bodies.append(message.get("body", b""))
        if b"data:" in bodies[-1]:
            await go_on.wait()

    stream = EventStream(EventFeed(server.core), send, caller, Handle.COOKIE, "", RoomId(1))
    await stream.open(None)
    running = asyncio.create_task(stream.run(asyncio.Event().wait))  # type: ignore[arg-type]
    head = 0
    try:
        while not stream.is_closed:
            line = await server.core.messages.post(caller, RoomId(1), "🙂" * 990)
            head = line.seq
            assert head < 300
    finally:
        go_on.set()
        await running
    rows = b"".join(bodies).decode().splitlines()
    return [int(row[4:]) for row in rows if row.startswith("id: ")], head


def test_a_reader_who_is_too_far_behind_gets_a_whole_part_and_the_end() -> None:
    with BesedaServer({"server.limits": {"room_line": "100000/0.001"}}) as server:
        register(server, "Brana")
        with signed_in(server, "Brana") as brana:
            brana.get("/Praha")
        signed = server.run(server.core.auth.sign_in("Brana", PASSWORD, kind=Handle.COOKIE, address="192.0.2.1"))
        got, head = server.run(lag(server, Caller("192.0.2.1", signed.account, signed.session)))
        assert got == list(range(got[0], got[-1] + 1))
        assert 60 < len(got) < head
        with signed_in(server, "Brana") as brana:
            brana.get("/Praha")
            with brana.stream("GET", "/live/rooms/1", headers={"Last-Event-ID": str(got[-1])}) as response:
                assert next(events(response))[0] == got[-1] + 1


def test_silence_is_broken_by_comments(server: BesedaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "COMMENT_S", 0.01)
    with signed_in(server, "Brana") as brana:
        brana.get("/Praha")
        with brana.stream("GET", "/live/rooms/1") as response:
            rows = [row for row, _ in zip(response.iter_lines(), range(20), strict=False)]
        assert {row for row in rows if not row.startswith(("retry: ", "data: ", "id: "))} == {":", ""}


def test_who_is_thrown_out_as_it_begins_gets_the_end_of_it(
    server: BesedaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head is out already: what cannot go on ends whole, and the next try is told why."""

    async def leave_first(stream: EventStream) -> None:
        await server.core.rooms.leave(stream.caller, stream._room_id)

    with signed_in(server, "Brana") as brana:
        brana.get("/Praha")
        monkeypatch.setattr(EventStream, "load_ignored", leave_first)
        answer = brana.get("/live/rooms/1")
        assert (answer.status_code, answer.text.splitlines()[0]) == (200, ":")
        assert brana.get("/live/rooms/1").status_code == 403
