"""Whom members do not want to read."""

from datetime import datetime

from beseda.core.ports import Store, Unit
from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId


class Ignoring:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def ignored_by(self, account_id: AccountId) -> frozenset[AccountId]:
        """Whom a member ignores."""
        return frozenset()


async def set_ignored(unit: Unit, account: Account, whom: Account, now: datetime, *, ignored: bool) -> None:
    """Within a deed: ignore somebody, or no longer."""
