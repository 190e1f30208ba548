"""Who is here: what is heard of members is kept from time to time, and hearing nothing of a room ends a stay there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from beseda.core.access import access_account, access_member
from beseda.core.attendance import Attendance
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store, Unit
from beseda.core.rooms import add_line, take_out
from beseda.domain.accounts import Account
from beseda.domain.events import Event, SessionEnded
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind
from beseda.domain.presence import AWAKE_EVERY, Signs, is_gone, last_alive
from beseda.domain.rooms import Occupant, Room

KEEP_AT_ONCE = 100
"""Rows that one deed touches: nobody waits long for it."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody as others see him: `accessed_at` is the last activity, `rooms` where he is."""

    account: Account
    online: bool
    accessed_at: datetime
    rooms: list[Room]


class PresenceBook:
    def __init__(self, store: Store, clock: Clock, timeout: timedelta, idle: timedelta, attendance: Attendance) -> None:
        """`timeout` is how long a member may not be heard of in a room, `idle` how long he may write nothing."""
        self._store = store
        self._clock = clock
        self._timeout = timeout
        self._idle = idle
        self._awake_at: dict[AccountId, tuple[datetime, frozenset[RoomId]]] = {}
        self._started_at = clock.now()
        self._attendance = attendance

    def hear(self, account_id: AccountId, now: datetime, rooms: Iterable[RoomId] = (), *, anew: bool = False) -> None:
        """Somebody did something just now, or a connection of his is open that follows these rooms; see Attendance."""
        self._attendance.hear(account_id, now, rooms, anew=anew)

    @property
    def idle(self) -> timedelta:
        """How long a member may neither write nor be awake."""
        return self._idle

    async def stay_awake(self, account_id: AccountId, rooms: Iterable[RoomId]) -> None:
        """Somebody is there, though he writes nothing: he is not idle in these rooms. Kept once a minute."""
        now, here = self._clock.now(), frozenset(rooms)
        at, there = self._awake_at.get(account_id, (now - AWAKE_EVERY, frozenset[RoomId]()))
        if now - at < AWAKE_EVERY and here <= there:
            return
        async with self._store.unit() as unit:
            await unit.rooms.stay_awake(account_id, sorted(here), now)
        self._awake_at[account_id] = (now, here)

    def is_away(self, room_id: RoomId, occupant: Occupant) -> bool:
        """Whether nothing has been heard of somebody in a room for a while."""
        return is_gone(self._last_heard(room_id, occupant), self._clock.now(), self._timeout / 2)

    def forget(self, event: Event) -> None:
        """Subscribed to the feed: a session that ends ends a presence, unless another client goes on."""
        if isinstance(event, SessionEnded):
            self._attendance.interrupt(event.account_id)

    def online_since(self, occupant: Occupant) -> datetime:
        """Since when somebody in a room is here without a break, as far as this node has heard."""
        return min(occupant.entered_at, self._attendance.since(occupant.account.id) or occupant.entered_at)

    def heard(self, occupants: Iterable[Occupant]) -> list[Occupant]:
        """Those in a room, with their last activity anywhere that is known on this node or kept by any."""
        return [
            replace(o, accessed_at=self._attendance.last(o.account.id, max(o.accessed_at, o.account.accessed_at)))
            for o in occupants
        ]

    async def get(self, account_id: AccountId) -> Presence:
        """Raises AccountNotFound."""
        repos = self._store.view
        account = await access_account(repos, account_id)
        rooms = await repos.rooms.rooms_of(account_id)
        accessed_at = self._attendance.last(account_id, account.accessed_at)
        recently = not is_gone(accessed_at, self._clock.now(), self._timeout)
        online = bool(rooms) or (recently and bool(await repos.sessions.list_of(account_id)))
        return Presence(account, online, accessed_at, rooms)

    async def look_at_all(self, accounts: Iterable[Account]) -> dict[AccountId, bool]:
        """Which of several are online: in a room, or heard of recently and signed in."""
        asked = {account.id: account for account in accounts}
        repos, now = self._store.view, self._clock.now()
        recently = [
            account_id
            for account_id, account in asked.items()
            if not is_gone(self._attendance.last(account_id, account.accessed_at), now, self._timeout)
        ]
        online = await repos.rooms.inside_any(list(asked)) | await repos.sessions.signed_in(recently)
        return {account_id: account_id in online for account_id in asked}

    def is_online(self, account_id: AccountId, signs: Signs) -> bool:
        """The same of one of whom these signs have just been read."""
        last = self._attendance.last(account_id, signs.accessed_at)
        return signs.inside or (signs.signed_in and not is_gone(last, self._clock.now(), self._timeout))

    async def visit_profile(self, caller: Caller, account_id: AccountId, *, counts: bool = True) -> Account:
        """A member's profile, and one more view of it if it counts and is not the caller's own.

        Raises AccountNotFound.
        """
        account = await access_member(self._store.view, account_id)
        if not counts or (caller.account is not None and caller.account.id == account_id):
            return account
        async with self._store.unit() as unit:
            await unit.accounts.count_profile_view(account_id)
            return await access_member(unit, account_id)

    async def sweep(self) -> int:
        """Take out of rooms who is gone or silent, and tell who is away or back; how many were taken out.

        One node does it for all. Gone from a room is of whom nothing has been heard there, however busily
        his clients ask for others; but nobody before the server itself has listened for the whole timeout. Silent is
        who has written nothing for too long. Away is who has been silent for half the timeout.
        """
        await self.keep()
        now = self._clock.now()
        listening = now - self._started_at
        if listening < self._timeout / 2:
            return 0
        taken_out, gone = 0, now - self._timeout
        if listening < self._timeout:
            gone = datetime.min.replace(tzinfo=UTC)
        due = await self._store.view.rooms.silent(gone, now - self._timeout / 2, now - self._idle)
        for room_id, account_id in due:
            async with self._store.unit() as unit:
                room = await unit.rooms.find(room_id)
                occupant = await unit.rooms.find_occupant(room_id, account_id)
                if room is None or occupant is None:
                    continue
                heard = self._last_heard(room_id, occupant)
                if heard < gone or is_gone(last_alive(occupant), now, self._idle):
                    await take_out(unit, room, occupant.account, now, line=Kind.AUTO_LEFT)
                    taken_out += 1
                elif is_gone(heard, now, self._timeout / 2):
                    await self._tell(unit, room_id, occupant, now, away=True)
        for room_id, account_id in await self._store.view.rooms.back(now - self._timeout / 2):
            async with self._store.unit() as unit:
                if occupant := await unit.rooms.find_occupant(room_id, account_id):
                    await self._tell(unit, room_id, occupant, now, away=False)
        return taken_out

    async def _tell(self, unit: Unit, room_id: RoomId, occupant: Occupant, now: datetime, *, away: bool) -> None:
        """Once, whoever else thinks so."""
        if await unit.rooms.set_away(room_id, occupant.account.id, away):
            await add_line(unit, room_id, Kind.PRESENCE, now, actor=occupant.account, number=int(not away))

    def _last_heard(self, room_id: RoomId, occupant: Occupant) -> datetime:
        """What this node heard may not have been kept yet."""
        return self._attendance.last_in(room_id, occupant.account.id, occupant.accessed_at)

    async def keep(self) -> None:
        """Write down the activity that this node has heard of."""
        now = self._clock.now()
        due = self._attendance.unkept(now)
        for start in range(0, len(due), KEEP_AT_ONCE):
            touches = due[start : start + KEEP_AT_ONCE]
            async with self._store.unit() as unit:
                for account_id, room_id, at in touches:
                    if room_id is None:
                        await unit.accounts.touch(account_id, at)
                    else:
                        await unit.rooms.touch(room_id, account_id, at)
            self._attendance.note_kept(touches, now)
        self._attendance.forget_gone(now, self._timeout)
        self._awake_at = {who: noted for who, noted in self._awake_at.items() if now - noted[0] < AWAKE_EVERY}
