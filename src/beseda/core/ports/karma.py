"""What is kept of karma."""

from datetime import datetime
from typing import Protocol

from beseda.domain.ids import AccountId, GiftId
from beseda.domain.karma import Gift


class Karma(Protocol):
    async def earn(self, account_id: AccountId, amount: int) -> None:
        """Add to what an account has earned, or take from it: never below nothing."""
        ...

    async def earn_hour(self, account_id: AccountId, hour: int, amount: int) -> None:
        """Add to it unless that hour, or a later one, has been counted."""
        ...

    async def add_gift(
        self, giver_id: AccountId, receiver_id: AccountId, amount: int, reason: str, at: datetime
    ) -> GiftId: ...

    async def find_gift(self, gift_id: GiftId) -> Gift | None: ...

    async def end_gift(self, gift_id: GiftId, at: datetime) -> None: ...

    async def list_given(self, giver_id: AccountId, since: datetime, limit: int) -> list[Gift]: ...

    async def list_received(self, receiver_id: AccountId, since: datetime, limit: int) -> list[Gift]: ...

    async def list_givers(self, receiver_id: AccountId, since: datetime) -> list[AccountId]:
        """Who gave something later than `since` and has not taken it back."""
        ...

    async def add_deduction(self, account_id: AccountId, amount: int, reason: str, at: datetime) -> None: ...

    async def recount(self, account_id: AccountId, since: datetime) -> None:
        """Set the account's given karma to what its gifts and deductions later than `since` come to."""
        ...

    async def recount_all(self, since: datetime) -> None: ...

    async def list_given_totals(self) -> list[tuple[AccountId, int]]:
        """Members with more than nothing."""
        ...

    async def list_levels(self) -> dict[AccountId, int]:
        """Members in a group."""
        ...

    async def set_level(self, account_id: AccountId, level: int) -> None: ...

    async def is_ranked(self, day: str) -> bool: ...

    async def note_ranked(self, day: str) -> None: ...
