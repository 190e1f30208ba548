"""What is kept of rooms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, RoomId, SessionId
from beseda.domain.rooms import Occupant, Room, RoomView


class Rooms(Protocol):
    async def add(self, name: str, *, permanent: bool, founder_id: AccountId | None, at: datetime) -> Room:
        """Raises RoomNameTaken."""
        ...

    async def find(self, room_id: RoomId) -> Room | None:
        """None for a room that has vanished, too."""
        ...

    async def find_by_name(self, name: str) -> Room | None: ...

    async def save(self, room: Room) -> None:
        """Keep all fields of a room that exists. Raises RoomNameTaken."""
        ...

    async def close(self, room_id: RoomId, at: datetime) -> None:
        """The room vanishes: its name is free again, its id is not."""
        ...

    async def list_views(self) -> list[RoomView]: ...

    async def find_view(self, room_id: RoomId) -> RoomView | None: ...

    async def admins(self, room_id: RoomId) -> list[Account]: ...

    async def is_admin(self, room_id: RoomId, account_id: AccountId) -> bool: ...

    async def is_admin_anywhere(self, account_id: AccountId) -> bool:
        """Whether the account is a permanent admin of some room."""
        ...

    async def set_admin(self, room_id: RoomId, account_id: AccountId, admin: bool) -> None: ...

    async def occupants(self, room_id: RoomId) -> list[Occupant]:
        """In the order in which they came."""
        ...

    async def find_occupant(self, room_id: RoomId, account_id: AccountId) -> Occupant | None: ...

    async def inside_any(self, account_ids: Sequence[AccountId]) -> set[AccountId]:
        """Those that are in a room."""
        ...

    async def occupancy(self) -> list[tuple[RoomId, AccountId]]:
        """Who is in which room."""
        ...

    async def rooms_of(self, account_id: AccountId) -> list[Room]: ...

    async def find_reserved_by(self, account_id: AccountId) -> Room | None: ...

    async def enter(
        self, room_id: RoomId, account_id: AccountId, session_id: SessionId, seq: int, at: datetime, *, first: int = 1
    ) -> None:
        """Come in with the line `seq`, to read from the line `first` on; who is in already stays as he came."""
        ...

    async def leave(self, room_id: RoomId, account_id: AccountId, at: datetime | None = None) -> None:
        """The stay is over, and with `at` one that can be continued."""
        ...

    async def touch(self, room_id: RoomId, account_id: AccountId, at: datetime) -> None:
        """Note that the account was heard of in the room, if it is in there."""
        ...

    async def stay_awake(self, account_id: AccountId, room_ids: Sequence[RoomId], at: datetime) -> None:
        """Note that the account is there in the rooms that it is in of these."""
        ...

    async def silent(self, gone: datetime, away: datetime, written_before: datetime) -> list[tuple[RoomId, AccountId]]:
        """Occupants who may have to be taken out, or told away.

        Not heard of in their room since `gone`, or since `away` without having been told so; or who have neither
        written anything nor been awake since `written_before`.
        """
        ...

    async def back(self, heard_since: datetime) -> list[tuple[RoomId, AccountId]]:
        """Occupants who have been told away, and were heard of since."""
        ...

    async def set_away(self, room_id: RoomId, account_id: AccountId, away: bool) -> bool:
        """That somebody has been told away, or back; False when he was before."""
        ...

    async def end_stays(self, session_id: SessionId) -> list[RoomId]:
        """A session is in no room any more; those that its account was in by no other session, and is to leave."""
        ...

    async def was_inside(self, room_id: RoomId, account_id: AccountId) -> bool:
        """Whether the account has been let in since the password was last set."""
        ...

    async def forget_visitors(self, room_id: RoomId) -> None:
        """After a new password: only who is inside now counts as having been inside."""
        ...
