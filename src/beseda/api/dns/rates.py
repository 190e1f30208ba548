"""How many answers a network gets over UDP: who forges its address must not flood it through us."""

import ipaddress
from collections.abc import Callable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
BURST_S = 2
NETWORKS_KEPT = 65_536
ADDRESSES_KEPT = 65_536


class Rates:
    """A bucket for each /24 or /56. `per_s` 0 is without bound; networks that are `exempt` are not counted."""

    def __init__(self, per_s: int, exempt: Sequence[Network], monotonic_s: Callable[[], float]) -> None:
        self._per_s = per_s
        self._exempt = exempt
        self._now = monotonic_s
        self._networks: dict[str, bytes | None] = {}
        self._buckets: dict[bytes, tuple[float, float]] = {}
        self.limited = 0

    def allows(self, host: str) -> bool:
        """Count an answer to this address; whether it may be sent."""
        if not self._per_s:
            return True
        try:
            network = self._networks[host]
        except KeyError:
            network = self._network(host)
        if network is None:
            return True
        now_s, most = self._now(), self._per_s * BURST_S
        level, since_s = self._buckets.get(network, (0.0, now_s))
        level = max(0.0, level - (now_s - since_s) * self._per_s) + 1
        if level > most:
            self.limited += 1
            self._buckets[network] = (level - 1, now_s)
            return False
        if len(self._buckets) >= NETWORKS_KEPT and network not in self._buckets:
            self._forget(now_s)
        self._buckets[network] = (level, now_s)
        return True

    def _network(self, host: str) -> bytes | None:
        """What the address is counted under; None when it is not."""
        address = ipaddress.ip_address(host.partition("%")[0])
        mapped = address.ipv4_mapped if address.version == 6 else None
        address = mapped or address
        exempt = any(address.version == each.version and address in each for each in self._exempt)
        network = None if exempt else address.packed[: 3 if address.version == 4 else 7]
        if len(self._networks) >= ADDRESSES_KEPT:
            self._networks.clear()
        self._networks[host] = network
        return network

    def _forget(self, now_s: float) -> None:
        """Networks whose bucket is empty again; all, if none is."""
        self._buckets = {
            network: bucket
            for network, bucket in self._buckets.items()
            if bucket[0] > (now_s - bucket[1]) * self._per_s
        }
        if len(self._buckets) >= NETWORKS_KEPT:
            self._buckets.clear()


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Raises ValueError."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
