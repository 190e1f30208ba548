"""Something between a server and its PostgreSQL that tests can freeze, and that can lose the answer to a COMMIT."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from beseda.adapters.sql.postgres import WRITER_LOCK

COMMIT = b"COMMIT\0"
"""How the message ends with which a transaction is made durable."""
TEXTS = b"\0\0\0\x08" + WRITER_LOCK.to_bytes(8)
"""The first parameter of the statement by which plain texts are: a transaction by itself."""
SYNC = b"S\0\0\0\x04"
"""How such a statement ends."""
Fate = Literal["", "before", "after"]


class Relay:
    """A Unix socket in a folder of its own, each connection of which leads to the real one."""

    def __init__(self, folder: Path, real: Path) -> None:
        self.folder = folder
        self._real = str(real / ".s.PGSQL.5432")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(128)
        self._moving = threading.Event()
        self._moving.set()
        self._open: set[socket.socket] = set()
        self._deaf: set[socket.socket] = set()
        self._fate: Fate = ""
        self._of = b""
        self._carry: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._real)
                self._open |= {client, server}
                for source, target, look in ((client, server, self._loses), (server, client, None)):
                    threading.Thread(target=self._pass_on, args=(source, target, look), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, look: Callable[..., bool] | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self._moving.wait()
                if look is not None and look(data, source, target):
                    break
                if target not in self._deaf:
                    target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def lose_commit(self, fate: Fate, of: str = "") -> None:
        """Cut the connection when the next COMMIT comes: before it is passed on, or after it was answered.

        With `of` that of a transaction to which this was sent: the server commits deeds of its own meanwhile.
        """
        self._fate, self._of = fate, of.encode()

    def _loses(self, data: bytes, source: socket.socket, target: socket.socket) -> bool:
        if not self._fate:
            return False
        if self._of in data:
            self._carry.add(source)
        if source not in self._carry or not (data.endswith(COMMIT) or TEXTS in data):
            return False
        fate, self._fate = self._fate, ""
        while not data.endswith((COMMIT, SYNC)):
            data += source.recv(65_536)
        self._deaf.add(source)  # whatever the answer is, it finds nobody
        if fate == "after":
            target.sendall(data)
            target.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while target.recv(65_536):
                    pass
        source.shutdown(socket.SHUT_RDWR)
        return True

    def freeze(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._moving.clear()

    def thaw(self) -> None:
        self._moving.set()

    def close(self) -> None:
        self.thaw()
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextlib.contextmanager
def relayed(folder: Path, address: str) -> Iterator[tuple[Relay, str]]:
    """A relay before the PostgreSQL at this address (see run_postgres), and the address of the relay."""
    real = Path(address.partition("host=")[2])
    relay = Relay(folder, real)
    try:
        yield relay, address.replace(str(real), str(folder))
    finally:
        relay.close()
