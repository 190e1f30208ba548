"""What a test does to a running server: prepares (`Backstage`), lets time pass, and makes trouble."""

from collections.abc import Mapping
from datetime import datetime

from beseda.core.auth import SignedIn
from beseda.domain.ids import AccountId
from beseda.server.beseda import Beseda
from beseda.testing.backstage import Backstage
from beseda.testing.clock import ManualClock
from beseda.testing.troubles import EVERY, Troubles


class Stage(Backstage):
    """The deeds. Calls are named as in docs/testing.md: `chatcz.getText`, `spaces.mail.sendMessage`."""

    def __init__(
        self, beseda: Beseda, clock: ManualClock, troubles: Troubles, inside: dict[AccountId, SignedIn]
    ) -> None:
        super().__init__(beseda.parts, inside)
        self._beseda = beseda
        self._clock = clock
        self._troubles = troubles

    async def move_clock(self, seconds: float) -> datetime:
        """Let time pass, and what it brings about happen; the new time."""
        self._clock.move(seconds)
        await self._beseda.housekeeping()
        return self._clock.now()

    async def fail_next(
        self, call: str, *, times: int = 1, error: str = "overloaded", facts: Mapping[str, object] | None = None
    ) -> None:
        """The next calls of that name are refused, in their protocol's own form, and do nothing.

        `error` is the code of a refusal (`beseda.domain.errors`) such as `too_often`, and `facts` what it tells, such
        as `{"retry_after_s": 30}`. Raises ValueError for a call, a code or a fact that there is none of.
        """
        self._troubles.fail_next(call, times, error, facts or {})

    async def lose_next(self, call: str, *, times: int = 1) -> None:
        """The next calls of that name are done, but the connection is reset before the answer. Raises ValueError."""
        self._troubles.lose_next(call, times)

    async def slow_down(self, seconds: float, call: str = EVERY) -> None:
        """From now on each call, or each of that name, waits so long before it is done; 0 ends it.

        These are real seconds, as clients count their time-outs in them. Raises ValueError.
        """
        self._troubles.slow_down(seconds, call)

    async def drop_connections(self) -> int:
        """Reset all that are open, WebSockets too, without a word; how many there were."""
        return self._troubles.drop_connections()

    async def settle(self) -> None:
        """All that live channels are to tell so far is on its way to them."""
        await self._beseda.channels.settle()

    async def name_server(self) -> str:
        """Where it listens, `127.0.0.1:5300`; "" when it does not (`dns.listen`)."""
        return next(iter(self._beseda.dns), "")
