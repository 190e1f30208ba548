"""Rooms: the list, coming and going, locks, admins.

A deed without a caller is an operator's.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from beseda.core.access import (
    access_member,
    access_occupied_room,
    access_registered,
    access_room,
    access_room_settings,
    access_room_view,
    access_session,
)
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Store, Unit
from beseda.domain.accounts import Account
from beseda.domain.errors import KarmaTooLow, NotInRoom, NotRoomAdmin, RegisteredOnly, RoomPasswordWrong
from beseda.domain.events import AdminChanged, Entered, Event, Left, RoomChanged, RoomEvent, RoomOpened, RoomVanished
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.rooms import (
    ROOM_PASSWORD_MAX,
    Lock,
    Occupant,
    Room,
    RoomView,
    admin_on_entry,
    check_description,
    check_entry,
    check_name,
    list_order,
    lock_in_force,
    successor,
)
from beseda.domain.sessions import Session


@dataclass(frozen=True, slots=True)
class Listing:
    """All rooms in the order of the list; another object whenever something in it changed."""

    views: tuple[RoomView, ...]
    by_id: dict[RoomId, RoomView]


@dataclass(frozen=True, slots=True)
class RoomPage:
    """What somebody inside sees of a room. `password` is "" for who may not see it."""

    room: Room
    lock: Lock
    occupants: list[Occupant]
    admins: list[Account]
    password: str


class RoomList:
    """The list of rooms in memory: read once, then only the rooms that changed."""

    RELOAD_AT = 50
    """So many changed rooms are read faster by reading all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listing: Listing | None = None
        self._generation = -1
        self._changed: set[RoomId] = set()
        self._refreshing = asyncio.Lock()

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, RoomEvent):
            self._changed.add(event.room_id)

    def fresh(self) -> Listing | None:
        """The list when nothing has changed since it was read."""
        return self._listing if not self._changed and self._generation == self._store.generation else None

    async def get(self) -> Listing:
        """The list as committed."""
        async with self._refreshing:
            if (listing := self.fresh()) is not None:
                return listing
            generation, changed, self._changed = self._store.generation, self._changed, set()
            try:
                views = await self._read(generation, changed)
            except BaseException:
                self._changed |= changed
                raise
            ordered = sorted(views.values(), key=list_order)
            self._listing, self._generation = Listing(tuple(ordered), views), generation
            return self._listing

    async def _read(self, generation: int, changed: set[RoomId]) -> dict[RoomId, RoomView]:
        listing = self._listing
        if listing is None or generation != self._generation or len(changed) > self.RELOAD_AT:
            return {view.id: view for view in await self._store.view.rooms.list_views()}
        views = dict(listing.by_id)
        for room_id in changed:
            view = await self._store.view.rooms.find_view(room_id)
            if view is None:
                views.pop(room_id, None)
            else:
                views[room_id] = view
        return views


