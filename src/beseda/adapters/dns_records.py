"""Records by dnspython: names, data as text and on the wire, master files."""

import asyncio
import re
from traceback import clear_frames

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile

from beseda.domain.errors import BesedaError, RecordRefused, ZoneFileInvalid, ZoneFull
from beseda.domain.records import APEX, TYPES, Data, RecordSet, is_kept, number_of, refuse, type_of
from beseda.domain.zones import RECORDS_MAX

IDNA = dns.name.IDNA_2008_Practical
IN = dns.rdataclass.IN
DIRECTIVES = ("$ORIGIN", "$TTL", "$GENERATE")
DATA_MAX_CHARS = 200_000
"""Of one record as text: what 64 KiB can be at most when every octet is escaped."""
SHOWN = 100
NAMELESS = frozenset({"A", "AAAA", "TXT", "CAA", "DS", "LOC", "SSHFP", "TLSA"})
"""Types without names in their data, whose text is canonical as it is."""
_LABEL = re.compile(rb"[!#%&\'*+,\-/0-9:<=>?A-Z\[\]^_`a-z{|}~]{1,63}")
"""What needs no escaping in master files. Hosts have fewer characters; services and reverse zones need `_` and `/`."""
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_FAULTS = (dns.exception.DNSException, ValueError, OverflowError)
"""What dnspython raises for input that is wrong."""


class DnsRecords:
    """See core.ports.zones.RecordCodec."""

    def type_name(self, text: str) -> str:
        """`a`, `TYPE1` and `A` are all `A`."""
        try:
            number = int(dns.rdatatype.from_text(text.strip()))
        except _FAULTS:
            number = 0
        if not text.isascii() or not is_kept(number):
            raise refuse("", text[:SHOWN], "type_refused")
        return type_of(number)

    def owner(self, name: str, zone: str) -> str:
        """As people write it, `ČAS` too; a wildcard is a whole label, the first."""
        written = name.strip()
        if written in ("", APEX):
            return APEX
        try:
            labels = [_encoded(label) for label in written.removesuffix(".").split(".")]
            full = labels if written.endswith(".") else labels + [label.encode() for label in zone.split(".")]
            return _relative(dns.name.Name([*full, b""]), _zone(zone))
        except _FAULTS as error:
            raise refuse(name[:SHOWN], "", "name_invalid", _told(error)) from error

    def data(self, zone: str, name: str, type_: str, text: str) -> Data:
        """Names in it without a final dot are below the zone."""
        if len(text) > DATA_MAX_CHARS or _CONTROL.search(text):
            raise refuse(name, type_, "data_invalid", "too long, or with control characters")
        try:
            rdata = dns.rdata.from_text(
                IN, _rdatatype(type_), text, origin=_zone(zone), relativize=False, idna_codec=IDNA
            )
            return _canonical(type_, rdata)
        except _FAULTS as error:
            raise refuse(name, type_, "data_invalid", _told(error)) from error

    def from_wire(self, type_: str, wire: bytes) -> Data:
        """Names in it are whole. What no text says, such as a fingerprint of no octets, is refused."""
        number = _rdatatype(type_)
        try:
            data = _canonical(type_, dns.rdata.from_wire(IN, number, wire, 0, len(wire)))
            if _canonical(type_, dns.rdata.from_text(IN, number, data.text)) != data:
                raise ValueError("it has no form as text")
            return data
        except _FAULTS as error:
            raise refuse("", type_, "data_invalid", _told(error)) from error

    def soa(self, text: str) -> Data:
        """All of it has final dots."""
        rdata = dns.rdata.from_text(IN, dns.rdatatype.SOA, text, idna_codec=IDNA)
        return Data(rdata.to_digestable(), rdata.to_text())

    async def read_file(self, zone: str, text: str, default_ttl: int) -> tuple[list[RecordSet], list[Exception]]:
        """In a thread: ten thousand records take half a second."""
        return await asyncio.to_thread(_read_file, zone, text, default_ttl)


def _rdatatype(type_: str) -> dns.rdatatype.RdataType:
    return dns.rdatatype.RdataType.make(number_of(type_))


def _zone(zone: str) -> dns.name.Name:
    return dns.name.Name([label.encode() for label in zone.split(".")] + [b""])


def _encoded(label: str) -> bytes:
    return label.lower().encode() if label.isascii() else IDNA.encode(label)


