"""One WebSocket of the live protocol: calls with their answers, and whoever waits reads for all who do."""

import contextlib
import itertools
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from beseda.client._answers import UNREADABLE
from beseda.client._platform import (
    AsyncBell,
    AsyncConnector,
    AsyncSocket,
    HandshakeRefused,
    SocketClosed,
    async_sleep,
)
from beseda.client._refusals import of_live
from beseda.client.errors import ConnectFailed, ConnectTimedOut, NotUnderstood, SessionEnded
from beseda.client.manners import Limiter, Manners
from beseda.wire import live as wire

A = TypeVar("A", bound=wire.Done)
FRAMES = Manners(calls_per_s=1.8, burst=35)
"""Below what the server takes from one WebSocket (docs/limits.md, socket_frame)."""
BROKEN = 1006


class AsyncTalk:
    """`heard` is told what comes besides answers, in its order."""

    def __init__(
        self,
        url: str,
        manners: Manners,
        connector: AsyncConnector,
        heard: Callable[[wire.LineTold | wire.Unfollowed | wire.Event], None],
    ) -> None:
        self._url = url
        self._manners = manners
        self._connector = connector
        self._heard = heard
        self._bell = AsyncBell()
        self._reading = False
        self._numbers = itertools.count(1)
        self._answers: dict[int, wire.Answered | wire.Refused] = {}
        self._limiter = Limiter(FRAMES)
        self._socket: AsyncSocket | None = None
        self.opened = 0
        """How many connections there have been."""

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    async def open(self, headers: Mapping[str, str]) -> wire.Person:
        """The account that the server says one is. Raises NotAsked, Refused, NotUnderstood."""
        wait_s = self._manners.timeout_s
        try:
            socket = await self._connector(self._url, headers, wait_s)
            hello = _read(await socket.receive(wait_s))
        except HandshakeRefused as error:
            raise _refusal_of_handshake(error) from None
        except TimeoutError as error:
            raise ConnectTimedOut(f"no answer within {wait_s:g} s") from error
        except (OSError, SocketClosed) as error:
            raise ConnectFailed(str(error)) from error
        if not isinstance(hello, wire.Hello):
            raise NotUnderstood("expected hello", where="/live")
        self._answers.clear()
        self._limiter = Limiter(FRAMES)
        self._socket = socket
        self.opened += 1
        return hello.hello.account

    async def exchange(self, call: wire.Call[A]) -> A:
        """The answer to a call on the open connection. Raises Refused, Unknown, NotUnderstood, SocketClosed."""
        if (pause_s := self._limiter.pause_s(time.monotonic())) > 0:
            await async_sleep(pause_s)
        socket, number = self._socket, next(self._numbers)
        if socket is None:
            raise SocketClosed(BROKEN)
        try:
            await socket.send(wire.encode(msgspec.structs.replace(call, id=number)).decode())
        except SocketClosed:
            await self.drop(socket)
            raise
        if not await self.wait(lambda: number in self._answers, self._manners.timeout_s):
            await self.drop(socket)
            raise SocketClosed(BROKEN, "no answer in time")
        answer = self._answers.pop(number)
        if isinstance(answer, wire.Refused):
            raise of_live(answer.error)
        try:
            return wire.read_answer(call, answer)
        except UNREADABLE as error:  # without an excerpt: it may hold a token
            raise NotUnderstood(str(error), where=f"/live: {call.op}") from error

    async def wait(self, ready: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Read, or let another read, until it is so; False when time is over. Raises SocketClosed, NotUnderstood."""
        until_s = None if timeout_s is None else time.monotonic() + timeout_s
        socket = self._socket
        while True:
            async with self._bell:
                while not ready():
                    left_s = None if until_s is None else until_s - time.monotonic()
                    if left_s is not None and left_s <= 0:
                        return False
                    if self._socket is not socket or socket is None:
                        raise SocketClosed(BROKEN)
                    if not self._reading:
                        self._reading = True
                        break
                    await self._bell.wait(left_s)
                else:
                    return True
            await self._read_one(socket, left_s)

    async def _read_one(self, socket: AsyncSocket, timeout_s: float | None) -> None:
        """The next message, for whom it is; nothing when there is none in time."""
        message = None
        try:
            with contextlib.suppress(TimeoutError):
                message = _read(await socket.receive(timeout_s))
        except (SocketClosed, NotUnderstood):
            await self.drop(socket)
            raise
        finally:
            async with self._bell:
                self._reading = False
                if message is not None:
                    self._take(message)
                self._bell.ring()

    def _take(self, message: wire.Message) -> None:
        if isinstance(message, wire.Answered | wire.Refused):
            if isinstance(message.re, int):
                self._answers[message.re] = message
        elif not isinstance(message, wire.Hello):
            self._heard(message)

    async def drop(self, socket: AsyncSocket | None = None) -> None:
        """Close the connection, if it is this one still."""
        closed, self._socket = self._socket, None if socket in (None, self._socket) else self._socket
        if closed is not None and self._socket is None:
            with contextlib.suppress(OSError, SocketClosed):
                await closed.aclose()


def _read(text: str) -> wire.Message | None:
    try:
        return wire.read_message(text)
    except UNREADABLE as error:
        raise NotUnderstood(str(error), where="/live", excerpt=text.encode()) from error


def _refusal_of_handshake(refused: HandshakeRefused) -> Exception:
    """The error that the JSON beside the status names, else what the status says."""
    try:
        found = msgspec.json.decode(refused.body, type=wire.HandshakeRefused)
        return of_live(found.error)
    except UNREADABLE:
        if refused.status == 401:
            return SessionEnded(401)
        if refused.status >= 500:
            return ConnectFailed(f"HTTP {refused.status}")
        return NotUnderstood("expected a WebSocket", where="/live", excerpt=refused.body, status=refused.status)
