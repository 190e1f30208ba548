"""Changing a zone by request, by the right of a key (RFC 2136)."""

from beseda.core.limits import Limiter
from beseda.core.ports import Store, Unit
from beseda.core.zones import Zones
from beseda.domain.errors import DomainNotFound, OutOfScope
from beseda.domain.records import APEX
from beseda.domain.zone_keys import ZoneKey
from beseda.domain.zone_updates import ZoneUpdate, carry_out, check_prerequisites
from beseda.domain.zones import Changes, ZoneHead


class ZoneUpdates:
    def __init__(self, store: Store, limiter: Limiter, zones: Zones) -> None:
        self._store = store
        self._limiter = limiter
        self._zones = zones

    async def update(self, key: ZoneKey, wanted: ZoneUpdate) -> None:
        """Carry a request out wholly, or not at all.

        Raises TooOften, OutOfScope, DomainNotFound, PrerequisiteFailed, RecordRefused, RecordsRefused, ZoneFull.
        """
        if key.zone != wanted.zone:
            raise OutOfScope(name=wanted.zone, type="")
        for each in wanted.instructions:
            if not key.scope.covers(each.name, each.type):
                raise OutOfScope(name=each.name, type=each.type)
        self._limiter.take("dns_change", str(key.account_id))
        domain = await self._store.view.domains.find(wanted.zone)
        head = await self._store.view.zones.find(domain.id) if domain else None
        if head is None:
            raise DomainNotFound(name=wanted.zone)

        async def decide(unit: Unit, now: ZoneHead) -> Changes:
            kept = await unit.zone_keys.find(key.zone, key.label)
            if kept != key:
                raise OutOfScope(name=wanted.zone, type="")
            sets = await self._zones.sets_at(unit, now, *wanted.names)
            soa = self._zones.soa(now.name, now.serial)
            check_prerequisites({**sets, **({soa.key: soa} if APEX in wanted.names else {})}, wanted.prerequisites)
            return carry_out(sets, wanted.instructions)

        done = await self._zones.update(head.id, decide, author_id=key.account_id, note=f"TSIG {key.name}")
        if done is None:
            raise DomainNotFound(name=wanted.zone)
