"""What the units of a store share: the turn that one of them has, and the commit that they wait for."""

import asyncio
from collections.abc import Callable

from beseda.adapters.sql.journal import JournalRow
from beseda.adapters.sql.waiting import Waiters
from beseda.core.patience import patience
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable
from beseda.domain.events import Event

TURN_SHARE = 0.8
"""How much of his patience one waits for his turn: who has none left for the work itself would spoil that of others."""


class Turn:
    """A lock that is handed over in the order of asking; `on_free` is called when nobody asks."""

    __slots__ = ("_on_free", "_waiters", "taken")

    def __init__(self, on_free: Callable[[], None]) -> None:
        self.taken = False
        self._on_free = on_free
        self._waiters = Waiters(late=StoreUnavailable)

    async def take(self) -> None:
        """Raises StoreUnavailable when refused, or when nobody hands it over in time."""
        if not self.taken:
            self.taken = True
            return
        with patience() as left_s:
            ready = self._waiters.add(left_s * TURN_SHARE)
            try:
                await ready
            except asyncio.CancelledError:
                if ready.done() and not ready.cancelled() and ready.exception() is None:
                    self.give()
                raise
            finally:
                del ready  # an exception in it would hold this frame, which holds it

    @property
    def is_asked_for(self) -> bool:
        return len(self._waiters) > 0

    def give(self) -> None:
        if not self._waiters.let_next():
            self.taken = False
            self._on_free()

    def refuse_all(self) -> None:
        """Send away who waits."""
        self._waiters.refuse_all(StoreUnavailable, None)


class Batch:
    """The units that share a commit, each waiting for it, the events that they recorded, and their journal."""

    __slots__ = ("events", "rows", "waiters")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rows: list[JournalRow] = []
        self.waiters = Waiters(late=OutcomeUnknown)
