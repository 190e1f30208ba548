"""Chat.cz, or a Beseda as one: rooms that are asked for what is new, and entered again by the bot itself."""

import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping

from beseda.bot.networks import Room
from beseda.bot.ranks import Rank
from beseda.bot.ranks_of_rooms import RanksOfRooms
from beseda.bot.staying import StayingNetwork, with_passwords
from beseda.client import AsyncChatCz, AsyncChatRoom, Manners, NotFound, TokenStore, lines
from beseda.client._async.chatcz import CHATCZ_URL
from beseda.client.lines import Person
from beseda.client.secrets import Secret


class ChatCzNetwork(StayingNetwork):
    """`ChatCzNetwork(login="Alena", password=password, rooms=["Praha"])`.

    Or as a visitor by a `nick` alone, or as an application that a member allowed to, with its `api_key` and the store
    of its `tokens`. The service has neither keys nor numbers of lines: what it does not answer may have been said or
    not, and of what happens while the bot is outside it never hears; a Gap says where.
    """

    def __init__(
        self,
        url: str = CHATCZ_URL,
        *,
        rooms: Iterable[str] | Mapping[str, str],
        login: str = "",
        password: str = "",
        nick: str = "",
        sex: str = "m",
        api_key: str = "",
        tokens: TokenStore | None = None,
        name: str = "chatcz",
        manners: Manners | None = None,
        again: Manners | None = None,
    ) -> None:
        """`rooms` may have passwords, by name; `again` says how long to wait before coming back, the more failures."""
        super().__init__(name, again)
        self._site = AsyncChatCz(url, manners=manners)
        self._login, self._password = login, Secret(password)
        self._nick, self._sex = nick, sex
        self._api_key, self._tokens = Secret(api_key), tokens
        self._entered = with_passwords(rooms)
        self._known: dict[str, AsyncChatRoom] = {}
        self.ranks = RanksOfRooms(url, manners, self._site)

    async def _sign_in(self) -> None:
        if self._tokens is not None:
            await self._site.authorize(self._api_key.reveal(), self._tokens)
        elif self._login:
            await self._site.sign_in(self._login, self._password.reveal())
        else:
            await self._site.sign_in_anonymously(self._nick, self._sex)

    def _visits(self) -> list[Callable[[], Awaitable[None]]]:
        return [functools.partial(self._visit, name, password) for name, password in self._entered.items()]

    async def _visit(self, name: str, password: str) -> None:
        if (entered := self._known.get(name)) is not None:
            await entered.come_back()  # it knows what it has heard, should the service have kept the bot inside
        else:
            entered = self._known[name] = await self._site.enter(name, password)
        room = ChatCzRoom(self, entered)
        self.me = entered.me or self.me
        with self._inside(room):
            await self._bot.came_in(room, None)
            async for line in entered.lines(stay=True):
                self.me = entered.me or self.me
                if isinstance(line, lines.AdminChanged):
                    self.ranks.forget(room.id)
                await self._bot.hear(room, line)

    async def aclose(self) -> None:
        try:
            for room in self.rooms:
                if isinstance(room, ChatCzRoom):
                    await room.leave()
        finally:
            await self._site.aclose()


class ChatCzRoom(Room):
    """A room of Chat.cz."""

    text_max = 950
    """With room for the command that a whisper is."""

    def __init__(self, network: ChatCzNetwork, room: AsyncChatRoom) -> None:
        super().__init__(network, room.id, room.name)
        self._again = network.signed_in
        self._ranks = network.ranks
        self._room = room

    async def _post(self, text: str, key: str | None) -> None:
        try:
            await self._room.say(text)
        except NotFound:  # it was put out as idle, or its session has ended, and has said nothing
            await self._again(self._room.come_back)
            await self._room.say(text)

    async def _whisper(self, to: Person, text: str, key: str | None) -> None:
        nick = f'"{to.nick}"' if " " in to.nick else to.nick
        await self._post(f"/w {nick} {text}", key)

    async def _command(self, text: str, key: str | None) -> None:
        """What came of it the service tells by a Notice among the lines alone."""
        await self._post(text, key)

    async def people(self) -> list[Person]:
        return await self._ranks.people(self.id)

    async def rank(self, person: Person) -> Rank:
        return await self._ranks.rank(self.id, person)

    async def leave(self) -> None:
        await self._room.leave()
