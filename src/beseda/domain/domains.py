"""Members' own domains: names, zones, renewal."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beseda.domain.errors import DomainNameInvalid, ZoneNotServed
from beseda.domain.ids import AccountId, DomainId

DOMAINS_PER_CALL = 100
"""The most names that one list call takes."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class Renewal(StrEnum):
    """How a domain is renewed."""

    NO = "no"
    MANUAL = "manual"
    BONUS_MONEY = "bonus_money"


class DomainOrder(StrEnum):
    """The form of the name by which a list is sorted."""

    READABLE = "readable"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class DomainName:
    """A name in both forms: `ascii` (A-labels, the one that is stored) and `readable` (U-labels)."""

    ascii: str
    readable: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain on a member's account. `directory` is where its site lives, "" for the default."""

    id: DomainId
    account_id: AccountId
    name: DomainName
    renewal: Renewal
    directory: str
    created_at: datetime


def check_shape(name: DomainName) -> None:
    """Nothing, or DomainNameInvalid: at least two labels, letters-digits-hyphens, 253 characters (RFC 1035, 2.3.4)."""
    labels = name.ascii.split(".")
    if len(name.ascii) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise DomainNameInvalid(name=name.readable)
    if labels[-1].isdigit():
        raise DomainNameInvalid(name=name.readable)


def zone_of(name: DomainName, zones: frozenset[str]) -> str:
    """The served zone that `name` is directly under, as A-labels; or ZoneNotServed.

    A name below a registrable one (www.example.org) is in no zone: domains are kept, hosts in them are not. A zone
    itself (co.uk beside uk) is nobody's.
    """
    _, _, zone = name.ascii.partition(".")
    if name.ascii in zones:
        raise DomainNameInvalid(name=name.readable)
    if zone in zones:
        return zone
    readable = name.readable.partition(".")[2]
    labels = zone.split(".")
    if any(".".join(labels[i:]) in zones for i in range(1, len(labels))):
        raise DomainNameInvalid(name=name.readable)
    raise ZoneNotServed(zone=readable)
