"""What takes more than the zones in memory: signed questions, whole zones, changes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import structlog

from beseda.api.dns.answers import Answers, Peer, edns_of, error_to
from beseda.api.dns.book import ZoneBook
from beseda.api.dns.edns import write_opt
from beseda.api.dns.transfers import Record, Step, difference, only_soa, pack, soa_serial, whole
from beseda.api.dns.tsig import TsigRefused, check, claimed_name
from beseda.api.dns.updates import UpdateRefused, rcode_of, read_update
from beseda.api.dns.wire import (
    AXFR,
    FORMERR,
    IN,
    IXFR,
    NOERROR,
    NOTAUTH,
    REFUSED,
    SERVFAIL,
    SOA,
    UPDATE,
    Malformed,
    Message,
    split_text,
)
from beseda.api.dns.zone import Zone
from beseda.core.core import Core
from beseda.domain.errors import BesedaError
from beseda.domain.zone_keys import ZoneKey
from beseda.domain.zones import is_after

Steps = Callable[[bytes, int], Awaitable[list[Step] | None]]
"""What led from a serial of a zone to its newest; None when that is not known any more."""


class Requests:
    """`catalog` is the catalog zone, if there is one: it is told to keys for every zone, and to nobody else."""

    def __init__(
        self,
        answers: Answers,
        zones: ZoneBook,
        core: Core,
        steps: Steps,
        now_s: Callable[[], float],
        catalog: Callable[[], Zone | None],
    ) -> None:
        self._answers = answers
        self._zones = zones
        self._core = core
        self._steps = steps
        self._now_s = now_s
        self._catalog = catalog
        self.transfers = 0
        self.updates = 0

    async def answer(self, message: Message, peer: Peer) -> AsyncIterator[bytes]:
        """The messages that answer one, signed as it was."""
        key = signer = None
        if message.tsig is not None:
            try:
                name = split_text(claimed_name(message))
                found = await self._core.zone_keys.find(name)
                key = found and found[0]
                algorithm, secret = (found[0].algorithm.value, found[1]) if found else ("hmac-sha256", None)
                signer = check(message, algorithm, secret, int(self._now_s()))
            except TsigRefused as refused:
                yield refused.answer
                return
            except Malformed:
                yield error_to(message, FORMERR)
                return
            except BesedaError as error:
                yield error_to(message, rcode_of(error))
                return
        async for packet in self._answer(message, key, peer):
            if signer is None:
                yield packet
            else:
                yield signer.sign(packet, int(self._now_s()), multi=message.type in (AXFR, IXFR))

    async def _answer(self, message: Message, key: ZoneKey | None, peer: Peer) -> AsyncIterator[bytes]:
        edns = edns_of(message)
        opt = write_opt(edns.dnssec) if edns is not None else b""
        if message.opcode == UPDATE:
            yield error_to(message, await self._update(message, key), opt)
            return
        catalog = self._catalog_for(message, key)
        if message.type not in (AXFR, IXFR):
            if catalog is not None and message.type == SOA:
                for packet in pack(message, only_soa(catalog), opt):
                    yield packet
            else:
                yield self._answers.resolve(message, edns, peer)
            return
        zone = catalog or self._zones.get(message.name)
        if zone is None or message.rdclass != IN:
            yield error_to(message, NOTAUTH, opt)
        elif key is None or not may_transfer(key, zone):
            yield error_to(message, REFUSED, opt)
        elif zone is not catalog and not await self._core.zones.are_settled():
            structlog.get_logger().warning("no transfer: another node has started with other dns settings")
            yield error_to(message, SERVFAIL, opt)
        else:
            records = await self._records(message, zone, peer)
            if records is None:
                yield error_to(message, FORMERR, opt)
                return
            self.transfers += 1
            for packet in pack(message, records, opt):
                yield packet

    def _catalog_for(self, message: Message, key: ZoneKey | None) -> Zone | None:
        """The catalog, where it is asked for by who may know it."""
        catalog = self._catalog()
        if catalog is None or catalog.origin != message.name or key is None or not may_transfer(key, catalog):
            return None
        return catalog

    async def _records(self, message: Message, zone: Zone, peer: Peer) -> Iterable[Record] | None:
        """Those of the transfer; None for a question that is none."""
        if message.type == AXFR:
            return whole(zone) if peer.stream else None
        try:
            asked = next(each for each in message.authorities if each.type == SOA and each.name.lower() == zone.origin)
            serial = soa_serial(message.packet[asked.data_start : asked.end])
        except (StopIteration, IndexError):
            return None
        if not is_after(zone.serial, serial) or not peer.stream:
            return only_soa(zone)
        steps = await self._steps(zone.origin, serial) if zone is not self._catalog() else None
        return difference(zone, steps) if steps else whole(zone)

    async def _update(self, message: Message, key: ZoneKey | None) -> int:
        """The code that says what became of it."""
        if self._zones.get(message.name) is None and message.type == SOA:
            return NOTAUTH
        if key is None:
            return REFUSED
        try:
            await self._core.zone_updates.update(key, read_update(message, self._core.zones.codec))
        except UpdateRefused as refused:
            return refused.rcode
        except BesedaError as error:
            return rcode_of(error)
        self.updates += 1
        return NOERROR


def may_transfer(key: ZoneKey, zone: Zone) -> bool:
    """Whether the whole zone is told to who has the key."""
    return key.scope.transfer and (not key.zone or key.zone == split_text(zone.origin))
