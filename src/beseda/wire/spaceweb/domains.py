"""Domains as SpaceWeb has them (the object `domains`)."""

import msgspec


class Subdomain(msgspec.Struct, frozen=True, rename={"site_alias": "siteAlias"}):
    """A name below a domain, bound to a folder; `machine` is the label, `*` for all."""

    fqdn: str
    fqdn_readable: str
    machine: str
    machine_readable: str
    docroot: str
    site_alias: str
    parent_fqdn: str
    parent_fqdn_readable: str


class DomainRow(msgspec.Struct, frozen=True, rename={"site_alias": "siteAlias"}):
    """A domain in the list. `fqdn` is its name in Punycode, `fqdn_readable` in Unicode; prices are in roubles."""

    fqdn: str
    fqdn_readable: str
    site_alias: str
    docroot: str
    fqdn_tech: str
    subdomains: tuple[Subdomain, ...]
    reg_price: int
    bonus_available: bool


class RenewalOffer(msgspec.Struct, frozen=True):
    """What a renewal would cost."""

    domain: str
    confirm: bool
    price: int
    link: str | None


class DomainInfo(
    msgspec.Struct,
    frozen=True,
    rename={
        "doc_root": "docRoot",
        "site_alias": "siteAlias",
        "transfer_link": "transferLink",
        "redirect_url": "redirectUrl",
    },
):
    """The state of one domain. Numbers of flags are 0 and 1; a price of -1 is not offered."""

    is_active_task: int
    autoreg: int
    is_taken: int
    registrar: str | None
    is_our: int
    expired: str
    can_prolong: int
    prolong_price: int
    prolong_by_bonus: bool
    prolong_confirm: RenewalOffer | None
    reg_price: int
    transfer_price: int
    autoprolong: str
    doc_root: str
    site_alias: str
    bonus_available: bool
    transfer_link: str | None
    redirect_url: str | None
