"""What is kept of the keys of zones."""

from datetime import datetime
from typing import Protocol

from beseda.domain.ids import AccountId, TokenId
from beseda.domain.zone_keys import Algorithm, KeyScope, ZoneKey


class ZoneKeys(Protocol):
    async def add(
        self,
        zone: str,
        label: str,
        account_id: AccountId | None,
        algorithm: Algorithm,
        salt: str,
        scope: KeyScope,
        at: datetime,
        token_id: TokenId | None = None,
    ) -> ZoneKey:
        """Raises ZoneKeyTaken."""
        ...

    async def find(self, zone: str, label: str) -> ZoneKey | None: ...

    async def list_of(self, zone: str) -> list[ZoneKey]:
        """The keys of a zone by name, whoever had them made."""
        ...

    async def remove(self, zone: str, label: str) -> None: ...
