"""The object `domains`: what members can do with the domains on their accounts."""

from collections.abc import Callable
from typing import Any

from beseda.api.spaceweb.table import (
    BOOLEAN,
    DONE,
    Done,
    Gateway,
    Kind,
    Method,
    Param,
    Schema,
    TooMany,
    choice,
    integer,
    text,
)
from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.domain.domains import DIRECTORY_MAX, DOMAINS_PER_CALL, Domain, DomainOrder, Renewal, Subdomain
from beseda.wire.spaceweb.domains import DomainInfo, DomainRow, RenewalOffer
from beseda.wire.spaceweb.domains import Subdomain as SubdomainRow
from beseda.wire.spaceweb.envelope import Extended

PAGE_MAX = 1_000
SITE = "default"
NOT_OFFERED = -1


def _directory(domain: Domain) -> str:
    return domain.directory or "/"


def _subdomain_row(domain: Domain, host: Subdomain, gateway: Gateway) -> SubdomainRow:
    whole = gateway.core.subdomains.name(domain.name, host.machine)
    return SubdomainRow(
        docroot=host.directory or "/",
        machine=host.machine,
        machine_readable=whole.readable.removesuffix(f".{domain.name.readable}"),
        site_alias=SITE,
        fqdn=whole.ascii,
        fqdn_readable=whole.readable,
        parent_fqdn=domain.name.ascii,
        parent_fqdn_readable=domain.name.readable,
    )


def _row(domain: Domain, hosts: list[Subdomain], gateway: Gateway) -> DomainRow:
    return DomainRow(
        fqdn=domain.name.ascii,
        fqdn_readable=domain.name.readable,
        site_alias=SITE,
        docroot=_directory(domain),
        fqdn_tech="",
        subdomains=tuple(_subdomain_row(domain, host, gateway) for host in hosts),
        reg_price=gateway.registration_price,
        bonus_available=False,
    )


def _info(domain: Domain, redirect: str, gateway: Gateway) -> DomainInfo:
    return DomainInfo(
        is_active_task=0,
        autoreg=0,
        is_taken=1,
        registrar=None,
        is_our=0,
        expired="",
        can_prolong=0,
        prolong_price=0,
        prolong_by_bonus=False,
        prolong_confirm=RenewalOffer(domain.name.readable, False, gateway.renewal_price, None),
        reg_price=gateway.registration_price,
        transfer_price=NOT_OFFERED,
        autoprolong=domain.renewal.value,
        doc_root=_directory(domain),
        site_alias=SITE,
        bonus_available=False,
        transfer_link=None,
        redirect_url=redirect or None,
    )


async def index(
    gateway: Gateway,
    caller: Caller,
    order: DomainOrder,
    descending: bool,
    kept: bool,
    containing: str,
    page: int,
    per_page: int,
    _packages: bool,
) -> list[DomainRow]:
    """The domains on the account."""
    if not kept:
        return []
    found = await gateway.core.domains.list_own(
        caller,
        containing=containing,
        order=order,
        descending=descending,
        offset=(page - 1) * per_page,
        limit=per_page,
    )
    hosts = await gateway.core.subdomains.list_of(found)
    return [_row(domain, hosts[domain.id], gateway) for domain in found]


async def get_info(gateway: Gateway, caller: Caller, name: str) -> DomainInfo:
    """All about one domain."""
    redirect = await gateway.core.subdomains.redirect(caller, name)
    return _info(await gateway.core.domains.get(caller, name), redirect, gateway)


async def move(gateway: Gateway, caller: Caller, name: str, renewal: Renewal, directory: str) -> Done | Extended:
    """Put a domain on the account.

    An extendedResult with code 0 when its zone is not served; or when it is on an account already, must be proved or
    waits for an operator, and then `data` is [[name, text]], with [record, value] of the TXT record that proves it or
    ["request", number] after it.
    """
    await gateway.core.domains.add(caller, NewDomain(name, renewal, directory))
    return DONE


async def move_list(gateway: Gateway, caller: Caller, domains: list[NewDomain]) -> Done | Extended:
    """Put several domains on the account, all or none.

    Those that were on it stay as they are. An extendedResult with code 0 says why none was: `data` is a list of
    [name, text], with what would help after it as for `move`.
    """
    await gateway.core.domains.add_list(caller, domains)
    return DONE


async def change_renewal(gateway: Gateway, caller: Caller, name: str, renewal: Renewal) -> Done:
    """How a domain is renewed."""
    await gateway.core.domains.set_renewal(caller, [(name, renewal)])
    return DONE


