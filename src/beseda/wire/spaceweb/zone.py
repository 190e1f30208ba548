"""Zones as Beseda's own object `domains/zone` has them: record sets that stay, files, history (docs/domains.md)."""

import msgspec


class SetView(msgspec.Struct, frozen=True):
    """All records of one name and type. `ttl` is in seconds; `data` is written as in master files, with whole names."""

    id: int
    name: str
    type: str
    ttl: int
    data: list[str]


class ZoneView(msgspec.Struct, frozen=True):
    """A zone: the serial of its SOA, how many records it has, and all of them."""

    zone: str
    serial: int
    records: int
    sets: list[SetView]


class RecordView(msgspec.Struct, frozen=True):
    """One record. `name` is relative to the domain, `ttl` in seconds, `data` as in master files."""

    name: str
    type: str
    ttl: int
    data: str


class Change(msgspec.Struct, frozen=True, rename={"dry_run": "dryRun"}):
    """What was done, or with `dry_run` (`dryRun`) would be: records that went and came; `serial` is the zone's now."""

    serial: int
    removed: list[RecordView]
    added: list[RecordView]
    dry_run: bool


class ZoneText(msgspec.Struct, frozen=True):
    """A master file."""

    zone: str
    content: str


class StepView(msgspec.Struct, frozen=True, rename={"serial_from": "serialFrom", "serial_to": "serialTo"}):
    """A step of the history: what was done (made, changed, removed, restored), when (ISO 8601), by whom and how.

    `author` is "" for an operator or the server.
    """

    number: int
    deed: str
    serial_from: int
    serial_to: int
    at: str
    author: str
    note: str


class RemovedView(msgspec.Struct, frozen=True, rename={"removed_at": "removedAt", "gone_at": "goneAt"}):
    """A removed domain, by both forms of its name; it can be brought back until `goneAt` (ISO 8601)."""

    domain: str
    readable: str
    removed_at: str
    gone_at: str
