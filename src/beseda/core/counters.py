"""What waits for a member, as numbers: asked for all the time, so kept in memory."""

from collections.abc import Awaitable
from dataclasses import dataclass

from beseda.core.caller import Caller
from beseda.core.kept import Kept
from beseda.core.ports import Store
from beseda.domain.events import Event, Missed, Updated
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
        self._counts: Kept[AccountId, Counts] = Kept(self._read, self.KEPT)

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, Updated):
            self._counts.drop(event.account_id)
        elif isinstance(event, Missed):
            self._counts.clear()

    def count(self, caller: Caller) -> Awaitable[Counts]:
        """From memory while nothing changed. Raises NotSignedIn."""
        account, _ = caller.signed_in()
        return self._counts.get(account.id)

    async def _read(self, account_id: AccountId) -> Counts:
        view = self._store.view
        _, journal = await view.notifications.count(account_id)
        return Counts(await view.mail.count_new(account_id), journal)
