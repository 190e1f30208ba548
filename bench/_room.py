"""One room on Beseda's listener and hub, with nothing behind it: `python -m bench._room PORT`.

Who comes by /sub hears what those say who come by /pub.
"""

import asyncio
import sys

import uvloop

from beseda.api.base import Receive, Scope, Send
from beseda.api.hub import Hub, Socket, open_socket
from beseda.domain.limits import Limit
from beseda.server.connections import ConnectionLimits
from beseda.server.listener import Listener

ROOM = "room"


class Guest:
    def __init__(self, hub: Hub, *, listens: bool) -> None:
        self.hub = hub
        self.listens = listens

    def connected(self, socket: Socket) -> None:
        self.socket = socket
        if self.listens:
            self.hub.join(ROOM, socket)

    def received(self, text: str) -> None:
        self.hub.broadcast(ROOM, text.encode())

    def closed(self) -> None:
        self.hub.leave_all(self.socket)


async def serve(port: int) -> None:
    frames = Limit("socket_frame", 100_000_000, 1e-9, "connection", "one publisher speaks for many")
    limits = ConnectionLimits(total=20_000, per_address=20_000, frames=frames)
    hub, listener = Hub(), Listener("127.0.0.1", port, limits)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await open_socket(scope, send, Guest(hub, listens=scope["path"] == "/sub"), keep_silent=True)

    await listener.start(app)
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
