"""The settings of members' domains: which there may be, and whose a name becomes."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beseda.adapters.idn import Idna2008
from beseda.adapters.resolver import read_server
from beseda.domain.domains import check_shape
from beseda.domain.errors import DomainNameInvalid
from beseda.domain.ownership import Policy
from beseda.server.config_dns import read_address, read_secondary
from beseda.server.setting import each, fits, in_range, setting

if TYPE_CHECKING:
    from beseda.server.config import Config

AUTO = "auto"


@dataclass(frozen=True)
class DomainsConfig:
    zones: list[str] = setting(
        "ru su рф com net org info biz cz sk eu shop site online store me".split(),  # noqa: SIM905 - read as a list
        "Zones in which members may have domains; empty for any.",
    )
    ownership: str = setting(
        AUTO,
        "Whose a name becomes: `open` (who asks first), `operator` (whom an operator gives it), `proof` (who shows by"
        " the DNS that it is his). `auto` is open while neither `dns.listen` nor `dns.secondaries` names an address"
        " that others reach, else proof.",
    )
    resolvers: list[str] = setting(
        [], "Resolvers that are asked for proofs, `192.0.2.53` or `192.0.2.53:5353`; without any those of the machine."
    )
    registration_price: int = setting(199, "What a registration costs, in whole units of the currency; shown only.")
    renewal_price: int = setting(399, "What a renewal costs, in whole units of the currency; shown only.")


def policy_of(config: "Config") -> Policy:
    """As it is set, or follows from who can ask for what is served."""
    if config.domains.ownership != AUTO:
        return Policy(config.domains.ownership)
    hosts = [read_address(each)[0] for each in config.dns.listen]
    hosts += [read_secondary(each).host for each in config.dns.secondaries]
    return Policy.OPEN if all(ipaddress.ip_address(host).is_loopback for host in hosts) else Policy.PROOF


def domain_features(config: "Config") -> dict[str, object]:
    """What pages say of domains: the zones, ours to be delegated to, and where programs reach the name server."""
    servers = [name for name in config.dns.name_servers if "." in name]
    addresses = [(ipaddress.ip_address(host), port) for host, port in map(read_address, config.dns.listen)]
    named = [(ip, port) for ip, port in addresses if not ip.is_unspecified]
    best = min(named, key=lambda each: each[0].is_loopback, default=None)
    dns: dict[str, object] | None = None
    if best:
        dns = {"host": str(best[0]), "port": best[1], "named": False}
    elif addresses:  # at all of the machine's, of which only its name is known
        dns = {"host": (servers or ["localhost"])[0], "port": addresses[0][1], "named": True}
    return {"zones": config.domains.zones, "name_servers": servers, "dns": dns}


def _check_zone(zone: str) -> None:
    try:
        check_shape(Idna2008().domain_name(f"a.{zone}"))
    except DomainNameInvalid as error:
        raise ValueError(f"{zone!r} is no name of a zone") from error


DOMAINS_CHECKS: dict[str, Callable[[Any], object]] = {
    "domains.zones": each(_check_zone),
    "domains.ownership": fits("|".join((AUTO, *Policy)), f"policy: {AUTO}, {', '.join(Policy)}"),
    "domains.resolvers": each(read_server),
    "domains.registration_price": in_range(0, 1_000_000_000),
    "domains.renewal_price": in_range(0, 1_000_000_000),
}
