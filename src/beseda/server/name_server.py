"""Wires the name server together, where there is to be one."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beseda.server.config import ConfigError
from beseda.server.config_dns import DnsConfig
from beseda.server.metrics import Metrics
from beseda.server.services import Service

if TYPE_CHECKING:
    from beseda.api.dns.connections import Connections
    from beseda.api.dns.datagrams import Datagrams
    from beseda.server.bootstrap import Parts


@dataclass(frozen=True, slots=True)
class DnsSockets:
    """Bound, so that an address in use is told before anything else is done."""

    datagrams: "tuple[Datagrams, ...]" = ()
    connections: "tuple[Connections, ...]" = ()
    addresses: tuple[str, ...] = ()


@contextlib.contextmanager
def bind_dns(config: DnsConfig) -> Iterator[DnsSockets]:
    """The sockets of `dns.listen`, closed at the end. Raises ConfigError."""
    if not config.listen:
        yield DnsSockets()
        return
    from beseda.api.dns.notify import read_address
    from beseda.api.dns.server import bind_both

    with contextlib.ExitStack() as stack:
        datagrams: list[Datagrams] = []
        connections: list[Connections] = []
        addresses: list[str] = []
        for text in config.listen:
            host, port = read_address(text)
            try:
                both = bind_both(host, port, config.max_connections, config.max_connections_per_address)
            except OSError as error:
                raise ConfigError(f"dns.listen: cannot listen on {text}: {error.strerror}") from error
            datagrams.append(both[0])
            connections.append(both[1])
            for each in both:
                stack.callback(each.close)
            port = both[0].port
            addresses.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        yield DnsSockets(tuple(datagrams), tuple(connections), tuple(addresses))


def serve_dns(config: DnsConfig, parts: "Parts", sockets: DnsSockets, metrics: Metrics) -> Iterator[Service]:
    """The name server; nothing, if it listens nowhere."""
    if not sockets.addresses:
        return
    from beseda.api.dns.notify import read_secondary
    from beseda.api.dns.rates import read_networks
    from beseda.api.dns.server import NameServer, Options

    options = Options(
        tuple(read_secondary(text) for text in config.secondaries),
        config.catalog.lower(),
        config.rate_limit,
        read_networks(config.rate_limit_exempt),
    )
    given = parts.core, parts.store, parts.clock, parts.keyring
    server = NameServer(*given, options, sockets.datagrams, sockets.connections)
    connections = sockets.connections
    metrics.gauges |= {
        "beseda_dns_zones": ("Zones that are answered for", lambda: len(server.zones)),
        "beseda_dns_queries_total": ("DNS messages", lambda: server.answers.queries),
        "beseda_dns_limited_total": ("DNS answers that were cut for the rate", lambda: server.rates.limited),
        "beseda_dns_transfers_total": ("Zones told to secondaries", lambda: server.requests.transfers),
        "beseda_dns_updates_total": ("Dynamic updates carried out", lambda: server.requests.updates),
        "beseda_dns_unheard_total": ("Changes that a secondary did not hear of", lambda: server.notifier.unheard),
        "beseda_dns_connections": ("Open DNS connections", lambda: sum(len(each.open) for each in connections)),
        "beseda_dns_refused_total": ("DNS connections over a limit", lambda: sum(each.refused for each in connections)),
    }
    yield Service(hears=server.note, looks=server.look, start=server.start, stop=server.stop)
