"""Which of the servers that an address names is the one to be used: the primary of the newest timeline.

A standby that is promoted begins a timeline, a number that grows. The old primary knows nothing of it: when it comes
back it takes writes, and nobody would ever find them. So every connection asks all servers of the address, the newest
timeline that was ever seen is remembered, also in a file for the next start, and nothing older is used. Standbys are
not used either, not even to read: what they know may be old.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from weakref import WeakKeyDictionary

import asyncpg

OTHERS_S = 1.0
"""How long the others are waited for when a primary has answered: one that is switched off says nothing at all."""
WHERE = (
    "SELECT system_identifier, CASE WHEN pg_is_in_recovery() THEN 0"
    " ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END"
    " FROM pg_control_system()"
)
"""What all copies of a database have in common, and the timeline that is written; 0 for a standby."""


class NoPrimary(ConnectionError):
    """None of the servers that answer may be used; the message says why."""


@dataclass(frozen=True, slots=True)
class _Server:
    name: str
    system: int
    timeline: int
    connection: asyncpg.Connection


class Primary:
    """Makes all connections of one database. A newer timeline ends those to an older one."""

    def __init__(self, dsn: str, file: Path | None = None) -> None:
        """Raises ValueError."""
        self._dsn = dsn
        self._places = _places(dsn)
        self._file = file
        self._made: WeakKeyDictionary[asyncpg.Connection, int] = WeakKeyDictionary()
        self._system, self._timeline = _read(file)

    async def connect(self, timeout_s: float, **options: Any) -> asyncpg.Connection:
        """`options` are asyncpg's. Raises NoPrimary, and whatever asyncpg does."""
        servers: list[_Server] = []
        try:
            async with asyncio.timeout(timeout_s):
                failure = await self._ask_all(servers, options)
            server = self._choose(servers, failure)
        except BaseException:
            _let_go(servers)
            raise
        _let_go(each for each in servers if each is not server)
        if (server.system, server.timeline) != (self._system, self._timeline):
            self._remember(server)
        self._made[server.connection] = server.timeline
        return server.connection

    async def _ask_all(self, servers: list[_Server], options: dict[str, Any]) -> BaseException | None:
        """Add who answers, in the order of the address; the reason of one that could not."""
        asked = [asyncio.create_task(self._ask(place, options)) for place in self._places]
        waiting: set[asyncio.Task[_Server]] = set(asked)
        failure: BaseException | None = None
        try:
            while waiting:
                found = any(each.done() and not each.exception() and each.result().timeline for each in asked)
                done, waiting = await asyncio.wait(
                    waiting, timeout=OTHERS_S if found else None, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    break
        finally:
            for each in asked:
                if not each.done():
                    each.cancel()
                    each.add_done_callback(_close_late)
                elif error := each.exception():
                    failure = error
                else:
                    servers.append(each.result())
        return failure

    async def _ask(self, place: dict[str, Any], options: dict[str, Any]) -> _Server:
        connection = await asyncpg.connect(self._dsn, **options | place)
        try:
            system, timeline = await connection.fetchrow(WHERE)
        except BaseException:
            connection.terminate()
            raise
        return _Server(str(place.get("host", "the server")), system, timeline, connection)

    def _choose(self, servers: Sequence[_Server], failure: BaseException | None) -> _Server:
        """Of two the newer one; the one of the database that was used before any other."""
        primaries = [server for server in servers if server.timeline]
        if not primaries:
            if servers:
                raise NoPrimary(f"{servers[0].name} is a standby, and no other server is there") from failure
            raise failure or NoPrimary("no server is there")
        newest = max(primaries, key=lambda server: (server.system == self._system, server.timeline))
        if newest.system == self._system and newest.timeline < self._timeline:
            raise NoPrimary(
                f"{newest.name} was the primary before another was promoted: it is on timeline {newest.timeline}, and"
                f" timeline {self._timeline} has been seen. If it is meant nevertheless, stop and delete {self._file}"
            )
        return newest

    def _remember(self, server: _Server) -> None:
        """What is connected to another one is of no use any more."""
        self._system, self._timeline = server.system, server.timeline
        for connection, timeline in list(self._made.items()):
            if timeline != server.timeline:
                connection.terminate()
        if self._file is not None and server.timeline > 1:
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                beside = self._file.with_suffix(".new")
                beside.write_text(f"{server.system} {server.timeline}\n", "ascii")
                os.replace(beside, self._file)


def _let_go(servers: Iterator[_Server] | Sequence[_Server]) -> None:
    for server in servers:
        server.connection.terminate()


def _close_late(asked: "asyncio.Task[_Server]") -> None:
    if not asked.cancelled() and asked.exception() is None:
        asked.result().connection.terminate()


def _read(file: Path | None) -> tuple[int, int]:
    """What was remembered: a database and its timeline; zeros for nothing."""
    with contextlib.suppress(OSError, ValueError):
        if file is not None:
            system, timeline = map(int, file.read_text("ascii").split())
            return system, timeline
    return 0, 0


def _places(dsn: str) -> list[dict[str, Any]]:
    """Each server that the address names, as asyncpg takes it; of one alone asyncpg reads the address itself."""
    url = urlsplit(dsn)
    query = dict(parse_qsl(url.query))
    named = url.netloc.rpartition("@")[2] or query.get("host", "")
    hosts, ports = named.split(","), [port for port in query.get("port", "").split(",") if port]
    if len(hosts) == 1:
        return [{}]
    places: list[dict[str, Any]] = []
    for index, each in enumerate(hosts):
        match = re.fullmatch(r"(\[[^]]+\]|.*?)(?::(\d+))?", each)
        host, port = match.groups() if match else (each, None)
        port = port or (ports[min(index, len(ports) - 1)] if ports else None)
        places.append({"host": unquote(host.strip("[]"))} | ({"port": int(port)} if port else {}))
    return places


async def connect(dsn: str, timeout_s: float = 5.0, **options: Any) -> asyncpg.Connection:
    """One connection, for who remembers nothing."""
    return await Primary(dsn).connect(timeout_s, **options)
