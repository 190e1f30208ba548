"""Members over the live protocol: finding them, their cards, and what one does to them everywhere."""

from typing import TYPE_CHECKING

from beseda.client._live_lines import Who, number_of
from beseda.client.errors import NotFound
from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._async.live import AsyncLive


class AsyncLivePeople:
    """Others are given by their number, or by anything that has it as `id`."""

    def __init__(self, live: "AsyncLive") -> None:
        self._live = live

    async def find(self, beginning: str) -> tuple[wire.Person, ...]:
        """Members whose nicks begin so (`find`); some of them when there are very many."""
        return (await self._live.ask(wire.Find(nick=beginning))).people

    async def get(self, nick: str) -> wire.Person:
        """The member of this nick, in whatever case. Raises NotFound."""
        for found in await self.find(nick):
            if found.nick.casefold() == nick.casefold():
                return found
        raise NotFound("account_not_found", f"nobody is called {nick}")

    async def card(self, who: Who, *, room_id: int | None = None, visit: bool = False) -> wire.Card:
        """Somebody's card; `may` says what the member may do to him, in a room too if its number is given.

        With `visit` it counts as a view of his profile. Raises NotFound.
        """
        return (await self._live.ask(wire.ShowCard(account=number_of(who), room=room_id, visit=visit))).card

    async def ignored(self) -> tuple[wire.Person, ...]:
        """Whom the member ignores."""
        return (await self._live.ask(wire.ListIgnored())).people

    async def ignore(self, who: Who) -> None:
        """Hear nothing of somebody any more. Raises NotFound, NotAllowed."""
        await self._live.ask(wire.Ignore(account=number_of(who), ignored=True))

    async def unignore(self, who: Who) -> None:
        """Hear him again."""
        await self._live.ask(wire.Ignore(account=number_of(who), ignored=False))

    async def note(self, who: Who, text: str) -> None:
        """Attach a note to somebody, which the member alone sees; "" takes it away. Raises NotFound, Invalid."""
        await self._live.ask(wire.Note(account=number_of(who), text=text))

    async def give_karma(self, who: Who, amount: int, *, reason: str = "") -> None:
        """Give karma that the member has earned; an admin with a `reason` takes some away. Raises Refused, Unknown."""
        await self._live.ask(wire.GiveKarma(account=number_of(who), amount=amount, reason=reason))
