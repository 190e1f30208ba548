"""Money: balances, credits, charges.

A deed without a caller is an operator's.
"""

from collections.abc import Awaitable, Callable

from beseda.core.access import access_member, access_registered
from beseda.core.caller import Caller
from beseda.core.kept import Kept
from beseda.core.ports import Clock, Entropy, Store
from beseda.domain.events import EntryPosted, Event, Missed
from beseda.domain.ids import AccountId
from beseda.domain.ledger import Balance, Entry, Pocket, charge, check_repeated, credit


class Billing:
    KEPT = 20_000

    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._balances: Kept[AccountId, Balance] = Kept(lambda who: store.view.ledger.balance(who), self.KEPT)

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, EntryPosted | Missed):  # whose money an entry moved it does not say; there are few
            self._balances.clear()

    def balance(self, caller: Caller) -> Awaitable[Balance]:
        """The caller's money; from memory while none is moved. Charges look at the books themselves."""
        return self._balances.get(access_registered(caller).id)

    async def balance_of(self, account_id: AccountId) -> Balance:
        """A member's money. Raises AccountNotFound."""
        await access_member(self._store.view, account_id)
        return await self._store.view.ledger.balance(account_id)

    async def own_statement(self, caller: Caller, *, before: int, limit: int) -> list[Entry]:
        """What moved the caller's money before an entry, the newest first. Raises RegisteredOnly."""
        account = access_registered(caller)
        return await self._store.view.ledger.list_of(account.id, before=before, limit=limit)

    async def statement(self, account_id: AccountId, *, before: int, limit: int) -> list[Entry]:
        """What moved a member's money, the newest first. Raises AccountNotFound."""
        await access_member(self._store.view, account_id)
        return await self._store.view.ledger.list_of(account_id, before=before, limit=limit)

    async def check(self, tell: Callable[[int, int], None] = lambda done, total: None) -> list[str]:
        """What is wrong with the books; nothing when all adds up. `tell` hears how much is done, of how much."""
        return await self._store.view.ledger.check(tell)

    async def credit(
        self, account_id: AccountId, pocket: Pocket, amount_minor: int, memo: str, *, key: str = ""
    ) -> Entry:
        """Bring money in. The same `key` twice credits once. Raises AccountNotFound, AmountInvalid, AlreadyMoved."""
        postings = credit(account_id, pocket, amount_minor)
        async with self._store.unit() as unit:
            await access_member(unit, account_id)
            entry = await unit.ledger.post(postings, memo, self._clock.now(), key=key or self._entropy.uuid4())
            unit.record(EntryPosted(entry.at, entry.id))
            return check_repeated(entry, account_id, amount_minor)

    async def charge(self, account_id: AccountId, amount_minor: int, memo: str, *, key: str = "") -> Entry:
        """Take money, bonus money first. The same `key` twice takes once.

        Raises AccountNotFound, AmountInvalid, BalanceTooLow, AlreadyMoved.
        """
        async with self._store.unit() as unit:
            await access_member(unit, account_id)
            if earlier := await unit.ledger.find_by_key(key):
                return check_repeated(earlier, account_id, amount_minor)
            postings = charge(account_id, await unit.ledger.balance(account_id), amount_minor)
            entry = await unit.ledger.post(postings, memo, self._clock.now(), key=key or self._entropy.uuid4())
            unit.record(EntryPosted(entry.at, entry.id))
            return entry
