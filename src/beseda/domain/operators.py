"""Operators who work over HTTP: their tokens, what each may, and what is kept of what was done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from beseda.domain.accounts import Account
from beseda.domain.ids import AuditId, OperatorTokenId

AUDIT_KEPT = timedelta(days=400)
TOKEN_TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token is kept."""
PROOF_FOR_DEEDS, PROOF_FOR_LOOKS = timedelta(minutes=10), timedelta(hours=12)
"""For how long a password counts that an operator gave in this session."""


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
class OperatorMember:
    """A member who works as an operator in a browser, and since when."""

    account: Account
    role: OperatorRole
    since: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A command that changes something, and what came of it.

    `who` is a token's name, a member, or a user of the machine.
    """

    id: AuditId
    at: datetime
    who: str
    command: str
    arguments: str
    outcome: str
