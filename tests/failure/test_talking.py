"""Talk under failure: killed while many post, a reader who never reads, a full disk, a clock that goes back."""

import contextlib
import http.client
import itertools
import json
import resource
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from api.live.client import Live, cookie_of, live, member, register, signed_in
from awake import awake_s
from beseda.testing import BesedaServer
from e2e.serving import QUICK_HASHES, Process
from failure.test_killed import PASSWORD, START_S, data, limit_files  # noqa: F401 - a fixture

KILLS = 50
POLLERS, SOCKETS = 6, 2
UNBOUNDED = {"BESEDA_SERVER_LIMITS": "room_line=100000000/0.001,sign_in_address=1000000/0.001"}


def start(folder: Path) -> Process:
    return Process("serve", "--data", str(folder), "--listen", "127.0.0.1:0", settings=QUICK_HASHES | UNBOUNDED)


def enter(server: Process) -> str:
    """Alena's cookie, who is in the room."""
    with contextlib.closing(http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)) as connection:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", f"email=Alena&password={quote(PASSWORD)}", headers)
        answer = connection.getresponse()
        answer.read()
        cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
        connection.request("GET", "/Praha", headers={"Cookie": cookie})
        assert connection.getresponse().status == 200
    return cookie


def say(connection: http.client.HTTPConnection, cookie: str, text: str) -> bool:
    """Whether it was acknowledged."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", "/json/getText", f"roomId=1&chatIndex=x&text={text}", headers)
    answer = json.loads(connection.getresponse().read())
    assert answer["success"], answer
    return "refused" not in answer


class Talker:
    """Says one thing after another, and knows what was acknowledged."""

    def __init__(self, number: int) -> None:
        self._texts = (f"t{number}-{count}" for count in itertools.count())
        self._open: str | None = None
        self.acknowledged: list[str] = []

    def poll(self, server: Process, cookie: str, said: threading.Semaphore) -> None:
        """What was not answered is not said again: it may be there."""
        with (
            contextlib.closing(
                http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
            ) as connection,
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            while True:
                text = next(self._texts)
                assert say(connection, cookie, text)
                self.acknowledged.append(text)
                said.release()

    def talk(self, server: Process, cookie: str, said: threading.Semaphore) -> None:
        """What was not answered is said again, with its key."""
        url = server.url.replace("http://", "ws://") + "/live"
        with (
            contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake, EOFError),
            connect(url, additional_headers={"Cookie": cookie}) as connection,
        ):
            connection.recv(timeout=30)
            for _ in range(30):
                self._open = self._open or next(self._texts)
                connection.send(json.dumps({"op": "post", "room": 1, "text": self._open, "key": self._open}))
                answer = json.loads(connection.recv(timeout=30))
                assert answer["ok"], answer
                self.acknowledged.append(self._open)
                self._open = None
                said.release()


def kill_while_talking(server: Process, cookie: str, talkers: list[Talker], after: int) -> None:
    said = threading.Semaphore(0)
    threads = [
        threading.Thread(target=talker.poll if number < POLLERS else talker.talk, args=(server, cookie, said))
        for number, talker in enumerate(talkers)
    ]
    for thread in threads:
        thread.start()
    for _ in range(after):
        assert said.acquire(timeout=30)
    server.kill()
    for thread in threads:
        thread.join()


def check(folder: Path, talkers: list[Talker]) -> None:
    """All that was acknowledged is there, nothing twice, numbers without gaps, times that grow."""
    with contextlib.closing(sqlite3.connect(folder / "beseda.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute("SELECT seq, at_ms, text FROM room_lines WHERE room_id = 1 ORDER BY seq").fetchall()
        (head,) = database.execute("SELECT head_seq FROM room_heads WHERE room_id = 1").fetchone()
    assert [seq for seq, _, _ in rows] == list(range(1, head + 1))
    assert all(earlier < later for (_, earlier, _), (_, later, _) in itertools.pairwise(rows))
    texts = [text for _, _, text in rows if text.startswith("t")]
    assert len(set(texts)) == len(texts)
    assert {text for talker in talkers for text in talker.acknowledged} <= set(texts)


@pytest.mark.long
def test_killed_while_eight_talk(data: Path) -> None:  # noqa: F811 - the fixture
    talkers, cookie = [Talker(number) for number in range(POLLERS + SOCKETS)], ""
    for round_number in range(KILLS + 1):
        began = awake_s()
        server = start(data)
        try:
            assert awake_s() - began < START_S
            if round_number == 0:
                cookie = enter(server)
            check(data, talkers)
            if round_number < KILLS:
                kill_while_talking(server, cookie, talkers, after=3 + 5 * round_number % 97)
        finally:
            server.kill()
    assert all(talker.acknowledged for talker in talkers)


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    limits = {"room_line": "100000000/0.001", "socket_frame": "1000000/0.001"}
    with BesedaServer({"server.limits": limits}) as running:
        running.run(running.core.rooms.add("Praha"))
        register(running, "Alena", "Brana", "Cyril")
        yield running


class Deaf:
    """A socket that follows a room and then never reads."""

    def __init__(self, server: BesedaServer, cookie: str) -> None:
        host, _, port = server.url.removeprefix("http://").partition(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((host, int(port)))
        head = (
            f"GET /live HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        self.socket.sendall(head.encode())
        call = b'{"op":"follow","room":1,"after":0}'
        self.socket.sendall(bytes((0x81, 0x80 | len(call), 0, 0, 0, 0)) + call)
        while b'"ok":true' not in self.socket.recv(65536):
            pass

    def close(self) -> None:
        self.socket.close()


@pytest.mark.long
def test_a_reader_who_never_reads_is_let_go_and_nobody_else_waits(server: BesedaServer) -> None:
    with contextlib.ExitStack() as stack:
        readers: list[Live] = []
        client = stack.enter_context(signed_in(server, "Alena"))
        client.get("/Praha")
        for _ in range(20):
            readers.append(stack.enter_context(live(server, cookie_of(client))))
            readers[-1].do("follow", room=1)
        brana = stack.enter_context(signed_in(server, "Brana"))
        brana.get("/Praha")
        deaf = Deaf(server, cookie_of(brana)["Cookie"])
        stack.callback(deaf.close)
        for reader in readers:
            assert reader.take_lines(1)[0]["kind"] == "entered"
        count = 0
        while server.beseda.metrics.gauges["beseda_too_slow_sockets_total"][1]() == 0:
            client.post("/json/getText", data={"roomId": 1, "chatIndex": "9" * 9, "text": f"{count} " + "x" * 900})
            count += 1
            assert count < 3000
        for reader in readers:
            lines = reader.take_lines(count)
            assert [line["text"].split(" ")[0] for line in lines] == [str(number) for number in range(count)]
        again = stack.enter_context(live(server, cookie_of(brana)))
        again.do("follow", room=1, after=3)
        assert [line["seq"] for line in again.take_lines(count)] == list(range(4, count + 4))


@pytest.mark.long
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit the files of another process")
def test_a_full_disk_is_told_in_each_form_and_forgotten_when_there_is_room(data: Path) -> None:  # noqa: F811
    server = start(data)
    try:
        cookie = enter(server)
        address = server.url.removeprefix("http://")
        url = server.url.replace("http://", "ws://") + "/live"
        with (
            contextlib.closing(http.client.HTTPConnection(address, timeout=30)) as connection,
            connect(url, additional_headers={"Cookie": cookie}) as opened,
        ):
            alena = Live(opened)
            assert say(connection, cookie, "pred")
            alena.do("follow", room=1)
            limit_files(server, (data / "beseda.db-wal").stat().st_size)
            assert not say(connection, cookie, "ztracene")
            assert alena.refused("post", room=1, text="taky", key="k") == "store_unavailable"
            page = alena.do("history", room=1, limit=50)
            limit_files(server, resource.RLIM_INFINITY)
            assert say(connection, cookie, "po")
            assert alena.do("post", room=1, text="taky", key="k")["line"]["text"] == "taky"
            after = alena.do("history", room=1, limit=50)
            assert [line["text"] for line in page["lines"] if "text" in line] == ["pred"]
            assert [line["text"] for line in after["lines"] if "text" in line] == ["pred", "po", "taky"]
            assert [line["text"] for line in alena.take_lines(2)] == ["po", "taky"]
    finally:
        server.kill()


def test_a_clock_that_goes_back(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        brana.do("enter", name="Praha")
        alena.do("follow", room=room)
        brana.do("post", room=room, text="1")
        server.clock.set_back(3600)
        brana.do("post", room=room, text="2")
        server.run(server.beseda.housekeeping())
        alena.do("post", room=room, text="/kick Brana dost")
        server.run(server.beseda.housekeeping())
        lines = alena.take_lines(3)
        assert [line["kind"] for line in lines] == ["text", "text", "kicked"]
        assert lines[0]["at"] < lines[1]["at"] < lines[2]["at"]
        assert brana.refused("enter", name="Praha") == "kicked_out"
        server.clock.move(901)
        assert brana.do("enter", name="Praha")["ok"]
        assert alena.do("post", room=room, text="3")["line"]["seq"] == lines[2]["seq"] + 2
