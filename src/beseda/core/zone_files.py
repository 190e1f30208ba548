"""Zones as a whole and record set by record set: reading, changing, replacing, importing, exporting, taking back.

A deed without a caller (None) is an operator's. Each change can be tried first: then it says what it would do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from beseda.core.access import access_domain_of_anybody, access_records, access_zone
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import NameCodec, Repositories, Store
from beseda.core.zones import REFUSALS_TOLD, Zones
from beseda.domain.errors import (
    DomainNotFound,
    RecordMismatch,
    RecordNotFound,
    RecordRefused,
    RecordsRefused,
    ZoneMoved,
    ZoneStateNotFound,
)
from beseda.domain.ids import AccountId, RecordSetId
from beseda.domain.records import Data, Record, RecordSet
from beseda.domain.zone_files import zone_file
from beseda.domain.zones import Changes, Key, Plan, ZoneChange, ZoneHead, undone

Make = Callable[[Repositories, ZoneHead], Awaitable[Changes]]
HISTORY_MAX = 100


@dataclass(frozen=True, slots=True)
class WrittenSet:
    """A record set as somebody writes it; without a time to live it has the zone's."""

    name: str
    type: str
    data: tuple[str, ...]
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A record set as somebody saw it: its number, and its mark."""

    id: RecordSetId
    mark: str


@dataclass(frozen=True, slots=True)
class How:
    """How to change: only try, and only if the zone is still at a serial."""

    dry_run: bool = False
    if_serial: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a change did, or would do: the serial after it, the records taken away and added."""

    serial: int
    removed: tuple[Record, ...]
    added: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Authored:
    """A step of the history and who took it, "" for an operator or the server."""

    change: ZoneChange
    author: str


