"""EDNS(0): what a client says of itself, and what it is told (RFC 6891); cookies (RFC 7873, 9018)."""

import struct
from dataclasses import dataclass

from siphash24 import siphash24

from beseda.api.dns.wire import Malformed

PAYLOAD = 1232
"""What is sent over UDP at most, and taken: no path of today cuts it up (DNS flag day 2020)."""
PAYLOAD_LEAST = 512
COOKIE = 10
DO = 0x8000
_HEAD = struct.Struct("!BHHBBHH")
"""Root, 41, payload, upper bits of the rcode, version, flags, length of the options."""
OPT_HEAD = b"\0\0\x29"
HOUR_S, RENEW_S, AHEAD_S = 3600, 1800, 300
"""How old a server cookie may be, when it is renewed, how far ahead another node's clock may be (RFC 9018, 4.3)."""
COOKIES_KEPT = 16_384


@dataclass(slots=True)
class Edns:
    """`cookie` is what the client sent: 8 octets of its own, then ours, if it has one."""

    payload: int = PAYLOAD_LEAST
    version: int = 0
    dnssec: bool = False
    cookie: bytes = b""


def read_edns(rdclass: int, ttl: int, options: bytes) -> Edns:
    """From the parts of an OPT record. Raises Malformed. Options that are not known here inform nobody."""
    cookie, at = b"", 0
    while at < len(options):
        if at + 4 > len(options):
            raise Malformed("half an option")
        code, length = struct.unpack_from("!HH", options, at)
        at += 4 + length
        if at > len(options):
            raise Malformed("an option without all of its data")
        if code == COOKIE and not cookie:
            cookie = options[at - length : at]
            if length != 8 and not 16 <= length <= 40:
                raise Malformed("a cookie of another length")  # RFC 7873, 5.2.2
    return Edns(max(rdclass, PAYLOAD_LEAST), ttl >> 16 & 0xFF, bool(ttl & DO), cookie)


def write_opt(dnssec: bool = False, options: bytes = b"", rcode: int = 0) -> bytes:
    """Our OPT record; `rcode` is the whole extended one."""
    return _HEAD.pack(0, 41, PAYLOAD, rcode >> 4, 0, DO if dnssec else 0, len(options)) + options


class Cookies:
    """Server cookies that every node with the same 16 octets of `secret` takes (RFC 9018, 4)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._known: dict[tuple[bytes, bytes], tuple[float, bytes, bool]] = {}

    def option(self, cookie: bytes, address: bytes, now_s: float) -> tuple[bytes, bool]:
        """The option that answers a client's, and whether the client showed a good cookie of ours.

        `address` is the client's, 4 or 16 octets.
        """
        known = self._known.get((cookie, address))
        if known is not None and known[0] > now_s:
            return known[1], known[2]
        good, issued_s = self._check(cookie, address, int(now_s))
        if good and now_s - issued_s < RENEW_S:
            until, server = issued_s + RENEW_S, cookie[8:]
        else:
            until, server = int(now_s) + 60, self._make(cookie[:8], int(now_s), address)
        option = struct.pack("!HH", COOKIE, 8 + len(server)) + cookie[:8] + server
        if len(self._known) >= COOKIES_KEPT:
            self._known.clear()
        self._known[cookie, address] = (until, option, good)
        return option, good

    def _check(self, cookie: bytes, address: bytes, now_s: int) -> tuple[bool, int]:
        if len(cookie) != 24 or cookie[8:12] != b"\x01\0\0\0":
            return False, 0
        issued_s = int.from_bytes(cookie[12:16], "big")
        age_s = (now_s - issued_s + 2**31) % 2**32 - 2**31  # serial arithmetic
        fresh = -AHEAD_S <= age_s <= HOUR_S
        return fresh and self._make(cookie[:8], issued_s, address) == cookie[8:], now_s - age_s

    def _make(self, client: bytes, issued_s: int, address: bytes) -> bytes:
        head = b"\x01\0\0\0" + (issued_s & 0xFFFFFFFF).to_bytes(4, "big")
        digest: bytes = siphash24(client + head + address, key=self._secret).digest()
        return head + digest
