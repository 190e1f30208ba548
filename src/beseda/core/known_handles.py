"""Handles that were looked up a moment ago: most calls come with one of them."""

from dataclasses import dataclass
from datetime import datetime

from beseda.core.caller import Caller
from beseda.domain.events import AccountChanged, Event, SessionEnded
from beseda.domain.ids import AccountId
from beseda.domain.sessions import Handle


@dataclass(frozen=True, slots=True)
class Known:
    """A handle looked up before: good while nobody else wrote to the database and the session lives."""

    kind: Handle
    caller: Caller
    generation: int
    good_until: datetime


class KnownHandles:
    KEPT = 20_000

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._of_account: dict[AccountId, set[str]] = {}
        self.forgotten = 0
        """How often something had to be forgotten: what was read before may be just that."""

    def find(self, kind: Handle, handle: str, generation: int, now: datetime) -> Known | None:
        """None when it has to be looked up."""
        known = self._known.get(handle)
        if known is None or known.kind is not kind or known.generation != generation or now >= known.good_until:
            return None
        return known

    def remember(self, handle: str, known: Known) -> None:
        """Until it is no longer good; all are forgotten when there are too many."""
        if len(self._known) >= self.KEPT:
            self._known.clear()
            self._of_account.clear()
        self._known[handle] = known
        self._of_account.setdefault(known.caller.signed_in()[0].id, set()).add(handle)

    def forget(self, event: Event) -> None:
        """What is known of a changed account or an ended session is looked up anew."""
        if isinstance(event, SessionEnded | AccountChanged):
            self.forgotten += 1
            for handle in self._of_account.pop(event.account_id, ()):
                self._known.pop(handle, None)
