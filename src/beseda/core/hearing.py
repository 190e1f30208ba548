"""Which rooms a member hears, and from where on: what connections have to know that carry it to him."""

from collections.abc import Sequence
from datetime import datetime

from beseda.core.caller import Caller
from beseda.core.ports import Store
from beseda.domain.ids import AccountId, RoomId, SessionId


class Hearing:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def rooms_of(self, account_id: AccountId) -> list[RoomId]:
        """Those that a member is in."""
        return [room.id for room in await self._store.view.rooms.rooms_of(account_id)]

    async def everybody(self) -> list[tuple[RoomId, AccountId]]:
        """Who is in which room."""
        return await self._store.view.rooms.occupancy()

    async def entered(self, caller: Caller, room_id: RoomId) -> int | None:
        """The line with which the caller's session, or else he, came in; None when he is not in. Raises NotSignedIn."""
        account, session = caller.signed_in()
        return await self._store.view.messages.entered_seq(room_id, account.id, session.id)

    async def first_since(self, room_id: RoomId, after: int, since: datetime) -> int | None:
        """The oldest line after `after` that is not older than `since`."""
        return await self._store.view.messages.first_since(room_id, after, since)

    async def alive(self, session_ids: Sequence[SessionId]) -> set[SessionId]:
        """Those of the sessions that have not ended."""
        return await self._store.view.sessions.alive(session_ids)
