"""People of a town that is soaked: each does one thing again and again, comes back when cut off, and keeps count.

Whoever was not answered asks again with the same key, so that what was counted and what there is must be the same.
"""

import asyncio
import itertools
import json
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import httpx

from bench._crowd import PONG, frame, handshake
from beseda.client import AsyncChatCz, Busy, NotAsked, SignInRefused, TooOften, Unknown

ANSWER_S = 20.0
PASSING = {"too_often", "overloaded", "store_unavailable", "outcome_unknown"}
"""Refusals of a server that is busy, or has just lost its database."""
BUSY = (429, 503)
LINE = re.compile(rb'\{"line":\{"room":[0-9]+,"seq":([0-9]+),')
PASSWORD = "a long made-up password"


class Lost(Exception):
    """The connection is gone, or nothing was answered: what was asked may have been done."""


class Refused(Exception):
    """The code of a refusal."""


@dataclass
class Town:
    """What everybody shares. `urls` are the nodes', which keep their ports; `counts` is what was acknowledged."""

    urls: list[str]
    over: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    answered: list[tuple[float, float]] = field(default_factory=list)
    """Posts: when each was said, and after how many milliseconds it was acknowledged."""


class Wire(asyncio.Protocol):
    """A WebSocket to /live: asks one thing at a time; all else that comes is given to `heard`."""

    def __init__(self, handle: str, heard: Callable[[bytes], None]) -> None:
        self._handle = handle
        self._heard = heard
        self._data = b""
        self._head = True
        self._answer: asyncio.Future[bytes] | None = None
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(handshake("/live", f"Authorization: Bearer {self._handle}"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._head:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.transport.abort()
                return
            self._data, self._head = rest, False
            self.opened.set()
        start, data = 0, self._data
        while len(data) - start >= 2:
            size, begin = data[start + 1], start + 2
            if size > 125:
                width = 2 if size == 126 else 8
                if len(data) < begin + width:
                    break
                size, begin = int.from_bytes(data[begin : begin + width]), begin + width
            if len(data) < begin + size:
                break
            self._take(data[start] & 15, data[begin : begin + size])
            start = begin + size
        self._data = data[start:]

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == 9:
            self.transport.write(PONG)
        elif kind == 8:
            self.transport.close()
        elif payload.startswith(b'{"re"'):
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(payload)
        else:
            self._heard(payload)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()
        self.opened.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Lost())

    async def ask(self, **call: object) -> dict[str, Any]:
        """Raises Lost, Refused."""
        if self.lost.is_set():
            raise Lost
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(frame(json.dumps({"id": 1} | call).encode()))
        try:
            answer: dict[str, Any] = json.loads(await asyncio.wait_for(self._answer, ANSWER_S))
        except TimeoutError:
            self.transport.abort()
            raise Lost from None
        if not answer["ok"]:
            raise Refused(answer["error"]["code"])
        return answer


class Person:
    """Somebody with a socket to one node."""

    def __init__(self, town: Town, node: int, handle: str) -> None:
        self.town = town
        self.node = node
        self.handle = handle
        self.wire: Wire | None = None

    async def run(self) -> None:
        """Until the town is over."""
        while not self.town.over:
            try:
                wire = await self.connect()
                await self.live(wire)
            except (OSError, Lost):
                await asyncio.sleep(random.uniform(0.2, 1.5))
            except Refused as refused:
                self.town.refusals[str(refused)] += str(refused) not in PASSING
                await asyncio.sleep(random.uniform(0.2, 1.5))

    async def connect(self) -> Wire:
        host, _, port = self.town.urls[self.node].removeprefix("http://").partition(":")
        wire = Wire(self.handle, self.heard)
        await asyncio.get_running_loop().create_connection(lambda: wire, host, int(port))
        self.leave()
        self.wire = wire
        await asyncio.wait_for(wire.opened.wait(), ANSWER_S)
        return wire

    def leave(self) -> None:
        if self.wire is not None:
            self.wire.transport.abort()

    async def live(self, wire: Wire) -> None:
        raise NotImplementedError

    def heard(self, payload: bytes) -> None:
        """What nobody asked for."""


class Listener(Person):
    """Hears every line of a room once, and after a loss those that came meanwhile."""

    def __init__(self, town: Town, node: int, handle: str, room: int, cursor: int) -> None:
        super().__init__(town, node, handle)
        self.room = room
        self.cursor = cursor
        self.missed: list[int] = []
        """Numbers that did not come: there should be none but of lines that others alone may see."""
        self.stale = 0
        """Lines that came again, or too late."""

    async def live(self, wire: Wire) -> None:
        await wire.ask(op="follow", room=self.room, after=self.cursor)
        await wire.lost.wait()

    def heard(self, payload: bytes) -> None:
        if line := LINE.match(payload):
            seq = int(line[1])
            self.missed += range(self.cursor + 1, seq)
            self.stale += seq <= self.cursor
            self.cursor = max(seq, self.cursor)
            self.town.counts["heard"] += 1


class Poster(Person):
    """Says something every few seconds, and each thing once."""

    def __init__(self, town: Town, node: int, handle: str, room: int, every_s: float) -> None:
        super().__init__(town, node, handle)
        self.room = room
        self.every_s = every_s
        self.due: dict[str, object] = {}

    async def live(self, wire: Wire) -> None:
        while not self.town.over or self.due:
            if not self.due:
                await asyncio.sleep(random.uniform(0.5, 1.5) * self.every_s)
                if self.town.over:
                    return
                self.due = self.next()
            began = time.perf_counter()
            await wire.ask(**self.due)
            self.done(began)
            self.due = {}

    def next(self) -> dict[str, object]:
        return {"op": "post", "room": self.room, "text": "soaked, as ever", "key": secrets.token_hex(8)}

    def done(self, began: float) -> None:
        self.town.counts["posts"] += 1
        self.town.answered.append((began, (time.perf_counter() - began) * 1000))


class Writer(Poster):
    """The same with letters, to one member."""

    def __init__(self, town: Town, node: int, handle: str, to: int, every_s: float) -> None:
        super().__init__(town, node, handle, 0, every_s)
        self.to = to

    def next(self) -> dict[str, object]:
        return {"op": "send", "account": self.to, "text": "a letter", "key": secrets.token_hex(8)}

    def done(self, began: float) -> None:
        self.town.counts["letters"] += 1


class Moderator(Person):
    """Mutes somebody and takes it back. What was not answered may or may not have been done."""

    def __init__(self, town: Town, node: int, handle: str, room: int, whom: int, every_s: float) -> None:
        super().__init__(town, node, handle)
        self.room = room
        self.whom = whom
        self.every_s = every_s

    async def live(self, wire: Wire) -> None:
        for op in itertools.cycle(("mute", "unmute")):
            await asyncio.sleep(self.every_s)
            if self.town.over:
                return
            try:
                await wire.ask(op=op, room=self.room, account=self.whom)
                self.town.counts["mutes"] += op == "mute"
            except (Lost, Refused):
                self.town.counts["mutes, perhaps"] += op == "mute"
                raise


@dataclass
class Visitor:
    """Comes by HTTP: polls by a cursor, uploads pictures, or signs in and out."""

    town: Town
    node: int
    every_s: float
    handle: str = ""
    room: int = 0
    cursor: int = 0
    picture: bytes = b""
    nick: str = ""
    texts: int = 0
    """Lines that polls told, of posters."""

    async def run(self) -> None:
        deed = self.upload if self.picture else self.sign_in_and_out if self.nick else self.poll
        async with httpx.AsyncClient(
            base_url=self.town.urls[self.node], cookies={"beseda": self.handle}, timeout=ANSWER_S
        ) as http:
            while not self.town.over:
                await asyncio.sleep(random.uniform(0.5, 1.5) * self.every_s)
                try:
                    await deed(http)
                except (httpx.TransportError, NotAsked, Unknown, Busy, TooOften):
                    continue

    async def poll(self, http: httpx.AsyncClient) -> None:
        form = {"roomId": str(self.room), "chatIndex": str(self.cursor)}
        got = await http.post("/json/getText", data=form)
        if got.status_code in BUSY:
            return
        answer = got.json()
        if not answer["success"]:
            self.town.refusals[f"poll: {answer['statusMessage']}"] += 1
            return
        cursor = int(answer["data"]["index"])
        self.town.refusals["poll: the cursor goes back"] += cursor < self.cursor
        self.texts += sum("soaked" in json.dumps(line) for line in answer["data"]["data"])
        self.cursor = cursor
        self.town.counts["polls"] += 1

    async def upload(self, http: httpx.AsyncClient) -> None:
        answer = await http.post("/picture", files={"picture": ("me.png", self.picture, "image/png")})
        if answer.status_code == 303:
            self.town.counts["pictures"] += 1
        elif answer.status_code not in BUSY:
            self.town.refusals[f"picture: {answer.status_code}"] += 1

    async def sign_in_and_out(self, http: httpx.AsyncClient) -> None:
        async with AsyncChatCz(str(http.base_url)) as chat:
            try:
                await chat.sign_in(self.nick, PASSWORD)
            except SignInRefused:  # a page in words, which also says so when the server is busy: told, not judged
                self.town.counts["sign-ins refused"] += 1
                return
            await chat.sign_out()
        self.town.counts["sign-ins and -outs"] += 1
