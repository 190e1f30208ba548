"""Who is in a room and what he is there, asked of Chat.cz's REST methods, which a Beseda has, too."""

import time

from beseda.bot.ranks import Rank
from beseda.client import AsyncChatCz, Manners
from beseda.client.lines import Person

KEPT_S = 10.0
"""For so long the admins of a room are taken for what they were."""


class RanksOfRooms:
    """Asks without signing in, or by the session of `site`."""

    def __init__(self, url: str, manners: Manners | None, site: AsyncChatCz | None = None) -> None:
        self._site = site or AsyncChatCz(url, manners=manners)
        self._known: dict[int, tuple[float, dict[int, Rank]]] = {}

    async def people(self, room_id: int) -> list[Person]:
        """Who is in a room. Raises NotFound, and what asking does."""
        return [Person(each.id, each.nick, not each.anonymous) for each in await self._site.users(room_id)]

    async def rank(self, room_id: int, person: Person) -> Rank:
        """What somebody is in a room. Raises NotFound, and what asking does."""
        if person.registered is False:
            return Rank.VISITOR
        asked_s, ranks = self._known.get(room_id, (float("-inf"), {}))
        if time.monotonic() - asked_s > KEPT_S:
            room, admins = await self._site.room(room_id), await self._site.admins(room_id)
            ranks = {room.admin_user_id: Rank.ADMIN} | {each.id: Rank.PERMANENT_ADMIN for each in admins}
            self._known[room_id] = time.monotonic(), ranks
        if found := ranks.get(person.id):
            return found
        return Rank.VISITOR if await self._is_anonymous(person) else Rank.MEMBER

    async def _is_anonymous(self, person: Person) -> bool:
        """COMPAT(chatcz): a line does not always say whether its author has an account."""
        return person.registered is None and (await self._site.user(person.id)).anonymous

    def forget(self, room_id: int) -> None:
        """Its admins have changed."""
        self._known.pop(room_id, None)

    async def aclose(self) -> None:
        await self._site.aclose()
