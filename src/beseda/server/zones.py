"""Wires domains and zones together."""

from typing import NamedTuple

from beseda.adapters.idn import Idna2008
from beseda.adapters.resolver import DnsLookup
from beseda.core.domains import Domains
from beseda.core.handovers import Handovers
from beseda.core.limits import Limiter
from beseda.core.ownership import Ownership
from beseda.core.ports import Clock, Entropy, Keyring, RecordCodec, Store
from beseda.core.records import Records
from beseda.core.subdomains import Subdomains
from beseda.core.zone_files import ZoneFiles
from beseda.core.zone_keys import ZoneKeys
from beseda.core.zone_updates import ZoneUpdates
from beseda.core.zones import Zones
from beseda.domain.zones import Soa
from beseda.server.config import Config
from beseda.server.config_dns import read_record
from beseda.server.config_domains import policy_of


class ZoneDeeds(NamedTuple):
    """What members and operators can do with domains and zones."""

    domains: Domains
    ownership: Ownership
    handovers: Handovers
    zones: Zones
    records: Records
    zone_files: ZoneFiles
    subdomains: Subdomains
    zone_keys: ZoneKeys
    zone_updates: ZoneUpdates


def record_codec() -> RecordCodec:
    """By dnspython, which nobody needs who has no zones."""
    from beseda.adapters.dns_records import DnsRecords

    return DnsRecords()


def make_zones(
    config: Config, store: Store, clock: Clock, limiter: Limiter, entropy: Entropy, keyring: Keyring
) -> ZoneDeeds:
    """Domains and zones as the settings want them."""
    dns, names = config.dns, Idna2008()
    soa = Soa(
        name_servers=tuple(name.lower().removesuffix(".") for name in dns.name_servers),
        contact=dns.contact,
        refresh=dns.refresh_s,
        retry=dns.retry_s,
        expire=dns.expire_s,
        minimum=dns.negative_ttl_s,
        ttl=dns.ttl_s,
    )
    ownership = Ownership(
        *(store, clock, keyring, limiter, DnsLookup(config.domains.resolvers)),
        policy_of(config),
        soa.name_servers,
    )
    zones = Zones(store, clock, record_codec, soa, dns.ttl_s, [read_record(line) for line in dns.first_records])
    return ZoneDeeds(
        domains=Domains(store, clock, names, config.domains.zones, zones, ownership),
        ownership=ownership,
        handovers=Handovers(store, clock, names),
        zones=zones,
        records=Records(store, limiter, names, zones),
        zone_files=ZoneFiles(store, limiter, names, zones),
        subdomains=Subdomains(store, names),
        zone_keys=ZoneKeys(store, clock, entropy, keyring, names, zones),
        zone_updates=ZoneUpdates(store, limiter, zones),
    )
