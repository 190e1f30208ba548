"""Members who talk and follow whatever becomes of the nodes: they come back, and know what they were told.

A talker goes to the next node when his own is lost, as behind a proxy. He repeats what was not answered, with its key.
A follower goes on after the last line that he heard, and finds that none is missing.
"""

import asyncio
import contextlib
import itertools
import json
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from awake import awake_s

PASSES = {"too_often", "overloaded", "store_unavailable", "outcome_unknown"}
LOST = (OSError, EOFError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage)
ANSWER_S = 8.0
"""Longer than a node waits for its database, so that its own word is heard."""
PING_S = 1.0
AGAIN_S = 0.1
POST_EVERY_S = 0.05
Message = dict[str, Any]


class Refused(Exception):
    """The code of a refusal."""


class Talker:
    """`pauses` are the seconds from the last thing heard before a connection was lost to the first one after it."""

    ping_s = PING_S
    """After so long a silence he takes his node for lost."""

    def __init__(self, token: str, urls: Sequence[str], start: int) -> None:
        self._token = token
        self._urls = [url.replace("http://", "ws://") + "/live" for url in urls]
        self.at = start
        self._ids = itertools.count(1)
        self._heard_s = 0.0
        self._was_lost = False
        self.pauses: list[float] = []
        self.losses = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                async with connect(
                    self._urls[self.at],
                    additional_headers={"Authorization": f"Bearer {self._token}"},
                    open_timeout=2 * self.ping_s,
                    ping_interval=PING_S,
                    ping_timeout=self.ping_s,
                    close_timeout=0.1,
                ) as socket:
                    await asyncio.wait_for(socket.recv(), ANSWER_S)
                    await self.talk(socket)
            except LOST:
                self.losses += 1
                self._was_lost = True
                self.at = (self.at + 1) % len(self._urls)
                await asyncio.sleep(AGAIN_S * random.random())

    async def talk(self, socket: ClientConnection) -> None:
        raise NotImplementedError

    def note(self) -> None:
        """He was acknowledged something, or heard it."""
        now = awake_s()
        if self._was_lost and self._heard_s:
            self.pauses.append(now - self._heard_s)
        self._heard_s, self._was_lost = now, False

    def hear(self, message: Message) -> None:
        """What is no answer."""

    async def call(self, socket: ClientConnection, op: str, **members: Any) -> Message:
        """Raises Refused, once it is no refusal that passes."""
        while True:
            number = next(self._ids)
            await socket.send(json.dumps({"op": op, "id": number, **members}))
            message: Message = {}
            async with asyncio.timeout(ANSWER_S):
                while message.get("re") != number:
                    message = json.loads(await socket.recv())
                    if "re" not in message:
                        self.hear(message)
            if message["ok"]:
                return message
            if message["error"]["code"] not in PASSES:
                raise Refused(message["error"]["code"])
            await asyncio.sleep(AGAIN_S)


class Poster(Talker):
    def __init__(self, token: str, urls: Sequence[str], start: int, name: str, room: int) -> None:
        super().__init__(token, urls, start)
        self._texts = (f"{name}-{count}" for count in itertools.count())
        self._open = ""
        self._room = room
        self.acknowledged: list[tuple[int, str]] = []
        """The number and the text of what he was told to be there."""

    async def talk(self, socket: ClientConnection) -> None:
        await self.call(socket, "enter", room=self._room)
        while True:
            self._open = self._open or next(self._texts)
            answer = await self.call(socket, "post", room=self._room, text=self._open, key=self._open)
            assert answer["line"]["text"] == self._open
            self.acknowledged.append((answer["line"]["seq"], self._open))
            self._open = ""
            self.note()
            await asyncio.sleep(POST_EVERY_S)


class Follower(Talker):
    def __init__(self, token: str, urls: Sequence[str], start: int, room: int) -> None:
        super().__init__(token, urls, start)
        self._room = room
        self.lines: dict[int, str] = {}
        self.faults: list[str] = []
        self.inside = False

    async def talk(self, socket: ClientConnection) -> None:
        await self.call(socket, "enter", room=self._room)
        last = max(self.lines, default=None)
        await self.call(socket, "follow", room=self._room, **({} if last is None else {"after": last}))
        self.inside = True
        while True:
            self.hear(json.loads(await socket.recv()))

    def hear(self, message: Message) -> None:
        if "unfollowed" in message:
            self.faults.append(f"was taken out after {max(self.lines, default=0)}")
        if "line" not in message:
            return
        seq, text = message["line"]["seq"], message["line"].get("text", "")
        last = max(self.lines, default=seq - 1) if not self.lines else next(reversed(self.lines))
        if seq != last + 1:
            self.faults.append(f"{seq} came after {last}")
        self.lines[seq] = text
        self.note()


@contextlib.asynccontextmanager
async def talking(talkers: Sequence[Talker]) -> AsyncIterator[None]:
    """All of them at once; what goes wrong with one of them is raised at the end."""
    tasks = [asyncio.create_task(talker.run()) for talker in talkers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if error is not None and not isinstance(error, asyncio.CancelledError):
            raise error


def percentile(found: Sequence[float], part: float) -> float:
    return sorted(found)[min(int(len(found) * part), len(found) - 1)]
