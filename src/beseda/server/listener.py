"""A listening socket that speaks HTTP to an ASGI application, and can be drained."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from uvicorn.config import Config as UvicornConfig
from uvicorn.server import ServerState

from beseda.api.base import Receive, Scope, Send
from beseda.server.http import ConnectionLimits, Connections, HttpProtocol

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Listener:
    """Made with the socket bound, so that a port in use is told before anything else is done."""

    def __init__(self, host: str, port: int, limits: ConnectionLimits) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.connections = Connections(limits)
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address as clients on this machine write it."""
        host, port = self._socket.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - told, not bound
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self, app: Application) -> None:
        config = UvicornConfig(
            app,
            http=HttpProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            interface="asgi3",
        )
        config.load()
        connections = self.connections

        class Protocol(HttpProtocol):
            all = connections

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Protocol(config, self._state, {}), sock=self._socket, backlog=2048
        )
        self._sweeper = loop.create_task(self.connections.sweep_for_ever())

    async def stop(self, drain_s: float) -> None:
        """Take no more connections, let requests under way finish for so long, then cut off the rest."""
        if self._server is None or self._sweeper is None:
            self._socket.close()
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=drain_s)
        for task in self._state.tasks:
            task.cancel()
        for open_connection in list(self.connections.open):
            open_connection.transport.close()
        self._sweeper.cancel()
