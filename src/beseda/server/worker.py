"""One of the processes that are one server together: what it inherits, and what of the server is its part."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from beseda.server.config import Config

FIRST = 1
"""The number of the one that does what only one can: it has the operator's listeners, the name server, the backups."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Datagrams between workers: the end that this one reads, and by number those that the others read."""

    mine: socket.socket
    others: Mapping[int, socket.socket]


@dataclass(frozen=True, slots=True)
class Worker:
    """Made by server/workers.py, which says what keeps these open."""

    number: int
    greets: bool
    """Whether it is to say where the server is: who is started in the place of one that died says nothing anew."""
    listening: Mapping[str, socket.socket]
    """By setting, as `server.listen`."""
    hints: Channel
    questions: Channel
    queue: BinaryIO
    """See SqliteDatabase.queue."""
    lifeline: int
    """A file descriptor that comes to its end when the workers shall stop, or nobody watches over them any more."""


def make_channels(count: int) -> list[Channel]:
    """One for each of so many workers. A datagram that came for one that died is read by its successor."""
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(count)]
    for end in (end for pair in pairs for end in pair):
        end.setblocking(False)
    return [
        Channel(mine, {number: pair[1] for number, pair in enumerate(pairs, FIRST) if pair[0] is not mine})
        for mine, _ in pairs
    ]


def part_of(config: Config, number: int) -> Config:
    """The configuration, without what only the first one does."""
    if number == FIRST:
        return config
    return replace(
        config,
        server=replace(config.server, ops_listen=""),
        admin=replace(config.admin, listen=""),
        dns=replace(config.dns, listen=[]),
        backup=replace(config.backup, every=""),
    )
