"""Reserved rooms: reserving, releasing, and what main admins set; closing a room for good."""

from dataclasses import dataclass, replace
from datetime import datetime

from beseda.core.access import access_member, access_registered, access_room, access_room_settings, rank_of
from beseda.core.caller import Caller
from beseda.core.karma import deduct
from beseda.core.ports import Clock, Store, Unit
from beseda.core.rooms import add_line, save_room, take_out
from beseda.domain.accounts import Account
from beseda.domain.errors import NotRoomAdmin, ReservationRefused
from beseda.domain.events import RoomChanged, RoomVanished
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.karma import ROOM_DELETED
from beseda.domain.messages import Kind
from beseda.domain.moderation import check_reason
from beseda.domain.reservations import check_reservation
from beseda.domain.rooms import Rank, Room, check_name


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """What the info page shows; `rank` is the caller's, `reservable` whether he may reserve the room now."""

    room: Room
    founder: Account | None
    main_admin: Account | None
    admins: list[Account]
    rank: Rank
    reservable: bool


class Reservations:
    def __init__(self, store: Store, clock: Clock, reserved_names: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._clock = clock
        self._reserved_names = reserved_names

    async def info(self, caller: Caller, room_id: RoomId) -> RoomInfo:
        """A room for everybody to look at. Raises RoomNotFound."""
        view, account = self._store.view, caller.account
        room = await access_room(view, room_id)
        people = [await view.accounts.find(who) if who else None for who in (room.founder_id, room.main_admin_id)]
        rank, reservable = Rank.NONE, False
        if account is not None and account.registered:
            rank = await rank_of(view, room, account)
            try:
                reserved = await view.rooms.find_reserved_by(account.id)
                check_reservation(room, account, reserved, self._clock.now())
                reservable = True
            except ReservationRefused:
                pass
        return RoomInfo(room, people[0], people[1], await view.rooms.admins(room_id), rank, reservable)

    async def reserve(self, caller: Caller, room_id: RoomId) -> None:
        """Become a room's main admin (chat.cz help, rules 13 and 14).

        Raises RegisteredOnly, RoomNotFound, ReservationRefused.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            room = await access_room(unit, room_id)
            check_reservation(room, account, await unit.rooms.find_reserved_by(account.id), now)
            await save_room(unit, room, replace(room, main_admin_id=account.id), now)
            await unit.moderation.log(room_id, now, account.id, "reserve", None, "")

    async def release(self, caller: Caller, room_id: RoomId) -> None:
        """Give the reservation up: the room is a temporary one again, and vanishes when nobody is in it.

        Raises NotRoomAdmin, RoomNotFound.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            room, _ = await access_room_settings(unit, caller, room_id, Rank.MAIN)
            free = replace(room, main_admin_id=None, web="", opened_by_admins=False, hands_over=True)
            free = replace(free, keep_days=None, history_lines=None)
            for admin in await unit.rooms.admins(room_id):
                await unit.rooms.set_admin(room_id, admin.id, False)
            await save_room(unit, room, free, now)
            await unit.moderation.log(room_id, now, account.id, "release", None, "")
            if not free.stays and not await unit.rooms.occupants(room_id):
                await unit.rooms.close(room_id, now)
                unit.record(RoomVanished(now, room_id))

    async def set_admin(self, caller: Caller, room_id: RoomId, account_id: AccountId, admin: bool) -> None:
        """A main admin appoints and dismisses further admins; in a permanent room the site's admins do (rules 11, 15).

        Raises NotRoomAdmin, RoomNotFound, AccountNotFound.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            room, rank = await access_room_settings(unit, caller, room_id, Rank.MAIN)
            if not room.stays or (room.permanent and rank < Rank.SITE):
                raise NotRoomAdmin
            member = await access_member(unit, account_id)
            await unit.rooms.set_admin(room_id, member.id, admin)
            await unit.moderation.log(room_id, now, account.id, "appoint" if admin else "dismiss", member.id, "")
            unit.record(RoomChanged(now, room_id))

    async def close(self, caller: Caller, room_id: RoomId, reason: str) -> None:
        """Delete a room: the site's admins of rooms may. Its founder loses karma (chat.cz help, rule 43).

        Raises NotRoomAdmin, RoomNotFound, CommandIncomplete without a reason.
        """
        account, reason, now = access_registered(caller), check_reason(reason), self._clock.now()
        async with self._store.unit() as unit:
            room, _ = await access_room_settings(unit, caller, room_id, Rank.SITE)
            await close(unit, room, account, reason, now)
            if room.founder_id is not None:
                await deduct(unit, room.founder_id, ROOM_DELETED, reason, now)

    async def delete(self, room_id: RoomId, reason: str) -> None:
        """Delete a room, as an operator. Raises RoomNotFound, CommandIncomplete without a reason."""
        reason, now = check_reason(reason), self._clock.now()
        async with self._store.unit() as unit:
            await close(unit, await access_room(unit, room_id), None, reason, now)

    async def count_lines(self, room_id: RoomId) -> int:
        """How many a room has had."""
        return await self._store.view.messages.head(room_id)

    async def rename(self, room_id: RoomId, name: str) -> str:
        """Give a room another name, as an operator; which. Raises RoomNotFound, RoomNameInvalid, RoomNameTaken."""
        name = check_name(name, reserved=self._reserved_names)
        async with self._store.unit() as unit:
            room = await access_room(unit, room_id)
            await save_room(unit, room, replace(room, name=name), self._clock.now())
        return name

    async def give(self, room_id: RoomId, account_id: AccountId) -> None:
        """Make a member the main admin of a room, as an operator. Raises RoomNotFound, AccountNotFound."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            room, member = await access_room(unit, room_id), await access_member(unit, account_id)
            await save_room(unit, room, replace(room, main_admin_id=member.id), now)
            await unit.moderation.log(room_id, now, None, "appoint", member.id, "")


async def close(unit: Unit, room: Room, account: Account | None, reason: str, now: datetime) -> None:
    """Within a deed: send everybody out of a room, and let it vanish."""
    await unit.moderation.log(room.id, now, account.id if account else None, "close", room.founder_id, reason)
    # Until the last one is out it must not vanish by itself.
    kept = replace(room, permanent=True, hands_over=False, main_admin_id=None)
    for occupant in await unit.rooms.occupants(room.id):
        await add_line(unit, room.id, Kind.KICKED, now, actor=account, target=occupant.account, text=reason, number=0)
        await take_out(unit, kept, occupant.account, now, line=Kind.KICKED)
    await unit.rooms.close(room.id, now)
    unit.record(RoomVanished(now, room.id))
