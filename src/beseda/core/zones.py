"""Zones: whole ones for who serves them, and changes.

A change is one unit: it is checked against what the zone is then, gets the next serial and a step of the history with
exactly what it took away and added, and is told to the feed as ZoneChanged. Other nodes read the journal.

A zone that has no NS of its own is served with those of the server; they are in no list of its records. When the
settings make another SOA or other NS, every serial rises once: whichever node starts last decides.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property

from beseda.core.ports import Clock, RecordCodec, Repositories, Store, Unit
from beseda.domain.domains import Domain
from beseda.domain.errors import BesedaError, RecordRefused, RecordsRefused
from beseda.domain.events import ZoneChanged
from beseda.domain.ids import MAX_ID, AccountId, ZoneId
from beseda.domain.records import (
    APEX,
    TARGETED,
    Data,
    RecordSet,
    node_faults,
    refuse,
    set_faults,
    targets_inside,
)
from beseda.domain.zones import (
    ANY_NAME,
    Changes,
    Deed,
    Plan,
    Remembered,
    Soa,
    Step,
    Zone,
    ZoneChange,
    ZoneHead,
    is_after,
    next_serial,
    plan,
)

Decide = Callable[[Unit, ZoneHead], Awaitable[Changes]]
REFUSALS_TOLD = 50
RAISED_AT_ONCE = 200
"""Zones whose serials rise in one unit: nobody waits long for it."""
SETTINGS_NOTE = "server's settings"


class Zones:
    """`first_records` are those of a new zone: name, type, data."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        make_codec: Callable[[], RecordCodec],
        soa: Soa,
        default_ttl: int,
        first_records: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._soa = soa
        self._first = first_records
        self._make_codec = make_codec
        self.default_ttl = default_ttl

    @cached_property
    def codec(self) -> RecordCodec:
        """Made for the first who asks: few servers have zones."""
        return self._make_codec()

    @cached_property
    def own_ns(self) -> RecordSet:
        """The NS of zones without their own."""
        servers = (self.codec.data("invalid", APEX, "NS", f"{name}.") for name in self._soa.name_servers)
        return RecordSet(APEX, "NS", self._soa.ttl, tuple(servers))

    async def served(self) -> list[ZoneHead]:
        """The zones that are to be answered for, by name."""
        return await self._store.view.zones.served()

    async def load(self, zone_id: ZoneId) -> Zone | None:
        """A whole zone with its SOA and NS; None for one that is not served (any more)."""
        head = await self._store.view.zones.get(zone_id)
        if head is None or head.domain_id is None:
            return None
        sets = await self._store.view.zones.sets(zone_id)
        implied = [] if any(each.key == (APEX, "NS") for each in sets) else [self.own_ns]
        return Zone(head, (self.soa(head.name, head.serial), *implied, *sets))

    async def steps_after(self, zone_id: ZoneId, serial: int) -> list[ZoneChange] | None:
        """What led from a serial that was served to now (RFC 1995), the oldest first; None when it is not known."""
        return await self._store.view.zones.steps_after(zone_id, serial)

    async def journal(self, after: int, limit: int = 1000) -> Sequence[Step]:
        """What happened to which zones after an entry, on any node."""
        return await self._store.view.zones.journal(after, limit)

    async def journal_end(self) -> int:
        """The newest entry: what is loaded after asking holds all up to it."""
        return await self._store.view.zones.journal_end()

    def soa(self, zone: str, serial: int) -> RecordSet:
        """The SOA of a zone at a serial."""
        return RecordSet(APEX, "SOA", self._soa.ttl, (self.codec.soa(self._soa.text(zone, serial)),))

    async def sets_at(self, repos: Repositories, head: ZoneHead, *names: str) -> dict[tuple[str, str], RecordSet]:
        """The record sets of some names as they are served, without the SOA."""
        found = {each.key: each for each in await repos.zones.sets_at(head.id, names)}
        if APEX in names:
            found.setdefault((APEX, "NS"), self.own_ns)
        return found

    async def update(
        self, zone_id: ZoneId, decide: Decide, *, author_id: AccountId | None, note: str = ""
    ) -> ZoneHead | None:
        """Change a zone as `decide` says, which sees it in the unit that changes it; None when it is not served.

        Raises RecordRefused, RecordsRefused, ZoneFull, and what `decide` raises: then nothing is done.
        """
        async with self._store.unit() as unit:
            head = await unit.zones.get(zone_id)
            if head is None or head.domain_id is None:
                return None
            return await self.write(unit, head, await decide(unit, head), author_id=author_id, note=note)

    async def write(
        self, unit: Unit, head: ZoneHead, changes: Changes, *, author_id: AccountId | None, note: str = ""
    ) -> ZoneHead:
        """Change a zone; what changes nothing leaves the serial as it is. Raises as `update`."""
        return await self.write_plan(unit, head, await self.plan(unit, head, changes), author_id=author_id, note=note)

    async def write_plan(
        self, unit: Unit, head: ZoneHead, made: Plan, *, author_id: AccountId | None, note: str = ""
    ) -> ZoneHead:
        """What `plan` gave in the same unit."""
        if not made.sets:
            return head
        changed = await self._step(unit, head, Deed.CHANGED, made, self._next(head.serial), author_id, note)
        if (APEX, "NS") in made.sets and not await self.are_settled(unit):  # others serve other NS than are told to go
            return await self._raise(unit, changed)
        return changed

    async def plan(self, repos: Repositories, head: ZoneHead, changes: Changes) -> Plan:
        """What `changes` come to, checked. Raises as `update`."""
        names = dict.fromkeys(name for name, _ in changes)  # in the order in which they were given: faults are told so
        before = {each.key: each for each in await repos.zones.sets_at(head.id, set(names))}
        wanted = [each for each in changes.values() if each is not None]
        faults = [fault for each in wanted for fault in set_faults(each)]
        after = {key: each for key, each in (before | dict(changes)).items() if each is not None}
        types: dict[str, list[str]] = {name: [] for name in names}
        for name, type_ in after:
            types[name].append(type_)
        faults += [fault for name, there in types.items() for fault in node_faults(name, there)]
        faults += await self._alias_faults(repos, head, wanted, before, changes)
        if faults:
            told = tuple(type(each)(**vars(each)) for each in faults[:REFUSALS_TOLD])
            raise told[0] if len(told) == 1 else RecordsRefused(refusals=told)
        return plan(head, before, changes, self.own_ns)

    async def _alias_faults(
        self,
        repos: Repositories,
        head: ZoneHead,
        wanted: Sequence[RecordSet],
        before: Changes,
        changes: Changes,
    ) -> list[RecordRefused]:
        """Who points to an alias where only a host may stand, whichever of the two came first."""
        pointed = {name: each for each in wanted for name in targets_inside(each, head.name)}
        kept = {each.key: each for each in await repos.zones.sets_at(head.id, set(pointed))} if pointed else {}
        merged = kept | dict(before) | dict(changes)
        faults = [
            refuse(each.name, each.type, "target_alias", name)
            for name, each in pointed.items()
            if merged.get((name, "CNAME")) is not None
        ]
        new = {each.name for each in wanted if each.type == "CNAME" and not before.get(each.key)}
        if new:
            others = [each for each in await repos.zones.sets_of(head.id, TARGETED) if each.key not in changes]
            if not any(each.key == (APEX, "NS") for each in others):
                others.append(self.own_ns)
            faults += [
                refuse(each.name, each.type, "target_alias", name)
                for each in others
                for name in targets_inside(each, head.name)
                if name in new
            ]
        return faults

    async def make(self, unit: Unit, domain: Domain, author_id: AccountId | None) -> ZoneHead:
        """The zone of a new domain, with the first records, and a serial above that of any before it of that name."""
        name = domain.name.ascii
        serial = self._next(await self._last(unit, name))
        head = await unit.zones.add(domain.id, name, serial)
        try:
            made = await self.plan(unit, head, self._first_sets(name))
        except BesedaError:  # what suits other names, such as a host of another zone, need not suit this one
            made = await self.plan(unit, head, {})
        return await self._step(unit, head, Deed.MADE, made, serial, author_id)

    def _first_sets(self, zone: str) -> Changes:
        data: dict[tuple[str, str], list[Data]] = {}
        for name, type_, text in self._first:
            data.setdefault((name, type_), []).append(self.codec.data(zone, name, type_, text))
        return {key: RecordSet(*key, self.default_ttl, tuple(each)) for key, each in data.items()}

    async def remove(self, unit: Unit, domain: Domain, author_id: AccountId | None) -> None:
        """The zone of a domain that is taken away: it is kept, but not served."""
        head = await unit.zones.find(domain.id)
        if head is not None:
            nothing = Plan({}, (), (), head.records)
            await self._step(unit, head, Deed.REMOVED, nothing, head.serial, author_id)
            await unit.zones.set_served(head.id, None)

    async def restore(self, unit: Unit, zone_id: ZoneId, domain: Domain, author_id: AccountId | None) -> None:
        """A zone that was taken away is that of a domain again, as it was, above every serial of that name."""
        await unit.zones.set_served(zone_id, domain.id)
        head = await unit.zones.find(domain.id)
        if head is not None:
            last = await self._last(unit, head.name)
            serial = self._next(last if is_after(last, head.serial) else head.serial)
            nothing = Plan({}, (), (), head.records)
            await self._step(unit, head, Deed.RESTORED, nothing, serial, author_id)

    async def settle(self) -> None:
        """Raise all serials when zones are served otherwise than when a name server last started, on whatever node.

        To be called by who serves them, at the start. It goes on where another was cut short, and stops when one with
        other settings has started since: that one does it all again.
        """
        more = await self._raise_some(starts=True)
        while more:
            more = await self._raise_some()

    async def _raise_some(self, *, starts: bool = False) -> bool:
        """Whether there are more."""
        async with self._store.unit() as unit:
            was = await unit.zones.remembered()
            known = was or Remembered(self._soa.said, MAX_ID)
            if known.said != self._soa.said:
                if not starts:
                    return False
                known = Remembered(self._soa.said, 0)
            heads = await unit.zones.served_after(known.raised, RAISED_AT_ONCE)
            for head in heads:
                await self._raise(unit, head)
            more = len(heads) == RAISED_AT_ONCE
            now = Remembered(known.said, heads[-1].id if more else MAX_ID)
            if now != was:
                await unit.zones.remember(now)
            return more

    async def are_settled(self, repos: Repositories | None = None) -> bool:
        """Whether this node serves zones as the name server that started last does; only then may copies be made."""
        known = await (repos or self._store.view).zones.remembered()
        return known is None or known.said == self._soa.said

    async def _raise(self, unit: Unit, head: ZoneHead) -> ZoneHead:
        """A step without records: what it made another is the whole zone's matter."""
        nothing = Plan({}, (), (), head.records)
        return await self._step(unit, head, Deed.CHANGED, nothing, self._next(head.serial), None, SETTINGS_NOTE)

    async def _last(self, unit: Unit, name: str) -> int:
        """The highest serial that can have been served of a name that is not served."""
        last, least = await unit.zones.last_serial(name) or 0, await unit.zones.last_serial(ANY_NAME) or 0
        return least if not last or is_after(least, last) else last

    def _next(self, serial: int) -> int:
        return next_serial(serial, self._clock.now())

    async def _step(
        self,
        unit: Unit,
        head: ZoneHead,
        deed: Deed,
        made: Plan,
        serial: int,
        author_id: AccountId | None,
        note: str = "",
    ) -> ZoneHead:
        now = self._clock.now()
        step = ZoneChange(deed, head.serial, serial, now, author_id, note, made.removed, made.added)
        changed = await unit.zones.change(head, made, step)
        unit.record(ZoneChanged(now, head.id, head.name, serial))
        return changed
