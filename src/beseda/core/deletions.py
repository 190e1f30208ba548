"""Members who go: a week to change one's mind, and then nothing is left of them but what they said in rooms.

A deed without a caller is an operator's.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from beseda.core.access import access_member, access_registered
from beseda.core.auth import Auth, SignedIn
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store, Unit
from beseda.core.rooms import save_room
from beseda.core.second_factor import SecondFactors
from beseda.domain.accounts import DELETED_NICK, Account, Standing
from beseda.domain.errors import AccountFrozen, SecondFactorNeeded, WrongCredentials
from beseda.domain.events import AccountChanged, RoomChanged, RoomVanished
from beseda.domain.ids import AccountId
from beseda.domain.sessions import Handle

WAIT = timedelta(days=7)
AT_ONCE = 100


class Deletions:
    def __init__(self, store: Store, clock: Clock, auth: Auth, second_factors: SecondFactors) -> None:
        self._store = store
        self._clock = clock
        self._auth = auth
        self._second_factors = second_factors

    async def ask(self, account_id: AccountId) -> datetime:
        """Let a member in no more, and delete him in a week; when. Raises AccountNotFound."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            if account.standing is Standing.ACTIVE:
                await unit.accounts.set_standing(account_id, Standing.FROZEN)
            await unit.accounts.set_deletion(account_id, now + WAIT)
            await self._auth.sign_out_everywhere(unit, account)
            unit.record(AccountChanged(now, account_id))
        return now + WAIT

    async def cancel(self, account_id: AccountId) -> bool:
        """Whether the member was to be deleted; he is let in again, unless he is blocked. Raises AccountNotFound."""
        async with self._store.unit() as unit:
            return await self._cancel(unit, await access_member(unit, account_id))

    async def _cancel(self, unit: Unit, account: Account) -> bool:
        due = await unit.accounts.deletion(account.id) is not None
        if due:
            await unit.accounts.set_deletion(account.id, None)
            if account.standing is Standing.FROZEN:
                await unit.accounts.set_standing(account.id, Standing.ACTIVE)
            unit.record(AccountChanged(self._clock.now(), account.id))
        return due

    async def ask_own(self, caller: Caller, password: str) -> datetime:
        """The same for the caller, who proves again that it is him; when he will be deleted.

        Raises RegisteredOnly, TokenTooNarrow, WrongCredentials, TooOften.
        """
        account = access_registered(caller)
        await self._auth.authenticate(account.nick, password, caller.address, known=True)
        return await self.ask(account.id)

    async def come_back(
        self, nick: str, password: str, address: str, code: str | None = None, second: str = ""
    ) -> SignedIn:
        """Whoever was to be deleted, and knows the password, has changed his mind; he is signed in within the deed.

        `second` is the code of his second factor. Raises WrongCredentials, CaptchaNeeded, SecondFactorNeeded,
        SecondFactorWrong, TooOften; AccountBlocked, and AccountFrozen when he was frozen alone.
        """
        with suppress(AccountFrozen):  # said to those alone who know the password
            await self._auth.authenticate(nick, password, address, code)
        account = await self._store.view.accounts.find_by_nick(nick)
        if account is None:
            raise WrongCredentials
        if await self._store.view.second_factors.find(account.id) is not None:
            if not second:
                raise SecondFactorNeeded(ticket="")
            await self._second_factors.prove(account.id, second, address)
        async with self._store.unit() as unit:
            await self._cancel(unit, await access_member(unit, account.id))
            account = await access_member(unit, account.id)
            if account.standing is not Standing.ACTIVE:
                raise AccountFrozen
            return await self._auth.begin(unit, account, Handle.COOKIE, address)

    async def due_at(self, account_id: AccountId) -> datetime | None:
        """When the member is to be deleted, None for never."""
        return await self._store.view.accounts.deletion(account_id)

    async def weigh(self, account_id: AccountId) -> dict[str, int]:
        """How much would go of a member, by what it is, and his domains, which would stay. Raises AccountNotFound."""
        view = self._store.view
        account = await access_member(view, account_id)
        return {"sessions": len(await view.sessions.list_of(account.id)), **await view.accounts.weigh(account.id)}

    async def delete(self, account_id: AccountId) -> None:
        """At once, and for good. Raises AccountNotFound."""
        async with self._store.unit() as unit:
            await self._delete(unit, await access_member(unit, account_id))

    async def delete_due(self) -> int:
        """Those whose week is over; how many."""
        due = await self._store.view.accounts.list_deletions(self._clock.now(), AT_ONCE)
        for account_id in due:
            async with self._store.unit() as unit:
                if await unit.accounts.deletion(account_id) is not None:  # he may have changed his mind meanwhile
                    await self._delete(unit, await access_member(unit, account_id))
        return len(due)

    async def _delete(self, unit: Unit, account: Account) -> None:
        """A room that he reserved is temporary again; domains and money stay for the operator, on nobody's name."""
        now = self._clock.now()
        await self._auth.sign_out_everywhere(unit, account)
        room = await unit.rooms.find_reserved_by(account.id)
        if room is not None:
            await save_room(unit, room, replace(room, main_admin_id=None), now)
            if not room.permanent and not await unit.rooms.occupants(room.id):
                await unit.rooms.close(room.id, now)
                unit.record(RoomVanished(now, room.id))
        for room_id in await unit.accounts.erase(account.id, DELETED_NICK):
            unit.record(RoomChanged(now, room_id))
        unit.tell_nothing(account.id)
        unit.record(AccountChanged(now, account.id, renamed=True))
