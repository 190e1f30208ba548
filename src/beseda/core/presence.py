"""Who is here: activity is noted in memory at every call, kept from time to time, and its absence ends a stay."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.core.access import access_account, access_member
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store
from beseda.core.rooms import take_out
from beseda.domain.accounts import Account
from beseda.domain.events import AccountChanged
from beseda.domain.ids import AccountId
from beseda.domain.presence import KEEP_EVERY, is_gone
from beseda.domain.rooms import Room


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
        self._heard: dict[AccountId, datetime] = {}
        self._kept: dict[AccountId, datetime] = {}

    def note(self, account: Account) -> None:
        """Somebody did something just now."""
        self._heard[account.id] = self._clock.now()

    def accessed_at(self, account: Account) -> datetime:
        """The last activity known on this node or kept by any."""
        return max(account.accessed_at, self._heard.get(account.id, account.accessed_at))

    async def look(self, account_id: AccountId) -> Presence:
        """Raises AccountNotFound."""
        repos = self._store.view
        account = await access_account(repos, account_id)
        rooms = await repos.rooms.rooms_of(account_id)
        accessed_at = self.accessed_at(account)
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
            unit.record(AccountChanged(self._clock.now(), account_id))
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
                if room and occupant and is_gone(occupant.accessed_at, now, self._timeout):
                    await take_out(unit, room, account_id, now, by_itself=True)
                    taken_out += 1
        return taken_out

    async def _keep(self, now: datetime) -> None:
        due = {who: at for who, at in self._heard.items() if at - self._kept.get(who, self._started_at) >= KEEP_EVERY}
        if due:
            async with self._store.unit() as unit:
                for account_id, at in due.items():
                    await unit.accounts.touch(account_id, at)
                    await unit.rooms.touch(account_id, at)
            self._kept |= due
        gone = [account_id for account_id, at in self._heard.items() if is_gone(at, now, self._timeout)]
        for account_id in gone:
            del self._heard[account_id]
            self._kept.pop(account_id, None)
