"""How a client behaves towards a service: how long it waits, how often it tries, how fast it asks."""

import random
from typing import Any

import msgspec

from beseda import __version__

USER_AGENT = f"beseda-client/{__version__} (Python)"


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are gentle; a program that talks to a Beseda of its own may be quicker."""

    timeout_s: float = 10.0
    """For one call: to connect, for each part of the answer, and (twice as long) for the whole of it."""
    retries: int = 2
    """How often a call that changes nothing, or that did not reach the service, is tried again."""
    backoff_s: float = 0.25
    """Before the first further attempt; each time twice as long, and half of it by chance."""
    backoff_max_s: float = 30.0
    """At most that long."""
    calls_per_s: float | None = 5.0
    """How many calls are made in the long run; None for as many as are asked for."""
    burst: int = 20
    """How many of them at once."""
    poll_s: float = 5.0
    """How often Chat.cz's rooms are asked for what is new: as often as its gateways do."""
    patience_s: float | None = None
    """How long in a row a channel or a room's lines are connected anew before that fails; None for ever."""
    user_agent: str = USER_AGENT
    """What the client says it is."""

    def pause_s(self, attempt: int) -> float:
        """How long to wait after this many failures in a row, the first being 0."""
        longest = min(self.backoff_s * 2.0 ** min(attempt, 30), self.backoff_max_s)
        return longest * (0.5 + random.random() / 2)  # noqa: S311 - only spreads clients out

    def replace(self, **changes: Any) -> "Manners":
        """The same with these changes."""
        return msgspec.structs.replace(self, **changes)


class Limiter:
    """A bucket of calls: `burst` at once, then `calls_per_s`. Without a clock of its own."""

    def __init__(self, manners: Manners) -> None:
        self._per_s = manners.calls_per_s
        self._burst = max(manners.burst, 1)
        self._free_at_s = 0.0

    def pause_s(self, now_s: float) -> float:
        """Count one call; the seconds to wait before it is made."""
        if not self._per_s:
            return 0.0
        earliest = now_s - (self._burst - 1) / self._per_s
        at = max(self._free_at_s, earliest)
        self._free_at_s = at + 1 / self._per_s
        return max(0.0, at - now_s)
