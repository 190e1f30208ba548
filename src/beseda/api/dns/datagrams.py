"""DNS over UDP: a socket that is read as long as something waits, and answers from the address that was asked."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from beseda.api.dns.answers import Peer
from beseda.api.dns.wire import Message

AT_ONCE = 64
"""Questions that are answered before others on the loop have their turn."""
READ_BYTES = 4096
"""Nobody was told that more is taken: what is longer is cut off, and no message then."""
BUFFER_BYTES = 4 * 1024 * 1024
ANCILLARY_BYTES = 64
IPV6_RECVPKTINFO, IPV6_PKTINFO, IP_PKTINFO = 49, 50, 8
"""Linux's numbers, of which Python does not know all."""

Answer = Callable[[bytes, Peer], bytes | Message | None]
Slowly = Callable[[Message, Peer, Callable[[bytes], None]], None]
"""Takes what cannot be answered at once; it calls back with the answer, if there is any."""


class Datagrams:
    """A bound socket. Raises OSError when the address cannot be had."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._many = ipaddress.ip_address(host).is_unspecified
        """Whether it stands for several addresses: then each answer must say which it is from."""
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if self._many:
                level, option = (41, IPV6_RECVPKTINFO) if family == socket.AF_INET6 else (0, IP_PKTINFO)
                self._socket.setsockopt(level, option, 1)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self.dropped = 0
        self._expected = 1
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, answer: Answer, slowly: Slowly) -> None:
        self._answer, self._slowly = answer, slowly
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read_many if self._many else self._read)

    def _read(self) -> None:
        """As many as there were the last time: to ask for one more takes nearly as long as to answer one."""
        receive, answer, send = self._socket.recvfrom, self._answer, self._socket.sendto
        for number in range(self._expected):
            try:
                packet, address = receive(READ_BYTES)
            except BlockingIOError:
                self._expected = number or 1
                return
            except OSError:  # somebody before could not be reached
                continue
            reply = answer(packet, peer := Peer(address[0], False))
            if type(reply) is bytes:
                try:
                    send(reply, address)
                except OSError:  # as in _send
                    self.dropped += 1
            elif isinstance(reply, Message):
                self._slowly(reply, peer, lambda late, address=address: self._send(late, address))  # type: ignore[misc]
        self._expected = min(2 * self._expected, AT_ONCE)  # the loop says at once if there are more

    def _read_many(self) -> None:
        for _ in range(AT_ONCE):
            try:
                packet, ancillary, _, address = self._socket.recvmsg(READ_BYTES, ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError:
                continue
            source = [_from(*each) for each in ancillary if each[1] in (IP_PKTINFO, IPV6_PKTINFO)]
            reply = self._answer(packet, peer := Peer(address[0], False))
            if isinstance(reply, bytes):
                self._send(reply, address, source)
            elif reply is not None:
                self._slowly(reply, peer, lambda late, to=address, by=source: self._send(late, to, by))  # type: ignore[misc]

    def _send(self, packet: bytes, address: Any, source: list[tuple[int, int, bytes]] | None = None) -> None:
        try:
            if source:
                self._socket.sendmsg([packet], source, 0, address)
            else:
                self._socket.sendto(packet, address)
        except OSError:  # no room, or nobody there: who asked asks again
            self.dropped += 1

    def close(self) -> None:
        """Answer nobody any more; to be called in the loop in which it was started, if it was."""
        if self._socket.fileno() >= 0:
            if self._loop is not None:
                self._loop.remove_reader(self._socket)
            self._socket.close()


def _from(level: int, kind: int, data: bytes) -> tuple[int, int, bytes]:
    """The same address as the source: of IPv4 the interface is left to the route."""
    return (level, kind, bytes(4) + data[4:8] + bytes(4)) if kind == IP_PKTINFO else (level, kind, data)
