"""What waits for a member, as numbers: asked for all the time, so kept in memory."""

from dataclasses import dataclass

from beseda.core.caller import Caller
from beseda.core.ports import Store
from beseda.domain.events import Event, Updated
from beseda.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class Counts:
    """New letters, and notifications that have not been read."""

    mail: int
    journal: int


class Counters:
    KEPT = 20_000

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: dict[AccountId, Counts] = {}
        self._generation = -1
        self._changes = 0

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, Updated):
            self._changes += 1
            self._counts.pop(event.account_id, None)

    async def count(self, caller: Caller) -> Counts:
        """From memory while nothing changed. Raises NotSignedIn."""
        account, _ = caller.signed_in()
        if self._generation != self._store.generation or len(self._counts) >= self.KEPT:
            self._counts, self._generation = {}, self._store.generation
        counts = self._counts.get(account.id)
        if counts is None:
            kept, changes, view = self._counts, self._changes, self._store.view
            _, journal = await view.notifications.count(account.id)
            counts = Counts(await view.mail.count_new(account.id), journal)
            if changes == self._changes:
                kept[account.id] = counts
        return counts
