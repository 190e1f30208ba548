"""Keeps the zones that are answered for like those in the database, whoever changes them."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from beseda.api.dns.book import ZoneBook
from beseda.api.dns.transfers import Record, Step
from beseda.api.dns.wire import SOA, join_text, split_text
from beseda.api.dns.zone import RecordSet, Zone
from beseda.core.zones import Zones
from beseda.domain import records as kept
from beseda.domain.errors import Busy
from beseda.domain.events import Event, ZoneChanged
from beseda.domain.ids import ZoneId
from beseda.domain.zones import Deed, ZoneChange
from beseda.domain.zones import Zone as KeptZone

JOURNAL_PAGE = 1000
LOOK_S = 1.0
"""How long a change on another node may go unnoticed when nothing hints at it."""


class Mirror:
    """`changed` is called for every zone that is another now; `moved` when one was added or is gone."""

    def __init__(
        self, zones: Zones, book: ZoneBook, changed: Callable[[bytes], None], moved: Callable[[], None]
    ) -> None:
        self._zones = zones
        self._book = book
        self._changed = changed
        self._moved = moved
        self._cursor = 0
        self._origins: dict[ZoneId, bytes] = {}
        self._busy = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._wanted = False
        self._look_at_s = 0.0

    @property
    def members(self) -> list[tuple[ZoneId, bytes]]:
        """The zones by the number that each keeps for as long as it is there."""
        return sorted(self._origins.items())

    async def load(self) -> None:
        """All zones. What changes meanwhile is in the journal."""
        self._cursor = await self._zones.journal_end()
        for head in await self._zones.served():
            await self._load(head.id)

    def note(self, event: Event) -> None:
        """Follow at once what happens, on whatever node."""
        if isinstance(event, ZoneChanged):
            self._wanted = True
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        with contextlib.suppress(Busy):  # the next look finds what there is
            while self._wanted:
                self._wanted = False
                await self.catch_up()

    async def look(self) -> None:
        """Follow what happened elsewhere without having been told; to be called every moment."""
        if asyncio.get_running_loop().time() >= self._look_at_s:
            await self.catch_up()
            self._look_at_s = asyncio.get_running_loop().time() + LOOK_S

    async def catch_up(self) -> None:
        """Read the journal on."""
        async with self._busy:
            while steps := await self._zones.journal(self._cursor, JOURNAL_PAGE):
                deeds: dict[ZoneId, set[Deed]] = {}
                for step in steps:
                    deeds.setdefault(step.zone_id, set()).add(step.deed)
                for zone_id, done in deeds.items():
                    await self._refresh(zone_id, done)
                self._cursor = steps[-1].id

    async def _refresh(self, zone_id: ZoneId, done: set[Deed]) -> None:
        zone = self._book.get(self._origins.get(zone_id, b""))
        steps = None
        if zone is not None and done == {Deed.CHANGED}:
            steps = await self._zones.steps_after(zone_id, zone.serial)
        if zone is None or steps is None or not all(each.is_difference for each in steps):
            await self._load(zone_id)
        elif steps:
            for step in steps:
                soa = wire_set(self._zones.soa(split_text(zone.origin), step.serial_to))
                zone.change(step.serial_to, [*_sets_after(zone, step), (zone.origin, SOA, soa)])
            self._changed(zone.origin)

    async def _load(self, zone_id: ZoneId) -> None:
        """Serve a zone as it is in the database; no longer, if it is not served."""
        loaded = await self._zones.load(zone_id)
        if loaded is None:
            origin = self._origins.pop(zone_id, None)
            if origin is not None:
                self._book.drop(origin)
                self._moved()
            return
        zone = read_zone(loaded)
        self._book.put(zone)
        if self._origins.get(zone_id) != zone.origin:
            self._origins[zone_id] = zone.origin
            self._moved()
        self._changed(zone.origin)

    async def steps(self, origin: bytes, serial: int) -> list[Step] | None:
        """What led from a serial of a zone to its newest; None when that is not known any more."""
        zone_id = next((each for each, name in self._origins.items() if name == origin), None)
        changes = None if zone_id is None else await self._zones.steps_after(zone_id, serial)
        if changes is None or not all(each.is_difference for each in changes):
            return None
        return [
            Step(each.serial_from, each.serial_to, _records(origin, each.removed), _records(origin, each.added))
            for each in changes
        ]


def read_zone(loaded: KeptZone) -> Zone:
    """A zone of the database, in wire form."""
    origin = join_text(loaded.head.name)
    return Zone(origin, loaded.head.serial, ((owner(each.name, origin), wire_set(each)) for each in loaded.sets))


def owner(name: str, origin: bytes) -> bytes:
    """The wire form of a relative name."""
    return origin if name == kept.APEX else join_text(name)[:-1] + origin


def wire_set(given: kept.RecordSet) -> RecordSet:
    number = SOA if given.type == "SOA" else kept.number_of(given.type)
    return RecordSet(number, given.ttl, tuple(each.wire for each in given.data))


def _records(origin: bytes, records: Iterable[kept.Record]) -> list[Record]:
    return [(owner(name, origin), kept.number_of(type_), ttl, data.wire) for name, type_, ttl, data in records]


def _sets_after(zone: Zone, step: ZoneChange) -> list[tuple[bytes, int, RecordSet | None]]:
    """The record sets that a step makes others."""
    removed, added = _records(zone.origin, step.removed), _records(zone.origin, step.added)
    state: dict[tuple[bytes, int], tuple[int, list[bytes]]] = {}
    for name, rdtype, ttl, _ in (*removed, *added):
        node = zone.tree.get(name)
        had = node.sets.get(rdtype) if node else None
        state.setdefault((name, rdtype), (had.ttl, list(had.data)) if had else (ttl, []))
    for name, rdtype, _, data in removed:
        if data in (there := state[name, rdtype][1]):
            there.remove(data)
    for name, rdtype, ttl, data in added:
        state[name, rdtype] = (ttl, [*state[name, rdtype][1], data])
    return [
        (name, rdtype, RecordSet(rdtype, ttl, tuple(data)) if data else None)
        for (name, rdtype), (ttl, data) in state.items()
    ]
