"""How a network stays in its rooms: it signs in, comes back, and waits longer each time that fails."""

import asyncio
import contextlib
import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from beseda.bot.networks import Hears, Network, Room
from beseda.client.errors import BesedaError, Busy, CaptchaNeeded, SessionEnded, SignInRefused, TooOften
from beseda.client.manners import Manners

T = TypeVar("T")
LOG = logging.getLogger("beseda.bot")
AGAIN = Manners(backoff_s=2.0, backoff_max_s=300.0)
"""How long it waits after it was refused or thrown out: up to five minutes."""
GOOD_S = 60.0
"""Who was in a room for longer than this begins anew with the short pauses."""


class StayingNetwork(Network):
    """What the three networks share."""

    def __init__(self, name: str, again: Manners | None) -> None:
        self.name = name
        self._again = again or AGAIN
        self._here: dict[object, Room] = {}
        self._signing_in = asyncio.Lock()
        self._sign_ins = 0
        self._bot: Hears

    @property
    def rooms(self) -> list[Room]:
        return list(self._here.values())

    async def run(self, bot: Hears) -> None:
        self._bot = bot
        await self._keep_trying(self._sign_in)
        await together([self._keep_trying(visit) for visit in self._visits()])

    @abstractmethod
    def _visits(self) -> list[Callable[[], Awaitable[None]]]:
        """What is to go on for ever, each from its beginning when it has ended or failed."""

    @abstractmethod
    async def _sign_in(self) -> None:
        """Raises what signing in does."""

    def _signs_in_again(self) -> bool:
        """Whether there is anything to sign in with but what has ended."""
        return True

    async def _keep_trying(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Until it is done (`_sign_in`), or for ever (a visit). Raises what trying again does not mend."""
        failures, once = 0, deed == self._sign_in
        while True:
            began_s, sign_ins, told_s = self._bot.clock.monotonic_s(), self._sign_ins, 0.0
            try:
                await deed()
                if once:
                    self._sign_ins += 1
                    return
            except (SignInRefused, CaptchaNeeded):
                raise
            except SessionEnded:
                if once or not self._signs_in_again():
                    raise
                await self._sign_in_again(sign_ins)
            except BesedaError as error:
                LOG.warning("%s: %s", self.name, error)
                if isinstance(error, TooOften | Busy):  # one who was thrown out may be let in earlier than he was told
                    told_s = error.retry_after_s or 0.0
            if self._bot.clock.monotonic_s() - began_s > GOOD_S:
                failures = 0
            await self._bot.clock.sleep(max(self._again.pause_s(failures), told_s))
            failures += 1

    async def signed_in(self, deed: Callable[[], Awaitable[T]]) -> T:
        """Do it, and once more when the session has ended meanwhile. Raises what it, and signing in, does."""
        sign_ins = self._sign_ins
        try:
            return await deed()
        except SessionEnded:
            if not self._signs_in_again():
                raise
            await self._sign_in_again(sign_ins)
            return await deed()

    async def _sign_in_again(self, sign_ins: int) -> None:
        """Unless another visit has done so meanwhile."""
        async with self._signing_in:
            if self._sign_ins == sign_ins:
                LOG.info("%s: the session has ended", self.name)
                await self._keep_trying(self._sign_in)

    @contextlib.contextmanager
    def _inside(self, room: Room) -> Iterator[None]:
        """The bot counts as being in the room; at its end, too, so that it can leave."""
        self._here[room.key] = room
        try:
            yield
        except asyncio.CancelledError:
            raise
        except BaseException:
            del self._here[room.key]
            raise
        del self._here[room.key]


def with_passwords(rooms: Iterable[str] | Mapping[str, str]) -> dict[str, str]:
    """Passwords of rooms by name, "" for none."""
    return dict(rooms) if isinstance(rooms, Mapping) else dict.fromkeys(rooms, "")


async def together(deeds: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of them at once; when one fails the others are ended, and that is raised. Without any, for ever."""
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(deed) for deed in deeds]
    tasks = tasks or [asyncio.ensure_future(asyncio.Event().wait())]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
