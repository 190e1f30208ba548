"""Members' own domains: names, zones, renewal."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beseda.domain.errors import DirectoryInvalid, DomainNameInvalid, RedirectInvalid, ZoneNotServed
from beseda.domain.ids import AccountId, DomainId
from beseda.domain.text import INVISIBLE

DOMAINS_PER_CALL = 100
"""The most names that one list call takes."""

DIRECTORY_MAX = 255
SUBDOMAINS_MAX = 1_000
KEPT = timedelta(days=7)
"""How long a removed domain can be brought back."""
REDIRECT_MAX = 2_000

_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_ESCAPED = re.compile("%(?:25)*(?:2e|2f|5c)", re.IGNORECASE)
"""Dots and slashes as addresses may have them, escaped once or again."""
_WEB = re.compile(r"https?://[^\s\x00-\x20\x7f/\\\"<>?#]+([/?#][^\s\x00-\x20\x7f\"<>]*)?", re.IGNORECASE)
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
    """A domain on a member's account. `directory` is where its site lives: a path below the account's home.

    It may begin with a slash, which means the home too; "" is the default.
    """

    id: DomainId
    account_id: AccountId
    name: DomainName
    renewal: Renewal
    directory: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RemovedDomain:
    """A domain that was taken away, and can be brought back until `gone_at`."""

    name: DomainName
    removed_at: datetime
    gone_at: datetime


@dataclass(frozen=True, slots=True)
class Subdomain:
    """A host below a domain; `machine` is its name there, in A-labels, or `*`. `directory` as that of a domain."""

    machine: str
    directory: str


def check_redirect(url: str) -> None:
    """Nothing, or RedirectInvalid: "" or an address of the web, in the characters that addresses have."""
    if url and (len(url) > REDIRECT_MAX or not _WEB.fullmatch(url)):
        raise RedirectInvalid


def check_shape(name: DomainName) -> None:
    """Nothing, or DomainNameInvalid: at least two labels, letters-digits-hyphens, 253 characters (RFC 1035, 2.3.4)."""
    labels = name.ascii.split(".")
    if len(name.ascii) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise DomainNameInvalid(name=name.readable)
    if labels[-1].isdigit():
        raise DomainNameInvalid(name=name.readable)


def check_directory(path: str) -> None:
    """Nothing, or DirectoryInvalid: a path that leads out of the account's home, or that no listing would show.

    Look-alikes of dots and slashes count as what file systems and shells may make of them (NFKC, without
    what nobody sees), and so do those that are escaped as in addresses.
    """
    if len(path) > DIRECTORY_MAX or any(_hides(character) for character in path):
        raise DirectoryInvalid
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", path)).lstrip("/ ")
    if (
        "\\" in plain
        or _ESCAPED.search(plain)
        or plain.startswith("~")
        or any(part.strip() == ".." for part in plain.split("/"))
    ):
        raise DirectoryInvalid


def _hides(character: str) -> bool:
    """Whether it is a control, a line end, half a character, or turns the direction of writing."""
    turns = unicodedata.bidirectional(character) in _TURNS
    return turns or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def zone_of(name: DomainName, zones: frozenset[str]) -> str:
    """The served zone that `name` is directly under, as A-labels; or ZoneNotServed. No zones at all are any.

    A name below a registrable one (www.example.org) is in no zone: domains are kept, hosts in them are not. A zone
    itself (co.uk beside uk) is nobody's.
    """
    _, _, zone = name.ascii.partition(".")
    if not zones:
        return zone
    if name.ascii in zones:
        raise DomainNameInvalid(name=name.readable)
    if zone in zones:
        return zone
    readable = name.readable.partition(".")[2]
    labels = zone.split(".")
    if any(".".join(labels[i:]) in zones for i in range(1, len(labels))):
        raise DomainNameInvalid(name=name.readable)
    raise ZoneNotServed(zone=readable)
