"""Zones: what is published under a domain's name, its serial, and how one state becomes another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from beseda.domain.errors import ZoneFull
from beseda.domain.ids import AccountId, DomainId, ZoneId
from beseda.domain.records import APEX, Record, RecordSet, absolute, records_of

RECORDS_MAX = 10_000
SERIALS = 2**32
LOST_LEAST, LOST_PER_S = 1_000, 10
"""Changes of one zone that may have been lost, and in each second since a backup."""
ANY_NAME = ""
"""In place of a name: the serial above which every new zone begins."""
Key = tuple[str, str]
"""Name and type."""
Sets = Mapping[Key, RecordSet]
Changes = Mapping[Key, RecordSet | None]
"""Record sets as they are to be; None for one that is to go. What is not named stays."""


class Deed(StrEnum):
    """What happened to a zone."""

    MADE = "made"
    CHANGED = "changed"
    REMOVED = "removed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class ZoneHead:
    """A zone without its records. `domain_id` is None while the domain is removed: then nothing is answered.

    `records` counts those that it has of its own; `changes` and `changed_records` count what its history told so far.
    """

    id: ZoneId
    domain_id: DomainId | None
    name: str
    serial: int
    records: int
    changes: int
    changed_records: int


@dataclass(frozen=True, slots=True)
class Zone:
    """A whole zone to be served: all record sets, the SOA and the zone's own NS among them."""

    head: ZoneHead
    sets: tuple[RecordSet, ...]


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """One step of a zone's history. Who took it is None for an operator or the server; `note` says by what means.

    `removed` and `added` are what was served (RFC 1995), without the SOA.
    """

    deed: Deed
    serial_from: int
    serial_to: int
    at: datetime
    author_id: AccountId | None = None
    note: str = ""
    removed: tuple[Record, ...] = ()
    added: tuple[Record, ...] = ()
    number: int = 0

    @property
    def is_difference(self) -> bool:
        """Whether these records are all that became another; else whoever has what was before needs the whole zone."""
        return self.deed is Deed.CHANGED and bool(self.removed or self.added)


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of the journal of all zones: `id` rises with every commit."""

    id: int
    zone_id: ZoneId
    name: str
    deed: Deed
    serial: int


@dataclass(frozen=True, slots=True)
class Soa:
    """What the SOA of every zone says beside the serial. `contact` is an e-mail address, "" for the zone's hostmaster.

    Names have no final dot; times are in seconds.
    """

    name_servers: tuple[str, ...] = ("localhost",)
    contact: str = ""
    refresh: int = 7200
    retry: int = 900
    expire: int = 1_209_600
    minimum: int = 600
    ttl: int = 3600

    def text(self, zone: str, serial: int) -> str:
        """The data of the SOA (RFC 1035, 3.3.13), with the dots of the contact's local part escaped."""
        local, at, host = self.contact.rpartition("@")
        box = f"{local.replace('.', chr(92) + '.')}.{host}." if at else f"hostmaster.{zone}."
        times = f"{self.refresh} {self.retry} {self.expire} {self.minimum}"
        return f"{self.name_servers[0]}. {box} {serial} {times}"

    @property
    def said(self) -> str:
        """All that zones are served with because of it, to be compared."""
        return f"{self.ttl} {self.text('', 0)} NS {' '.join(sorted(self.name_servers))}"


class Remembered(NamedTuple):
    """What the settings were when the name server last started: `said` of the Soa; and which zones heard of it."""

    said: str
    raised: int
    """The last zone, by number, whose serial was raised for it; MAX_ID when that is done."""


def next_serial(last: int, today: datetime) -> int:
    """The serial after `last` (RFC 1982): of the form YYYYMMDDnn where that is greater, else one more. Never 0."""
    dated = int(f"{today:%Y%m%d}00")
    return dated if is_after(dated, last) else (last + 1) % SERIALS or 1


def serial_after_loss(serial: int, since: datetime, now: datetime) -> int:
    """A serial above every one that can have been served of a zone that was at this one `since`, and is again.

    No member changes a zone as often as assumed here for long (domain/limits.py). Whoever puts the same back once more,
    later, is above that too. A backup may be years old.
    """
    dated = int(f"{now:%Y%m%d}00")
    later = dated if is_after(dated, serial) else serial
    lost = LOST_LEAST + LOST_PER_S * max(0, int((now - since).total_seconds()))
    return (serial + min((later - serial) % SERIALS + lost, SERIALS // 2 - 1)) % SERIALS or 1


def is_after(serial: int, other: int) -> bool:
    """Whether `serial` is the greater of the two (RFC 1982, 3.2)."""
    return 0 < (serial - other) % SERIALS < SERIALS // 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, and what of it is served: records taken away, records added."""

    sets: dict[Key, RecordSet | None]
    removed: tuple[Record, ...]
    added: tuple[Record, ...]
    records: int


def plan(head: ZoneHead, before: Sets, changes: Changes, implied: RecordSet) -> Plan:
    """How `changes` bring the zone from `before` on. `before` holds at least the sets that `changes` name.

    `implied` is the zone's own NS as it is served where the zone has none of its own. Raises ZoneFull.
    """
    written: dict[Key, RecordSet | None] = {
        key: wanted
        for key, wanted in changes.items()
        if (before.get(key) is not None if wanted is None else not wanted.says(before.get(key)))
    }
    count = head.records
    old: list[Record] = []
    new: list[Record] = []
    for key, wanted in written.items():
        had = before.get(key)
        count += (len(wanted.data) if wanted else 0) - (len(had.data) if had else 0)
        fallback = implied if key == implied.key else None
        old += records_of(filter(None, [had or fallback]))
        new += records_of(filter(None, [wanted or fallback]))
    if count > RECORDS_MAX and count > head.records:
        raise ZoneFull(max_records=RECORDS_MAX)
    was, will_be = set(old), set(new)
    removed = tuple(each for each in old if each not in will_be)
    return Plan(written, removed, tuple(each for each in new if each not in was), count)


def undone(now: Sets, changes: Sequence[ZoneChange]) -> dict[Key, RecordSet]:
    """The record sets before these changes, the newest of which is first and led to `now`."""
    state = {key: (each.ttl, list(each.data)) for key, each in now.items()}
    for change in changes:
        for name, type_, _, data in change.added:
            if data in (there := state.get((name, type_), (0, []))[1]):
                there.remove(data)
        for name, type_, ttl, data in change.removed:
            kept = state.get((name, type_), (ttl, []))[1]
            state[name, type_] = (ttl, [*kept, data])
    return {key: RecordSet(*key, ttl, tuple(data)) for key, (ttl, data) in state.items() if data}


def enclosing(name: str) -> list[str]:
    """The name and all above it, longest first: where its zone may begin."""
    labels = name.split(".")
    return [".".join(labels[index:]) for index in range(len(labels))]


def owner_within(sent_for: str, zone: str, name: str) -> str:
    """The owner name in the zone of a name that was given relative to `sent_for`, the zone or a name below it."""
    inner = absolute(name, sent_for)
    return APEX if inner == f"{zone}." else inner.removesuffix(f".{zone}.")
