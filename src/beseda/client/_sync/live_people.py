# Written by tools/twins.py from src/beseda/client/_async/live_people.py: change that, then `make twins`.
"""Members over the live protocol: finding them, their cards, and what one does to them everywhere."""

from typing import TYPE_CHECKING

from beseda.client._live_lines import Who, number_of
from beseda.client.errors import NotFound
from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._sync.live import Live


class LivePeople:
    """Others are given by their number, or by anything that has it as `id`."""

    def __init__(self, live: "Live") -> None:
        self._live = live

    def find(self, beginning: str) -> tuple[wire.Person, ...]:
        """Members whose nicks begin so (`find`); some of them when there are very many."""
        return (self._live.ask(wire.Find(nick=beginning))).people

    def get(self, nick: str) -> wire.Person:
        """The member of this nick, in whatever case. Raises NotFound."""
        for found in self.find(nick):
            if found.nick.casefold() == nick.casefold():
                return found
        raise NotFound("account_not_found", f"nobody is called {nick}")

    def card(self, who: Who, *, room_id: int | None = None, visit: bool = False) -> wire.Card:
        """Somebody's card; `may` says what the member may do to him, in a room too if its number is given.

        With `visit` it counts as a view of his profile. Raises NotFound.
        """
        return (self._live.ask(wire.ShowCard(account=number_of(who), room=room_id, visit=visit))).card

    def ignored(self) -> tuple[wire.Person, ...]:
        """Whom the member ignores."""
        return (self._live.ask(wire.ListIgnored())).people

    def ignore(self, who: Who) -> None:
        """Hear nothing of somebody any more. Raises NotFound, NotAllowed."""
        self._live.ask(wire.Ignore(account=number_of(who), ignored=True))

    def unignore(self, who: Who) -> None:
        """Hear him again."""
        self._live.ask(wire.Ignore(account=number_of(who), ignored=False))

    def note(self, who: Who, text: str) -> None:
        """Attach a note to somebody, which the member alone sees; "" takes it away. Raises NotFound, Invalid."""
        self._live.ask(wire.Note(account=number_of(who), text=text))

    def give_karma(self, who: Who, amount: int, *, reason: str = "") -> None:
        """Give karma that the member has earned; an admin with a `reason` takes some away. Raises Refused, Unknown."""
        self._live.ask(wire.GiveKarma(account=number_of(who), amount=amount, reason=reason))
