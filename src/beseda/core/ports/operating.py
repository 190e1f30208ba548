"""What is kept of operators."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from beseda.domain.announcements import Announcement
from beseda.domain.ids import AccountId, AnnouncementId, OperatorTokenId, SessionId
from beseda.domain.operators import AuditEntry, OperatorMember, OperatorRole, OperatorToken
from beseda.domain.refusals import Refusal
from beseda.domain.samples import Sample, Stretch


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

    async def set_member(self, account_id: AccountId, role: OperatorRole, at: datetime) -> None: ...

    async def remove_member(self, account_id: AccountId) -> bool:
        """Whether he had a role."""
        ...

    async def role_of(self, account_id: AccountId) -> OperatorRole | None: ...

    async def list_members(self) -> list[OperatorMember]:
        """By nick."""
        ...

    async def note_proof(self, session_id: SessionId, at: datetime) -> None: ...

    async def proved_at(self, session_id: SessionId) -> datetime | None: ...

    async def forget_proofs(self, before: datetime) -> int: ...


class Announcements(Protocol):
    async def add(self, at: datetime, until: datetime, text: str) -> Announcement: ...

    async def find(self, announcement_id: AnnouncementId) -> Announcement | None: ...

    async def list_shown(self, now: datetime) -> list[Announcement]:
        """Those that are not over, newest first."""
        ...

    async def list_all(self, before: int, limit: int) -> list[Announcement]:
        """Newest first."""
        ...

    async def end(self, announcement_id: AnnouncementId, at: datetime) -> None: ...

    async def forget(self, before: datetime, limit: int) -> int:
        """Remove those that were over then; how many, at most `limit`."""
        ...


class Samples(Protocol):
    async def add(self, sample: Sample) -> bool:
        """Whether there was none of that node and minute."""
        ...

    async def stretches(self, after: datetime, until: datetime, step: timedelta) -> list[Stretch]:
        """What was measured in that time, by steps from its beginning, the oldest first."""
        ...

    async def newest(self, after: datetime) -> list[Sample]:
        """The last of each node, if it is not older."""
        ...

    async def forget(self, before: datetime, limit: int) -> int: ...


class Refusals(Protocol):
    async def add(self, refusals: Sequence[Refusal]) -> None: ...

    async def find(self, request_id: str) -> Refusal | None: ...

    async def list_too_often(self, after: datetime, limit: int) -> list[Refusal]:
        """Those that a limit refused, newest first."""
        ...

    async def forget(self, before: datetime, keep: int, limit: int) -> int:
        """Remove old ones, and all but the `keep` newest; how many, at most `limit`."""
        ...
