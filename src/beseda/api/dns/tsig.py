"""Signatures of messages (RFC 8945): requests are checked, answers signed by the same key.

dnspython has the arithmetic; here is what is said when it does not come out.
"""

import struct
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.tsig

from beseda.api.dns.answers import error_to
from beseda.api.dns.wire import BADKEY, BADSIG, BADTIME, CLASS_ANY, FIXED, NOTAUTH, TSIG, Malformed, Message

TsigData = dns.rdtypes.ANY.TSIG.TSIG
FUDGE_S = 300


class TsigRefused(Exception):
    """The signature is not good; `answer` says so to whoever sent it."""

    def __init__(self, error: int, answer: bytes) -> None:
        super().__init__(error)
        self.error = error
        self.answer = answer


@dataclass(slots=True)
class Signer:
    """Signs the messages that answer one request, the first of which takes up the request's own MAC."""

    key: dns.tsig.Key
    mac: bytes
    _context: Any = field(default=None, init=False)

    def sign(self, wire: bytes, now_s: int, *, multi: bool = False, error: int = 0, other: bytes = b"") -> bytes:
        """The message with a TSIG at its end. All answers of a `multi` must be signed, in their order."""
        blank = _data(self.key.algorithm, now_s, wire, error, other)
        mac = None if self._context is not None else self.mac
        signed, self._context = dns.tsig.sign(wire, self.key, blank, now_s, mac, self._context, multi)
        return append(wire, self.key.name, signed)


def claimed_name(message: Message) -> bytes:
    """The folded name of the key by which a message says that it is signed."""
    record = message.tsig
    return record.name.lower() if record is not None else b""


def check(message: Message, algorithm: str, secret: bytes | None, now_s: int) -> Signer:
    """Whoever signed has the key; `secret` is None for a key that there is not. Raises TsigRefused, Malformed."""
    record = message.tsig
    if record is None or record.rdclass != CLASS_ANY or record.ttl:
        raise Malformed("no signature")
    name = dns.name.from_wire(record.name, 0)[0]
    try:
        data = dns.rdata.from_wire(
            dns.rdataclass.ANY, dns.rdatatype.TSIG, message.packet, record.data_start, record.end - record.data_start
        )
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        raise Malformed("no data of a signature") from error
    if not isinstance(data, TsigData) or data.error:
        raise Malformed("no signature of a request")
    if secret is None:
        raise TsigRefused(BADKEY, _unsigned(message, name, data, BADKEY))
    key = dns.tsig.Key(name, secret, algorithm)
    try:
        dns.tsig.validate(message.packet, key, name, data, now_s, b"", record.start)
    except dns.tsig.BadTime:
        raise TsigRefused(BADTIME, _late(message, key, data, now_s)) from None
    except dns.tsig.BadAlgorithm:
        raise TsigRefused(BADKEY, _unsigned(message, name, data, BADKEY)) from None
    except dns.tsig.BadSignature:
        raise TsigRefused(BADSIG, _unsigned(message, name, data, BADSIG)) from None
    return Signer(key, data.mac)


def append(wire: bytes, name: dns.name.Name, data: TsigData) -> bytes:
    """A message with one more record in its additional section."""
    count = int.from_bytes(wire[10:12], "big") + 1
    content = data.to_wire() or b""
    head = FIXED.pack(TSIG, CLASS_ANY, 0, len(content))
    return wire[:10] + count.to_bytes(2, "big") + wire[12:] + (name.to_wire() or b"") + head + content


def _data(algorithm: dns.name.Name, at_s: int, wire: bytes, error: int, other: bytes) -> TsigData:
    ident = int.from_bytes(wire[:2], "big")
    return TsigData(dns.rdataclass.ANY, dns.rdatatype.TSIG, algorithm, at_s, FUDGE_S, b"", ident, error, other)


def _unsigned(message: Message, name: dns.name.Name, data: TsigData, error: int) -> bytes:
    """NOTAUTH without a signature, as there is no key that both know (RFC 8945, 5.3.2)."""
    answer = error_to(message, NOTAUTH)
    return append(answer, name, _data(data.algorithm, data.time_signed, answer, error, b""))


def _late(message: Message, key: dns.tsig.Key, data: TsigData, now_s: int) -> bytes:
    """NOTAUTH, signed at the client's time, with ours beside it (RFC 8945, 5.2.3)."""
    answer = error_to(message, NOTAUTH)
    return Signer(key, data.mac).sign(answer, data.time_signed, error=BADTIME, other=now_s.to_bytes(6, "big"))


def sign_request(wire: bytes, name: str, algorithm: str, secret: bytes, now_s: int) -> bytes:
    """A message of our own, signed by a key."""
    key = dns.tsig.Key(dns.name.from_text(name), secret, algorithm)
    return Signer(key, b"").sign(wire, now_s)
