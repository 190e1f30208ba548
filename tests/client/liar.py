"""A server that is deaf, slow, lies or breaks off, as a test tells it: bytes, not a framework."""

import contextlib
import json
import os
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

Behaviour = Callable[[socket.socket], None]


def answer(body: object, *, status: str = "200 OK", kind: str = "application/json", **headers: str) -> Behaviour:
    """An honest answer: JSON of what is no bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{more}\r\n"
    return lambda connection: connection.sendall(head.encode() + data)


def end(connection: socket.socket) -> None:
    """At once: a socket of which a file was made is closed with the file."""
    os.close(connection.detach())


def half(body: object) -> Behaviour:
    """The beginning of an answer, then the end of the connection."""
    data = json.dumps(body).encode()

    def behave(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        connection.sendall(head.encode() + data[: len(data) // 2])
        end(connection)

    return behave


def reset(connection: socket.socket) -> None:
    """No answer: the connection is reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end(connection)


def silence(connection: socket.socket) -> None:
    """No answer, though the connection stays open."""


def drip(connection: socket.socket) -> None:
    """An answer that never ends, a byte every moment: no single wait is long."""
    with contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n")
        while not threading.Event().wait(0.02):
            connection.sendall(b" ")


class Liar:
    """Answers the requests in turn as `behaviours` say, and the last of them for ever."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[str] = []
        """The first line of each request."""
        self.bodies: list[bytes] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection.makefile("rb") as file:
            while line := file.readline():
                length = 0
                while (header := file.readline().strip()) != b"":
                    name, _, value = header.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.requests.append(line.decode().strip())
                self.bodies.append(file.read(length))
                self._behave(connection)

    def _behave(self, connection: socket.socket) -> None:
        behave = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
        behave(connection)
