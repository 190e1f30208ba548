"""What is kept of zones, and who reads and writes records."""

from collections.abc import Collection, Sequence
from typing import Protocol

from beseda.domain.ids import DomainId, RecordSetId, ZoneId
from beseda.domain.records import Data, RecordSet, Row
from beseda.domain.zones import Plan, Remembered, Step, ZoneChange, ZoneHead


class RecordCodec(Protocol):
    """Presentation and wire form of records, both ways. Pure; what is long is done off the event loop."""

    def type_name(self, text: str) -> str:
        """The name under which a type is kept, of what a person wrote. Raises RecordRefused."""
        ...

    def owner(self, name: str, zone: str) -> str:
        """A relative owner name, of a relative or (with a final dot) absolute one. Raises RecordRefused."""
        ...

    def data(self, zone: str, name: str, type_: str, text: str) -> Data:
        """Canonical form of data as it was written, also in that of RFC 3597; relative names are the zone's.

        Raises RecordRefused.
        """
        ...

    def from_wire(self, type_: str, wire: bytes) -> Data:
        """The same of data from the wire, without compressed names. Raises RecordRefused."""
        ...

    def soa(self, text: str) -> Data:
        """Of the SOA, which is in no zone's records."""
        ...

    async def read_file(self, zone: str, text: str, default_ttl: int) -> "tuple[list[RecordSet], list[Exception]]":
        """The record sets of a master file (RFC 1035, 5), without its SOA, and a refusal for each record not taken.

        $INCLUDE is refused. Raises ZoneFileInvalid.
        """
        ...


class Zones(Protocol):
    """Record sets, their places in lists, and the history, zone by zone."""

    async def add(self, domain_id: DomainId, name: str, serial: int) -> ZoneHead: ...

    async def find(self, domain_id: DomainId) -> ZoneHead | None:
        """The zone of a domain."""
        ...

    async def get(self, zone_id: ZoneId) -> ZoneHead | None:
        """A zone, also of a removed domain."""
        ...

    async def served(self) -> list[ZoneHead]:
        """Those of all domains, by name."""
        ...

    async def served_after(self, zone_id: int, limit: int) -> list[ZoneHead]:
        """Those of domains with numbers above this one, in their order."""
        ...

    async def remembered(self) -> Remembered | None:
        """What was remembered last; None when no name server has ever started here."""
        ...

    async def remember(self, what: Remembered) -> None: ...

    async def last_serial(self, name: str) -> int | None:
        """The serial of the last zone of that name that is no longer served."""
        ...

    async def set_served(self, zone_id: ZoneId, domain_id: DomainId | None) -> None:
        """Give a zone to a domain, or take it from one; then its serial is kept for whoever has the name next."""
        ...

    async def erase(self, zone_id: ZoneId) -> None:
        """All of a zone, but for its last serial."""
        ...

    async def sets(self, zone_id: ZoneId) -> list[RecordSet]:
        """All record sets."""
        ...

    async def sets_at(self, zone_id: ZoneId, names: Collection[str]) -> list[RecordSet]:
        """Those of some names."""
        ...

    async def sets_of(self, zone_id: ZoneId, types: Collection[str]) -> list[RecordSet]:
        """Those of some types, which are to be all of their families."""
        ...

    async def find_set(self, zone_id: ZoneId, set_id: RecordSetId) -> RecordSet | None: ...

    async def rows(self, zone_id: ZoneId) -> list[Row]:
        """All records, family by family, each in the order of its list."""
        ...

    async def row_at(self, zone_id: ZoneId, family: str, index: int) -> Row | None:
        """The record at a place in the list of its family."""
        ...

    async def change(self, head: ZoneHead, what: Plan, step: ZoneChange) -> ZoneHead:
        """Write record sets and a step of the history; the zone has the step's serial then.

        A record that takes the place of one other of its family is found at its place.
        """
        ...

    async def history(self, zone_id: ZoneId, *, before: int, limit: int) -> list[ZoneChange]:
        """Steps with a number below `before`, the newest first, without their records."""
        ...

    async def step(self, zone_id: ZoneId, number: int) -> ZoneChange | None:
        """A step with its records; None when it is forgotten, or never was."""
        ...

    async def steps_after(self, zone_id: ZoneId, serial: int) -> list[ZoneChange] | None:
        """Whole steps from a serial on, the oldest first; None when the history does not reach so far."""
        ...

    async def journal(self, after: int, limit: int) -> Sequence[Step]:
        """What happened to all zones after an entry, in order."""
        ...

    async def journal_end(self) -> int:
        """The newest entry, 0 before the first."""
        ...
