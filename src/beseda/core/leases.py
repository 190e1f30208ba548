"""What the clock brings about is done by one node of all, and by another when that one is gone."""

from beseda.core.ports import Clock, Store

EXPIRES_S = 30.0
"""For how long nothing may be seen of who holds the lease: three rounds of housekeeping."""


class Lease:
    """Held as long as its beat grows, which the others see. No two clocks are compared."""

    def __init__(self, store: Store, clock: Clock, name: str) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._node = store.node
        self._seen: tuple[str, int] | None = None
        self._seen_s = 0.0
        self._held = False

    async def is_mine(self) -> bool:
        """Whether this node is the one; to be asked again and again, sooner than EXPIRES_S."""
        seen, now_s = await self._store.view.leases.find(self._name), self._clock.monotonic_s()
        if seen != self._seen:
            self._seen, self._seen_s = seen, now_s
        self._held = False
        if seen[0] in ("", self._node) or now_s - self._seen_s >= EXPIRES_S:
            async with self._store.unit() as unit:
                self._held = await unit.leases.take(self._name, self._node, seen)
        return self._held

    async def give_up(self) -> None:
        """Whoever asks next is the one."""
        if not self._held:
            return
        async with self._store.unit() as unit:
            await unit.leases.give_up(self._name, self._node)
