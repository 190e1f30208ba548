"""Karma: earned by chatting, given to others."""

from datetime import datetime

from beseda.core.ports import Unit
from beseda.domain.ids import AccountId


async def count_chat(unit: Unit, account_id: AccountId, written_before: datetime | None, now: datetime) -> None:
    """Within a deed: one earned for each hour of the clock in which a member wrote (chat.cz help, rule 39)."""
