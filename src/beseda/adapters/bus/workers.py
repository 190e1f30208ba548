"""Between the workers of one server on one SQLite file: datagrams on sockets that they inherited."""

import asyncio
import socket
from collections.abc import Callable, Sequence

from beseda.domain.ids import RoomId

WAIT_S = 0.05
"""How long a hint waits for a worker that has many to read: the system keeps only a few for it."""
READ_AT_ONCE = 64


class WorkersBus:
    """See core/ports/nodes.py. `mine` is read here, each of `others` by another worker; none of them blocks.

    `others_wrote` is the database's: it tells of processes that send no hints, such as the command line, and of a
    worker whose hint was lost.
    """

    by_room = False
    payload_max = 32 * 1024
    trouble = ""

    def __init__(self, mine: socket.socket, others: Sequence[socket.socket], others_wrote: Callable[[], bool]) -> None:
        self._mine = mine
        self._others = others
        self._others_wrote = others_wrote
        self._hear: Callable[[bytes], None] | None = None
        self._has_heard = False
        self._stuck: set[socket.socket] = set()
        """Nobody waits for these before they read again: they died, or hang."""
        self.losses = 0

    async def start(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        asyncio.get_running_loop().add_reader(self._mine, self._read)

    def _read(self) -> None:
        for _ in range(READ_AT_ONCE):
            try:
                payload = self._mine.recv(self.payload_max)
            except BlockingIOError:
                return
            self._has_heard = True
            if self._hear is not None:
                self._hear(payload)

    def follow(self, room_id: RoomId) -> None:
        """All hear all."""

    def unfollow(self, room_id: RoomId) -> None:
        pass

    async def send(self, hints: Sequence[tuple[RoomId | None, bytes]]) -> None:
        for other in self._others:
            late = [hint for _, hint in hints if not self._post(other, hint)]
            if late and other not in self._stuck:
                await self._post_late(other, late)

    async def _post_late(self, other: socket.socket, hints: Sequence[bytes]) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                for hint in hints:
                    await asyncio.get_running_loop().sock_sendall(other, hint)
        except (TimeoutError, OSError):
            self._stuck.add(other)
            self.losses += 1

    def _post(self, other: socket.socket, hint: bytes) -> bool:
        try:
            other.send(hint)
        except OSError:
            return False
        self._stuck.discard(other)
        return True

    async def look(self) -> bool:
        """A commit of which no hint came is looked for at once only where no others did: those are behind most."""
        others_wrote, has_heard, self._has_heard = self._others_wrote(), self._has_heard, False
        return others_wrote and not has_heard

    async def close(self) -> None:
        if self._hear is not None:
            asyncio.get_running_loop().remove_reader(self._mine)
