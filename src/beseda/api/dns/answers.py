"""Answers to questions (RFC 1034, 4.3.2): bytes in, bytes out.

What was answered once is kept, encoded, until its zone changes: then an answer is the question with another head before
it and the same body after it.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from beseda.api.dns.book import ZoneBook
from beseda.api.dns.edns import OPT_HEAD, PAYLOAD, PAYLOAD_LEAST, Cookies, Edns, read_edns, write_opt
from beseda.api.dns.encode import Body
from beseda.api.dns.rates import Rates
from beseda.api.dns.wire import (
    AA,
    AXFR,
    BADVERS,
    FORMERR,
    HEADER,
    IN,
    IXFR,
    MAILA,
    MAILB,
    MESSAGE_MAX,
    NOERROR,
    NOTIMP,
    NXDOMAIN,
    OPT,
    QR,
    QUERY,
    RD,
    REFUSED,
    SERVFAIL,
    TC,
    TKEY,
    TSIG,
    UPDATE,
    Malformed,
    Message,
    is_name,
    read_message,
)
from beseda.api.dns.zone import Zone

KEPT = 65_536
PLAIN = b"\0\1\0\0\0\0\0"
"""The counts of a question that comes alone or with one more record."""
SPECIAL = frozenset({0, OPT, TKEY, TSIG, IXFR, AXFR, MAILB, MAILA})
"""Types that are no types of records."""
OPT_PLAIN = (write_opt(), write_opt(dnssec=True))


@dataclass(slots=True, frozen=True)
class Kept:
    """`heads` are flags and counts: without RD and OPT, with RD, with OPT, with both."""

    zone: Zone
    version: int
    heads: tuple[bytes, bytes, bytes, bytes]
    body: bytes


@dataclass(slots=True)
class Peer:
    """Who asks: an address, and whether by a stream, where no address is forged and nothing has to be short."""

    host: str
    stream: bool


class Answers:
    """`now_s` is the wall clock, for cookies."""

    def __init__(self, zones: ZoneBook, cookies: Cookies, rates: Rates, now_s: Callable[[], float]) -> None:
        self._zones = zones
        self._cookies = cookies
        self._rates = rates
        self._now_s = now_s
        self._kept: dict[bytes, Kept] = {}
        self.queries = 0

    def answer(self, packet: bytes, peer: Peer) -> bytes | Message | None:
        """The answer; None where none is due; the message itself when it takes more than the zones to answer it.

        That is what is signed, changes something, or asks for a whole zone.
        """
        self.queries += 1
        end = packet.find(0, 12) + 5
        if packet[4:11] != PLAIN or packet[2] & 0xFE or end <= 16:
            return self._read(packet, peer)
        edns, size = None, len(packet)
        if size != end or packet[11]:
            if packet[11] != 1 or packet[end : end + 3] != OPT_HEAD or size < end + 11 or packet[end + 6]:
                return self._read(packet, peer)
            payload = packet[end + 3] << 8 | packet[end + 4]
            if packet[end + 9 :] == b"\0\0":
                edns = Edns(max(PAYLOAD_LEAST, payload), 0, packet[end + 7] > 127)
            elif size != end + 11 + (packet[end + 9] << 8 | packet[end + 10]):
                return self._read(packet, peer)
            else:
                try:
                    edns = read_edns(payload, (packet[end + 7] & 0x80) << 8, packet[end + 11 :])
                except Malformed:
                    return self._refuse(packet, FORMERR, peer)
        name = packet[12 : end - 4].lower()
        kept = self._kept.get(name + packet[end - 4 : end])
        if kept is not None and kept.version == kept.zone.version:
            return self._finish(kept, packet, end, edns, peer)
        rdtype = packet[end - 4] << 8 | packet[end - 3]
        if packet[end - 2 : end] != b"\0\1" or rdtype in SPECIAL or not is_name(name):
            return self._read(packet, peer)
        return self._resolve(name, rdtype, packet, end, edns, peer)

    def _read(self, packet: bytes, peer: Peer) -> bytes | Message | None:
        """The same for what is not plain."""
        if len(packet) < HEADER.size or packet[2] & 0x80:
            return None
        if (opcode := packet[2] >> 3 & 15) not in (QUERY, UPDATE):
            return self._refuse(packet, NOTIMP, peer)
        try:
            if packet[4:6] == b"\0\0" and opcode == QUERY:
                return self._bare_cookie(packet, peer)
            message = read_message(packet)
            edns = edns_of(message)
        except Malformed:
            return self._refuse(packet, FORMERR, peer)
        if edns is not None and edns.version:
            return self._finish_error(message, BADVERS, edns, peer)
        if message.tsig is not None or opcode == UPDATE or message.type in (AXFR, IXFR):
            return message
        return self.resolve(message, edns, peer)

    def resolve(self, message: Message, edns: Edns | None, peer: Peer) -> bytes:
        """The answer to an ordinary question, from the zones."""
        if message.answers or message.authorities or message.type in (0, OPT, TKEY, TSIG):
            return self._finish_error(message, FORMERR, edns, peer)
        if message.type in (MAILA, MAILB):
            return self._finish_error(message, NOTIMP, edns, peer)
        if message.rdclass != IN:
            return self._finish_error(message, REFUSED, edns, peer)
        return self._resolve(message.name, message.type, message.packet, message.question_end, edns, peer)

    def _resolve(self, name: bytes, rdtype: int, packet: bytes, end: int, edns: Edns | None, peer: Peer) -> bytes:
        zone = self._zones.find(name, rdtype)
        if zone is None:
            return self._finish(ELSEWHERE, packet, end, edns, peer)
        kept = look_up(zone, name, rdtype, end)
        if name in zone.tree:  # names that there are not, and those of wildcards, have no end
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[name + packet[end - 4 : end]] = kept
        return self._finish(kept, packet, end, edns, peer)

    def _finish(self, kept: Kept, packet: bytes, end: int, edns: Edns | None, peer: Peer) -> bytes:
        opt, limit, known = b"", PAYLOAD_LEAST, False
        if edns is not None:
            limit = min(edns.payload, PAYLOAD)
            opt, known = self._opt(edns, peer)
        head = kept.heads[packet[2] & 1 | (2 if opt else 0)]
        if peer.stream:
            limit = MESSAGE_MAX
        elif not known and not self._rates.allows(peer.host):
            limit = 0
        if end + len(kept.body) + len(opt) > limit:
            return self._cut(packet, end, opt, TC if not peer.stream else SERVFAIL)
        return b"".join((packet[:2], head, packet[12:end], kept.body, opt))

    def _cut(self, packet: bytes, end: int, opt: bytes, flag: int) -> bytes:
        """Nothing but the question: the rest would not fit."""
        flags = QR | (packet[2] & 1) << 8 | flag | (AA if flag == TC else 0)
        head = HEADER.pack(packet[0] << 8 | packet[1], flags, 1, 0, 0, bool(opt))
        return head + packet[12:end] + opt

    def _opt(self, edns: Edns, peer: Peer, rcode: int = NOERROR) -> tuple[bytes, bool]:
        """Our OPT, and whether the client showed by a cookie that the address is its own."""
        if not edns.cookie:
            return (write_opt(edns.dnssec, rcode=rcode) if rcode > 15 else OPT_PLAIN[edns.dnssec]), False
        option, known = self._cookies.option(edns.cookie, packed(peer.host), self._now_s())
        return write_opt(edns.dnssec, option, rcode), known

    def _finish_error(self, message: Message, rcode: int, edns: Edns | None, peer: Peer) -> bytes:
        opt, known = (b"", False) if edns is None else self._opt(edns, peer, rcode)
        limited = not peer.stream and not known and not self._rates.allows(peer.host)
        return error_to(message, rcode, opt, TC if limited else 0)

    def _bare_cookie(self, packet: bytes, peer: Peer) -> bytes | None:
        """A question for nothing but a cookie (RFC 7873, 5.4). Raises Malformed."""
        whole = read_message(packet[:4] + b"\0\1" + packet[6:12] + b"\0\0\1\0\1" + packet[12:])
        edns = edns_of(whole)
        if edns is None or not edns.cookie or whole.tsig is not None:
            raise Malformed("no question")
        if not peer.stream and not self._rates.allows(peer.host):
            return None
        opt, _ = self._opt(edns, peer, BADVERS if edns.version else NOERROR)
        return HEADER.pack(whole.id, QR | whole.flags & RD, 0, 0, 0, 1) + opt

    def _refuse(self, packet: bytes, rcode: int, peer: Peer) -> bytes | None:
        """A head and nothing else, to what cannot be read, or is not to be."""
        if not peer.stream and not self._rates.allows(peer.host):
            return None
        return packet[:2] + bytes([0x80 | packet[2] & 0x79, rcode]) + bytes(8)


def look_up(zone: Zone, name: bytes, rdtype: int, end: int) -> Kept:
    """What a zone says to a question that ends there, encoded."""
    found = zone.find(name, rdtype)
    if found.denied and not found.answer:
        apex = (0xC000 | end - 4 - len(zone.origin)).to_bytes(2, "big")
        return Kept(zone, zone.version, DENIALS[found.rcode], apex + apex.join(zone.denial))
    body = Body(name, end)
    counts = [body.add(section) for section in (found.answer, found.authority, found.additional)]
    flags = found.rcode | (AA if found.authoritative else 0)
    if len(body) > MESSAGE_MAX or max(counts) > 0xFFFF - 1:
        return Kept(zone, zone.version, _heads(SERVFAIL, [0, 0, 0]), b"")
    return Kept(zone, zone.version, _heads(flags, counts), bytes(body.out))


def _heads(flags: int, counts: Sequence[int]) -> tuple[bytes, bytes, bytes, bytes]:
    def head(rd: int, opt: int) -> bytes:
        return HEADER.pack(0, QR | flags | rd, 1, counts[0], counts[1], counts[2] + opt)[2:]

    return head(0, 0), head(RD, 0), head(0, 1), head(RD, 1)


DENIALS = {rcode: _heads(AA | rcode, [0, 1, 0]) for rcode in (NOERROR, NXDOMAIN)}
ELSEWHERE = Kept(Zone(b"\0", 0, []), 0, _heads(REFUSED, [0, 0, 0]), b"")
"""What is told of names in no zone of ours."""


def edns_of(message: Message) -> Edns | None:
    """Raises Malformed."""
    opt = message.opt
    if opt is None:
        return None
    return read_edns(opt.rdclass, opt.ttl, message.packet[opt.data_start : opt.end])


def error_to(message: Message, rcode: int, opt: bytes = b"", flag: int = 0) -> bytes:
    """An answer without records."""
    flags = QR | message.flags & (0x7800 | RD) | rcode & 15 | flag
    return HEADER.pack(message.id, flags, 1, 0, 0, bool(opt)) + message.question + opt


def packed(host: str) -> bytes:
    """An address in octets, for cookies."""
    if ":" not in host:
        return socket.inet_aton(host)
    return socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
