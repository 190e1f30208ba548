"""NATS core: for many nodes. Each room has a subject of its own: nobody hears of rooms that he does not read."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from beseda.adapters.bus.mending import TIMEOUT_S, Mending
from beseda.domain.ids import RoomId

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription


class NatsBus(Mending):
    """See core/ports/nodes.py. `scope`, a word, tells the subjects of one database from those of any other.

    The client's own reconnecting is off: what it would wait for is looked at here, as for every bus.
    """

    by_room = True
    payload_max = 64 * 1024

    def __init__(self, servers: Sequence[str], scope: str) -> None:
        super().__init__()
        self._servers = list(servers)
        self._subject = f"beseda.{scope}"
        self._hear: Callable[[bytes], None] | None = None
        self._client: Client | None = None
        self._one_at_a_time = asyncio.Lock()
        self._rooms: set[RoomId] = set()
        """Those that are wanted; followed are the subscriptions."""
        self._followed: dict[RoomId, Subscription] = {}
        self._following: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        await self._try()

    def follow(self, room_id: RoomId) -> None:
        self._rooms.add(room_id)
        self._follow_soon()

    def unfollow(self, room_id: RoomId) -> None:
        self._rooms.discard(room_id)
        self._follow_soon()

    def _follow_soon(self) -> None:
        if self._client is not None and self._following is None:
            self._following = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        """Make what is followed what is wanted."""
        client = None
        try:
            while (client := self._client) is not None and self._rooms != self._followed.keys():
                followed = self._followed
                for room_id in self._rooms - followed.keys():
                    followed[room_id] = await client.subscribe(f"{self._subject}.room.{room_id}", cb=self._heard)
                for room_id in followed.keys() - self._rooms:
                    await followed.pop(room_id).unsubscribe()
        except Exception as error:
            if client is self._client:
                self._drop(error)
        finally:
            self._following = None

    async def _heard(self, message: "Msg") -> None:
        if self._hear is not None:
            self._hear(message.data)

    async def send(self, hints: Sequence[tuple[RoomId | None, bytes]]) -> None:
        if self._is_down():
            return
        try:
            async with asyncio.timeout(TIMEOUT_S), self._one_at_a_time:
                client = await self._connected()
                for room_id, payload in hints:
                    topic = "journal" if room_id is None else f"room.{room_id}"
                    await client.publish(f"{self._subject}.{topic}", payload)
        except Exception as error:
            self._drop(error)

    async def _mend(self) -> None:
        async with self._one_at_a_time:
            client = await self._connected()
        await client.flush(timeout=1)
        self._follow_soon()

    async def _connected(self) -> "Client":
        if self._client is not None and self._client.is_connected:
            return self._client
        if self._client is not None:
            self._drop("the connection was closed")
        from nats.aio.client import Client

        client = Client()
        try:
            await client.connect(
                self._servers,
                name="beseda",
                allow_reconnect=False,
                connect_timeout=1,
                no_echo=True,
                error_cb=self._ignore,
                disconnected_cb=self._disconnected,
            )
            if self._hear is not None:
                await client.subscribe(f"{self._subject}.journal", cb=self._heard)
        except BaseException:
            self._close_soon(client)
            raise
        self._client = client
        self._gained()
        return client

    async def _ignore(self, error: Exception) -> None:
        """Whoever asked for something is told by what is raised."""

    async def _disconnected(self) -> None:
        self._next_s = 0.0  # looked at in a moment

    def _drop(self, error: Exception | str) -> None:
        self._lost(error)
        client, self._client, self._followed = self._client, None, {}
        if client is not None:
            self._close_soon(client)

    def _close_soon(self, client: "Client") -> None:
        task = asyncio.get_running_loop().create_task(_close(client))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        await self._end()
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                await client.flush(timeout=1)
            await _close(client)
        if self._closing:
            await asyncio.wait(self._closing)


async def _close(client: "Client") -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(TIMEOUT_S):
            await client.close()
