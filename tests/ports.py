"""Ports for programs that have to be told one: nobody else comes to it before they do."""

import socket
from pathlib import Path
from secrets import randbelow

LEAST = 10_000
OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""From where on the system gives ports to connections out, of which other tests make many meanwhile."""


def free_port() -> int:
    """Free on 127.0.0.1 for UDP and TCP, and none that a connection is given."""
    most = int(OF_CONNECTIONS.read_text("ascii").split()[0]) if OF_CONNECTIONS.exists() else 32_768
    while True:
        port = LEAST + randbelow(max(most, 2 * LEAST) - LEAST)
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            try:
                for each in (stream, datagram):
                    each.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
