"""Calls that were refused, for a week: noted in memory, and written behind, some at a time.

Whoever floods the server with them neither slows it nor pushes out what others were refused.
"""

from collections import Counter
from itertools import count

from beseda.core.forgetting import forget
from beseda.core.ports import Clock, Entropy, Store
from beseda.domain.errors import BesedaError
from beseda.domain.refusals import KEPT, KEPT_MAX, LISTED_MAX, REQUEST_ID, WAIT_MAX, Refusal, facts_of

AT_ONCE = 1_000
"""Noted between two writings; what comes after them is in the log alone."""
AT_ONCE_PER_ADDRESS = 50


class Refusals:
    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._clock = clock
        prefix = entropy.text(8, "0123456789abcdef")
        self._ids = (f"{prefix}-{number:08x}" for number in count(1))
        self._noted: list[Refusal] = []
        self._by_address: Counter[str] = Counter()
        self.left_out = 0
        """Since the start."""

    def note(
        self, request_id: str, protocol: str, method: str, outcome: str, address: str, error: BesedaError | None
    ) -> None:
        """To be written soon."""
        if len(self._noted) >= AT_ONCE or self._by_address[address] >= AT_ONCE_PER_ADDRESS:
            self.left_out += 1
            return
        self._by_address[address] += 1
        code, facts = (error.code, facts_of(error)) if error else ("", {})
        now = self._clock.now()
        self._noted.append(Refusal(request_id, now, protocol, method, outcome, address, code, facts))

    def note_inside(self, protocol: str, method: str, outcome: str, address: str, error: BesedaError | None) -> str:
        """The same for a call inside a WebSocket, which is no request of its own: the id that its answer has to say."""
        request_id = next(self._ids)
        self.note(request_id, protocol, method, outcome, address, error)
        return request_id

    async def keep(self) -> None:
        """Write what was noted. What cannot be written is lost: the log has it."""
        noted, self._noted = self._noted, []
        self._by_address.clear()
        if noted:
            async with self._store.unit() as unit:
                await unit.refusals.add(noted)

    async def find(self, request_id: str) -> Refusal | None:
        """What a call was refused for, by the id that its answer had."""
        wanted = request_id.strip().lower()
        if not REQUEST_ID.fullmatch(wanted):
            return None
        await self.keep()
        return await self._store.view.refusals.find(wanted)

    async def too_often(self) -> list[tuple[Refusal, float]]:
        """The last of each limit and address that still makes somebody wait, the newest first; and for how long."""
        now, found = self._clock.now(), dict[tuple[object, str], tuple[Refusal, float]]()
        await self.keep()
        for each in await self._store.view.refusals.list_too_often(now - WAIT_MAX, LISTED_MAX):
            wait_s = each.facts.get("retry_after_s")
            left_s = (wait_s if isinstance(wait_s, int | float) else 0) - (now - each.at).total_seconds()
            if left_s > 0:
                found.setdefault((each.facts.get("limit"), each.address), (each, left_s))
        return [*found.values()]

    async def forget_old(self) -> None:
        """Those of more than a week ago, and the oldest when there are too many."""
        before = self._clock.now() - KEPT
        await forget(self._store, lambda unit, limit: unit.refusals.forget(before, KEPT_MAX, limit))
