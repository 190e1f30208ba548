"""Troubles that a test makes for clients: calls that fail, answers that are lost, a slow server, cut connections."""

import asyncio
import difflib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from beseda.api.base import ClientGone, Message, Receive, Scope, Send
from beseda.api.gate import GATE
from beseda.domain.errors import BesedaError, leaves
from beseda.server.asgi import App
from beseda.server.connections import Connections, OpenConnection

ERRORS = {error.code: error for error in leaves(BesedaError)}
LOST = "beseda.lost"
"""In the scope of a request whose answer is not to arrive."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: to close is to reset."""
EVERY = "*"


@dataclass(slots=True)
class Troubles:
    """ASGI around the application. All is as it should be until something is asked for."""

    app: App
    connections: Connections
    _failures: dict[str, list[BesedaError]] = field(default_factory=dict)
    _lost: dict[str, int] = field(default_factory=dict)
    _slow: dict[str, float] = field(default_factory=dict)
    _end: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == "/live" or self._failures or self._lost or self._slow:

            async def gate(call: str) -> None:
                await self._meet(scope, call)

            async def send_if_not_lost(message: Message) -> None:
                if LOST in scope:
                    self._reset(scope)
                    await asyncio.sleep(0)  # for who answers to learn that nobody is there
                    raise ClientGone
                await send(message)

            scope[GATE] = gate
            await self.app(scope, receive, send_if_not_lost)
        else:
            await self.app(scope, receive, send)

    def fail_next(self, call: str, times: int, error: str, facts: Mapping[str, object]) -> None:
        """Raises ValueError."""
        self._check(call)
        refusal = _refusal(error, facts)
        self._failures.setdefault(call, []).extend([refusal] * times)

    def lose_next(self, call: str, times: int) -> None:
        """Raises ValueError."""
        self._check(call)
        if call.startswith("live."):
            raise ValueError("answers on a socket are lost with the socket: drop_connections")
        self._lost[call] = self._lost.get(call, 0) + times

    def slow_down(self, seconds: float, call: str) -> None:
        """Raises ValueError."""
        if call != EVERY:
            self._check(call)
        self._slow[call] = seconds
        if not seconds:
            del self._slow[call]

    def drop_connections(self) -> int:
        """How many there were."""
        dropped = list(self.connections.open)
        for connection in dropped:
            _reset(connection)
        return len(dropped)

    def end(self) -> None:
        """Nobody waits any longer."""
        self._end.set()

    def _check(self, call: str) -> None:
        if call not in self.app.calls:
            raise ValueError(f"no protocol has a call {call!r}{_alike(call, self.app.calls)}")

    async def _meet(self, scope: Scope, call: str) -> None:
        """Raises a refusal that the test asked for."""
        delay_s = self._slow.get(call, self._slow.get(EVERY, 0.0))
        if delay_s:
            try:
                await asyncio.wait_for(self._end.wait(), delay_s)
            except TimeoutError:
                pass
            else:
                raise ClientGone
        failures = self._failures.get(call, [])
        if failures:
            failure = failures.pop(0)
            if not failures:
                del self._failures[call]
            raise failure
        if self._lost.get(call):
            self._lost[call] -= 1
            if not self._lost[call]:
                del self._lost[call]
            scope[LOST] = True

    def _reset(self, scope: Scope) -> None:
        """Cut the connection that a request came by."""
        for connection in list(self.connections.open):
            if connection.transport.get_extra_info("peername") == scope["client"]:
                _reset(connection)


def _refusal(code: str, facts: Mapping[str, object]) -> BesedaError:
    """Raises ValueError, also for facts that it lacks or has not."""
    if code not in ERRORS:
        raise ValueError(f"no refusal has the code {code!r}{_alike(code, ERRORS)}")
    kind = ERRORS[code]
    known = {name for base in kind.__mro__ for name in getattr(base, "__annotations__", {})} - {"code"}
    needed = {name for name in known if not hasattr(kind, name)}
    if not needed <= facts.keys() <= known:
        wanted = f"has the facts {', '.join(sorted(known))}" if known else "has no facts"
        raise ValueError(f"the refusal {code!r} {wanted}")
    return kind(**facts)


def _reset(connection: OpenConnection) -> None:
    made_of: socket.socket = connection.transport.get_extra_info("socket")
    made_of.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.transport.abort()


def _alike(word: str, known: object) -> str:
    near = difflib.get_close_matches(word, list(known), 3, 0.4)  # type: ignore[call-overload]
    return f"; did you mean {', '.join(near)}?" if near else ""
