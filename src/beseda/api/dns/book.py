"""The zones that are served, by name."""

from collections.abc import Iterator

from beseda.api.dns.wire import DS, suffixes
from beseda.api.dns.zone import Zone


class ZoneBook:
    def __init__(self) -> None:
        self._zones: dict[bytes, Zone] = {}

    def __iter__(self) -> Iterator[Zone]:
        return iter(list(self._zones.values()))

    def __len__(self) -> int:
        return len(self._zones)

    def get(self, origin: bytes) -> Zone | None:
        return self._zones.get(origin)

    def put(self, zone: Zone) -> None:
        """Serve a zone from now on, in the place of one of the same name."""
        self.drop(zone.origin)
        self._zones[zone.origin] = zone

    def drop(self, origin: bytes) -> None:
        """Serve it no longer. What was answered for it, and for the zone around it, holds no more."""
        for stale in (self._zones.pop(origin, None), self.find(origin)):
            if stale is not None:
                stale.version += 1

    def find(self, name: bytes, rdtype: int = 0) -> Zone | None:
        """The zone that answers for a folded name: the nearest around it, but for DS that above a cut."""
        nearest = None
        for each in suffixes(name):
            zone = self._zones.get(each)
            if zone is None:
                continue
            if rdtype != DS or each != name:
                return zone
            nearest = zone
        return nearest
