"""Who may have a name that nobody has here: what a member has to show for it, and what asks an operator."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beseda.domain.domains import DomainName, Renewal
from beseda.domain.ids import AccountId, DomainRequestId

CHALLENGE = "_beseda-challenge"
"""The label below a name at which its owner shows that it is his."""
REQUESTS_MAX = 100
"""Requests of one member that wait, and names that he has yet to show to be his."""
REASON_MAX = 200


class Policy(StrEnum):
    """How a name becomes a member's."""

    OPEN = "open"
    """The first who asks has it."""
    OPERATOR = "operator"
    """An operator gives it."""
    PROOF = "proof"
    """Who can write into its DNS has it."""


class Need(StrEnum):
    """What stands between a member and a name."""

    NOTHING = "nothing"
    APPROVAL = "approval"
    PROOF = "proof"
    OTHERS = "others"
    """Others have names below it, and would be below whoever takes it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is around a name, for one member.

    `inside_own` is a name below a domain of his own; `his_before` one that he removed and can still bring back;
    `known_before` one that was answered for, whoever had it; `above_others` one above domains of other members.
    """

    inside_own: bool = False
    his_before: bool = False
    known_before: bool = False
    above_others: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the DNS says of a name: the challenge's record is there; it is delegated to our name servers."""

    record: bool = False
    delegation: bool = False


NONE = Evidence()


def need(policy: Policy, facts: Facts, evidence: Evidence = NONE) -> Need:
    """What is missing before a member can have a name.

    That a name is delegated here says whose it is only while nobody has had it here: delegations are often forgotten
    by who leaves, and would then be anybody's.
    """
    if facts.inside_own or (facts.his_before and not facts.above_others):
        return Need.NOTHING
    match policy:
        case Policy.OPEN:
            return Need.OTHERS if facts.above_others else Need.NOTHING
        case Policy.OPERATOR:
            return Need.APPROVAL
        case Policy.PROOF:
            proved = evidence.record or (evidence.delegation and not facts.known_before)
            return Need.NOTHING if proved else Need.PROOF


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a member is to publish: a TXT record of that name with that value."""

    record: str
    value: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that a member has yet to show to be his; `asked_at` is when he last asked for it."""

    name: DomainName
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class DomainRequest:
    """A name that a member asked an operator for; `denied_at` is None while it waits."""

    id: DomainRequestId
    account_id: AccountId
    name: DomainName
    renewal: Renewal
    directory: str
    asked_at: datetime
    denied_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A domain that one member would hand over to another."""

    name: DomainName
    giver_id: AccountId
    taker_id: AccountId
    offered_at: datetime
