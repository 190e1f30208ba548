"""What is kept of operators."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from beseda.domain.ids import OperatorTokenId
from beseda.domain.operators import AuditEntry, OperatorRole, OperatorToken
from beseda.domain.refusals import Refusal


class Operators(Protocol):
    async def add_token(self, name: str, role: OperatorRole, digest: str, at: datetime) -> OperatorToken: ...

    async def find_token(self, digest: str) -> OperatorToken | None: ...

    async def list_tokens(self) -> list[OperatorToken]: ...

    async def touch_token(self, token_id: OperatorTokenId, at: datetime) -> None: ...

    async def remove_token(self, token_id: OperatorTokenId) -> bool:
        """Whether there was one."""
        ...

    async def note(self, at: datetime, who: str, command: str, arguments: str, outcome: str) -> None: ...

    async def list_audit(self, *, before: int, limit: int) -> list[AuditEntry]:
        """Newest first."""
        ...

    async def forget_audit(self, before: datetime) -> int: ...


class Refusals(Protocol):
    async def add(self, refusals: Sequence[Refusal]) -> None: ...

    async def find(self, request_id: str) -> Refusal | None: ...

    async def forget(self, before: datetime, keep: int, limit: int) -> int:
        """Remove old ones, and all but the `keep` newest; how many, at most `limit`."""
        ...
