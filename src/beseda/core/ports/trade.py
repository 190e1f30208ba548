"""What is kept of domains and money."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from beseda.domain.domains import Domain, DomainName, DomainOrder, RemovedDomain, Renewal, Subdomain
from beseda.domain.ids import AccountId, DomainId, EntryId, ZoneId
from beseda.domain.ledger import Balance, Entry, Posting


class Domains(Protocol):
    async def add(
        self, account_id: AccountId, name: DomainName, renewal: Renewal, directory: str, at: datetime
    ) -> Domain:
        """Raises DomainTaken."""
        ...

    async def find(self, ascii_name: str) -> Domain | None: ...

    async def find_nearest(self, ascii_names: Sequence[str]) -> Domain | None:
        """The longest of these names that is a domain."""
        ...

    async def others_below(self, ascii_name: str, account_id: AccountId) -> bool:
        """Whether anybody but this member has a domain below a name."""
        ...

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

    async def set_account(self, domain_id: DomainId, account_id: AccountId) -> None: ...

    async def set_renewal(self, ascii_name: str, renewal: Renewal) -> None: ...

    async def remove(self, ascii_name: str) -> None: ...

    async def keep_removed(self, domain: Domain, at: datetime) -> None:
        """Note a domain that is about to be removed, with its zone."""
        ...

    async def find_removed(
        self, account_id: AccountId, ascii_name: str, since: datetime
    ) -> tuple[ZoneId, Domain] | None:
        """The last domain of that name that was removed from the account since a moment, and its zone."""
        ...

    async def removed_of(self, account_id: AccountId) -> list[RemovedDomain]:
        """The newest first."""
        ...

    async def removed_before(self, at: datetime) -> list[ZoneId]: ...

    async def forget_removed(self, zone_id: ZoneId) -> None: ...


class Subdomains(Protocol):
    async def add(self, zone_id: ZoneId, machine: str, directory: str) -> bool:
        """Whether it was not there."""
        ...

    async def count(self, zone_id: ZoneId) -> int: ...

    async def remove(self, zone_id: ZoneId, machine: str) -> bool:
        """Whether it was there."""
        ...

    async def list_of(self, domain_ids: Sequence[DomainId]) -> dict[DomainId, list[Subdomain]]:
        """By domain and name."""
        ...

    async def set_redirect(self, zone_id: ZoneId, url: str) -> None:
        """ "" for none."""
        ...

    async def redirect(self, domain_id: DomainId) -> str: ...


class Ledger(Protocol):
    async def balance(self, account_id: AccountId) -> Balance: ...

    async def post(self, postings: Sequence[Posting], memo: str, at: datetime, *, key: str) -> Entry:
        """Add an entry. A `key` already used returns that entry and adds nothing. Raises BalanceTooLow."""
        ...

    async def list_of(self, account_id: AccountId, *, before: int, limit: int) -> list[Entry]:
        """Entries that moved the member's money, the newest first."""
        ...

    async def check(self, tell: Callable[[int, int], None]) -> list[str]:
        """What is wrong with the books; nothing when every entry sums to zero and every book is what was posted.

        `tell` hears how much is done, of how much.
        """
        ...

    async def find(self, entry_id: EntryId) -> Entry | None: ...

    async def find_by_key(self, key: str) -> Entry | None: ...
