"""Hosts below domains with folders of their own, and where a domain redirects browsers to.

They are kept and told to who asks; what answers for them in the DNS are records.
"""

from collections.abc import Sequence

from beseda.core.access import access_domain, access_domain_itself
from beseda.core.caller import Caller
from beseda.core.ports import NameCodec, Store, Unit
from beseda.domain.domains import (
    SUBDOMAINS_MAX,
    Domain,
    DomainName,
    Subdomain,
    check_directory,
    check_redirect,
    check_shape,
)
from beseda.domain.errors import DomainNameInvalid, DomainNotFound, SubdomainNotFound, SubdomainPresent
from beseda.domain.ids import DomainId, ZoneId

ANY = "*"


class Subdomains:
    def __init__(self, store: Store, names: NameCodec) -> None:
        self._store = store
        self._names = names

    async def create(self, caller: Caller, domain: str, machine: str, directory: str) -> None:
        """Raises DomainNotFound, DomainNameInvalid, DirectoryInvalid, SubdomainPresent, also for one too many."""
        async with self._store.unit() as unit:
            kept, zone_id = await self._open(unit, caller, domain)
            label = self._machine(machine, kept.name)
            check_directory(directory)
            if await unit.subdomains.count(zone_id) >= SUBDOMAINS_MAX:
                raise SubdomainPresent(name=machine)
            if not await unit.subdomains.add(zone_id, label, directory):
                raise SubdomainPresent(name=machine)

    async def remove(self, caller: Caller, domain: str, machine: str) -> None:
        """Raises DomainNotFound, DomainNameInvalid, SubdomainNotFound."""
        async with self._store.unit() as unit:
            kept, zone_id = await self._open(unit, caller, domain)
            if not await unit.subdomains.remove(zone_id, self._machine(machine, kept.name)):
                raise SubdomainNotFound

    async def list_of(self, domains: Sequence[Domain]) -> dict[DomainId, list[Subdomain]]:
        """Of domains that the caller may see, by name."""
        return await self._store.view.subdomains.list_of([each.id for each in domains])

    def name(self, domain: DomainName, machine: str) -> DomainName:
        """Both forms of a host's whole name."""
        wild, rest = _split(machine)
        whole = self._names.domain_name(f"{rest}.{domain.ascii}") if rest else domain
        return DomainName(f"{ANY}.{whole.ascii}", f"{ANY}.{whole.readable}") if wild else whole

    async def set_redirect(self, caller: Caller, domain: str, url: str) -> None:
        """Raises DomainNotFound, DomainNameInvalid, RedirectInvalid. "" ends it."""
        check_redirect(url)
        async with self._store.unit() as unit:
            _, zone_id = await self._open(unit, caller, domain)
            await unit.subdomains.set_redirect(zone_id, url)

    async def redirect(self, caller: Caller, domain: str) -> str:
        """ "" for none. Raises DomainNotFound, DomainNameInvalid."""
        kept = await access_domain(self._store.view, caller, self._names.domain_name(domain))
        return await self._store.view.subdomains.redirect(kept.id)

    async def _open(self, unit: Unit, caller: Caller, domain: str) -> tuple[Domain, ZoneId]:
        kept = await access_domain_itself(unit, caller, self._names.domain_name(domain))
        head = await unit.zones.find(kept.id)
        if head is None:
            raise DomainNotFound(name=domain)
        return kept, head.id

    def _machine(self, machine: str, domain: DomainName) -> str:
        """The host's name below its domain, in A-labels."""
        wild, rest = _split(machine.strip())
        if rest:
            whole = self._names.domain_name(f"{rest}.{domain.ascii}")
            check_shape(whole)
            rest = whole.ascii.removesuffix(f".{domain.ascii}")
        if not rest and not wild:
            raise DomainNameInvalid(name=machine)
        return ".".join([ANY] * wild + [rest] * bool(rest))


def _split(machine: str) -> tuple[bool, str]:
    """Whether it is a wildcard, and what is left without it."""
    wild = machine == ANY or machine.startswith(f"{ANY}.")
    return wild, machine[2:] if wild else machine
