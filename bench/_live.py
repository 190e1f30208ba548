"""The whole server with one room, for those who come by GET /live; what is said there is durable before it is heard."""

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path

from bench._crowd import MESSAGE_BYTES, Dialect, frame, handshake
from bench._processes import server
from beseda.api.live.codec import encode_line
from beseda.core.accounts import Application
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config

PASSWORD = "a long made-up password"
TEXT = "a" * MESSAGE_BYTES


async def prepare(data: Path, speakers: int) -> Dialect:
    """A member in a room, whose session all sockets show."""
    async with open_core(load_config(environment={}, overrides={"server.data": data})) as parts:
        core = parts.core
        await core.accounts.add(Application("Alena", PASSWORD))
        await core.rooms.add("Praha")
        signed_in = await core.auth.sign_in("Alena", PASSWORD, kind=Handle.BEARER, address="::1")
        caller = await core.auth.caller(Handle.BEARER, signed_in.handle, "::1")
        room_id = await core.rooms.enter(caller, "Praha")
        line = await core.messages.post(caller, room_id, TEXT)
    constant = len(encode_line(line)) - len(str(line.seq)) + 4

    def size(number: int) -> int:
        return constant + len(str(line.seq + 1 + number))

    open_ = handshake("/live", f"Authorization: Bearer {signed_in.handle}")
    post = b'{"op":"post","room":%d,"text":"%s"}' % (room_id, TEXT.encode())
    return Dialect(open_, open_, frame(post), size, frame(b'{"op":"follow","room":%d}' % room_id), speakers)


def prepared(folder: Path, speakers: int) -> Dialect:
    return asyncio.run(prepare(folder, speakers))


def start(port: int, folder: Path) -> AbstractContextManager[int]:
    return server("-m", "beseda", "serve", "--data", str(folder), "--listen", f"127.0.0.1:{port}", port=port)
