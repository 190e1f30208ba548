"""Operators who work over HTTP: their tokens, what each may, and what is kept of what was done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from beseda.domain.ids import AuditId, OperatorTokenId

AUDIT_KEPT = timedelta(days=400)
TOKEN_TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token is kept."""


class OperatorRole(IntEnum):
    """A higher one may all that a lower one may. Whoever has the machine itself is an OWNER."""

    OBSERVER = 1
    """Looks, and changes nothing."""
    MODERATOR = 2
    """Deals with members and rooms."""
    OWNER = 3
    """Money, roles, passwords, applications, tokens, and what cannot be undone."""


@dataclass(frozen=True, slots=True)
class OperatorToken:
    """What lets a program or a person in; the token itself is kept nowhere."""

    id: OperatorTokenId
    name: str
    role: OperatorRole
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A command that changes something, by whom (a token's name, or a user of the machine), and what came of it."""

    id: AuditId
    at: datetime
    who: str
    command: str
    arguments: str
    outcome: str
