"""Who is here: activity is noted in memory at every call, kept from time to time, and its absence ends a stay."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beseda.core.access import access_account, access_member
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store
from beseda.core.rooms import take_out
from beseda.domain.accounts import Account
from beseda.domain.events import Event, SessionEnded
from beseda.domain.ids import AccountId
from beseda.domain.presence import KEEP_EVERY, is_gone
from beseda.domain.rooms import Occupant, Room

KEEP_AT_ONCE = 100
"""Members whose activity one deed keeps: nobody waits long for it."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody as others see him: `accessed_at` is the last activity, `rooms` where he is."""

    account: Account
    online: bool
    accessed_at: datetime
    rooms: list[Room]


class PresenceBook:
    def __init__(self, store: Store, clock: Clock, timeout: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._timeout = timeout
        self._started_at = clock.now()
        self._since: dict[AccountId, datetime] = {}
        self._heard: dict[AccountId, datetime] = {}
        self._kept: dict[AccountId, datetime] = {}

    def note(self, account_id: AccountId, now: datetime) -> None:
        """Somebody did something just now."""
        self._heard[account_id] = now
        self._since.setdefault(account_id, now)

    def forget(self, event: Event) -> None:
        """Subscribed to the feed: a session that ends ends a presence, unless another client goes on."""
        if isinstance(event, SessionEnded):
            self._since.pop(event.account_id, None)

    def online_since(self, occupant: Occupant) -> datetime:
        """Since when somebody in a room is here without a break, as far as this node has heard."""
        return min(occupant.entered_at, self._since.get(occupant.account.id, occupant.entered_at))

    def heard(self, occupants: Iterable[Occupant]) -> list[Occupant]:
        """Those in a room, with the last activity known on this node or kept by any."""
        return [replace(o, accessed_at=self._last_heard(o)) for o in occupants]

    async def look(self, account_id: AccountId) -> Presence:
        """Raises AccountNotFound."""
        repos = self._store.view
        account = await access_account(repos, account_id)
        rooms = await repos.rooms.rooms_of(account_id)
        accessed_at = max(account.accessed_at, self._heard.get(account_id, account.accessed_at))
        recently = not is_gone(accessed_at, self._clock.now(), self._timeout)
        online = bool(rooms) or (recently and bool(await repos.sessions.list_of(account_id)))
        return Presence(account, online, accessed_at, rooms)

    async def visit_profile(self, caller: Caller, account_id: AccountId) -> Account:
        """A member's profile, and one more view of it unless it is the caller's own. Raises AccountNotFound."""
        account = await access_member(self._store.view, account_id)
        if caller.account is not None and caller.account.id == account_id:
            return account
        async with self._store.unit() as unit:
            await unit.accounts.count_profile_view(account_id)
            return await access_member(unit, account_id)

    async def sweep(self) -> int:
        """Keep the activity noted since the last sweep, and take out of rooms who is gone; how many.

        Nobody is gone before the server itself has listened for the whole timeout.
        """
        now = self._clock.now()
        await self._keep(now)
        if now - self._started_at < self._timeout:
            return 0
        taken_out = 0
        for room_id, account_id in await self._store.view.rooms.silent(now - self._timeout):
            async with self._store.unit() as unit:
                room = await unit.rooms.find(room_id)
                occupant = await unit.rooms.find_occupant(room_id, account_id)
                if room and occupant and is_gone(self._last_heard(occupant), now, self._timeout):
                    await take_out(unit, room, account_id, now, by_itself=True)
                    taken_out += 1
        return taken_out

    def _last_heard(self, occupant: Occupant) -> datetime:
        """What this node heard may not have been kept yet."""
        return max(occupant.accessed_at, self._heard.get(occupant.account.id, occupant.accessed_at))

    async def _keep(self, now: datetime) -> None:
        due = [who for who, at in self._heard.items() if at - self._kept.get(who, self._started_at) >= KEEP_EVERY]
        for start in range(0, len(due), KEEP_AT_ONCE):
            kept = {who: self._heard[who] for who in due[start : start + KEEP_AT_ONCE]}
            async with self._store.unit() as unit:
                for account_id, at in kept.items():
                    await unit.accounts.touch(account_id, at)
                    await unit.rooms.touch(account_id, at)
            self._kept |= kept
        gone = [account_id for account_id, at in self._heard.items() if is_gone(at, now, self._timeout)]
        for account_id in gone:
            del self._heard[account_id]
            self._kept.pop(account_id, None)
            self._since.pop(account_id, None)