async def change_renewals(gateway: Gateway, caller: Caller, domains: list[NewDomain]) -> Done:
    """How several domains are renewed, all or none."""
    await gateway.core.domains.set_renewal(caller, [(each.name, each.renewal) for each in domains])
    return DONE


async def remove(gateway: Gateway, caller: Caller, name: str) -> Done:
    """Take a domain off the account."""
    await gateway.core.domains.remove(caller, [name])
    return DONE


async def remove_list(gateway: Gateway, caller: Caller, names: list[str]) -> Done:
    """Take several domains off the account, all or none."""
    await gateway.core.domains.remove(caller, names)
    return DONE


# COMPAT(spaceweb): a list of domains is an array of names or of objects, or one string with commas.


def _entries(value: object) -> list[Any]:
    if type(value) is str:
        value = [item.strip() for item in value.split(",") if item.strip()]
    if type(value) is not list or not value:
        raise ValueError
    if len(value) > DOMAINS_PER_CALL:
        raise TooMany(f"more than {DOMAINS_PER_CALL} domains")
    return value


def _name(entry: Any) -> str:
    written = entry.get("fqdn") or entry.get("domain") if type(entry) is dict else entry
    name: str = NAME.read(written)
    return name


def _new_domain(entry: Any) -> NewDomain:
    given = entry if type(entry) is dict else {}
    return NewDomain(_name(entry), PROLONG_TYPE.read(given), DIRECTORY.read(given))


def _list_of(read: Callable[[Any], Any], *members: Param) -> Kind:
    entry: Schema = {
        "type": "object",
        "properties": {"fqdn": NAME.schema} | {param.name: param.kind.schema for param in members},
        "required": ["fqdn"],
    }
    items: Schema = {"anyOf": [NAME.schema, entry]}
    forms = [{"type": "array", "items": items, "minItems": 1, "maxItems": DOMAINS_PER_CALL}, {"type": "string"}]
    return Kind(lambda value: [read(entry) for entry in _entries(value)], {"anyOf": forms})


NAME = text(255)
DOMAIN = Param("domain", NAME, "The domain's name, in Punycode or Unicode.")
PROLONG_TYPE = Param(
    "prolongType",
    # COMPAT(spaceweb): `none` and `no` are one word in two methods; clients mix them up.
    choice({"manual": Renewal.MANUAL, "no": Renewal.NO, "none": Renewal.NO, "bonus_money": Renewal.BONUS_MONEY}),
    "How the domain is renewed: by hand, which is the default, not at all, or with bonus money.",
    Renewal.MANUAL,
)
DIRECTORY = Param("dir", text(DIRECTORY_MAX), "The folder of the domain's site, from the account's home.", "")

NAMES = _list_of(_name)

METHODS = (
    Method(
        "index",
        index,
        (
            Param(
                "orderField",
                choice({"fqdn_readable": DomainOrder.READABLE, "fqdn": DomainOrder.ASCII}),
                "What to sort by.",
                DomainOrder.READABLE,
            ),
            Param("orderDirect", choice({"ASC": False, "DESC": True}), "Which way to sort.", False),
            # Every domain is registered elsewhere: none was bought here ("sweb"), none is unregistered ("free").
            Param(
                "type",
                choice({"all": True, "other": True, "sweb": False, "free": False}),
                "Which domains: all, bought here, unregistered, or others.",
                True,
            ),
            Param("filter", NAME, "A part of the name, in Punycode or Unicode.", ""),
            Param("page", integer(1, 10**9), "Which page, from 1.", 1),
            Param("perPage", integer(1, PAGE_MAX), f"Domains on a page, {PAGE_MAX} if not given.", PAGE_MAX),
            Param("showPackages", BOOLEAN, "Also list bundles of domains; there are none.", False),
        ),
    ),
    Method("getDomainInfo", get_info, (DOMAIN,)),
    Method("move", move, (DOMAIN, PROLONG_TYPE, DIRECTORY)),
    Method("add", move, (DOMAIN, PROLONG_TYPE, DIRECTORY)),
    Method("moveList", move_list, (Param("domains", _list_of(_new_domain, PROLONG_TYPE, DIRECTORY), "The domains."),)),
    Method("changeProlong", change_renewal, (DOMAIN, PROLONG_TYPE)),
    Method(
        "changeProlongList", change_renewals, (Param("domains", _list_of(_new_domain, PROLONG_TYPE), "The domains."),)
    ),
    Method("remove", remove, (DOMAIN,)),
    Method("removeList", remove_list, (Param("domains", NAMES, "The domains."),)),
)
