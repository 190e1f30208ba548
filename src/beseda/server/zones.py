"""Wires zones together."""

from beseda.adapters.dns_records import DnsRecords
from beseda.core.ports import Clock, Store
from beseda.core.zones import Zones
from beseda.domain.zones import Soa
from beseda.server.config import Config
from beseda.server.config_dns import read_record


def make_zones(config: Config, store: Store, clock: Clock) -> Zones:
    """Zones as the settings want them."""
    dns = config.dns
    soa = Soa(
        name_servers=tuple(name.lower().removesuffix(".") for name in dns.name_servers),
        contact=dns.contact,
        refresh=dns.refresh_s,
        retry=dns.retry_s,
        expire=dns.expire_s,
        minimum=dns.negative_ttl_s,
        ttl=dns.ttl_s,
    )
    return Zones(store, clock, DnsRecords(), soa, dns.ttl_s, [read_record(line) for line in dns.first_records])
