"""Members' domains: adding, listing, removing.

Lists are all or nothing. A deed without a caller is an operator's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from beseda.core.access import (
    access_domain,
    access_domain_itself,
    access_domain_of_anybody,
    access_member,
    access_registered,
)
from beseda.core.caller import Caller
from beseda.core.ports import Clock, NameCodec, Store, Unit
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
    DomainTaken,
    ZoneNotServed,
)
from beseda.domain.events import DomainAdded, DomainRemoved
from beseda.domain.ids import AccountId
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
    def __init__(self, store: Store, clock: Clock, names: NameCodec, zones: Sequence[str], kept: Zones) -> None:
        self._store = store
        self._clock = clock
        self._names = names
        self._kept = kept
        self._zones = frozenset(names.domain_name(f"a.{zone}").ascii.partition(".")[2] for zone in zones)

    async def add(self, caller: Caller, new: NewDomain) -> Domain:
        """Put a domain on the caller's account.

        Raises DomainNameInvalid, ZoneNotServed, DirectoryInvalid, DomainTaken, DomainPresent, RegisteredOnly.
        """
        account = access_registered(caller)
        async with self._store.unit() as unit:
            return await self._add(unit, account, new)

    async def add_list(self, caller: Caller, new: Sequence[NewDomain]) -> list[DomainName]:
        """Put several on the account; those that were on it already are returned.

        Raises DomainListRefused when any cannot be added, or is asked for twice and differently; then none was.
        """
        account = access_registered(caller)
        present: list[DomainName] = []
        asked: dict[DomainName, NewDomain] = {}
        refusals: list[tuple[str, BesedaError]] = []
        async with self._store.unit() as unit:
            for wanted in new:
                try:
                    name = self._checked(wanted.name)
                    if name not in asked:
                        asked[name] = wanted
                        await self._add(unit, account, wanted)
                    elif not asked[name].is_like(wanted):
                        raise DomainRepeated(name=wanted.name)
                except DomainPresent:
                    present.append(name)
                except (DomainNameInvalid, ZoneNotServed, DirectoryInvalid, DomainTaken, DomainRepeated) as refusal:
                    refusals.append((wanted.name, _told(refusal)))
            if refusals:
                raise DomainListRefused(refusals=tuple(refusals))
        return present

    async def _add(self, unit: Unit, account: Account, new: NewDomain) -> Domain:
        domain = await self._put(unit, account, new)
        unit.record(DomainAdded(self._clock.now(), domain.id))
        await self._kept.make(unit, domain, account.id)
        return domain

    async def _put(self, unit: Unit, account: Account, new: NewDomain) -> Domain:
        name, now = self._checked(new.name), self._clock.now()
        check_directory(new.directory)
        above = await unit.domains.find_nearest(enclosing(name.ascii)[1:])
        if above is not None and above.account_id != account.id:
            raise DomainTaken(name=new.name)  # what is below another's domain is the other's to give
        try:
            return await unit.domains.add(account.id, name, new.renewal, new.directory, now)
        except DomainTaken:
            found = await unit.domains.find(name.ascii)
            if found is not None and found.account_id == account.id:
                raise DomainPresent(name=new.name) from None
            raise DomainTaken(name=new.name) from None

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
            zone_id, new = found
            domain = await self._put(unit, account, NewDomain(name, new.renewal, new.directory))
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

    async def set_renewal(self, caller: Caller, renewals: Sequence[tuple[str, Renewal]]) -> None:
        """How domains of the caller are renewed, all or none. Raises DomainNotFound, DomainNameInvalid."""
        async with self._store.unit() as unit:
            for name, renewal in renewals:
                domain = await access_domain_itself(unit, caller, self._names.domain_name(name))
                await unit.domains.set_renewal(domain.name.ascii, renewal)

    async def check_free(self, caller: Caller, name: str) -> None:
        """Nothing if the caller could add a domain. Raises as `add`, and DomainTaken for one's own too."""
        access_registered(caller)
        if await self._store.view.domains.find(self._checked(name).ascii) is not None:
            raise DomainTaken(name=name)

    async def give(self, account_id: AccountId, new: NewDomain) -> Domain:
        """Put a domain on a member's account.

        Raises AccountNotFound, DomainNameInvalid, ZoneNotServed, DirectoryInvalid, DomainTaken, DomainPresent.
        """
        async with self._store.unit() as unit:
            return await self._add(unit, await access_member(unit, account_id), new)

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


def _told(refusal: BesedaError) -> BesedaError:
    """The same without where it was raised, whose frames hold the list that it is kept in."""
    return type(refusal)(**vars(refusal))
