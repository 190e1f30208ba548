"""What systemd is told, and gives: sd_notify(3), the watchdog, sockets that it holds (sd_listen_fds(3)).

Where no systemd started the server, none of it does anything.
"""

import os
import socket
from contextlib import suppress

FIRST_FD = 3
"""The first of the sockets that are passed on (sd_listen_fds(3))."""


_parent: list[socket.socket] = []


def answer_to(parent: socket.socket) -> None:
    """From here on the service manager is the process that started this one, for as long as both live."""
    os.environ.pop("WATCHDOG_PID", None)
    _parent[:] = [parent]


def notify(*lines: str) -> None:
    """Tell the service manager, if there is one: `READY=1`. What cannot be told is not."""
    for parent in _parent:
        with suppress(OSError):
            parent.send("\n".join(lines).encode())
        return
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        manager.connect("\0" + address[1:] if address.startswith("@") else address)
        manager.sendall("\n".join(lines).encode())


def watchdog_s() -> float:
    """How often the service manager wants to hear that all is well: half of its patience. 0.0 for never."""
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    usec = os.environ.get("WATCHDOG_USEC", "")
    return int(usec) / 2_000_000 if mine and usec.isdigit() else 0.0


SOCKETS = {"server.listen": "http", "server.ops_listen": "ops", "admin.listen": "admin"}
"""What a unit calls the socket (`FileDescriptorName=`) that stands for a setting."""


def passed_socket(setting: str) -> socket.socket | None:
    """The listening socket that systemd opened for us in place of this setting's address, None when there is none.

    One that has no name in its unit has that of the unit: then the first is `http`.
    """
    name = SOCKETS[setting]
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = int(os.environ.get("LISTEN_FDS", "0"))
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    names = [given if given in SOCKETS.values() else "" for given in (*names, *[""] * count)][:count]
    if names and not any(names):
        names[0] = "http"
    if name not in names:
        return None
    passed = socket.socket(fileno=os.dup(FIRST_FD + names.index(name)))
    passed.setblocking(False)
    return passed
