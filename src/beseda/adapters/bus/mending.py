"""What buses over a network share: a connection that is looked at every second, and made anew when it is lost."""

import asyncio
from time import monotonic

EVERY_S = 1.0
TIMEOUT_S = 2.0
"""How long anything may take that is asked of the other side."""


class Mending:
    """A connection that may be lost. `_mend` makes it, or makes sure that it is there; what it raises is the trouble.

    `_drop` then gives it up. Nothing waits for all that: a bus that does not answer holds nobody up.
    """

    def __init__(self) -> None:
        self.trouble = "is not connected"
        self.losses = 0
        self._missed = False
        self._next_s = 0.0
        self._mending: asyncio.Task[None] | None = None

    async def _mend(self) -> None:
        raise NotImplementedError

    def _drop(self, error: Exception | str) -> None:
        raise NotImplementedError

    def _is_down(self) -> bool:
        """Whether it is known to be lost; whoever does not listen, and is never mended, tries nevertheless."""
        return bool(self.trouble) and self._mending is not None

    def _gained(self) -> None:
        """Hints come and go from now on; some may have been lost before."""
        self.trouble, self._missed = "", True

    def _lost(self, error: BaseException | str) -> None:
        self.losses += not self.trouble
        self.trouble = str(error) or type(error).__name__

    async def _try(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._mend()
        except Exception as error:
            self._drop(error)
        finally:
            self._next_s = monotonic() + EVERY_S

    async def look(self) -> bool:
        """See core/ports/nodes.py."""
        if (self._mending is None or self._mending.done()) and monotonic() >= self._next_s:
            self._mending = asyncio.get_running_loop().create_task(self._try())
        missed, self._missed = self._missed, False
        return missed

    async def _end(self) -> None:
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.wait((self._mending,))