class ZoneFiles:
    def __init__(self, store: Store, limiter: Limiter, names: NameCodec, zones: Zones) -> None:
        self._store = store
        self._limiter = limiter
        self._names = names
        self._zones = zones

    async def read(self, caller: Caller | None, domain: str) -> tuple[ZoneHead, list[RecordSet]]:
        """A zone and its own record sets. Raises DomainNotFound, DomainNameInvalid, as all deeds here."""
        head, _ = await self._open(self._store.view, caller, domain)
        return head, await self._store.view.zones.sets(head.id)

    async def head(self, caller: Caller | None, domain: str) -> ZoneHead:
        """A zone without its records. Raises as `read`."""
        return (await self._open(self._store.view, caller, domain))[0]

    async def export(self, caller: Caller | None, domain: str) -> tuple[str, str]:
        """The zone's name and its master file, with the SOA and the NS that are served."""
        head, _ = await self._open(self._store.view, caller, domain)
        zone = await self._zones.load(head.id)
        return head.name, zone_file(head.name, zone.sets if zone else (), self._zones.default_ttl)

    async def put(self, caller: Caller | None, domain: str, wanted: WrittenSet, how: How) -> Report:
        """Make a record set what it is to be. Raises as Zones.write; ZoneMoved."""

        async def make(_repos: Repositories, head: ZoneHead) -> Changes:
            kept = self._read_set(head.name, wanted)
            return {kept.key: kept if kept.data else None}

        return await self._change(caller, domain, make, how)

    async def add(self, caller: Caller | None, domain: str, wanted: WrittenSet, how: How) -> Report:
        """See to it that records are there. Raises as `put`."""

        async def make(repos: Repositories, head: ZoneHead) -> Changes:
            new = self._read_set(head.name, wanted)
            had = (await self._zones.sets_at(repos, head, new.name)).get(new.key)
            return {new.key: _joined(had, new, had.ttl if had and wanted.ttl is None else new.ttl)}

        return await self._change(caller, domain, make, how)

    async def edit(self, caller: Caller | None, domain: str, wanted: WrittenSet, seen: Seen | None, how: How) -> Report:
        """Put records in the place of a set that somebody saw, or beside all others; without data the set goes.

        Where there are records of their name and type already, they join these. Raises RecordNotFound when the set that
        was seen is gone, RecordMismatch when it is another by now, and as `put`.
        """

        async def make(repos: Repositories, head: ZoneHead) -> Changes:
            had = await repos.zones.find_set(head.id, seen.id) if seen else None
            if seen and had is None:
                raise RecordNotFound
            if seen and had and had.mark != seen.mark:
                raise RecordMismatch
            changes: dict[Key, RecordSet | None] = {had.key: None} if had else {}
            if wanted.data:
                new = self._read_set(head.name, wanted)
                there = None if new.key in changes else (await self._zones.sets_at(repos, head, new.name)).get(new.key)
                changes[new.key] = _joined(there, new, new.ttl if wanted.ttl is not None or not there else there.ttl)
            return changes

        return await self._change(caller, domain, make, how)

    async def remove(self, caller: Caller | None, domain: str, gone: WrittenSet, how: How) -> Report:
        """See to it that records are not there; without data, that none of the set is. Raises as `put`."""

        async def make(repos: Repositories, head: ZoneHead) -> Changes:
            meant = self._read_set(head.name, gone)
            had = (await self._zones.sets_at(repos, head, meant.name)).get(meant.key)
            left = tuple(each for each in had.data if meant.data and each not in meant.data) if had else ()
            return {meant.key: RecordSet(*meant.key, had.ttl, left) if had and left else None}

        return await self._change(caller, domain, make, how)

    async def remove_set(self, caller: Caller | None, domain: str, set_id: RecordSetId, how: How) -> Report:
        """Remove the record set of that number. Raises RecordNotFound, and as `put`."""

        async def make(repos: Repositories, head: ZoneHead) -> Changes:
            found = await repos.zones.find_set(head.id, set_id)
            if found is None:
                raise RecordNotFound
            return {found.key: None}

        return await self._change(caller, domain, make, how)

    async def replace(self, caller: Caller | None, domain: str, wanted: Sequence[WrittenSet], how: How) -> Report:
        """Make the whole zone what it is to be. Raises RecordsRefused with all that is wrong, and as `put`."""
        head, _ = await self._open(self._store.view, caller, domain)
        self._count(caller)
        sets, refusals = await asyncio.to_thread(self._read_sets, head.name, wanted)
        return await self._replace(caller, domain, sets, refusals, how)

    async def read_in(
        self, caller: Caller | None, domain: str, text: str, how: How, *, keeping: bool = False
    ) -> Report:
        """Make the whole zone what a master file says; `keeping`, put what it says beside what is there, which stays.

        Raises ZoneFileInvalid, and as `replace`.
        """
        head, _ = await self._open(self._store.view, caller, domain)
        self._count(caller)
        sets, refusals = await self._zones.codec.read_file(head.name, text, self._zones.default_ttl)
        return await self._replace(caller, domain, sets, refusals, how, keeping)

    async def try_in(self, domain: str, text: str) -> tuple[str, list[RecordSet]]:
        """The zone's name, and the record sets that a master file would make of it. Raises as `read_in`."""
        head, _ = await self._open(self._store.view, None, domain)
        await self.read_in(None, domain, text, How(dry_run=True))
        return head.name, (await self._zones.codec.read_file(head.name, text, self._zones.default_ttl))[0]

    async def revert(self, caller: Caller | None, domain: str, serial: int, how: How) -> Report:
        """Make the zone what it was at a serial, as a new step. Raises ZoneStateNotFound, and as `put`."""
        self._count(caller)

        async def make(repos: Repositories, head: ZoneHead) -> Changes:
            steps = await repos.zones.steps_after(head.id, serial)
            if steps is None:
                raise ZoneStateNotFound(serial=serial)
            now = {each.key: each for each in await repos.zones.sets(head.id)}
            before = undone({self._zones.own_ns.key: self._zones.own_ns} | now, steps[::-1])
            return self._whole(now, before)

        return await self._change(caller, domain, make, how)

    async def history(self, caller: Caller | None, domain: str, *, before: int, limit: int) -> list[Authored]:
        """Steps with a number below `before`, the newest first."""
        head, _ = await self._open(self._store.view, caller, domain)
        steps = await self._store.view.zones.history(head.id, before=before, limit=min(limit, HISTORY_MAX))
        return await self._authored(steps)

    async def step(self, caller: Caller | None, domain: str, number: int) -> Authored:
        """A step of the history with the records that it took away and added. Raises ZoneStateNotFound."""
        head, _ = await self._open(self._store.view, caller, domain)
        found = await self._store.view.zones.step(head.id, number)
        if found is None:
            raise ZoneStateNotFound(serial=0)
        return (await self._authored([found]))[0]

    async def _authored(self, steps: Sequence[ZoneChange]) -> list[Authored]:
        view = self._store.view
        nicks: dict[AccountId | None, str] = {None: ""}
        for author_id in {each.author_id for each in steps if each.author_id is not None}:
            account = await view.accounts.find(author_id)
            nicks[author_id] = account.nick if account else ""
        return [Authored(each, nicks[each.author_id]) for each in steps]

    async def changes(self, caller: Caller | None, domain: str, serial: int) -> Report:
        """What became of the zone since a serial. Raises ZoneStateNotFound."""
        head, _ = await self._open(self._store.view, caller, domain)
        steps = await self._zones.steps_after(head.id, serial)
        if steps is None:
            raise ZoneStateNotFound(serial=serial)
        removed: dict[Record, None] = {}
        added: dict[Record, None] = {}
        for step in steps:
            for record in step.removed:
                if record in added:
                    del added[record]
                else:
                    removed[record] = None
            for record in step.added:
                if record in removed:
                    del removed[record]
                else:
                    added[record] = None
        return Report(head.serial, tuple(removed), tuple(added))

    async def _open(self, repos: Repositories, caller: Caller | None, domain: str) -> tuple[ZoneHead, AccountId | None]:
        name = self._names.domain_name(domain)
        if caller is not None:
            found, head = await access_zone(repos, caller, name)
            return head, found.account_id
        kept = await access_domain_of_anybody(repos, name)
        found_head = await repos.zones.find(kept.id)
        if found_head is None:
            raise DomainNotFound(name=domain)
        return found_head, None

    def _count(self, caller: Caller | None) -> None:
        if caller is not None:
            self._limiter.take("zone_file", str(caller.signed_in()[0].id))

    async def _replace(
        self,
        caller: Caller | None,
        domain: str,
        sets: Sequence[RecordSet],
        refusals: Sequence[Exception],
        how: How,
        keeping: bool = False,
    ) -> Report:
        if refusals:
            told = [type(each)(**vars(each)) for each in refusals[:REFUSALS_TOLD] if isinstance(each, RecordRefused)]
            raise RecordsRefused(refusals=tuple(told))

        async def make(repos: Repositories, head: ZoneHead) -> Changes:
            now = {each.key: each for each in await repos.zones.sets(head.id)}
            if not keeping:
                return self._whole(now, {each.key: each for each in sets})
            there = {self._zones.own_ns.key: self._zones.own_ns} | now
            joined = {each.key: _joined(had := there.get(each.key), each, (had or each).ttl) for each in sets}
            return {key: each for key, each in joined.items() if not each.says(there.get(key))}

        return await self._change(caller, domain, make, how)

    def _whole(self, now: dict[Key, RecordSet], wanted: dict[Key, RecordSet]) -> Changes:
        """All that is to be, and None for what else there is; the server's own NS need not be the zone's."""
        own = self._zones.own_ns
        if own.says(wanted.get(own.key)):
            wanted = {key: each for key, each in wanted.items() if key != own.key}
        return dict.fromkeys(key for key in now if key not in wanted) | wanted

    async def _change(self, caller: Caller | None, domain: str, make: Make, how: How) -> Report:
        if caller is not None:
            self._limiter.take("dns_change", str(caller.signed_in()[0].id))
        if how.dry_run:
            head, _ = await self._open(self._store.view, caller, domain)
            self._check_serial(head, how)
            return _report(head, await self._plan(self._store.view, caller, head, make))
        async with self._store.unit() as unit:
            head, author_id = await self._open(unit, caller, domain)
            self._check_serial(head, how)
            made = await self._plan(unit, caller, head, make)
            changed = await self._zones.write_plan(unit, head, made, author_id=author_id)
            return _report(changed, made)

    async def _plan(self, repos: Repositories, caller: Caller | None, head: ZoneHead, make: Make) -> Plan:
        made = await self._zones.plan(repos, head, await make(repos, head))
        if caller is not None:
            access_records(caller, head, made)
        return made

    def _check_serial(self, head: ZoneHead, how: How) -> None:
        if how.if_serial is not None and how.if_serial != head.serial:
            raise ZoneMoved(serial=head.serial)

    def _read_set(self, zone: str, written: WrittenSet) -> RecordSet:
        codec = self._zones.codec
        type_ = codec.type_name(written.type)
        name = codec.owner(written.name, zone)
        data: dict[Data, None] = dict.fromkeys(codec.data(zone, name, type_, text) for text in written.data)
        ttl = self._zones.default_ttl if written.ttl is None else written.ttl
        return RecordSet(name, type_, ttl, tuple(data))

    def _read_sets(self, zone: str, written: Sequence[WrittenSet]) -> tuple[list[RecordSet], list[Exception]]:
        """Those of one name and type are one, with the data of all and the least time to live."""
        found: dict[Key, RecordSet] = {}
        refusals: list[Exception] = []
        for each in written:
            try:
                new = self._read_set(zone, each)
            except RecordRefused as refusal:
                refusals.append(refusal.with_traceback(None))  # which holds this frame, which would hold it
                continue
            had = found.get(new.key)
            if had is not None:
                new = RecordSet(*new.key, min(had.ttl, new.ttl), tuple(dict.fromkeys((*had.data, *new.data))))
            found[new.key] = new
        return [each for each in found.values() if each.data], refusals


def _joined(had: RecordSet | None, new: RecordSet, ttl: int) -> RecordSet:
    """All records of both."""
    return RecordSet(*new.key, ttl, tuple(dict.fromkeys((*(had.data if had else ()), *new.data))))


def _report(head: ZoneHead, made: Plan) -> Report:
    return Report(head.serial, made.removed, made.added)
