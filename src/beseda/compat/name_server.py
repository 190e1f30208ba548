"""Asks a name server, and changes zones by it, as scenes have it: `The name server is asked www.vzor.ru A`."""

import base64
import binascii
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

from beseda.compat.comparing import Names, Unlike
from beseda.compat.hands import NotProvided

TIMEOUT_S = 5.0
PATIENCE_S = 3.0
"""How long an answer may be another, as what was changed has to reach every server."""
AGAIN_S = 0.05
SECTIONS = ("answer", "authority", "additional")


class NameServer:
    """One at `ADDRESS:PORT`, by whose clock messages are signed."""

    def __init__(self, address: str, now_s: float) -> None:
        """Raises NotProvided where there is none, or nothing to ask it with."""
        try:
            import dns.query  # noqa: F401 - of the extra `server`
        except ImportError:
            raise NotProvided("asking a name server takes dnspython") from None
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            raise NotProvided("the target has no name server that can be asked")
        self._host, self._port, self._now_s = host.strip("[]"), int(port), int(now_s)

    def ask(self, question: str, expected: list[str], names: Names) -> None:
        """`NAME TYPE`, and for what is signed `by KEY SECRET`. Raises Unlike."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                _compare(list(self._answer(*question.split())), expected, names)
            except Unlike:
                if time.monotonic() > until:
                    raise
                time.sleep(AGAIN_S)
            else:
                return

    def change(self, zone: str, key: str, secret: str, block: list[str], names: Names) -> None:
        """`add NAME TTL TYPE DATA` and `delete NAME [TYPE [DATA]]` in one update, and the code that answers it."""
        import dns.rcode
        import dns.update

        update = dns.update.UpdateMessage(f"{zone}.")
        *lines, wanted = [names.fill(line) for line in block if line.strip()]
        for line in lines:
            verb, owner, *rest = line.split(maxsplit=4 if line.startswith("add") else 3)
            if verb not in ("add", "delete"):
                raise ValueError(f"no such change: {line}")
            (update.add if verb == "add" else update.delete)(owner, *rest)
        answer = self._exchange(_signed(update, key, secret, self._now_s))
        if dns.rcode.to_text(answer.rcode()) != wanted:
            raise Unlike(dns.rcode.to_text(answer.rcode()))

    def _answer(self, name: str, kind: str, *signed: str) -> Iterator[str]:
        """The code, then each record: a line, and before those that are no answer what they are."""
        import dns.exception
        import dns.message
        import dns.query
        import dns.rcode

        query: Any = dns.message.make_query(name, kind, use_edns=True)
        query.flags = 0
        try:
            if signed or kind == "AXFR":  # of a zone that one message holds
                wire = _signed(query, signed[1], signed[2], self._now_s) if signed else query.to_wire()
                answer = self._exchange(wire)
            else:
                answer, _ = dns.query.udp_with_fallback(query, self._host, port=self._port, timeout=TIMEOUT_S)
        except (dns.exception.DNSException, OSError) as error:
            raise Unlike(f"no answer: {error!r}") from error
        yield dns.rcode.to_text(answer.rcode())
        for section in SECTIONS:
            for rrset in getattr(answer, section):
                yield from _told(rrset, "" if section == "answer" else f"{section} ")

    def _exchange(self, wire: bytes) -> Any:
        """By TCP. Who signs an answer is not looked at: what counts is what it says. Raises Unlike."""
        import dns.exception
        import dns.message

        try:
            with socket.create_connection((self._host, self._port), TIMEOUT_S) as stream, stream.makefile("rb") as read:
                stream.sendall(struct.pack("!H", len(wire)) + wire)
                (length,) = struct.unpack("!H", read.read(2))
                return dns.message.from_wire(read.read(length), keyring=False)
        except (dns.exception.DNSException, OSError, struct.error) as error:
            raise Unlike(f"no answer: {error!r}") from error


def _signed(message: Any, key: str, secret: str, now_s: int) -> bytes:
    """The message as the wire has it, with its TSIG (RFC 8945) last."""
    import dns.name
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsig

    try:
        decoded = base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise Unlike(f"no secret: {error}") from error
    name, wire = dns.name.from_text(key), bytearray(message.to_wire())
    signing = dns.tsig.Key(name, decoded, dns.tsig.HMAC_SHA256)
    message.use_tsig(signing)
    sign: Any = dns.tsig.sign
    data: bytes = sign(bytes(wire), signing, message.tsig[0], now_s)[0].to_wire()
    wire[10:12] = struct.pack("!H", struct.unpack("!H", wire[10:12])[0] + 1)
    head = struct.pack("!HHIH", dns.rdatatype.TSIG, dns.rdataclass.ANY, 0, len(data))
    return bytes(wire) + (name.to_wire() or b"") + head + data


def _told(rrset: Any, before: str) -> Iterator[str]:
    import dns.rdatatype

    for data in rrset:
        name, kind = rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype)
        yield f"{before}{name} {rrset.ttl} {kind} {data.to_text()}"


def _compare(found: list[str], expected: list[str], names: Names) -> None:
    """The code first; then records in whatever order. Of other sections only those that are written count."""
    wanted = [line.strip() for line in expected if line.strip()]
    if not wanted or not names.fits(wanted[0], found[0]):
        raise Unlike("\n".join(found))
    written = {line.partition(" ")[0] for line in wanted[1:]}.intersection(SECTIONS)
    left = [line for line in found[1:] if line.partition(" ")[0] not in SECTIONS or line.partition(" ")[0] in written]
    for line in wanted[1:]:
        match = next((each for each in left if names.fits(line, each)), None)
        if match is None:
            raise Unlike("\n".join(found))
        left.remove(match)
    if left:
        raise Unlike("\n".join(found))
