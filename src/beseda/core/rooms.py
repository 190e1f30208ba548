"""Rooms: the list, coming and going, locks, admins.

A deed without a caller is an operator's.
"""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from beseda.core.access import (
    access_account,
    access_member,
    access_occupied_room,
    access_registered,
    access_room,
    access_room_settings,
    access_room_view,
    access_session,
    rank_of,
)
from beseda.core.attendance import Attendance
from beseda.core.caller import Caller
from beseda.core.history import begin_stay
from beseda.core.notifications import notify
from beseda.core.ports import Clock, Store, Unit
from beseda.core.room_list import RoomList
from beseda.core.shared_limits import SharedLimiter
from beseda.domain.accounts import Account
from beseda.domain.errors import (
    KarmaTooLow,
    KickedOut,
    NotInRoom,
    NotRoomAdmin,
    RegisteredOnly,
    RoomNotFound,
    RoomPasswordWrong,
    RoomReserved,
)
from beseda.domain.events import LineAdded, RoomChanged, RoomOpened, RoomVanished
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line
from beseda.domain.notifications import NotificationKind
from beseda.domain.reservations import check_web
from beseda.domain.rooms import (
    Links,
    Lock,
    Occupant,
    Rank,
    Room,
    RoomView,
    check_description,
    check_entry,
    check_name,
    lock_in_force,
    name_key,
    successor,
    takes_role,
)
from beseda.domain.secrets import check_room_password
from beseda.domain.sessions import Session


@dataclass(frozen=True, slots=True)
class RoomPage:
    """What somebody inside sees of a room. `password` is "" for who may not see it; `rank` is the caller's."""

    room: Room
    lock: Lock
    occupants: list[Occupant]
    admins: list[Account]
    password: str
    rank: Rank


