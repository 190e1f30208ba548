"""Whole zones and what changed in them, as messages for secondaries (RFC 5936, RFC 1995)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from beseda.api.dns.encode import Body
from beseda.api.dns.wire import AA, HEADER, QR, SOA, Message
from beseda.api.dns.zone import RecordSet, Zone

MESSAGE_BYTES = 16_000
"""Pointers reach that far; and whoever waits is not kept waiting."""

Record = tuple[bytes, int, int, bytes]
"""Owner, type, TTL, data."""


@dataclass(frozen=True, slots=True)
class Step:
    """What led from one serial to the next; records of both without the SOA."""

    serial_from: int
    serial_to: int
    removed: Sequence[Record]
    added: Sequence[Record]


def whole(zone: Zone) -> list[Record]:
    """All records of a zone as they are now, between two SOA."""
    soa = _soa(zone, zone.serial)
    inner = [
        (name, records.type, records.ttl, data)
        for name, node in zone.tree.items()
        for records in node.sets.values()
        if records.type != SOA
        for data in records.data
    ]
    return [soa, *inner, soa]


def difference(zone: Zone, steps: Sequence[Step]) -> list[Record]:
    """The steps one after another (RFC 1995, 4), of which there is at least one."""
    last = _soa(zone, steps[-1].serial_to)
    records = [last]
    for step in steps:
        records += [_soa(zone, step.serial_from), *step.removed, _soa(zone, step.serial_to), *step.added]
    return [*records, last]


def only_soa(zone: Zone) -> list[Record]:
    """To a client that has the newest already; or to one by UDP, which shall ask again by TCP (RFC 1995, 2)."""
    return [_soa(zone, zone.serial)]


def pack(message: Message, records: Iterable[Record], opt: bytes = b"") -> Iterator[bytes]:
    """The answers to a question for a transfer: as many as it takes, without TSIG; `opt` goes into the first."""
    body, count = Body(message.name, message.question_end), 0
    for owner, rdtype, ttl, data in records:
        if count and len(body) + len(owner) + len(data) + 10 > MESSAGE_BYTES:
            yield _message(message, body, count, opt)
            opt = b""
            body, count = Body(message.name, message.question_end), 0
        body.add_record(owner, rdtype, ttl, data)
        count += 1
    yield _message(message, body, count, opt)


def _message(message: Message, body: Body, count: int, opt: bytes) -> bytes:
    return HEADER.pack(message.id, QR | AA, 1, count, 0, bool(opt)) + message.question + bytes(body.out) + opt


def _soa(zone: Zone, serial: int) -> Record:
    records = zone.soa
    data = records.data[0]
    return zone.origin, SOA, records.ttl, data[:-20] + serial.to_bytes(4, "big") + data[-16:]


def soa_serial(data: bytes) -> int:
    """Of the data of a SOA; names in it may be compressed. Raises IndexError when it is too short to be one."""
    if len(data) < 22:
        raise IndexError
    return int.from_bytes(data[-20:-16], "big")


def catalog(origin: bytes, serial: int, members: Iterable[tuple[str, bytes]]) -> Zone:
    """A catalog zone (RFC 9432, version 2) of zones, each with a label that is its own for as long as it is there."""
    invalid = b"\x07invalid\0"
    times = b"".join(each.to_bytes(4, "big") for each in (serial, 3600, 600, 2_147_483_646, 0))
    sets = [
        (origin, RecordSet(SOA, 0, (invalid + invalid + times,))),
        (origin, RecordSet(2, 0, (invalid,))),
        (b"\x07version" + origin, RecordSet(16, 0, (b"\x012",))),
    ]
    for label, member in members:
        name = bytes([len(label)]) + label.encode("ascii") + b"\x05zones" + origin
        sets.append((name, RecordSet(12, 0, (member,))))
    return Zone(origin, serial, sets)
