"""The settings of zones and of what serves them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beseda.api.dns.rates import read_networks
from beseda.domain.errors import RecordRefused
from beseda.domain.records import TTL_MAX, TTL_MIN
from beseda.server.setting import each, fits, in_range, setting

if TYPE_CHECKING:
    from beseda.api.dns.notify import Secondary

EXAMPLE = "example.org"


@dataclass(frozen=True)
class DnsConfig:
    listen: list[str] = setting(
        [], "Addresses and ports, of UDP and TCP, at which the zones are answered for; without any nobody is answered."
    )
    name_servers: list[str] = setting(
        ["localhost"],
        "Names of the servers that answer for the zones, the primary first: the NS of each zone without its own.",
    )
    secondaries: list[str] = setting(
        [],
        "Other name servers that are told of changes: `192.0.2.53:53`, or with the name of the key that signs what they"
        " are told, `192.0.2.53:53 secondary`.",
    )
    catalog: str = setting(
        "", 'Name of the catalog zone (RFC 9432) from which secondaries learn of zones: "catalog.example"; "" for none.'
    )
    rate_limit: int = setting(
        200, "Answers a second over UDP to one network (/24, /56); more are cut so that TCP is used. 0 is no limit."
    )
    rate_limit_exempt: list[str] = setting(["127.0.0.0/8", "::1/128"], "Networks to which that limit does not apply.")
    max_connections: int = setting(
        1000, "Connections by TCP at once, for each address listened on; then the longest idle one makes room."
    )
    max_connections_per_address: int = setting(50, "The same for those from one address; more are refused.")
    contact: str = setting("", 'E-mail address of who runs the zones, for their SOA; "" is `hostmaster` at each zone.')
    refresh_s: int = setting(7200, "Seconds after which secondaries ask for news (SOA).")
    retry_s: int = setting(900, "Seconds after which they ask again when nobody answered.")
    expire_s: int = setting(1_209_600, "Seconds after which they give a zone up when nobody ever answers.")
    negative_ttl_s: int = setting(600, "Seconds for which others remember that there is no such name or record.")
    ttl_s: int = setting(3600, "Time to live, in seconds, of records for which none is given.")
    first_records: list[str] = setting(
        [], 'Records of each new zone, as in a master file without times to live: "www A 192.0.2.1".'
    )


def read_record(line: str) -> tuple[str, str, str]:
    """Name, type and data of a record of `first_records`. Raises ValueError."""
    name, type_, data = [*line.split(maxsplit=2), "", "", ""][:3]
    from beseda.adapters.dns_records import DnsRecords

    codec = DnsRecords()
    try:
        kept = codec.owner(name, EXAMPLE), codec.type_name(type_), data
        codec.data(EXAMPLE, *kept)
    except RecordRefused as refused:
        raise ValueError(f"{line!r}: {refused.detail}") from refused
    return kept


def read_address(text: str) -> tuple[str, int]:
    """By the name server, of which nothing is loaded where there is none. Raises ValueError."""
    from beseda.api.dns import notify

    return notify.read_address(text)


def read_secondary(text: str) -> "Secondary":
    """The same for a secondary."""
    from beseda.api.dns import notify

    return notify.read_secondary(text)


def _check_host(name: str) -> None:
    from beseda.adapters.dns_records import DnsRecords

    try:
        good = DnsRecords().data(EXAMPLE, "@", "NS", f"{name.removesuffix('.')}.").text != "."
    except RecordRefused:
        good = False
    if not good:
        raise ValueError(f"{name!r} is no name of a host")


def _check_catalog(name: str) -> None:
    if name:
        _check_host(name)


def _check_servers(names: list[str]) -> None:
    if not names:
        raise ValueError("there must be one at least")
    each(_check_host)(names)


DNS_CHECKS: dict[str, Callable[[Any], object]] = {
    "dns.listen": each(read_address),
    "dns.secondaries": each(read_secondary),
    "dns.catalog": _check_catalog,
    "dns.rate_limit": in_range(0, 1_000_000),
    "dns.rate_limit_exempt": read_networks,
    "dns.max_connections": in_range(1, 100_000),
    "dns.max_connections_per_address": in_range(1, 100_000),
    "dns.name_servers": _check_servers,
    "dns.contact": fits(r"|[A-Za-z0-9._+-]{1,63}@[A-Za-z0-9.-]{1,180}[A-Za-z0-9]", "e-mail address in ASCII"),
    "dns.refresh_s": in_range(60, TTL_MAX),
    "dns.retry_s": in_range(60, TTL_MAX),
    "dns.expire_s": in_range(3600, TTL_MAX),
    "dns.negative_ttl_s": in_range(1, 86_400),
    "dns.ttl_s": in_range(TTL_MIN, TTL_MAX),
    "dns.first_records": each(read_record),
}
