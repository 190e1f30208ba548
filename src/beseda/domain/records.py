"""Resource records: types, owner names, data, record sets, and what each may be.

An owner name is relative to its zone, in lower case and A-labels: `www`, `*.lab`, and `@` for the zone itself.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from beseda.domain.errors import RecordRefused
from beseda.domain.ids import RecordId, RecordSetId

APEX = "@"
NEW = RecordSetId(0)
TTL_MIN, TTL_MAX = 1, 2**31 - 1
"""Seconds (RFC 2181, 8). 0 is no time to live: it stands for the zone's own where one is asked for."""
SET_MAX_BYTES = 60_000
"""Of the data of one record set: more fits into no answer (64 KiB over TCP)."""

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "LOC": 29,
    "SRV": 33,
    "NAPTR": 35,
    "DS": 43,
    "SSHFP": 44,
    "TLSA": 52,
    "SVCB": 64,
    "HTTPS": 65,
    "CAA": 257,
}
"""Types written in their own form; all others are `TYPE65280` with data in the form of RFC 3597."""
NAMES = {number: name for name, number in TYPES.items()}
MADE_HERE = frozenset({6, 39, 41, 46, 47, 48, 50, 51, 249, 250})
"""SOA, DNAME, OPT, RRSIG, NSEC, DNSKEY, NSEC3, NSEC3PARAM, TKEY, TSIG: made by servers, or never served."""
QUESTION_ONLY = range(251, 256)
HOSTS = "A"
FAMILIES = {"A": HOSTS, "AAAA": HOSTS, "CNAME": HOSTS}
TARGETED = frozenset({"NS", "MX", "SRV"})
"""Types whose target is the last word of their data, and must not be an alias (RFC 2181, 10.3; RFC 2782)."""

REASONS = {
    "type_refused": "records of this type are not kept",
    "name_invalid": "no name of a record in this zone",
    "data_invalid": "the data is not that of this type",
    "ttl_invalid": f"a time to live is {TTL_MIN} to {TTL_MAX} seconds",
    "set_too_large": f"the records of one name and type have at most {SET_MAX_BYTES} bytes",
    "cname_not_alone": "a CNAME stands alone at its name, and there is one",
    "cname_at_apex": "the zone's own name cannot be a CNAME",
    "ds_at_apex": "a DS belongs into the zone above",
    "ds_without_ns": "a DS belongs to a delegation: NS records of the same name",
    "wildcard": "a wildcard has no NS and no DS",
    "target_address": "the target is a host's name, not an address",
    "target_alias": "the target is a CNAME",
    "null_mx": "an MX of no host stands alone, with preference 0",
}
"""Why a record is refused, by a lasting word, in English."""


def refuse(name: str, type_: str, reason: str, told: str = "") -> RecordRefused:
    """The refusal of a record; `told` is what was given, or what the parser says of it."""
    detail = f"{name} {type_}".strip() + f": {REASONS[reason]}" + (f": {told}" if told else "")
    return RecordRefused(name=name, type=type_, reason=reason, detail=detail)


class Data(NamedTuple):
    """One record's data in canonical form: on the wire (RFC 4034, 6.2), and as text with absolute names."""

    wire: bytes
    text: str

    @property
    def target(self) -> str:
        """The absolute name that an MX, NS, SRV or CNAME points to."""
        return self.text.rsplit(" ", 1)[-1]


@dataclass(frozen=True, slots=True)
class RecordSet:
    """All records of one name and type: what is asked for and answered as a whole. `id` is 0 before it is kept."""

    name: str
    type: str
    ttl: int
    data: tuple[Data, ...]
    id: RecordSetId = NEW

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.type

    @property
    def mark(self) -> str:
        """By this whoever changes the set tells what he saw of it: another one says something else."""
        told = repr((self.key, self.ttl, sorted(each.text for each in self.data)))
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def says(self, other: "RecordSet | None") -> bool:
        """Whether both tell the same, in whatever order."""
        return other is not None and self.ttl == other.ttl and set(self.data) == set(other.data)


class Row(NamedTuple):
    """One record in the list of a zone; `id` keeps its place in the list for as long as it is there."""

    id: RecordId
    name: str
    type: str
    ttl: int
    data: Data


Record = tuple[str, str, int, Data]
"""Name, type, time to live, data."""


def number_of(type_: str) -> int:
    """The number of a type, by either form of its name. Raises ValueError for one that is no name of a type here."""
    if type_ in TYPES:
        return TYPES[type_]
    digits = type_.removeprefix("TYPE")
    if digits == type_ or not (digits.isascii() and digits.isdigit()) or len(digits) > 5 or int(digits) > 65535:
        raise ValueError
    return int(digits)


def type_of(number: int) -> str:
    return NAMES.get(number) or f"TYPE{number}"


def is_kept(number: int) -> bool:
    """Whether records of the type can be in a zone: not what servers make, what only questions have, or nothing."""
    return 0 < number < 65535 and number not in MADE_HERE and number not in QUESTION_ONLY


def family_of(type_: str) -> str:
    """Types that are counted together in lists: hosts (A, AAAA, CNAME), and each other type by itself."""
    return FAMILIES.get(type_, type_)


