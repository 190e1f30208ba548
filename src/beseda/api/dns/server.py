"""The name server: its sockets, the zones it answers for, and who is told of their changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import structlog

from beseda.api.dns.answers import Answers, Peer
from beseda.api.dns.book import ZoneBook
from beseda.api.dns.connections import Connections
from beseda.api.dns.datagrams import Datagrams
from beseda.api.dns.edns import Cookies
from beseda.api.dns.mirror import Mirror
from beseda.api.dns.notify import Notifier, Secondary
from beseda.api.dns.rates import Network, Rates
from beseda.api.dns.requests import Requests
from beseda.api.dns.transfers import catalog
from beseda.api.dns.wire import Message, join_text
from beseda.api.dns.zone import Zone
from beseda.core.core import Core
from beseda.core.ports import Clock, Keyring, Store
from beseda.domain.events import Event

AT_ONCE = 256
"""Requests by UDP that wait for the database; more are dropped: who asked asks again."""
COOKIE_PURPOSE = "dns cookies"
FREE_PORT_TRIES = 20


@dataclass(frozen=True, slots=True)
class Options:
    """`rate` is in answers a second to one network; `catalog` the name of the catalog zone, "" for none."""

    secondaries: tuple[Secondary, ...] = ()
    catalog: str = ""
    rate: int = 0
    exempt: tuple[Network, ...] = ()


class NameServer:
    """On sockets that are bound already."""

    def __init__(
        self,
        core: Core,
        store: Store,
        clock: Clock,
        keyring: Keyring,
        options: Options,
        datagrams: Sequence[Datagrams],
        connections: Sequence[Connections],
    ) -> None:
        self._core = core
        self._store = store
        self._now_s: Callable[[], float] = lambda: clock.now().timestamp()
        self._datagrams = datagrams
        self._connections = connections
        self._catalog_name = join_text(options.catalog) if options.catalog else b""
        self._catalog: Zone | None = None
        self._catalog_serial = 0
        self.zones = ZoneBook()
        self.rates = Rates(options.rate, options.exempt, clock.monotonic_s)
        cookies = Cookies(bytes.fromhex(keyring.seal(COOKIE_PURPOSE, ""))[:16])
        self.answers = Answers(self.zones, cookies, self.rates, self._now_s)
        self.notifier = Notifier(options.secondaries, self._find, self._secret, self._now_s)
        self.mirror = Mirror(core.zones, self.zones, self.notifier.tell, self._moved)
        self.requests = Requests(self.answers, self.zones, core, self.mirror.steps, self._now_s, self._catalog_now)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Load the zones, then answer; who asked before has waited. What the settings changed is told after that."""
        await self.mirror.load()
        for datagrams in self._datagrams:
            datagrams.start(self.answers.answer, self._answer_later)
        for connections in self._connections:
            await connections.start(self.answers.answer, self._stream)
        await self._core.zones.settle()

    def note(self, event: Event) -> None:
        """What happened, on whatever node."""
        self.mirror.note(event)

    async def look(self) -> None:
        """What nobody told."""
        await self.mirror.look()

    async def stop(self, _drain_s: float) -> None:
        """Answer nobody any more: whoever asks asks another server."""
        for datagrams in self._datagrams:
            datagrams.close()
        for connections in self._connections:
            connections.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.notifier.stop()

    def _answer_later(self, message: Message, peer: Peer, send: Callable[[bytes], None]) -> None:
        if len(self._tasks) >= AT_ONCE or not self.rates.allows(peer.host):
            return
        task = asyncio.get_running_loop().create_task(self._answer(message, peer, send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: Message, peer: Peer, send: Callable[[bytes], None]) -> None:
        try:
            async for packet in self._stream(message, peer):
                send(packet)
                return  # more than one is for streams
        except Exception:
            structlog.get_logger().exception("a DNS request failed")

    def _stream(self, message: Message, peer: Peer) -> AsyncIterator[bytes]:
        return self.requests.answer(message, peer)

    def _moved(self) -> None:
        """A zone is there or gone: the catalog is another."""
        if self._catalog_name:
            self._catalog = None
            self.notifier.tell(self._catalog_name)

    def _catalog_now(self) -> Zone | None:
        """The catalog; its serial is the time, so that it rises whatever is restored, on whichever node."""
        if self._catalog_name and self._catalog is None:
            self._catalog_serial = max(self._catalog_serial + 1, int(self._now_s()))
            members = [(f"z{zone_id}", origin) for zone_id, origin in self.mirror.members]
            self._catalog = catalog(self._catalog_name, self._catalog_serial, members)
        return self._catalog

    def _find(self, origin: bytes) -> Zone | None:
        return self._catalog_now() if origin == self._catalog_name else self.zones.get(origin)

    async def _secret(self, name: str) -> tuple[str, bytes] | None:
        found = await self._core.zone_keys.find(name)
        return found and (found[0].algorithm.value, found[1])


def bind_both(host: str, port: int, most: int, per_address: int) -> tuple[Datagrams, Connections]:
    """The two sockets of an address; of port 0 one that is free for both. The numbers are of connections.

    Raises OSError.
    """
    for tries_left in reversed(range(FREE_PORT_TRIES if port == 0 else 1)):
        datagrams = Datagrams(host, port)
        try:
            return datagrams, Connections(host, datagrams.port, most, per_address)
        except OSError:
            datagrams.close()
            if not tries_left:
                raise
    raise AssertionError
