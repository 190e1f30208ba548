"""Whom members do not want to read (chat.cz help, rule 30)."""

from datetime import datetime

from beseda.core.access import access_account, access_registered
from beseda.core.caller import Caller
from beseda.core.kept import Kept
from beseda.core.ports import Clock, Store, Unit
from beseda.domain.accounts import Account
from beseda.domain.errors import RankTooLow
from beseda.domain.events import Event, IgnoreChanged, Missed
from beseda.domain.ids import AccountId


class Ignoring:
    KEPT = 20_000
    """Members whose ignores are kept in memory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._ignored: Kept[AccountId, frozenset[AccountId]] = Kept(
            lambda account_id: self._store.view.ignoring.ignored_by(account_id), self.KEPT
        )

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, IgnoreChanged):
            self._ignored.drop(event.account_id)
        elif isinstance(event, Missed):
            self._ignored.clear()

    async def ignored_by(self, account_id: AccountId) -> frozenset[AccountId]:
        """Whom somebody ignores, from memory while nothing changed."""
        return await self._ignored.get(account_id)

    async def list_ignored(self, caller: Caller) -> list[Account]:
        """Whom the caller ignores, by nick. Raises NotSignedIn."""
        account, _ = caller.signed_in()
        return await self._store.view.ignoring.list_ignored(account.id)

    async def set_ignored(self, caller: Caller, account_id: AccountId, ignored: bool) -> None:
        """Ignore somebody, or no longer. Raises RegisteredOnly, AccountNotFound, RankTooLow for oneself."""
        account = access_registered(caller)
        async with self._store.unit() as unit:
            whom = await access_account(unit, account_id)
            await set_ignored(unit, account, whom, self._clock.now(), ignored=ignored)


async def set_ignored(unit: Unit, account: Account, whom: Account, now: datetime, *, ignored: bool) -> None:
    """Within a deed, for a registered member: see Ignoring.set_ignored."""
    if account.id == whom.id:
        raise RankTooLow
    await unit.ignoring.set_ignored(account.id, whom.id, ignored, now)
    unit.record(IgnoreChanged(now, account.id))
