"""A Beseda over its live protocol: nothing missing and nothing twice, whatever breaks, and no polling."""

import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping

from beseda.bot.networks import Room
from beseda.bot.ranks import Rank
from beseda.bot.ranks_of_rooms import RanksOfRooms
from beseda.bot.staying import StayingNetwork, with_passwords
from beseda.client import AsyncLive, AsyncLiveRoom, Manners, NotAllowed, lines
from beseda.client.lines import Line, Person
from beseda.client.secrets import Secret


class LiveNetwork(StayingNetwork):
    """`LiveNetwork(url, token=token, rooms=["Praha"])`: with a personal token, a bot's best, or `login` and `password`.

    A token that is marked as a bot's (`beseda token add Alena dice --bot`) keeps it from being taken out as idle; with
    any other the bot comes back each time.
    """

    def __init__(
        self,
        url: str,
        *,
        rooms: Iterable[str] | Mapping[str, str],
        token: str = "",
        login: str = "",
        password: str = "",
        name: str = "live",
        manners: Manners | None = None,
        again: Manners | None = None,
    ) -> None:
        """`rooms` may have passwords, by name; `again` says how long to wait before coming back, the more failures."""
        super().__init__(name, again)
        self._live = AsyncLive(url, token=token, manners=manners)
        self._login, self._password = login, Secret(password)
        self._entered = with_passwords(rooms)
        self.ranks = RanksOfRooms(url, manners)

    async def _sign_in(self) -> None:
        if self._login:
            self.me = await self._live.sign_in(self._login, self._password.reveal())
        else:
            self.me = await self._live.connect()

    def _signs_in_again(self) -> bool:
        return bool(self._login)

    def _visits(self) -> list[Callable[[], Awaitable[None]]]:
        return [functools.partial(self._visit, name, password) for name, password in self._entered.items()]

    async def _visit(self, name: str, password: str) -> None:
        after = await self._bot.cursor(f"{self.name}/{name}")
        entered = await self._live.enter(name, password, after=after)
        room = LiveRoom(self, entered)
        with self._inside(room):
            await self._bot.came_in(room, entered.cursor)
            async for line in entered.lines():
                if isinstance(line, lines.AdminChanged):
                    self.ranks.forget(room.id)
                await self._bot.hear(room, line)

    async def aclose(self) -> None:
        try:
            for room in self.rooms:
                if isinstance(room, LiveRoom):
                    await room.leave()
        finally:
            await self._live.aclose()
            await self.ranks.aclose()


class LiveRoom(Room):
    """A room of a Beseda."""

    resumes = True

    def __init__(self, network: LiveNetwork, room: AsyncLiveRoom) -> None:
        super().__init__(network, room.id, room.name)
        self._ranks = network.ranks
        self._room = room

    @property
    def cursor_key(self) -> str:
        return f"{self.network.name}/{self.name}"

    async def _post(self, text: str, key: str | None) -> None:
        await self._room.say(text, key=key)

    async def _whisper(self, to: Person, text: str, key: str | None) -> None:
        await self._room.whisper(to, text, key=key)

    async def _command(self, text: str, key: str | None) -> None:
        done = await self._room.say(text, key=key)
        if isinstance(done, lines.Notice) and done.text != "help":
            raise NotAllowed(done.text)

    async def delete(self, line: Line) -> None:
        if line.seq is not None:
            await self._room.delete(line.seq)

    async def people(self) -> list[Person]:
        return await self._ranks.people(self.id)

    async def rank(self, person: Person) -> Rank:
        return await self._ranks.rank(self.id, person)

    async def leave(self) -> None:
        await self._room.leave()
