"""What is kept of names that members ask for or hand over, and who asks the DNS."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from beseda.domain.domains import DomainName, Renewal
from beseda.domain.ids import AccountId, DomainId, DomainRequestId
from beseda.domain.ownership import Claim, DomainRequest, Offer


class Lookup(Protocol):
    """The DNS as everybody sees it, by the configured resolver."""

    async def texts(self, name: str) -> frozenset[str]:
        """The TXT records of a name, none if there is no such name. Raises ResolverSilent."""
        ...

    async def delegation(self, name: str) -> frozenset[str]:
        """The name servers of a zone, folded and without final dots, also of one that does not answer yet.

        Raises ResolverSilent.
        """
        ...


class Ownership(Protocol):
    async def ask(
        self, account_id: AccountId, name: DomainName, renewal: Renewal, directory: str, at: datetime
    ) -> DomainRequest: ...

    async def asked(self, account_id: AccountId, ascii_name: str) -> DomainRequest | None: ...

    async def find(self, request_id: DomainRequestId) -> DomainRequest | None: ...

    async def count_waiting(self, account_id: AccountId) -> int: ...

    async def list_requests(self, *, denied: bool) -> list[DomainRequest]:
        """The oldest first."""
        ...

    async def requests_of(self, account_id: AccountId) -> list[DomainRequest]:
        """A member's, also those that were denied; the oldest first."""
        ...

    async def withdraw(self, account_id: AccountId, ascii_name: str) -> None:
        """A member wants a name no more. What was denied stays."""
        ...

    async def claim(self, account_id: AccountId, name: DomainName, at: datetime, *, keep: int) -> None:
        """A member asked for a name, perhaps again; as many of his claims are kept, the newest."""
        ...

    async def claims(self, account_id: AccountId, since: datetime) -> list[Claim]:
        """A member's, the newest first."""
        ...

    async def forget_claims(self, before: datetime) -> None: ...

    async def deny(self, request_id: DomainRequestId, at: datetime, reason: str) -> None: ...

    async def settle(self, ascii_name: str) -> None:
        """Somebody has the name: nobody waits for it any more."""
        ...

    async def forget_denied(self, before: datetime) -> None: ...

    async def offer(self, domain_id: DomainId, giver_id: AccountId, taker_id: AccountId, at: datetime) -> None:
        """In place of what was offered before."""
        ...

    async def offers(self, account_id: AccountId, since: datetime) -> Sequence[Offer]:
        """Those that a member makes and gets, the newest first; none of a domain that the giver has no more."""
        ...

    async def end_offer(self, domain_id: DomainId) -> None: ...

    async def forget_offers(self, before: datetime) -> None: ...
