"""What differs between the two forms of a client, beyond `await`: waiting, bells, sockets. Each in both forms.

asyncio is imported where it is used: it takes as long as all the rest, and the plain forms do without.
"""

import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection as AsyncConnection
    from websockets.sync.client import ClientConnection

T = TypeVar("T")
MESSAGE_MAX_BYTES = 1 << 20

QUIET = logging.Logger("beseda.client.sockets", logging.WARNING)
"""That of the library below: at lower levels it writes down handshakes, in which secrets are."""
QUIET.addHandler(logging.NullHandler())


class SocketClosed(Exception):
    """The connection is over; `code` is why (RFC 6455, 7.4), 1006 when it broke."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code


class HandshakeRefused(Exception):
    """The service answered by HTTP instead of opening a socket."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body


class AsyncSocket(Protocol):
    """A WebSocket that is open."""

    async def send(self, text: str) -> None:
        """Raises SocketClosed."""
        ...

    async def receive(self, timeout_s: float | None) -> str:
        """The next message. Raises SocketClosed, and TimeoutError when none comes in time."""
        ...

    async def aclose(self) -> None: ...


class Socket(Protocol):
    """The same without `await`."""

    def send(self, text: str) -> None: ...

    def receive(self, timeout_s: float | None) -> str: ...

    def close(self) -> None: ...


AsyncConnector = Callable[[str, Mapping[str, str], float], Awaitable[AsyncSocket]]
"""Opens a WebSocket: its address (ws:, wss:), headers, seconds.

Raises OSError, TimeoutError, HandshakeRefused, SocketClosed."""
Connector = Callable[[str, Mapping[str, str], float], Socket]
"""The same without `await`."""


AsyncDeed = Callable[[], Awaitable[None]]
Deed = Callable[[], None]

sleep = time.sleep


async def async_sleep(seconds: float) -> None:
    """The same beside other tasks."""
    import asyncio

    await asyncio.sleep(seconds)


@contextlib.asynccontextmanager
async def async_deadline(seconds: float | None) -> AsyncIterator[None]:
    """Raises TimeoutError when the block takes longer."""
    import asyncio

    async with asyncio.timeout(seconds):
        yield


@contextlib.contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Threads cannot be interrupted: here the timeouts of each single wait have to do."""
    yield


async def async_value(given: T | Awaitable[T]) -> T:
    """What a callback returned, which may be a coroutine."""
    return await given if isawaitable(given) else given


def value(given: T) -> T:
    """What a callback returned."""
    return given


Lock = threading.Lock


class AsyncLock:
    """The same for tasks."""

    def __init__(self) -> None:
        import asyncio

        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        await self._lock.acquire()

    async def __aexit__(self, *raised: object) -> None:
        self._lock.release()


class AsyncBell:
    """Lets one of many wait for the socket, and the others for what he finds (a condition)."""

    def __init__(self) -> None:
        import asyncio

        self._condition = asyncio.Condition()

    async def __aenter__(self) -> None:
        await self._condition.acquire()

    async def __aexit__(self, *raised: object) -> None:
        self._condition.release()

    async def wait(self, timeout_s: float | None) -> None:
        """Until it is rung or the time is over; to be called inside `with`."""
        with contextlib.suppress(TimeoutError):
            async with async_deadline(timeout_s):
                await self._condition.wait()

    def ring(self) -> None:
        """Wake all who wait; to be called inside `with`."""
        self._condition.notify_all()


class Bell:
    """The same for threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition()

    def __enter__(self) -> None:
        self._condition.acquire()

    def __exit__(self, *raised: object) -> None:
        self._condition.release()

    def wait(self, timeout_s: float | None) -> None:
        self._condition.wait(timeout_s)

    def ring(self) -> None:
        self._condition.notify_all()


async def async_connect(url: str, headers: Mapping[str, str], timeout_s: float) -> AsyncSocket:
    """The AsyncConnector that is used unless another is given."""
    from websockets.asyncio.client import connect as open_socket

    with _opening():
        socket = await open_socket(
            url,
            additional_headers=dict(headers),
            user_agent_header=None,
            open_timeout=timeout_s,
            close_timeout=1,
            compression=None,
            max_size=MESSAGE_MAX_BYTES,
            logger=QUIET,
        )
    return _AsyncWebSocket(socket)


class _AsyncWebSocket:
    def __init__(self, socket: "AsyncConnection") -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        with _closing():
            await self._socket.send(text)

    async def receive(self, timeout_s: float | None) -> str:
        with _closing():
            async with async_deadline(timeout_s):
                return _text(await self._socket.recv())

    async def aclose(self) -> None:
        await self._socket.close()


def connect(url: str, headers: Mapping[str, str], timeout_s: float) -> Socket:
    """The Connector that is used unless another is given."""
    from websockets.sync.client import connect as open_socket

    with _opening():
        opening = open_socket(
            url,
            additional_headers=dict(headers),
            user_agent_header=None,
            open_timeout=timeout_s,
            close_timeout=1,
            compression=None,
            max_size=MESSAGE_MAX_BYTES,
            logger=QUIET,
        )
        return _WebSocket(opening.__enter__())  # closed by its user, who has no block


class _WebSocket:
    def __init__(self, socket: "ClientConnection") -> None:
        self._socket = socket

    def send(self, text: str) -> None:
        with _closing():
            self._socket.send(text)

    def receive(self, timeout_s: float | None) -> str:
        with _closing():
            return _text(self._socket.recv(timeout_s))

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def _opening() -> Iterator[None]:
    from websockets.exceptions import InvalidHandshake, InvalidStatus

    try:
        yield
    except InvalidStatus as error:
        raise HandshakeRefused(error.response.status_code, bytes(error.response.body or b"")) from None
    except (InvalidHandshake, EOFError) as error:
        raise SocketClosed(1006, str(error)) from None


@contextlib.contextmanager
def _closing() -> Iterator[None]:
    from websockets.exceptions import ConnectionClosed

    try:
        yield
    except ConnectionClosed as closed:
        told = closed.rcvd
        raise SocketClosed(told.code if told else 1006, told.reason if told else "") from None


def _text(message: str | bytes) -> str:
    """COMPAT(all): nobody sends binary messages; one is read as text."""
    return message if isinstance(message, str) else message.decode("utf-8", "replace")
