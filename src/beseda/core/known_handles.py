"""Handles that were looked up a moment ago: most calls come with one of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from beseda.core.caller import Caller
from beseda.core.kept import Kept
from beseda.domain.events import AccountChanged, Event, Missed, SessionEnded
from beseda.domain.ids import AccountId
from beseda.domain.sessions import Handle

KEPT = 20_000

Shown = tuple[Handle, str, str]
"""A handle, and for one that can be guessed who showed it: each address has to be let through."""


@dataclass(slots=True)
class Known:
    """Who shows a handle, as far as that is known without asking anew; `caller` is where he was last."""

    caller: Caller
    good_until: datetime


class KnownHandles:
    def __init__(self, look_up: Callable[[Shown], Awaitable[Known | None]]) -> None:
        self._kept: Kept[Shown, Known | None] = Kept(
            look_up, KEPT, keeps=lambda known: known is not None, owner=_account_of
        )

    def get(self, kind: Handle, handle: str, address: str, now: datetime) -> Known | Awaitable[Known | None]:
        """At once if it was looked up a moment ago; an unknown or dead one gives None.

        Raises what looking it up does.
        """
        key = (kind, handle, address if kind is Handle.SID else "")
        known = self._kept.now(key)
        if known is not None and now < known.good_until:
            return known
        if known is not None:
            self._kept.drop(key)
        return self._kept.get(key)

    def forget(self, event: Event) -> None:
        """What is known of a changed account or an ended session is looked up anew."""
        if isinstance(event, SessionEnded | AccountChanged):
            self._kept.drop_all_of(event.account_id)
        elif isinstance(event, Missed):
            self._kept.clear()


def _account_of(known: Known | None) -> AccountId | None:
    return known.caller.signed_in()[0].id if known else None
