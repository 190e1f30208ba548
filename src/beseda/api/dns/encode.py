"""What follows the question in an answer: records with compressed names (RFC 1035, 4.1.4)."""

from collections.abc import Iterable

from beseda.api.dns.wire import CNAME, FIXED, IN, MX, NS, POINTER_REACH, PTR, SOA
from beseda.api.dns.zone import Owned

COMPRESSED = {NS: 0, CNAME: 0, PTR: 0, MX: 2, SOA: 0}
"""Types whose data may hold compressed names (RFC 3597, 4), and where in it they begin; SOA has two."""


class Body:
    """Grows record by record; `start` is where in the message it will stand, `name` what the question there asks."""

    def __init__(self, name: bytes, start: int, question_at: int = 12) -> None:
        self.out = bytearray()
        self._start = start
        self._known: dict[bytes, int] = {}
        self._learn(name, question_at)

    def __len__(self) -> int:
        return len(self.out)

    def add(self, owned: Iterable[Owned]) -> int:
        """Write record sets; how many records they were."""
        count = 0
        for owner, records in owned:
            for data in records.data:
                self.add_record(owner, records.type, records.ttl, data)
            count += len(records.data)
        return count

    def add_record(self, owner: bytes, rdtype: int, ttl: int, data: bytes) -> None:
        out = self.out
        self._write_name(owner)
        out += FIXED.pack(rdtype, IN, ttl, len(data))
        at = COMPRESSED.get(rdtype)
        if at is None:
            out += data
            return
        length_at = len(out) - 2
        out += data[:at]
        for _ in range(2 if rdtype == SOA else 1):
            end = _name_end(data, at)
            self._write_name(data[at:end])
            at = end
        out += data[at:]
        out[length_at : length_at + 2] = (len(out) - length_at - 2).to_bytes(2, "big")

    def _write_name(self, name: bytes) -> None:
        folded, at = name.lower(), 0
        while name[at]:
            pointer = self._known.get(folded[at:])
            if pointer is not None:
                self._learn(folded, self._start + len(self.out), at)
                self.out += name[:at] + (0xC000 | pointer).to_bytes(2, "big")
                return
            at += name[at] + 1
        self._learn(folded, self._start + len(self.out))
        self.out += name

    def _learn(self, name: bytes, offset: int, end: int | None = None) -> None:
        """Remember where the name and those above it stand, up to `end` octets into it."""
        at = 0
        while name[at] and at != end and offset + at < POINTER_REACH:
            self._known.setdefault(name[at:], offset + at)
            at += name[at] + 1


def _name_end(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1
