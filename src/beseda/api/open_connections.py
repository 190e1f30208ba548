"""Connections that live as long as a session does: they end with it, and keep it alive."""

import asyncio
from collections.abc import Collection, Iterable, Set
from typing import Generic, TypeVar

from beseda.core.auth import Auth
from beseda.core.caller import Caller
from beseda.core.hearing import Hearing
from beseda.domain.errors import StoreUnavailable
from beseda.domain.events import Event, IgnoreChanged, Missed, SessionEnded
from beseda.domain.ids import AccountId, RoomId, SessionId
from beseda.domain.sessions import Handle

RENEWED_AT_ONCE = 16
"""Sessions are looked up anew all the time, and this is then a few milliseconds' work."""


class Held:
    """A connection of somebody who is signed in by a handle."""

    __slots__ = ("_auth", "_handle", "_kind", "_protocol", "caller")

    def __init__(self, auth: Auth, caller: Caller, kind: Handle, handle: str, protocol: str) -> None:
        self._auth = auth
        self._protocol = protocol
        self._kind = kind
        self._handle = handle
        self.caller = caller

    async def renew(self) -> None:
        """The connection is activity of its session, and in the rooms that it follows; without a session it ends."""
        address, rooms = self.caller.address, self.followed()
        caller = await self._auth.caller(self._kind, self._handle, address, rooms, protocol=self._protocol)
        if caller.session is None:
            self.end_session()
        else:
            self.caller = caller
            await self._auth.keep_awake(caller, rooms)

    def followed(self) -> Collection[RoomId]:
        """The rooms whose lines it gets."""
        raise NotImplementedError

    def end_session(self) -> None:
        """The session has ended: so does the connection."""
        raise NotImplementedError

    async def load_ignored(self) -> None:
        """Whom the member ignores may have changed."""
        raise NotImplementedError


C = TypeVar("C", bound=Held)


class OpenConnections(Generic[C]):
    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._of_account: dict[AccountId, set[C]] = {}
        self._unsure: set[SessionId] = set()
        """Sessions that may have ended without a word of it."""
        self._reading: asyncio.Task[None] | None = None
        self._outdated: set[C] = set()
        """Connections whose member's ignores have changed."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._of_account)

    def add(self, connection: C) -> None:
        account, _ = connection.caller.signed_in()
        self._of_account.setdefault(account.id, set()).add(connection)

    def discard(self, connection: C) -> None:
        account, _ = connection.caller.signed_in()
        if connections := self._of_account.get(account.id):
            connections.discard(connection)
            if not connections:
                del self._of_account[account.id]
        self._outdated.discard(connection)

    def of(self, account_id: AccountId) -> tuple[C, ...]:
        """All that a member has open."""
        return tuple(self._of_account.get(account_id, ()))

    def _all(self) -> list[C]:
        return [connection for connections in self._of_account.values() for connection in connections]

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, SessionEnded):
            self._end({event.session_id}, self.of(event.account_id))
        elif isinstance(event, IgnoreChanged):
            self._outdate(self.of(event.account_id))
        elif isinstance(event, Missed):
            everybody = self._all()
            self._unsure.update(map(_session_of, everybody))
            self._outdate(everybody)

    def _outdate(self, connections: Iterable[C]) -> None:
        self._outdated.update(connections)
        if self._outdated and self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_soon())

    async def _read_soon(self) -> None:
        try:
            await self._read_ignored()
        except StoreUnavailable:
            pass  # still outdated: `look` tries again
        finally:
            self._reading = None

    async def _read_ignored(self) -> None:
        while self._outdated:
            connection = self._outdated.pop()
            try:
                await connection.load_ignored()
            except StoreUnavailable:
                self._outdated.add(connection)
                raise

    def _end(self, ended: Set[SessionId], among: Iterable[C]) -> None:
        for connection in among:
            if _session_of(connection) in ended:
                connection.end_session()

    async def look(self) -> None:
        """What could not be read before is read now, and sessions that nobody is sure of; to be called every moment."""
        await self._read_ignored()
        if not self._unsure:
            return
        self._unsure &= set(map(_session_of, self._all()))
        if asked := frozenset(self._unsure):
            alive = await self._hearing.alive(list(asked))
            self._unsure -= asked
            self._end(asked - alive, self._all())

    async def renew(self) -> None:
        """To be called every few seconds. There may be thousands: what else is to be done goes on meanwhile."""
        for number, connection in enumerate(self._all(), 1):
            account, _ = connection.caller.signed_in()
            if connection in self._of_account.get(account.id, ()):  # it may have ended meanwhile
                await connection.renew()
            if number % RENEWED_AT_ONCE == 0:
                await asyncio.sleep(0)


def _session_of(connection: Held) -> SessionId:
    _, session = connection.caller.signed_in()
    return session.id