def rank_of(name: str, type_: str) -> int:
    """Where a record stands in the list of its family: the zone's own hosts first, then those of www."""
    return 2 if family_of(type_) != HOSTS else {APEX: 0, "www": 1}.get(name, 2)


def set_faults(given: RecordSet) -> Iterator[RecordRefused]:
    """What is wrong with one record set by itself."""
    name, type_ = given.key
    if not TTL_MIN <= given.ttl <= TTL_MAX:
        yield refuse(name, type_, "ttl_invalid", str(given.ttl))
    if sum(len(each.wire) + 12 for each in given.data) > SET_MAX_BYTES:
        yield refuse(name, type_, "set_too_large")
    if name.startswith("*") and type_ in {"NS", "DS"}:
        yield refuse(name, type_, "wildcard")
    if name == APEX and type_ in {"CNAME", "DS"}:
        yield refuse(name, type_, f"{type_.lower()}_at_apex")
    if type_ == "CNAME" and len(given.data) > 1:
        yield refuse(name, type_, "cname_not_alone")
    if type_ in TARGETED:
        yield from _target_faults(given)


def _target_faults(given: RecordSet) -> Iterator[RecordRefused]:
    nowhere = [each for each in given.data if each.target == "."]
    if given.type == "MX" and nowhere and (len(given.data) > 1 or nowhere[0].text != "0 ."):
        yield refuse(given.name, "MX", "null_mx")
    if given.type == "NS" and nowhere:
        yield refuse(given.name, "NS", "data_invalid", ".")
    for each in given.data:
        labels = each.target.split(".")[:4]
        if len(labels) == 4 and all(label.isdigit() for label in labels):  # with or without the zone's name after it
            yield refuse(given.name, given.type, "target_address", each.target)


def node_faults(name: str, types: Iterable[str]) -> Iterator[RecordRefused]:
    """Which record sets of one name may not stand beside each other."""
    there = set(types)
    if "CNAME" in there and len(there) > 1:
        yield refuse(name, "CNAME", "cname_not_alone", ", ".join(sorted(there - {"CNAME"})))
    if "DS" in there and "NS" not in there:
        yield refuse(name, "DS", "ds_without_ns")


def targets_inside(given: RecordSet, zone: str) -> list[str]:
    """Names in this zone that may not be aliases, since the set points to them."""
    if given.type not in TARGETED:
        return []
    return [name for each in given.data if (name := relative(each.target, zone)) is not None]


def absolute(name: str, zone: str) -> str:
    """With all labels and the final dot."""
    return f"{zone}." if name == APEX else f"{name}.{zone}."


def relative(name: str, zone: str) -> str | None:
    """An absolute name as this zone has it; None for one outside."""
    if name == f"{zone}.":
        return APEX
    return name[: -len(zone) - 2] if name.endswith(f".{zone}.") else None


def records_of(sets: Iterable[RecordSet]) -> list[Record]:
    """Record by record."""
    return [(each.name, each.type, each.ttl, data) for each in sets for data in each.data]


def in_tree_order(sets: Iterable[RecordSet]) -> list[RecordSet]:
    """The SOA first, then the zone's own, then name by name from the right, as master files are read best."""
    return sorted(sets, key=lambda each: (each.type != "SOA", _labels(each.name), each.type))


def _labels(name: str) -> Sequence[str]:
    return [] if name == APEX else name.split(".")[::-1]


def quoted(text: str) -> str:
    """The data of a TXT that says this, in pieces of 255 octets, which whoever reads it joins (RFC 7208, 3.3)."""
    octets = text.encode()
    pieces = [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
    return " ".join(f'"{"".join(map(_escaped, piece))}"' for piece in pieces)


def _escaped(octet: int) -> str:
    if octet in b'"\\':
        return f"\\{octet:c}"
    return chr(octet) if 32 <= octet < 127 else f"\\{octet:03}"


def said(wire: bytes) -> str:
    """What a TXT says, joined; octets that are no UTF-8 as `\\x..`."""
    start, pieces = 0, []
    while start < len(wire):
        end = start + 1 + wire[start]
        pieces.append(wire[start + 1 : end])
        start = end
    return b"".join(pieces).decode("utf-8", "backslashreplace")


def name_matches(pattern: str, name: str) -> bool:
    """Whether a name (relative, folded) is meant by a pattern: `www` and `@` are themselves, `*.lab` is whatever is
    below lab, `_acme-challenge.*` is `_acme-challenge` alone and before any other labels."""
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    if pattern.endswith(".*"):
        return name == pattern[:-2] or name.startswith(pattern[:-1])
    return name == pattern


def pattern_within(pattern: str, wider: str) -> bool:
    """Whether a pattern means nothing that a wider one does not."""
    if pattern.startswith("*."):
        return pattern == wider or (wider.startswith("*.") and pattern[1:].endswith(wider[1:]))
    if pattern.endswith(".*"):
        return pattern == wider or (wider.endswith(".*") and pattern.startswith(wider[:-1]))
    return name_matches(wider, pattern)
