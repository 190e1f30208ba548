"""Messages of DNS as they are on the wire (RFC 1035, 4.1): read by hand, whatever they are made of.

Names are kept as they are sent, uncompressed: length octets, labels, a zero; folded, where they are compared.
Length octets are below 64, so that `bytes.lower` folds letters alone.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = struct.Struct("!HHHHHH")
FIXED = struct.Struct("!HHIH")
"""What follows a record's owner: type, class, TTL, the length of its data."""

NAME_MAX = 255
LABEL_MAX = 63
MESSAGE_MAX = 65_535
POINTER = 0xC0
POINTER_REACH = 0x4000

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV = 1, 2, 5, 6, 12, 15, 16, 28, 33
OPT, DS, HTTPS, TKEY, TSIG, IXFR, AXFR, MAILB, MAILA, ANY = 41, 43, 65, 249, 250, 251, 252, 253, 254, 255
IN, CLASS_NONE, CLASS_ANY = 1, 254, 255

QUERY, NOTIFY, UPDATE = 0, 4, 5
QR, AA, TC, RD = 0x8000, 0x0400, 0x0200, 0x0100
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 2, 3, 4, 5
YXDOMAIN, YXRRSET, NXRRSET, NOTAUTH, NOTZONE = 6, 7, 8, 9, 10
BADVERS, BADSIG, BADKEY, BADTIME, BADTRUNC = 16, 16, 17, 18, 22


_PLAIN = frozenset(map(chr, range(0x21, 0x7F))) - set('."\\')


class Malformed(Exception):
    """These bytes are no message, or none that may be sent."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record where it stands: `name` and the span of its data; compressed names in the data are left alone."""

    start: int
    name: bytes
    type: int
    rdclass: int
    ttl: int
    data_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart. `name` is the folded name asked for (the zone, in an update)."""

    packet: bytes
    id: int
    flags: int
    name: bytes
    type: int
    rdclass: int
    question_end: int
    answers: tuple[Record, ...]
    authorities: tuple[Record, ...]
    additional: tuple[Record, ...]

    @property
    def opcode(self) -> int:
        return self.flags >> 11 & 15

    @property
    def question(self) -> bytes:
        """As it was sent: 0x20 bits and all."""
        return self.packet[12 : self.question_end]

    @property
    def opt(self) -> Record | None:
        return next((each for each in self.additional if each.type == OPT), None)

    @property
    def tsig(self) -> Record | None:
        return self.additional[-1] if self.additional and self.additional[-1].type == TSIG else None


def read_message(packet: bytes) -> Message:
    """Raises Malformed, nothing else."""
    if len(packet) < HEADER.size:
        raise Malformed("shorter than a header")
    ident, flags, questions, *counts = HEADER.unpack_from(packet)
    if questions != 1:
        raise Malformed("not one question")  # RFC 9619
    if 11 * sum(counts) > len(packet):
        raise Malformed("fewer records than are announced")
    name, at = read_name(packet, HEADER.size)
    if POINTER in {packet[each] & POINTER for each in _lengths(packet, HEADER.size)} or at + 4 > len(packet):
        raise Malformed("no whole question")
    qtype, qclass = struct.unpack_from("!HH", packet, at)
    sections, start = [], at + 4
    for count in counts:
        records = []
        for _ in range(count):
            records.append(_read_record(packet, start))
            start = records[-1].end
        sections.append(tuple(records))
    if start != len(packet):
        raise Malformed("something after the last record")
    message = Message(packet, ident, flags, name.lower(), qtype, qclass, at + 4, *sections)
    _check_places(message)
    return message


def _check_places(message: Message) -> None:
    """OPT once and at the root (RFC 6891, 6.1.1), TSIG once and last (RFC 8945, 5.1)."""
    elsewhere = {each.type for each in (*message.answers, *message.authorities)}
    opts = [each for each in message.additional if each.type == OPT]
    tsigs = [each for each in message.additional if each.type == TSIG]
    if OPT in elsewhere or len(opts) > 1 or any(each.name != b"\0" for each in opts):
        raise Malformed("OPT out of place")
    if TSIG in elsewhere or len(tsigs) > 1 or (tsigs and message.additional[-1].type != TSIG):
        raise Malformed("TSIG out of place")


def _read_record(packet: bytes, start: int) -> Record:
    name, at = read_name(packet, start)
    if at + FIXED.size > len(packet):
        raise Malformed("a record without its head")
    rdtype, rdclass, ttl, length = FIXED.unpack_from(packet, at)
    data = at + FIXED.size
    if data + length > len(packet):
        raise Malformed("a record without all of its data")
    return Record(start, name, rdtype, rdclass, ttl, data, data + length)


def read_name(packet: bytes, at: int) -> tuple[bytes, int]:
    """The name that begins there, without compression, and where the next thing begins. Raises Malformed.

    A pointer leads back before everything that it is part of (RFC 1035, 4.1.4), so that there are no loops.
    """
    parts: list[bytes] = []
    size, end, bound = 1, 0, at
    try:
        while length := packet[at]:
            if length >= POINTER:
                target = (length & 0x3F) << 8 | packet[at + 1]
                if target >= bound:
                    raise Malformed("a pointer that does not lead back")
                end, bound, at = end or at + 2, target, target
                continue
            if length > LABEL_MAX:
                raise Malformed("a label of an unknown kind")
            size += length + 1
            if size > NAME_MAX or at + length >= len(packet):
                raise Malformed("a name that is too long")
            parts.append(packet[at : at + length + 1])
            at += length + 1
    except IndexError:
        raise Malformed("half a name") from None
    return b"".join((*parts, b"\0")), end or at + 1


def _lengths(packet: bytes, at: int) -> Iterator[int]:
    """Where the length octets of a name stand that was read before; the last may be a pointer."""
    while length := packet[at]:
        yield at
        if length >= POINTER:
            return
        at += length + 1


def is_name(name: bytes) -> bool:
    """Whether octets are a whole name without compression."""
    at, size = 0, len(name)
    while at < size and 0 < name[at] <= LABEL_MAX:
        at += name[at] + 1
    return at + 1 == size <= NAME_MAX


def suffixes(name: bytes) -> Iterator[bytes]:
    """The name itself, then what it is below, up to and without the root."""
    while name[0]:
        yield name
        name = name[name[0] + 1 :]


def is_within(name: bytes, origin: bytes) -> bool:
    """Whether a name is an origin or below it; both folded."""
    return origin in suffixes(name) or origin == b"\0"


def join_text(text: str) -> bytes:
    """The wire form of a name of letters, digits and hyphens such as `ns1.example.org`, folded."""
    labels = [label.encode("ascii") for label in text.lower().rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def split_text(name: bytes) -> str:
    """The other way round, for people: `example.org`, without the final dot; odd octets as `\\DDD`."""
    labels = []
    for part in suffixes(name):
        label = part[1 : part[0] + 1]
        labels.append("".join(chr(each) if chr(each) in _PLAIN else f"\\{each:03}" for each in label))
    return ".".join(labels)
