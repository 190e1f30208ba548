"""Members' domains: adding, listing, removing.

Lists are all or nothing. A deed without a caller is an operator's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from beseda.core.access import access_domain, access_registered
from beseda.core.caller import Caller
from beseda.core.ports import Clock, NameCodec, Store, Unit
from beseda.domain.accounts import Account
from beseda.domain.domains import Domain, DomainName, Renewal, check_shape, zone_of
from beseda.domain.errors import BesedaError, DomainListRefused, DomainNameInvalid, DomainTaken, ZoneNotServed
from beseda.domain.events import DomainAdded, DomainRemoved


@dataclass(frozen=True, slots=True)
class NewDomain:
    """A domain that a member wants on the account; `name` as it was written."""

    name: str
    renewal: Renewal = Renewal.MANUAL
    directory: str = ""


class Domains:
    def __init__(self, store: Store, clock: Clock, names: NameCodec, zones: Sequence[str]) -> None:
        self._store = store
        self._clock = clock
        self._names = names
        self._zones = frozenset(names.domain_name(f"a.{zone}").ascii.partition(".")[2] for zone in zones)

    async def add(self, caller: Caller, new: NewDomain) -> Domain:
        """Put a domain on the caller's account.

        Raises DomainNameInvalid, ZoneNotServed, DomainTaken, RegisteredOnly.
        """
        account = access_registered(caller)
        async with self._store.unit() as unit:
            return await self._add(unit, account, new)

    async def add_list(self, caller: Caller, new: Sequence[NewDomain]) -> list[DomainName]:
        """Put several on the account; those that were on it already are returned.

        Raises DomainListRefused when any cannot be added; then none was.
        """
        account = access_registered(caller)
        present: list[DomainName] = []
        refusals: list[tuple[str, BesedaError]] = []
        async with self._store.unit() as unit:
            for wanted in new:
                try:
                    await self._add(unit, account, wanted)
                except DomainTaken as refusal:
                    found = await unit.domains.find(self._checked(wanted.name).ascii)
                    if found is not None and found.account_id == account.id:
                        present.append(found.name)
                    else:
                        refusals.append((wanted.name, refusal))
                except (DomainNameInvalid, ZoneNotServed) as refusal:
                    refusals.append((wanted.name, refusal))
            if refusals:
                raise DomainListRefused(refusals=tuple(refusals))
        return present

    async def _add(self, unit: Unit, account: Account, new: NewDomain) -> Domain:
        name, now = self._checked(new.name), self._clock.now()
        domain = await unit.domains.add(account.id, name, new.renewal, new.directory, now)
        unit.record(DomainAdded(now, domain.id))
        return domain

    def _checked(self, name: str) -> DomainName:
        both = self._names.domain_name(name)
        check_shape(both)
        zone_of(both, self._zones)
        return both

    async def get(self, caller: Caller, name: str) -> Domain:
        """A domain on the caller's account. Raises DomainNotFound, DomainNameInvalid."""
        return await access_domain(self._store.view, caller, self._names.domain_name(name))

    async def list_own(
        self, caller: Caller, *, containing: str = "", descending: bool = False, offset: int = 0, limit: int = 1000
    ) -> list[Domain]:
        """The caller's domains by name; `containing` is part of either form of the name."""
        account = access_registered(caller)
        return await self._store.view.domains.list_of(
            account.id, containing=containing, descending=descending, offset=offset, limit=limit
        )

    async def remove(self, caller: Caller, names: Sequence[str]) -> None:
        """Take domains off the caller's account, all or none. Raises DomainNotFound, DomainNameInvalid."""
        async with self._store.unit() as unit:
            for name in dict.fromkeys(self._names.domain_name(name) for name in names):
                domain = await access_domain(unit, caller, name)
                await unit.domains.remove(name.ascii)
                unit.record(DomainRemoved(self._clock.now(), domain.id))
