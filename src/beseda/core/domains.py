"""Members' domains: adding, listing, removing.

Lists are all or nothing. A deed without a caller is an operator's.
"""

import functools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from beseda.core.access import (
    access_domain,
    access_domain_itself,
    access_domain_of_anybody,
    access_member,
    access_registered,
)
from beseda.core.caller import Caller
from beseda.core.ownership import Found, Ownership, access_request
from beseda.core.ports import Clock, NameCodec, Repositories, Store, Unit
from beseda.core.zones import Zones
from beseda.domain.accounts import Account
from beseda.domain.domains import (
    KEPT,
    Domain,
    DomainName,
    DomainOrder,
    RemovedDomain,
    Renewal,
    check_directory,
    check_shape,
    zone_of,
)
from beseda.domain.errors import (
    BesedaError,
    DirectoryInvalid,
    DomainListRefused,
    DomainNameInvalid,
    DomainNotFound,
    DomainPresent,
    DomainRepeated,
    DomainRequested,
    DomainTaken,
    DomainUnproven,
    ZoneNotServed,
)
from beseda.domain.events import DomainAdded, DomainRemoved
from beseda.domain.ids import AccountId
from beseda.domain.ownership import Policy
from beseda.domain.zones import enclosing


@dataclass(frozen=True, slots=True)
class NewDomain:
    """A domain that a member wants on the account; `name` as it was written."""

    name: str
    renewal: Renewal = Renewal.MANUAL
    directory: str = ""

    def is_like(self, other: "NewDomain") -> bool:
        """Whether both want the same of whatever domain they are about."""
        return self.renewal is other.renewal and self.directory.strip("/") == other.directory.strip("/")