class Rooms:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter, reserved_names: frozenset[str]) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._reserved_names = reserved_names
        self.list = RoomList(store)

    async def favourites(self, caller: Caller) -> frozenset[RoomId]:
        """The caller's favourite rooms; none for who is not signed in."""
        if caller.account is None:
            return frozenset()
        return await self._store.view.accounts.favourites(caller.account.id)

    async def set_favourite(self, caller: Caller, room_id: RoomId, favourite: bool) -> None:
        """Mark a room as the caller's favourite, or no longer. Raises RoomNotFound, RegisteredOnly."""
        account = access_registered(caller)
        async with self._store.unit() as unit:
            await access_room(unit, room_id)
            await unit.accounts.set_favourite(account.id, room_id, favourite)

    async def view(self, room_id: RoomId) -> RoomView:
        return await access_room_view(self._store.view, room_id)

    async def admins(self, room_id: RoomId) -> list[Account]:
        """The room's permanent admins."""
        await access_room(self._store.view, room_id)
        return await self._store.view.rooms.admins(room_id)

    async def occupants(self, caller: Caller, room_id: RoomId) -> tuple[list[Occupant], bool]:
        """Who is in the room, and whether the caller is one of them (and so sees more of each)."""
        await access_room(self._store.view, room_id)
        present = await self._store.view.rooms.occupants(room_id)
        inside = caller.account is not None and any(o.account.id == caller.account.id for o in present)
        return present, inside

    async def enter(self, caller: Caller, name: str, password: str = "") -> RoomId:
        """Take the caller into the room of that name, which is opened as a temporary one if there is none.

        Entering twice is entering once. Raises RoomNameInvalid, RoomLocked, RoomPasswordWrong, KarmaTooLow, TooOften.
        """
        caller.signed_in()
        now, name = self._clock.now(), check_name(name, reserved=self._reserved_names)
        async with self._store.unit() as unit:
            account, session = await access_session(unit, caller)
            room = await unit.rooms.find_by_name(name) or await self._open(unit, account, name, now)
            if await unit.rooms.find_occupant(room.id, account.id) is None:
                await self._check_entry(unit, room, account, password, _guesser(account, caller), now)
                await unit.rooms.enter(room.id, account.id, session.id, now)
                unit.record(Entered(now, room.id, account.id))
                await _set_admin(unit, room, admin_on_entry(room, account), now)
            else:
                await unit.rooms.enter(room.id, account.id, session.id, now)
            return room.id

    async def _open(self, unit: Unit, account: Account, name: str, now: datetime) -> Room:
        if account.karma_given < 0:
            raise KarmaTooLow
        self._limiter.take("room_open", str(account.id))
        founder_id = account.id if account.registered else None
        room = await unit.rooms.add(name, permanent=False, founder_id=founder_id, at=now)
        unit.record(RoomOpened(now, room.id))
        return room

    async def _check_entry(
        self, unit: Unit, room: Room, account: Account, password: str, guesser: str, now: datetime
    ) -> None:
        if room.lock is Lock.OPEN:
            return
        if password:
            self._limiter.check("room_password", guesser)
        admin_ids = {admin.id for admin in await unit.rooms.admins(room.id)}
        present = await unit.rooms.occupants(room.id)
        try:
            check_entry(
                room,
                lock_in_force(room, permanent_admin_inside=any(o.account.id in admin_ids for o in present)),
                account,
                now,
                password=password,
                room_admin=account.id in admin_ids,
                was_inside=await unit.rooms.was_inside(room.id, account.id),
            )
        except RoomPasswordWrong:
            self._limiter.take("room_password", guesser)
            raise

    async def leave(self, caller: Caller, room_id: RoomId) -> None:
        """Take the caller out of the room. Raises NotInRoom, RoomNotFound."""
        account, _ = caller.signed_in()
        async with self._store.unit() as unit:
            room, _ = await access_occupied_room(unit, caller, room_id)
            await take_out(unit, room, account.id, self._clock.now())

    async def page(self, caller: Caller, room_id: RoomId) -> RoomPage:
        """A room that the caller is in. Raises NotInRoom, RoomNotFound."""
        account, _ = caller.signed_in()
        repos = self._store.view
        room, _ = await access_occupied_room(repos, caller, room_id)
        occupants, admins = await repos.rooms.occupants(room_id), await repos.rooms.admins(room_id)
        admin_ids = {admin.id for admin in admins}
        sees_password = account.id in admin_ids or (not room.permanent and room.admin_id == account.id)
        lock = lock_in_force(room, permanent_admin_inside=any(o.account.id in admin_ids for o in occupants))
        return RoomPage(room, lock, occupants, admins, room.password if sees_password else "")

    async def change_settings(
        self,
        caller: Caller,
        room_id: RoomId,
        *,
        description: str | None = None,
        lock: Lock | None = None,
        password: str | None = None,
    ) -> None:
        """Change what is given; None leaves as it is.

        The temporary admin may, and the permanent ones; the password of a permanent room only the latter (chat.cz
        help, rule 22): a temporary admin's is passed over. Raises NotRoomAdmin, RegisteredOnly, RoomPasswordWrong.
        """
        now = self._clock.now()
        async with self._store.unit() as unit:
            room, as_permanent = await access_room_settings(unit, caller, room_id)
            changed = room
            if description is not None:
                changed = replace(changed, description=check_description(description))
            if lock is not None:
                changed = replace(changed, lock=lock)
            if password is not None and (as_permanent or not room.permanent):
                if len(password) > ROOM_PASSWORD_MAX or not password.isprintable():
                    raise RoomPasswordWrong
                changed = replace(changed, password=password)
            await self._save(unit, room, changed, now)

    async def _save(self, unit: Unit, room: Room, changed: Room, now: datetime) -> None:
        if changed == room:
            return
        await unit.rooms.save(changed)
        if changed.password != room.password:
            await unit.rooms.forget_visitors(room.id)
        unit.record(RoomChanged(now, room.id))

    async def hand_over(self, caller: Caller, room_id: RoomId, to: AccountId) -> None:
        """Make somebody in the room its temporary admin (chat.cz help, rule 10).

        The present one may, and a permanent admin, who may take it himself. Raises NotRoomAdmin, NotInRoom,
        RegisteredOnly when the other is anonymous (rule 8).
        """
        async with self._store.unit() as unit:
            room, _ = await access_room_settings(unit, caller, room_id)
            heir = await unit.rooms.find_occupant(room_id, to)
            if heir is None:
                raise NotInRoom
            if not heir.account.registered:
                raise RegisteredOnly
            await _set_admin(unit, room, heir.account.id, self._clock.now())

    async def add(self, name: str, *, description: str = "", web: str = "") -> Room:
        """A permanent room. Raises RoomNameInvalid, RoomNameTaken, RoomDescriptionTooLong."""
        now = self._clock.now()
        name, description = check_name(name, reserved=self._reserved_names), check_description(description)
        async with self._store.unit() as unit:
            room = await unit.rooms.add(name, permanent=True, founder_id=None, at=now)
            room = replace(room, description=description, web=web)
            await unit.rooms.save(room)
            unit.record(RoomOpened(now, room.id))
            return room

    async def set_permanent(self, room_id: RoomId, permanent: bool) -> None:
        """Keep a room when it is empty, or no longer: then an empty one vanishes now."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            room = await access_room(unit, room_id)
            await self._save(unit, room, replace(room, permanent=permanent), now)
            if not permanent and not await unit.rooms.occupants(room_id):
                await unit.rooms.close(room_id, now)
                unit.record(RoomVanished(now, room_id))

    async def set_admin(self, room_id: RoomId, account_id: AccountId, admin: bool) -> None:
        """Make a member a permanent admin of a permanent room, or no longer (chat.cz help, rule 11)."""
        async with self._store.unit() as unit:
            room = await access_room(unit, room_id)
            await access_member(unit, account_id)
            if admin and not room.permanent:
                raise NotRoomAdmin
            await unit.rooms.set_admin(room_id, account_id, admin)
            unit.record(RoomChanged(self._clock.now(), room_id))

    async def find_by_name(self, name: str) -> Room | None:
        return await self._store.view.rooms.find_by_name(name)


def _guesser(account: Account, caller: Caller) -> str:
    """Under whom wrong passwords are counted: an anonymous visitor comes back as another in a moment."""
    return str(account.id) if account.registered else caller.address


async def take_out(unit: Unit, room: Room, account_id: AccountId, now: datetime, *, by_itself: bool = False) -> None:
    """Within a deed: somebody leaves. The admin's role passes on or ends; an empty temporary room vanishes."""
    await unit.rooms.leave(room.id, account_id)
    unit.record(Left(now, room.id, account_id, by_itself))
    left = await access_room_view(unit, room.id)
    if not left.user_count and not room.permanent:
        await unit.rooms.close(room.id, now)
        unit.record(RoomVanished(now, room.id))
    elif room.admin_id == account_id:
        heir = successor(room, await unit.rooms.occupants(room.id))
        await _set_admin(unit, room, heir.account.id if heir else None, now)


async def leave_all(unit: Unit, session: Session, now: datetime) -> None:
    """Within a deed: a session leaves the rooms that it is in; who is in one by another session, too, stays there."""
    for room_id in await unit.rooms.end_stays(session.id):
        await take_out(unit, await access_room(unit, room_id), session.account_id, now)


async def _set_admin(unit: Unit, room: Room, admin_id: AccountId | None, now: datetime) -> None:
    if admin_id != room.admin_id:
        await unit.rooms.save(replace(room, admin_id=admin_id))
        unit.record(AdminChanged(now, room.id, admin_id))