class Rooms:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: SharedLimiter,
        reserved_names: frozenset[str],
        attendance: Attendance,
        history_lines: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._reserved_names = reserved_names
        self._attendance = attendance
        self.history_lines = history_lines
        self.list = RoomList(store)

    async def favourites(self, caller: Caller) -> frozenset[RoomId]:
        """The caller's favourite rooms; none for who is not signed in."""
        if caller.account is None:
            return frozenset()
        return await self._store.view.accounts.favourites(caller.account.id)

    async def set_favourite(self, caller: Caller, room_id: RoomId, favourite: bool) -> None:
        """Mark a room as the caller's favourite, or no longer. Raises RoomNotFound, RegisteredOnly."""
        account = access_registered(caller, room_id)
        async with self._store.unit() as unit:
            await access_room(unit, room_id)
            await unit.accounts.set_favourite(account.id, room_id, favourite)
            if await unit.rooms.find_occupant(room_id, account.id):
                number = int(favourite)
                await add_line(unit, room_id, Kind.FAVOURITE, self._clock.now(), actor=account, number=number)

    async def view(self, room_id: RoomId) -> RoomView:
        return await access_room_view(self._store.view, room_id)

    async def view_for(self, caller: Caller, room_id: RoomId) -> RoomView:
        """The same for somebody, who does not enter it by looking, but is heard of there if he is in already."""
        if caller.account is not None:
            await self._hear(caller.account, room_id)
        return await self.view(room_id)

    async def _hear(self, account: Account, room_id: RoomId) -> bool:
        """Somebody did something that concerns a room, where he is heard of; whether he is in there."""
        inside = await self._store.view.rooms.find_occupant(room_id, account.id) is not None
        if inside:
            self._attendance.hear(account.id, self._clock.now(), [room_id])
        return inside

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

    async def enter(self, caller: Caller, name: str, password: str = "", *, opens: bool = True) -> RoomId:
        """Take the caller into the room of that name, which is opened as a temporary one if there is none.

        Unless `opens` is false: then it has to be there. A name that looks like a room's is its name. Entering twice is
        entering once. Raises RoomNameInvalid, RoomNotFound, RoomLocked, RoomPasswordWrong, KarmaTooLow, TooOften.
        """
        account, _ = caller.signed_in()
        now = self._clock.now()
        async with self._guessing(account, caller, password), self._store.unit() as unit:
            account, session = await access_session(unit, caller)
            room = await unit.rooms.find_by_name(name)
            if room is None or name_key(room.name) != name_key(name):  # a name of before may be what no new one can be
                name = check_name(name, reserved=self._reserved_names)
            if room is None and not opens:
                raise RoomNotFound
            caller.check_room(room.id if room else RoomId(0))
            room = room or await self._open(unit, account, name, now)
            if await unit.rooms.find_occupant(room.id, account.id) is not None:
                await unit.rooms.enter(room.id, account.id, session.id, await unit.messages.head(room.id), now)
                return room.id
            await _check_entry(unit, room, account, password, now)
            line = await add_line(unit, room.id, Kind.ENTERED, now, actor=account)
            first = await begin_stay(unit, room, account, line.seq, now, self.history_lines)
            await unit.rooms.enter(room.id, account.id, session.id, line.seq, now, first=first)
            if takes_role(room, account):
                await set_temporary_admin(unit, room, account, now)
            return room.id

    async def enter_by_id(self, caller: Caller, room_id: RoomId, password: str = "") -> None:
        """The same for a room that there is, of which it raises RoomNotFound; who is in already is heard of there."""
        account, _ = caller.signed_in()
        room = await access_room(self._store.view, room_id)
        if not await self._hear(account, room.id):
            await self.enter(caller, room.name, password)

    async def _open(self, unit: Unit, account: Account, name: str, now: datetime) -> Room:
        if account.karma_given < 0:
            raise KarmaTooLow
        self._limits.here.take("room_open", str(account.id))
        founder_id = account.id if account.registered else None
        room = await unit.rooms.add(name, permanent=False, founder_id=founder_id, at=now)
        unit.record(RoomOpened(now, room.id))
        return room

    def _guessing(self, account: Account, caller: Caller, password: str) -> AbstractAsyncContextManager[None]:
        """Around an entry. An anonymous visitor comes back as another in a moment: he is counted by his address."""
        guesser = str(account.id) if account.registered else caller.address
        return self._limits.guessing("room_password", guesser, RoomPasswordWrong) if password else nullcontext()

    async def leave(self, caller: Caller, room_id: RoomId) -> None:
        """Take the caller out of the room. Raises NotInRoom, RoomNotFound."""
        account, _ = caller.signed_in()
        async with self._store.unit() as unit:
            room, _ = await access_occupied_room(unit, caller, room_id)
            await take_out(unit, room, account, self._clock.now())

    async def page(self, caller: Caller, room_id: RoomId) -> RoomPage:
        """A room that the caller is in, and is heard of by asking. Raises NotInRoom, RoomNotFound."""
        account, _ = caller.signed_in()
        repos = self._store.view
        room, _ = await access_occupied_room(repos, caller, room_id)
        self._attendance.hear(account.id, self._clock.now(), [room_id])
        occupants, admins = await repos.rooms.occupants(room_id), await repos.rooms.admins(room_id)
        rank = await rank_of(repos, room, account)
        sees_password = rank >= Rank.PERMANENT or (not room.permanent and rank is Rank.TEMPORARY)
        lock = lock_in_force(room, permanent_admin_inside=any(o.room_admin for o in occupants))
        return RoomPage(room, lock, occupants, admins, room.password if sees_password else "", rank)

    async def change_settings(
        self,
        caller: Caller,
        room_id: RoomId,
        *,
        description: str | None = None,
        lock: Lock | None = None,
        password: str | None = None,
        links: Links | None = None,
    ) -> None:
        """Change what is given; None leaves as it is.

        The temporary admin may, and the permanent ones; the password of a permanent room only the latter (chat.cz
        help, rule 22): a temporary admin's is passed over. Raises NotRoomAdmin, RegisteredOnly, RoomPasswordWrong.
        """
        async with self._store.unit() as unit:
            now, texts = self._clock.now(), {"description": description, "password": password}
            await change_settings(unit, caller, room_id, now, lock=lock, links=links, **texts)

    async def hand_over(self, caller: Caller, room_id: RoomId, to: AccountId) -> None:
        """Make somebody in the room its temporary admin (chat.cz help, rule 10).

        The present one may, and a permanent admin, who may take it himself. Raises NotRoomAdmin, NotInRoom,
        RegisteredOnly when the other is anonymous (rule 8).
        """
        async with self._store.unit() as unit:
            await hand_over(unit, caller, room_id, to, self._clock.now())

    async def add(self, name: str, *, description: str = "", web: str = "") -> Room:
        """A permanent room. Raises RoomNameInvalid, RoomNameTaken, RoomDescriptionTooLong, ReservationRefused."""
        now, web = self._clock.now(), check_web(web)
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
            await save_room(unit, room, replace(room, permanent=permanent), now)
            if not permanent and not room.main_admin_id and not await unit.rooms.occupants(room_id):
                await unit.rooms.close(room_id, now)
                unit.record(RoomVanished(now, room_id))

    async def set_admin(self, room_id: RoomId, account_id: AccountId, admin: bool) -> None:
        """Make a member a permanent admin of a permanent room, or no longer (chat.cz help, rule 11)."""
        async with self._store.unit() as unit:
            room = await access_room(unit, room_id)
            await access_member(unit, account_id)
            if admin and not room.stays:
                raise NotRoomAdmin
            now, before = self._clock.now(), await unit.rooms.is_admin(room_id, account_id)
            await unit.rooms.set_admin(room_id, account_id, admin)
            unit.record(RoomChanged(now, room_id))
            if admin and not before:
                await notify(unit, account_id, NotificationKind.ROOM_ADMIN, now, room_id=room_id)

    async def find_by_name(self, name: str) -> Room | None:
        return await self._store.view.rooms.find_by_name(name)


