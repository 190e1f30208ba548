"""One zone as questions need it: a tree of names, and what each question finds there (RFC 1034, 4.3.2; RFC 4592)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from beseda.api.dns.wire import AAAA, ANY, CNAME, DS, FIXED, IN, NOERROR, NS, NXDOMAIN, SOA, A, is_within, suffixes

CHAIN_MAX = 16
"""CNAMEs that are followed within a zone; the resolver goes on from there."""


@dataclass(frozen=True, slots=True)
class RecordSet:
    """The records of one name and type: their data in wire form, names in it uncompressed."""

    type: int
    ttl: int
    data: tuple[bytes, ...]


Owned = tuple[bytes, RecordSet]
"""A record set and the name under which it is told, which below a wildcard is the one asked for."""


@dataclass(slots=True)
class Node:
    """A name: its own record sets, and how many names with any there are from it downwards."""

    sets: dict[int, RecordSet] = field(default_factory=dict)
    names: int = 0


@dataclass(slots=True)
class Found:
    """What a question found, by section; `authoritative` is off where the zone is delegated away."""

    rcode: int = NOERROR
    authoritative: bool = True
    denied: bool = False
    """Whether the SOA says that there is no more; it is in no section then."""
    answer: list[Owned] = field(default_factory=list)
    authority: list[Owned] = field(default_factory=list)
    additional: list[Owned] = field(default_factory=list)


class Zone:
    """The names of a zone. `version` is another number after each change: answers made before are stale.

    Names are folded wire names. The apex has a SOA always.
    """

    def __init__(self, origin: bytes, serial: int, sets: Iterable[Owned]) -> None:
        self.origin = origin
        self.serial = serial
        self.version = 0
        self.tree: dict[bytes, Node] = {}
        self._denial: list[bytes] | None = None
        for name, records in sets:
            self._put(name, records)

    def change(self, serial: int, changes: Iterable[tuple[bytes, int, RecordSet | None]]) -> None:
        """Put record sets in the place of those of the same name and type; None takes away."""
        for name, rdtype, records in changes:
            if records is not None:
                self._put(name, records)
            else:
                self._remove(name, rdtype)
        self.serial = serial
        self.version += 1
        self._denial = None

    def _put(self, name: bytes, records: RecordSet) -> None:
        node = self.tree.get(name)
        if node is None or not node.sets:
            for each in self._upwards(name):
                self.tree.setdefault(each, Node()).names += 1
        self.tree[name].sets[records.type] = records

    def _remove(self, name: bytes, rdtype: int) -> None:
        node = self.tree.get(name)
        if node is None or node.sets.pop(rdtype, None) is None or node.sets:
            return
        for each in self._upwards(name):
            above = self.tree[each]
            above.names -= 1
            if not above.names:
                del self.tree[each]

    def _upwards(self, name: bytes) -> list[bytes]:
        """The name and those above it in the zone. Raises ValueError when it is outside."""
        names = list(suffixes(name))
        return names[: names.index(self.origin) + 1]

    @property
    def soa(self) -> RecordSet:
        return self.tree[self.origin].sets[SOA]

    def find(self, name: bytes, rdtype: int) -> Found:
        """What is told of a name in this zone."""
        found = Found()
        seen: set[bytes] = set()
        while name not in seen and len(seen) < CHAIN_MAX:
            seen.add(name)
            target = self._step(found, name, rdtype)
            if target is None or not is_within(target, self.origin):
                break
            name = target
        if found.denied and found.answer:
            found.authority.append((self.origin, self._negative_soa()))
        return found

    def _step(self, found: Found, name: bytes, rdtype: int) -> bytes | None:
        """Look at one name; the name to go on with when it is an alias."""
        node, cut = self._descend(name, rdtype)
        if cut is not None:
            self._refer(found, cut)
            return None
        if node is None:
            found.rcode = NXDOMAIN
        elif rdtype == ANY:
            if node.sets:  # RFC 8482, 4.1: one set is enough
                found.answer.append((name, min(node.sets.values(), key=_size)))
                return None
        elif (records := node.sets.get(rdtype)) is not None:
            found.answer.append((name, records))
            return None
        elif (alias := node.sets.get(CNAME)) is not None:
            found.answer.append((name, alias))
            return alias.data[0].lower()
        found.denied = True
        return None

    def _descend(self, name: bytes, rdtype: int) -> tuple[Node | None, bytes | None]:
        """The node that answers for a name, a wildcard's where it has none of its own; or the cut above it."""
        encloser = b""
        for each in reversed(self._upwards(name)):
            node = self.tree.get(each)
            if node is None:
                return self.tree.get(b"\x01*" + encloser), None
            parent_side = each == name and rdtype == DS
            if each != self.origin and NS in node.sets and not parent_side:
                return None, each
            encloser = each
        return self.tree[name], None

    def _refer(self, found: Found, cut: bytes) -> None:
        """A referral: the child's name servers, and the addresses of those that only this zone can tell (RFC 9471)."""
        servers = self.tree[cut].sets[NS]
        found.authoritative = bool(found.answer)
        found.authority.append((cut, servers))
        for data in servers.data:
            glue = self.tree.get(data.lower())
            if glue is not None:
                found.additional += [(data.lower(), glue.sets[each]) for each in (A, AAAA) if each in glue.sets]

    def _negative_soa(self) -> RecordSet:
        """With the TTL of negative answers (RFC 2308, 3)."""
        soa = self.soa
        return RecordSet(SOA, min(soa.ttl, int.from_bytes(soa.data[0][-4:], "big")), soa.data)

    @property
    def denial(self) -> list[bytes]:
        """The negative SOA without its owner, in pieces that pointers to the apex hold together."""
        if self._denial is None:
            soa = self._negative_soa()
            names, numbers = soa.data[0][:-20], soa.data[0][-20:]
            pieces = names.split(self.origin)
            size = len(soa.data[0]) - (len(pieces) - 1) * (len(self.origin) - 2)
            pieces[0] = FIXED.pack(SOA, IN, soa.ttl, size) + pieces[0]
            self._denial = [*pieces[:-1], pieces[-1] + numbers]
        return self._denial


def _size(records: RecordSet) -> int:
    return sum(map(len, records.data))
