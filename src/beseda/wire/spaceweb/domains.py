"""Domains as SpaceWeb has them (the object `domains`)."""

import msgspec


class Subdomain(msgspec.Struct, frozen=True, rename={"site_alias": "siteAlias"}):
    """A name below a domain, bound to a folder; `machine` is the label, `*` for all.

    `docroot` is the folder, `site_alias` (`siteAlias`) the site's name, `parent_fqdn` the domain. What ends in
    `_readable` is in Unicode, the same without in Punycode.
    """

    fqdn: str
    fqdn_readable: str
    machine: str
    machine_readable: str
    docroot: str
    site_alias: str
    parent_fqdn: str
    parent_fqdn_readable: str


class DomainRow(msgspec.Struct, frozen=True, rename={"site_alias": "siteAlias"}):
    """A domain in the list. `fqdn` is its name in Punycode, `fqdn_readable` in Unicode.

    `docroot` is the folder of its site, `site_alias` (`siteAlias`) that site's name, `fqdn_tech` a second name that the
    service gave it. `reg_price` is what it costs to register, in roubles; `bonus_available`: a bonus would pay that.
    """

    fqdn: str
    fqdn_readable: str
    site_alias: str
    docroot: str
    fqdn_tech: str
    subdomains: tuple[Subdomain, ...]
    reg_price: int
    bonus_available: bool


class RenewalOffer(msgspec.Struct, frozen=True):
    """What a renewal would cost: `price` in roubles; `confirm` whether to ask before, `link` where."""

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
    """The state of one domain. Flags are 0 and 1; prices are in roubles, -1 for what is not offered.

    `is_active_task`: something is under way; `autoreg`: it is registered by itself; `is_taken`: somebody has the name;
    `is_our`: it is registered with the service; `registrar` with whom it is, None when that is not known; `expired`
    when that ends, "" when it is not known. `can_prolong`: it can be renewed, for `prolong_price` or, with
    `prolong_by_bonus`, for a bonus (`bonus_available`); `prolong_confirm` is what would be asked before. `autoprolong`
    is `manual`, `no` or `bonus_money`. `doc_root` (`docRoot`) is the folder of its site, `site_alias` (`siteAlias`)
    that site's name, `redirect_url` (`redirectUrl`) where it leads by HTTP, `transfer_link` (`transferLink`) where to
    ask for a transfer.
    """

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
