"""Records one by one, by their places in the lists of a zone.

A place is a number that others move, so who takes a record away says what should be there, as far as he knows. A name
below a domain stands for its zone; owner names are relative to the name that was given.
"""

from collections.abc import Callable
from dataclasses import dataclass

from beseda.core.access import access_records, access_zone
from beseda.core.caller import Caller
from beseda.core.kept import KeptBytes
from beseda.core.limits import Limiter
from beseda.core.ports import NameCodec, Repositories, Store, Unit
from beseda.core.zones import Zones
from beseda.domain.errors import RecordMismatch, RecordNotFound, RecordRefused
from beseda.domain.ids import AccountId, ZoneId
from beseda.domain.records import Data, RecordSet, Row, family_of, said
from beseda.domain.zones import Changes, Key, ZoneHead, owner_within

TOLD_MOST_BYTES = 32 * 1024 * 1024
"""Of lists of records in memory, as they were told: some forty of the largest zones."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record as somebody writes it: owner name (None: that of the record it replaces), type, data, time to live.

    Without a time to live it has that of its set, or of the zone. A name is below the domain that was given, unless it
    is the zone's own as the replaced record has it.
    """

    name: str | None
    type: str
    text: str
    ttl: int | None = None
    of_zone: bool = False


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody says of the record that he means; None where he says nothing."""

    name: str | None = None
    type: str | None = None
    text: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """An open zone: who changes it, and the name by which it was asked for."""

    head: ZoneHead
    caller: Caller
    author_id: AccountId
    sent_for: str


class Records:
    def __init__(self, store: Store, limiter: Limiter, names: NameCodec, zones: Zones) -> None:
        self._store = store
        self._limiter = limiter
        self._names = names
        self._zones = zones
        self._told: KeptBytes[tuple[ZoneId, Callable[[list[Row]], bytes]]] = KeptBytes(TOLD_MOST_BYTES)

    async def rows(self, caller: Caller, domain: str) -> list[Row]:
        """All records, family by family, each in the order of its list. Raises DomainNotFound, DomainNameInvalid."""
        place = await self._open(self._store.view, caller, domain)
        return await self._store.view.zones.rows(place.head.id)

    async def told(self, caller: Caller, domain: str, tell: Callable[[list[Row]], bytes]) -> bytes:
        """What `tell` makes of `rows`, made once and kept until the zone changes. Raises as `rows`."""
        view = self._store.view
        head = (await self._open(view, caller, domain)).head
        told = self._told.get((head.id, tell), head)
        if told is None:
            told = tell(await view.zones.rows(head.id))
            if await view.zones.get(head.id) == head:  # else it may be that of a later change, or half of one
                self._told.put((head.id, tell), head, told)
        return told

    async def add(self, caller: Caller, domain: str, wanted: Wanted) -> None:
        """Add a record; one that is there already stays.

        Raises DomainNotFound, DomainNameInvalid, TooOften, and what Zones.write does.
        """
        async with self._store.unit() as unit:
            place = await self._open_to_change(unit, caller, domain)
            key, data = self._read(place, wanted, None)
            before = await self._zones.sets_at(unit, place.head, key[0])
            await self._write(unit, place, {key: self._with(before.get(key), key, data, wanted.ttl)})

    async def edit(
        self,
        caller: Caller,
        domain: str,
        family: str,
        index: int,
        change: Callable[[Row], Wanted],
        type_: str | None = None,
    ) -> None:
        """Put another record in the place of one.

        Raises RecordNotFound; RecordMismatch when the type that is said, if any, is of another family; and what `add`
        does.
        """
        async with self._store.unit() as unit:
            place = await self._open_to_change(unit, caller, domain)
            if type_ is not None and family_of(self._zones.codec.type_name(type_)) != family:
                raise RecordMismatch
            row = await self._row(unit, place, family, index)
            wanted = change(row)
            key, data = self._read(place, wanted, row)
            before = await self._zones.sets_at(unit, place.head, key[0], row.name)
            old = (row.name, row.type)
            rest = tuple(data if each == row.data else each for each in before[old].data)
            if key == old:
                ttl = wanted.ttl or row.ttl
                await self._write(unit, place, {key: RecordSet(*key, ttl, tuple(dict.fromkeys(rest)))})
            else:
                left = self._without(before[old], row.data)
                await self._write(
                    unit, place, {old: left, key: self._with(before.get(key), key, data, wanted.ttl or row.ttl)}
                )

    async def remove(self, caller: Caller, domain: str, family: str, index: int, meant: Meant) -> None:
        """Take a record away.

        Raises RecordNotFound; RecordMismatch when another is there than was meant; and what `add` does.
        """
        async with self._store.unit() as unit:
            place = await self._open_to_change(unit, caller, domain)
            row = await self._row(unit, place, family, index)
            if not self._is(place, row, meant):
                raise RecordMismatch
            before = await self._zones.sets_at(unit, place.head, row.name)
            key = (row.name, row.type)
            await self._write(unit, place, {key: self._without(before[key], row.data)})

    async def _open(self, repos: Repositories, caller: Caller, domain: str) -> _Place:
        name = self._names.domain_name(domain)
        found, head = await access_zone(repos, caller, name)
        return _Place(head, caller, found.account_id, name.ascii)

    async def _open_to_change(self, unit: Unit, caller: Caller, domain: str) -> _Place:
        place = await self._open(unit, caller, domain)
        self._limiter.take("dns_change", str(place.author_id))
        return place

    async def _row(self, unit: Unit, place: _Place, family: str, index: int) -> Row:
        row = await unit.zones.row_at(place.head.id, family, index)
        if row is None:
            raise RecordNotFound
        return row

    def _owner(self, place: _Place, name: str) -> str:
        return owner_within(place.sent_for, place.head.name, self._zones.codec.owner(name, place.sent_for))

    def _read(self, place: _Place, wanted: Wanted, row: Row | None) -> tuple[Key, Data]:
        if wanted.name is None and row is not None:
            name = row.name
        elif wanted.of_zone:
            name = self._zones.codec.owner(wanted.name or "", place.head.name)
        else:
            name = self._owner(place, wanted.name or "")
        type_ = self._zones.codec.type_name(wanted.type)
        return (name, type_), self._zones.codec.data(place.head.name, name, type_, wanted.text)

    def _is(self, place: _Place, row: Row, meant: Meant) -> bool:
        try:
            return (
                (meant.name is None or self._owner(place, meant.name) == row.name)
                and (meant.type is None or self._zones.codec.type_name(meant.type) == row.type)
                and (meant.text is None or self._says(place, row, meant.text))
                and (meant.target is None or self._target(place, row, meant.target) == row.data.target)
            )
        except RecordRefused:
            return False

    def _says(self, place: _Place, row: Row, text: str) -> bool:
        """However a TXT is split: whoever is told of it is told the whole."""
        data = self._zones.codec.data(place.head.name, row.name, row.type, text)
        return said(data.wire) == said(row.data.wire) if row.type == "TXT" else data == row.data

    def _target(self, place: _Place, row: Row, host: str) -> str:
        return self._zones.codec.data(place.head.name, row.name, "CNAME", host).text

    def _with(self, had: RecordSet | None, key: Key, data: Data, ttl: int | None) -> RecordSet:
        there = had.data if had else ()
        chosen = ttl or (had.ttl if had else self._zones.default_ttl)
        return RecordSet(*key, chosen, there if data in there else (*there, data))

    def _without(self, had: RecordSet, data: Data) -> RecordSet | None:
        left = tuple(each for each in had.data if each != data)
        return RecordSet(*had.key, had.ttl, left) if left else None

    async def _write(self, unit: Unit, place: _Place, changes: Changes) -> None:
        made = await self._zones.plan(unit, place.head, changes)
        access_records(place.caller, place.head, made)
        await self._zones.write_plan(unit, place.head, made, author_id=place.author_id)