class Domains:
    def __init__(
        self, store: Store, clock: Clock, names: NameCodec, zones: Sequence[str], kept: Zones, ownership: Ownership
    ) -> None:
        self._store = store
        self._clock = clock
        self._names = names
        self._kept = kept
        self._ownership = ownership
        self._given_zones = zones

    @functools.cached_property
    def _zones(self) -> frozenset[str]:
        """Below which members may have domains, read when somebody wants one."""
        return frozenset(self._names.domain_name(f"a.{zone}").ascii.partition(".")[2] for zone in self._given_zones)

    async def add(self, caller: Caller, new: NewDomain) -> Domain:
        """Put a domain on the caller's account.

        Raises DomainNameInvalid, ZoneNotServed, DirectoryInvalid, DomainTaken, DomainPresent, RegisteredOnly; what says
        that the name is not his to have: DomainUnproven, DomainRequested, DomainDenied; and DomainRequestsFull,
        TooOften, ResolverSilent.
        """
        account, name = access_registered(caller), self._checked(new.name)
        check_directory(new.directory)
        found = await self._look_up(account, [name])
        async with self._store.unit() as unit:
            await _check_free(unit, account.id, name, new.name)
            refusal = await self._ownership.check(unit, account, name, found, new.name)
            if refusal is None:
                return await self._add(unit, account, name, new)
        if isinstance(refusal, DomainRequested):
            (refusal,) = await self._ask(account, [(name, new)])
        elif isinstance(refusal, DomainUnproven):
            await self._ownership.note_claims(account, [name])
        try:
            raise refusal
        finally:
            del refusal  # it would hold this frame, which holds it

    async def add_list(self, caller: Caller, new: Sequence[NewDomain]) -> list[DomainName]:
        """Put several on the account; those that were on it already are returned.

        Raises DomainListRefused when any cannot be added, or is asked for twice and differently; then none was, and
        where nothing but an operator's word is missing, it is asked for. TooOften, DomainRequestsFull, ResolverSilent.
        """
        account = access_registered(caller)
        asked, refusals = self._read_list(new)
        found = await self._look_up(account, list(asked))
        present: set[DomainName] = set()
        with suppress(_Undone):
            async with self._store.unit() as unit:
                for name, (place, wanted) in sorted(asked.items(), key=lambda each: each[0].ascii.count(".")):
                    try:
                        await _check_free(unit, account.id, name, wanted.name)
                        refusal = await self._ownership.check(unit, account, name, found, wanted.name)
                    except DomainPresent:
                        present.add(name)
                        continue
                    except DomainTaken as error:
                        refusal = _told(error)
                    if refusal is None:
                        await self._add(unit, account, name, wanted)
                    else:
                        refusals[place] = refusal
                if refusals:
                    raise _Undone
            return [name for name in asked if name in present]
        if all(isinstance(each, DomainRequested) for each in refusals.values()):
            waiting = [(name, wanted) for name, (place, wanted) in asked.items() if place in refusals]
            refusals = dict(zip(sorted(refusals), await self._ask(account, waiting), strict=True))
        unproven = [name for name, (place, _) in asked.items() if isinstance(refusals.get(place), DomainUnproven)]
        await self._ownership.note_claims(account, unproven)
        raise DomainListRefused(refusals=tuple((new[place].name, refusals[place]) for place in sorted(refusals)))

    def _read_list(
        self, new: Sequence[NewDomain]
    ) -> tuple[dict[DomainName, tuple[int, NewDomain]], dict[int, BesedaError]]:
        """Names with their first place in a list and what is wanted of them; and what is wrong, by place."""
        asked: dict[DomainName, tuple[int, NewDomain]] = {}
        refusals: dict[int, BesedaError] = {}
        for place, wanted in enumerate(new):
            try:
                name = self._checked(wanted.name)
                check_directory(wanted.directory)
                _, first = asked.setdefault(name, (place, wanted))
                if not first.is_like(wanted):
                    raise DomainRepeated(name=wanted.name)
            except (DomainNameInvalid, ZoneNotServed, DirectoryInvalid, DomainRepeated) as refusal:
                refusals[place] = _told(refusal)
        return asked, refusals

    async def _look_up(self, account: Account, names: Sequence[DomainName]) -> Found:
        """What the DNS says of those that are free."""
        free = []
        for name in names if self._ownership.policy is Policy.PROOF else ():
            with suppress(DomainTaken, DomainPresent):
                await _check_free(self._store.view, account.id, name, name.readable)
                free.append(name)
        return await self._ownership.look_up(account, free)

    async def _ask(self, account: Account, wanted: Sequence[tuple[DomainName, NewDomain]]) -> list[BesedaError]:
        async with self._store.unit() as unit:
            return [
                await self._ownership.ask(unit, account, name, new.renewal, new.directory, new.name)
                for name, new in wanted
            ]

    async def approve(self, request_id: int) -> Domain:
        """Give a member the name that he asked for, also after it was denied.

        Raises DomainRequestNotFound, DomainTaken, ZoneNotServed, DomainNameInvalid.
        """
        async with self._store.unit() as unit:
            request = await access_request(unit, request_id)
            account = await access_member(unit, request.account_id)
            new = NewDomain(request.name.readable, request.renewal, request.directory)
            name = self._checked(new.name)
            await _check_free(unit, account.id, name, new.name)
            return await self._add(unit, account, name, new)

    async def withdraw(self, caller: Caller, name: str) -> None:
        """Ask no more for a name that waits for a proof or an operator. Raises DomainNameInvalid, RegisteredOnly."""
        await self._ownership.withdraw(caller, self._names.domain_name(name))

    async def _add(self, unit: Unit, account: Account, name: DomainName, new: NewDomain) -> Domain:
        domain = await self._put(unit, account, name, new)
        unit.record(DomainAdded(self._clock.now(), domain.id))
        await self._kept.make(unit, domain, account.id)
        return domain

    async def _put(self, unit: Unit, account: Account, name: DomainName, new: NewDomain) -> Domain:
        await unit.ownership.settle(name.ascii)
        return await unit.domains.add(account.id, name, new.renewal, new.directory, self._clock.now())

    def _checked(self, name: str) -> DomainName:
        both = self._names.domain_name(name)
        check_shape(both)
        zone_of(both, self._zones)
        return both

    async def get(self, caller: Caller, name: str) -> Domain:
        """A domain on the caller's account. Raises DomainNotFound, DomainNameInvalid."""
        return await access_domain(self._store.view, caller, self._names.domain_name(name))

    async def list_own(
        self,
        caller: Caller,
        *,
        containing: str = "",
        order: DomainOrder = DomainOrder.READABLE,
        descending: bool = False,
        offset: int = 0,
        limit: int = 1000,
    ) -> list[Domain]:
        """The caller's domains by name; `containing` is part of either form of the name, its final dot included, as
        people write it."""
        account, containing = access_registered(caller), self._names.part(containing)
        return await self._store.view.domains.list_of(
            account.id, containing=containing, order=order, descending=descending, offset=offset, limit=limit
        )

    async def remove(self, caller: Caller, names: Sequence[str]) -> None:
        """Take domains off the caller's account, all or none. Raises DomainNotFound, DomainNameInvalid."""
        async with self._store.unit() as unit:
            for name in dict.fromkeys(self._names.domain_name(name) for name in names):
                domain = await access_domain_itself(unit, caller, name)
                await self._remove(unit, domain, domain.account_id)

    async def removed(self, caller: Caller) -> list[RemovedDomain]:
        """Domains that the caller removed and can bring back, the newest first."""
        account, now = access_registered(caller), self._clock.now()
        return [each for each in await self._store.view.domains.removed_of(account.id) if each.gone_at > now]

    async def restore(self, caller: Caller, name: str) -> Domain:
        """Bring a removed domain back, with all of its records and a serial above every one that was served.

        Raises DomainNotFound, DomainNameInvalid; DomainTaken when somebody has the name now, DomainPresent when the
        caller has it.
        """
        account, now, wanted = access_registered(caller), self._clock.now(), self._checked(name)
        async with self._store.unit() as unit:
            found = await unit.domains.find_removed(account.id, wanted.ascii, now - KEPT)
            if found is None:
                raise DomainNotFound(name=wanted.readable)
            zone_id, removed = found
            new = NewDomain(name, removed.renewal, removed.directory)
            await _check_free(unit, account.id, wanted, name)
            domain = await self._put(unit, account, wanted, new)
            await unit.domains.forget_removed(zone_id)
            unit.record(DomainAdded(now, domain.id))
            await self._kept.restore(unit, zone_id, domain, account.id)
            return domain

    async def forget_removed(self) -> None:
        """Erase what nobody can bring back any more. To be called from time to time."""
        async with self._store.unit() as unit:
            for zone_id in await unit.domains.removed_before(self._clock.now() - KEPT):
                await unit.domains.forget_removed(zone_id)
                await unit.zones.erase(zone_id)
            await self._ownership.forget_old(unit)

    async def set_renewal(self, caller: Caller, renewals: Sequence[tuple[str, Renewal]]) -> None:
        """How domains of the caller are renewed, all or none. Raises DomainNotFound, DomainNameInvalid."""
        async with self._store.unit() as unit:
            for name, renewal in renewals:
                domain = await access_domain_itself(unit, caller, self._names.domain_name(name))
                await unit.domains.set_renewal(domain.name.ascii, renewal)

    async def check_free(self, caller: Caller, name: str) -> None:
        """Nothing if the caller could add a domain, once it is proved or approved, where it has to be.

        Raises DomainNameInvalid, ZoneNotServed, RegisteredOnly; DomainTaken, also for one's own.
        """
        account, wanted = access_registered(caller), self._checked(name)
        try:
            await _check_free(self._store.view, account.id, wanted, name)
        except DomainPresent:
            raise DomainTaken(name=name) from None
        if isinstance(await self._ownership.check(self._store.view, account, wanted, {}, name), DomainTaken):
            raise DomainTaken(name=name)

    async def give(self, account_id: AccountId, new: NewDomain) -> Domain:
        """Put a domain on a member's account.

        Raises AccountNotFound, DomainNameInvalid, ZoneNotServed, DirectoryInvalid, DomainTaken, DomainPresent.
        """
        name = self._checked(new.name)
        check_directory(new.directory)
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            await _check_free(unit, account.id, name, new.name)
            return await self._add(unit, account, name, new)

    async def find(self, name: str) -> Domain:
        """A domain, whose ever it is. Raises DomainNotFound, DomainNameInvalid."""
        return await access_domain_of_anybody(self._store.view, self._names.domain_name(name))

    async def list_of(self, account_id: AccountId, *, offset: int = 0, limit: int = 1000) -> list[Domain]:
        """A member's domains by name."""
        return await self._store.view.domains.list_of(
            account_id, containing="", order=DomainOrder.READABLE, descending=False, offset=offset, limit=limit
        )

    async def take(self, name: str) -> Domain:
        """Take a domain off whatever account it is on. Raises DomainNotFound, DomainNameInvalid."""
        async with self._store.unit() as unit:
            domain = await access_domain_of_anybody(unit, self._names.domain_name(name))
            await self._remove(unit, domain, None)
            return domain

    async def _remove(self, unit: Unit, domain: Domain, author_id: AccountId | None) -> None:
        await self._kept.remove(unit, domain, author_id)
        await unit.domains.keep_removed(domain, self._clock.now())
        await unit.domains.remove(domain.name.ascii)
        unit.record(DomainRemoved(self._clock.now(), domain.id))


class _Undone(Exception):
    """Takes back what a unit wrote."""


async def _check_free(repos: Repositories, account_id: AccountId, name: DomainName, written: str) -> None:
    """DomainTaken or DomainPresent if somebody has the name.

    What is below another's domain is the other's to have, and to hand over.
    """
    nearest = await repos.domains.find_nearest(enclosing(name.ascii))
    if nearest is not None and nearest.account_id != account_id:
        raise DomainTaken(name=written)
    if nearest is not None and nearest.name == name:
        raise DomainPresent(name=written)


def _told(refusal: BesedaError) -> BesedaError:
    """The same without where it was raised, whose frames hold the list that it is kept in."""
    return type(refusal)(**vars(refusal))
