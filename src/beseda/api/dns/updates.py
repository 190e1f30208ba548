"""Requests to change a zone (RFC 2136), from the wire: what they presuppose and what they want; and what is told."""

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from beseda.api.dns.wire import (
    ANY,
    AXFR,
    CLASS_ANY,
    CLASS_NONE,
    FORMERR,
    IN,
    IXFR,
    MAILA,
    MAILB,
    NOTAUTH,
    NOTZONE,
    NXDOMAIN,
    NXRRSET,
    REFUSED,
    SERVFAIL,
    SOA,
    YXDOMAIN,
    YXRRSET,
    Message,
    Record,
    is_within,
    split_text,
)
from beseda.core.ports.zones import RecordCodec
from beseda.domain.errors import BesedaError, Busy, DomainNotFound, PrerequisiteFailed
from beseda.domain.records import Data, is_kept, type_of
from beseda.domain.zone_updates import Action, Condition, Instruction, Prerequisite, ZoneUpdate

TRANSFERS = frozenset({AXFR, IXFR, MAILA, MAILB})
FAILED = {
    "name_in_use": NXDOMAIN,
    "name_not_in_use": YXDOMAIN,
    "set_exists": NXRRSET,
    "set_absent": YXRRSET,
    "set_is": NXRRSET,
}
"""What is told of a prerequisite that does not hold (RFC 2136, 2.2)."""


class UpdateRefused(Exception):
    """With the code that says why."""

    def __init__(self, rcode: int) -> None:
        super().__init__(rcode)
        self.rcode = rcode


def read_update(message: Message, codec: RecordCodec) -> ZoneUpdate:
    """Raises UpdateRefused, RecordRefused."""
    if message.type != SOA or message.rdclass != IN:
        raise UpdateRefused(FORMERR)
    zone = split_text(message.name)
    reader = _Reader(message, zone, codec)
    return ZoneUpdate(
        zone,
        tuple(reader.prerequisite(each) for each in message.answers),
        tuple(reader.instruction(each) for each in message.authorities),
    )


class _Reader:
    def __init__(self, message: Message, zone: str, codec: RecordCodec) -> None:
        self._message, self._zone, self._codec = message, zone, codec

    def prerequisite(self, record: Record) -> Prerequisite:
        """RFC 2136, 3.2."""
        name, empty = self._owner(record), record.data_start == record.end
        if record.ttl or (record.rdclass in (CLASS_ANY, CLASS_NONE) and not empty) or record.type in TRANSFERS:
            raise UpdateRefused(FORMERR)
        type_ = type_of(record.type) if record.type != SOA else "SOA"
        match record.rdclass, record.type:
            case (254, 255):
                return Prerequisite(Condition.NAME_NOT_IN_USE, name)
            case (255, 255):
                return Prerequisite(Condition.NAME_IN_USE, name)
            case (254, _):
                return Prerequisite(Condition.SET_ABSENT, name, type_)
            case (255, _):
                return Prerequisite(Condition.SET_EXISTS, name, type_)
            case (1, rdtype) if rdtype != ANY:
                return Prerequisite(Condition.SET_IS, name, type_, self._data(record))
        raise UpdateRefused(FORMERR)

    def instruction(self, record: Record) -> Instruction:
        """RFC 2136, 3.4.1."""
        name, empty = self._owner(record), record.data_start == record.end
        type_ = type_of(record.type) if record.type != SOA else "SOA"
        if record.type in TRANSFERS or (record.type == ANY and record.rdclass != CLASS_ANY):
            raise UpdateRefused(FORMERR)
        if record.rdclass == IN:
            if record.type != SOA and not is_kept(record.type):
                raise UpdateRefused(REFUSED)
            return Instruction(Action.ADD, name, type_, record.ttl, self._data(record))
        if record.ttl or record.rdclass not in (CLASS_ANY, CLASS_NONE) or (record.rdclass == CLASS_ANY and not empty):
            raise UpdateRefused(FORMERR)
        if record.rdclass == CLASS_NONE:
            return Instruction(Action.DELETE_RECORD, name, type_, data=self._data(record))
        if record.type == ANY:
            return Instruction(Action.DELETE_NAME, name)
        return Instruction(Action.DELETE_SET, name, type_)

    def _owner(self, record: Record) -> str:
        folded = record.name.lower()
        if not is_within(folded, self._message.name):
            raise UpdateRefused(NOTZONE)
        return self._codec.owner(dns.name.from_wire(folded, 0)[0].to_text(), self._zone)

    def _data(self, record: Record) -> Data:
        """Canonical data, of a SOA too, which nobody changes from outside but some presuppose."""
        try:
            rdtype = dns.rdatatype.RdataType.make(record.type)
            span = record.data_start, record.end - record.data_start
            data = dns.rdata.from_wire(dns.rdataclass.IN, rdtype, self._message.packet, *span)
            if record.type == SOA:
                return self._codec.soa(data.to_text())
            wire = data.to_wire() or b""
        except (dns.exception.DNSException, ValueError, OverflowError) as error:
            raise UpdateRefused(FORMERR) from error
        return self._codec.from_wire(type_of(record.type), wire)


def rcode_of(error: BesedaError) -> int:
    """What a client is told of a refusal of the core's."""
    if isinstance(error, PrerequisiteFailed):
        return FAILED[error.condition]
    if isinstance(error, DomainNotFound):
        return NOTAUTH
    return SERVFAIL if isinstance(error, Busy) else REFUSED
