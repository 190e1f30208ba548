"""What is kept of domains and money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from beseda.domain.domains import Domain, DomainName, DomainOrder, Renewal
from beseda.domain.ids import AccountId, EntryId
from beseda.domain.ledger import Balance, Entry, Posting


class Domains(Protocol):
    async def add(
        self, account_id: AccountId, name: DomainName, renewal: Renewal, directory: str, at: datetime
    ) -> Domain:
        """Raises DomainTaken."""
        ...

    async def find(self, ascii_name: str) -> Domain | None: ...

    async def list_of(
        self,
        account_id: AccountId,
        *,
        containing: str,
        order: DomainOrder,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Domain]: ...

    async def remove(self, ascii_name: str) -> None: ...


class Ledger(Protocol):
    async def balance(self, account_id: AccountId) -> Balance: ...

    async def post(self, postings: Sequence[Posting], memo: str, at: datetime, *, key: str) -> Entry:
        """Add an entry. A `key` already used returns that entry and adds nothing. Raises BalanceTooLow."""
        ...

    async def list_of(self, account_id: AccountId, *, before: int, limit: int) -> list[Entry]:
        """Entries that moved the member's money, the newest first."""
        ...

    async def check(self) -> list[str]:
        """What is wrong with the books; nothing when every entry sums to zero and every book is what was posted."""
        ...

    async def find(self, entry_id: EntryId) -> Entry | None: ...

    async def find_by_key(self, key: str) -> Entry | None: ...
