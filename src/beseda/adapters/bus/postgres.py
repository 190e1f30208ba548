"""PostgreSQL's LISTEN and NOTIFY: needs nothing that is not there already, and serves a few nodes well.

Always outside of a transaction that writes: NOTIFY makes commits wait for one another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from beseda.adapters.bus.mending import TIMEOUT_S, Mending
from beseda.domain.ids import RoomId

CHANNEL = "beseda_hint"
SEND = f"SELECT pg_notify('{CHANNEL}', hint) FROM unnest($1::text[]) hint"  # noqa: S608 - a constant
SETTINGS = {"application_name": "beseda bus", "synchronous_commit": "off"}
"""A hint is nothing durable."""


class PostgresBus(Mending):
    """See core/ports/nodes.py. One connection, of its own: whoever listens must not wait for anything else.

    `connect`, given seconds and the server's settings, makes it.
    """

    by_room = False
    payload_max = 7_999

    def __init__(self, connect: Callable[..., Awaitable[asyncpg.Connection]]) -> None:
        super().__init__()
        self._connect = connect
        self._hear: Callable[[bytes], None] | None = None
        self._connection: asyncpg.Connection | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        await self._try()

    def follow(self, room_id: RoomId) -> None:
        """All hear all."""

    def unfollow(self, room_id: RoomId) -> None:
        pass

    async def send(self, hints: Sequence[tuple[RoomId | None, bytes]]) -> None:
        if self._is_down():
            return
        try:
            async with asyncio.timeout(TIMEOUT_S), self._one_at_a_time:
                connection = await self._connected()
                await connection.execute(SEND, [payload.decode() for _, payload in hints])
        except Exception as error:
            self._drop(error)

    async def _mend(self) -> None:
        async with self._one_at_a_time:
            await (await self._connected()).execute("SELECT 1")

    async def _connected(self) -> asyncpg.Connection:
        connection = self._connection
        if connection is None or connection.is_closed():
            if connection is not None:
                self._lost("the connection was closed")
            connection = await self._connect(TIMEOUT_S, server_settings=SETTINGS)
            self._connection = connection
            if self._hear is not None:
                await connection.add_listener(CHANNEL, self._heard)
            self._gained()
        return connection

    def _heard(self, connection: asyncpg.Connection, process: int, _channel: str, payload: object) -> None:
        if self._hear is not None and process != connection.get_server_pid():  # else it is one's own
            self._hear(str(payload).encode())

    def _drop(self, error: Exception | str) -> None:
        self._lost(error)
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        await self._end()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
