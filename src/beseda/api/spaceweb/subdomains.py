"""Methods of `domains` about hosts below domains, and redirects."""

import msgspec

from beseda.api.spaceweb.domains import DOMAIN
from beseda.api.spaceweb.table import DONE, Done, Gateway, Method, Param, text
from beseda.core.caller import Caller
from beseda.domain.domains import DIRECTORY_MAX, REDIRECT_MAX


class SubdomainName(msgspec.Struct, frozen=True):
    """A host's whole name: `value` in Punycode, `name` in Unicode."""

    value: str
    name: str


async def get_subdomains(gateway: Gateway, caller: Caller, domain: str) -> list[SubdomainName]:
    """The hosts below a domain."""
    kept = await gateway.core.domains.get(caller, domain)
    hosts = (await gateway.core.subdomains.list_of([kept]))[kept.id]
    names = [gateway.core.subdomains.name(kept.name, host.machine) for host in hosts]
    return [SubdomainName(name.ascii, name.readable) for name in names]


async def create_subdomain(gateway: Gateway, caller: Caller, domain: str, machine: str, directory: str) -> Done:
    """Make a host below a domain, with a folder of its own. Records in the DNS are made with `domains/dns`."""
    await gateway.core.subdomains.create(caller, domain, machine, directory)
    return DONE


async def remove_subdomain(gateway: Gateway, caller: Caller, domain: str, machine: str) -> Done:
    """Remove a host below a domain."""
    await gateway.core.subdomains.remove(caller, domain, machine)
    return DONE


async def set_redirect(gateway: Gateway, caller: Caller, domain: str, url: str) -> Done:
    """Say where the domain redirects browsers to; "" ends it."""
    await gateway.core.subdomains.set_redirect(caller, domain, url)
    return DONE


async def get_redirect(gateway: Gateway, caller: Caller, domain: str) -> str:
    """Where the domain redirects browsers to, "" for nowhere."""
    return await gateway.core.subdomains.redirect(caller, domain)


MACHINE = Param("machine", text(253), 'The host\'s name below the domain, in Punycode or Unicode; "*" for any.')

METHODS = (
    Method("getSubdomains", get_subdomains, (DOMAIN,)),
    Method(
        "createSubdomain",
        create_subdomain,
        (DOMAIN, MACHINE, Param("dir", text(DIRECTORY_MAX), "The folder of its site, from the account's home.")),
    ),
    Method("removeSubdomain", remove_subdomain, (DOMAIN, MACHINE)),
    Method(
        "setRedirectVh",
        set_redirect,
        # COMPAT(spaceweb): the reference's table and its example disagree about the name.
        (DOMAIN, Param("redirect", text(REDIRECT_MAX), "http:// or https:// address.", alias="setRedirectVh")),
    ),
    Method("getRedirectVh", get_redirect, (DOMAIN,)),
)
