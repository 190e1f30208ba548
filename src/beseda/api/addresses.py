"""Network addresses as sockets, proxies and configurations write them."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_MAPPED = IPv6Network("::ffff:0:0/96")
"""IPv4 as IPv6 (RFC 4291, 2.5.5.2)."""


def read_address(text: str) -> Address | None:
    """The address, without a port, brackets or the zone; None for what is none. IPv4 written as IPv6 is IPv4."""
    host = text.strip(" \t")
    if host.startswith("["):
        host, bracket, port = host[1:].partition("]")
        if not bracket or (port and not _is_port(port)):
            return None
    elif host.count(":") == 1:
        host, colon, port = host.partition(":")
        if not _is_port(colon + port):
            return None
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_port(text: str) -> bool:
    return text[:1] == ":" and text[1:].isascii() and text[1:].isdigit()


def read_network(text: str) -> Network:
    """A network or a single address; of IPv4 written as IPv6 the one of IPv4. Raises ValueError."""
    network = ip_network(text, strict=False)
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - _MAPPED.prefixlen))
    return network


def is_within(address: Address | None, networks: tuple[Network, ...]) -> bool:
    """Whether the address is in one of the networks; what is no address is in none."""
    return address is not None and any(address in network for network in networks)
