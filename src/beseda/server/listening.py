"""Sockets that listen where the configuration says."""

import socket

from beseda.server.config import ConfigError, settings, split_address
from beseda.server.listener import ListenRefused, listen
from beseda.server.systemd import passed_socket


def open_listening(key: str, address: str) -> socket.socket:
    """The one for a setting's address, or that which systemd has opened in its place.

    ConfigError names the setting whose address is taken: two servers on one machine must differ in both.
    """
    try:
        return passed_socket(key) or listen(*split_address(key, address))
    except ListenRefused as error:
        raise ConfigError(f"{key}: {error}. {settings()[key].environment_name} names another") from error