async def _check_entry(unit: Unit, room: Room, account: Account, password: str, now: datetime) -> None:
    kick = await unit.moderation.find_kick(room.id, account.id, now)
    if kick is not None:
        raise KickedOut(reason=kick.reason, retry_after_s=(kick.until - now).total_seconds())
    if room.lock is Lock.OPEN and not room.opened_by_admins:
        return
    present = await unit.rooms.occupants(room.id)
    rank = await rank_of(unit, room, account)
    if room.opened_by_admins and not present and rank < Rank.PERMANENT:
        raise RoomReserved
    check_entry(
        room,
        lock_in_force(room, permanent_admin_inside=any(o.room_admin for o in present)),
        account,
        now,
        password=password,
        room_admin=rank >= Rank.PERMANENT,
        was_inside=await unit.rooms.was_inside(room.id, account.id),
    )


async def change_settings(
    unit: Unit,
    caller: Caller,
    room_id: RoomId,
    now: datetime,
    *,
    description: str | None = None,
    lock: Lock | None = None,
    password: str | None = None,
    links: Links | None = None,
) -> Line | None:
    """Within a deed: see Rooms.change_settings. The last line that tells of it, None when there is none."""
    line, account = None, access_registered(caller, room_id)
    room, rank = await access_room_settings(unit, caller, room_id)
    changed = room
    if description is not None:
        changed = replace(changed, description=check_description(description))
    if lock is not None:
        changed = replace(changed, lock=lock)
    if links is not None:
        changed = replace(changed, links=links)
    if password is not None and (rank >= Rank.PERMANENT or not room.permanent):
        changed = replace(changed, password=check_room_password(password))
    await save_room(unit, room, changed, now)
    if changed.lock is not room.lock:
        line = await add_line(unit, room_id, Kind.LOCKED, now, actor=account, text=changed.lock.value)
        await unit.moderation.log(room_id, now, account.id, "lock", None, changed.lock.value or "open")
    if changed.description != room.description:
        line = await add_line(unit, room_id, Kind.DESCRIBED, now, actor=account, text=changed.description)
    return line


async def hand_over(unit: Unit, caller: Caller, room_id: RoomId, to: AccountId, now: datetime) -> Line | None:
    """Within a deed: see Rooms.hand_over. None when the other is the temporary admin already."""
    room, _ = await access_room_settings(unit, caller, room_id)
    heir = await unit.rooms.find_occupant(room_id, to)
    if heir is None:
        raise NotInRoom
    if not heir.account.registered:
        raise RegisteredOnly
    return await set_temporary_admin(unit, room, heir.account, now, by=caller.account)


async def save_room(unit: Unit, room: Room, changed: Room, now: datetime) -> None:
    """Within a deed: keep what changed of a room."""
    if changed == room:
        return
    await unit.rooms.save(changed)
    if changed.password != room.password:
        await unit.rooms.forget_visitors(room.id)
    unit.record(RoomChanged(now, room.id))


async def add_line(
    unit: Unit,
    room_id: RoomId,
    kind: Kind,
    now: datetime,
    *,
    actor: Account | None = None,
    target: Account | None = None,
    text: str = "",
    number: int = 0,
) -> Line:
    """Within a deed: a line of a room, and the event that tells of it."""
    line = await unit.messages.append(room_id, kind, now, actor=actor, target=target, text=text, number=number)
    unit.record(LineAdded(now, line))
    return line


async def take_out(unit: Unit, room: Room, account: Account, now: datetime, *, line: Kind = Kind.LEFT) -> None:
    """Within a deed: somebody leaves. The admin's role passes on or ends; an empty temporary room vanishes.

    `line` is what the room is told; KICKED has been told.
    """
    await unit.rooms.leave(room.id, account.id, None if line is Kind.KICKED else now)
    if line is not Kind.KICKED:
        await add_line(unit, room.id, line, now, actor=account)
    left = await access_room_view(unit, room.id)
    if not left.user_count and not room.stays:
        await unit.rooms.close(room.id, now)
        unit.record(RoomVanished(now, room.id))
    elif room.admin_id == account.id:
        heir = successor(room, await unit.rooms.occupants(room.id))
        await set_temporary_admin(unit, room, heir.account if heir else None, now)


async def leave_all(unit: Unit, session: Session, now: datetime) -> None:
    """Within a deed: a session leaves the rooms that it is in; who is in one by another session, too, stays there."""
    for room_id in await unit.rooms.end_stays(session.id):
        account = await access_account(unit, session.account_id)
        await take_out(unit, await access_room(unit, room_id), account, now)


async def set_temporary_admin(
    unit: Unit, room: Room, admin: Account | None, now: datetime, *, by: Account | None = None
) -> Line | None:
    """Within a deed: the role passes to somebody in the room, or to nobody; `by` gave it away."""
    admin_id = admin.id if admin else None
    if room.admin_id == admin_id:
        return None
    await unit.rooms.save(replace(room, admin_id=admin_id))
    return await add_line(unit, room.id, Kind.ADMIN, now, actor=by, target=admin)
