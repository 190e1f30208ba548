"""A listening socket that speaks HTTP to an ASGI application, and can be drained."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from beseda.api.base import Receive, Scope, Send
from beseda.server.connections import ConnectionLimits, Connections
from beseda.server.http import HttpProtocol

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
BACKLOG = 2048
CUT_OFF_S = 1.0
"""How long the work for a client that was cut off may take to notice."""
FLUSH_LOOK_S = 0.01
"""How often a stopping server looks whether the last answers have gone out."""


class ListenRefused(Exception):
    """The address cannot be listened on; the message says which and why."""


class Listener:
    """Made with the socket listening, so that a port in use is told before anything else is done.

    Who connects before `start` waits for it.
    """

    def __init__(self, host: str, port: int, limits: ConnectionLimits, passed: socket.socket | None = None) -> None:
        """On `passed`, a socket that listens already, if there is one. Raises ListenRefused."""
        self._socket = passed or listen(host, port)
        self.connections = Connections(limits)
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address as clients on this machine write it."""
        host, port = self._socket.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - told, not bound
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self, app: Application) -> None:
        connections = self.connections

        class Protocol(HttpProtocol):
            all = connections

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Protocol(app), sock=self._socket, backlog=BACKLOG)
        self._sweeper = loop.create_task(self.connections.sweep_for_ever())

    async def stop(self, drain_s: float) -> None:
        """Take no more connections, let requests under way finish for so long, then cut off the rest."""
        if self._server is None or self._sweeper is None:
            self._socket.close()
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + drain_s
        self._server.close()
        for connection in list(self.connections.open):
            connection.shutdown()
        running = self.connections.running
        if running:
            await asyncio.wait(running, timeout=drain_s)
        for open_connection in list(self.connections.open):
            open_connection.hang_up()
        while self.connections.open and loop.time() < deadline:  # noqa: ASYNC110 - once, and rarely more than once
            await asyncio.sleep(FLUSH_LOOK_S)
        for cut_off in list(self.connections.open):
            cut_off.transport.abort()
        if running:  # they are told that their clients are gone
            await asyncio.wait(running, timeout=CUT_OFF_S)
        for task in running:
            task.cancel()
        self._sweeper.cancel()


def listen(host: str, port: int) -> socket.socket:
    """Raises ListenRefused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns off Nagle's algorithm only then: else every answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise ListenRefused(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listening
