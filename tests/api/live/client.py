"""A client of GET /live for tests."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from beseda.core.accounts import Application
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"
WAIT_S = 30.0
GUIDE = (Path(__file__).parents[3] / "docs/live.md").read_text("utf-8")
TOLD = ("changes", "counts", "mark", "letter", "thread", "writing")
Message = dict[str, Any]


def register(server: BesedaServer, *nicks: str) -> None:
    for nick in nicks:
        server.run(server.core.accounts.add(Application(nick, PASSWORD)))


@contextlib.contextmanager
def signed_in(server: BesedaServer, nick: str) -> Iterator[httpx.Client]:
    """An HTTP client with a member's cookie."""
    with httpx.Client(base_url=server.url, timeout=WAIT_S) as client:
        assert 'id="nav-user"' in client.post("/login", data={"email": nick, "password": PASSWORD}).text
        yield client


def cookie_of(client: httpx.Client) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


class Live:
    """One socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.lines: list[Message] = []
        """Lines that came while an answer was waited for, and have not been taken."""
        self.unfollowed: list[int] = []
        self.told: dict[str, list[Any]] = {name: [] for name in TOLD}
        """What came besides lines, and has not been taken."""
        self._ids = 0
        self.hello = self._receive()["hello"]

    def _receive(self) -> Message:
        message = json.loads(self.socket.recv(timeout=WAIT_S))
        assert isinstance(message, dict)
        return message

    def _take(self, message: Message) -> None:
        if "line" in message and "re" not in message:
            self.lines.append(message["line"])
        elif "unfollowed" in message:
            self.unfollowed.append(message["unfollowed"]["room"])
        else:
            (name,) = message
            self.told[name].append(message[name])

    def send(self, op: str, **members: Any) -> int:
        """A call whose answer is not waited for."""
        self._ids += 1
        self.socket.send(json.dumps({"op": op, "id": self._ids, **members}))
        return self._ids

    def answer(self, number: int) -> Message:
        while True:
            message = self._receive()
            if message.get("re") == number:
                return message
            self._take(message)

    def call(self, op: str, **members: Any) -> Message:
        return self.answer(self.send(op, **members))

    def do(self, op: str, **members: Any) -> Message:
        """The answer to a call that must be done."""
        answer = self.call(op, **members)
        assert answer["ok"], answer
        return answer

    def refused(self, op: str, **members: Any) -> str:
        """The code of the refusal, of which the guide knows."""
        answer = self.call(op, **members)
        assert not answer["ok"], answer
        code = str(answer["error"]["code"])
        assert code.startswith("bad_") or f"`{code}`" in GUIDE, code
        return code

    def take_lines(self, count: int) -> list[Message]:
        while len(self.lines) < count:
            self._take(self._receive())
        taken, self.lines = self.lines[:count], self.lines[count:]
        return taken

    def take_told(self, name: str) -> Any:
        """The next of its name, which may have come already."""
        while not self.told[name]:
            self._take(self._receive())
        return self.told[name].pop(0)

    def closed_with(self) -> int:
        """The code with which the server closes the socket, after whatever still comes."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=WAIT_S)
        assert self.socket.close_code is not None
        return self.socket.close_code


@contextlib.contextmanager
def live(server: BesedaServer, headers: dict[str, str], query: str = "") -> Iterator[Live]:
    url = server.url.replace("http://", "ws://") + "/live" + query
    with connect(url, additional_headers=headers, max_size=None) as socket:
        yield Live(socket)


@contextlib.contextmanager
def member(server: BesedaServer, nick: str) -> Iterator[Live]:
    """A member's socket, with a session of its own."""
    with signed_in(server, nick) as client, live(server, cookie_of(client)) as opened:
        yield opened