def _relative(name: dns.name.Name, zone: dns.name.Name) -> str:
    """Raises ValueError, also for one outside of the zone."""
    if not name.is_subdomain(zone):
        raise ValueError(f"not below {zone}")
    labels = name.labels[: len(name) - len(zone)]
    for place, label in enumerate(labels):
        if not _LABEL.fullmatch(label):
            raise ValueError("empty, too long, or with characters that need escaping")
        if b"*" in label and (label != b"*" or place > 0):
            raise ValueError("a wildcard is the first label, and all of it")
    return b".".join(labels).decode().lower() or APEX


def _canonical(type_: str, rdata: dns.rdata.Rdata) -> Data:
    wire = rdata.to_digestable()
    if type_ not in TYPES:
        return Data(wire, rf"\# {len(wire)} {wire.hex()}".rstrip())
    if type_ not in NAMELESS:
        rdata = dns.rdata.from_wire(IN, _rdatatype(type_), wire, 0, len(wire))
    return Data(wire, rdata.to_text())


def _told(error: BaseException) -> str:
    """What is wrong, in the parser's words, in one line."""
    words = " ".join(str(error).split()) or type(error).__name__
    return re.sub("^caught exception <[^>]*>: ", "", words)[:SHOWN]


class _Collector:
    """What dnspython's reader puts records into, as they come."""

    def __init__(self, zone: dns.name.Name) -> None:
        self.manager = self
        self.zone = zone
        self.count = 0
        self.found: dict[tuple[str, str], tuple[int, dict[Data, None]]] = {}
        self.refusals: list[Exception] = []

    def origin_information(self) -> tuple[dns.name.Name, bool, dns.name.Name]:
        """Names stay absolute; those outside of the zone come too, to be refused."""
        return dns.name.root, False, dns.name.root

    def check_put_rdataset(self, check: object) -> None:
        """What may stand beside what is a rule of ours."""

    def _set_origin(self, origin: object) -> None:
        """$ORIGIN is the reader's matter."""

    def add(self, name: dns.name.Name, ttl: int, rdata: dns.rdata.Rdata) -> None:
        """Of record sets with several times to live, the least holds (RFC 2181, 5.2)."""
        if rdata.rdtype == dns.rdatatype.SOA and name == self.zone:
            return
        self.count += 1
        if self.count > RECORDS_MAX:
            raise ZoneFull(max_records=RECORDS_MAX)
        type_ = type_of(rdata.rdtype)
        try:
            if not is_kept(rdata.rdtype):
                raise refuse(name.to_text()[:SHOWN], dns.rdatatype.to_text(rdata.rdtype), "type_refused")
            key = (_relative(name, self.zone), type_)
            had, data = self.found.setdefault(key, (ttl, {}))
            data[_canonical(type_, rdata)] = None
            self.found[key] = (min(had, ttl), data)
        except RecordRefused as refusal:
            self.refusals.append(refusal.with_traceback(None))  # which holds this frame, which would hold it
        except _FAULTS as error:
            self.refusals.append(refuse(name.to_text()[:SHOWN], type_, "name_invalid", _told(error)))


class _Reader(dns.zonefile.Reader):
    """Knows in which line the record begins that it reads; 0 between records."""

    line = 0

    def _rr_line(self) -> None:
        self.line = self.tok.where()[1]
        super()._rr_line()
        self.line = 0


def _read_file(zone: str, text: str, default_ttl: int) -> tuple[list[RecordSet], list[Exception]]:
    origin = _zone(zone)
    collector = _Collector(origin)
    tokens = dns.tokenizer.Tokenizer(text.removeprefix("\ufeff"), idna_codec=IDNA)
    reader = _Reader(tokens, IN, collector, allow_directives=DIRECTIVES)  # type: ignore[arg-type]
    reader.current_origin = reader.last_name = origin
    reader.default_ttl, reader.default_ttl_known, reader.default_ttl_from_soa = default_ttl, True, True
    try:
        reader.read()
    except BesedaError:
        raise
    except (*_FAULTS, AttributeError) as error:
        clear_frames(error.__traceback__)  # one of the reader's holds the error, and with it the file
        detail = re.sub("^<[a-z]+>:[0-9]+: ", "", _told(error))
        raise ZoneFileInvalid(line=reader.line or tokens.where()[1], detail=detail) from error
    sets = [RecordSet(*key, ttl, tuple(data)) for key, (ttl, data) in collector.found.items()]
    return sets, collector.refusals
