"""Spaces, or a Beseda as one: texts of rooms and letters, told by the live channel and looked for besides."""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Iterable

from beseda.bot.networks import Letter, Room
from beseda.bot.staying import StayingNetwork
from beseda.client import AsyncSpaces, BesedaError, Manners, lines
from beseda.client._async.spaces import SPACES_URL
from beseda.client.captcha import AsyncCaptcha
from beseda.client.lines import Line, Person
from beseda.client.secrets import Secret
from beseda.client.spaces_events import LetterReceived, Missed, RoomTextReceived
from beseda.wire.spaces.mail import Letter as WireLetter
from beseda.wire.spaces.mail import MailList
from beseda.wire.spaces.people import RoomText

LOOK_S = 60.0
SEEN_MAX = 2_000


class SpacesNetwork(StayingNetwork):
    """`SpacesNetwork(login="Alena", password=password, rooms=[12], letters=True)`: rooms are given by their numbers.

    `letters` has letters handled: those that are unread, also from before, which count as read when they have been.
    `captcha` is called when a picture is to be read. Spaces tells no ranks: nobody is more than a member but owners.
    """

    def __init__(
        self,
        url: str = SPACES_URL,
        *,
        login: str,
        password: str,
        rooms: Iterable[int] = (),
        letters: bool = False,
        rid: str = "",
        captcha: AsyncCaptcha | None = None,
        name: str = "spaces",
        look_s: float = LOOK_S,
        manners: Manners | None = None,
        again: Manners | None = None,
    ) -> None:
        """`rid` is the document's, if need be. So often as `look_s` rooms are asked though the channel told of nothing,
        which keeps the bot in them. `again` says how long to wait before coming back, the more failures.
        """
        super().__init__(name, again)
        self._spaces = AsyncSpaces(url, rid=rid, manners=manners)
        self._login, self._password, self._captcha = login, Secret(password), captcha
        self._texts = {room_id: asyncio.Event() for room_id in rooms}
        self._letters = letters
        self._mail = asyncio.Event()
        self._look_s = look_s
        self._seen: dict[int, None] = {}
        self._heard: dict[int, int] = {}
        """The newest letter that is being handled, of each contact."""
        self._marked: dict[int, tuple[SpacesTalk, int]] = {}
        """Whose letters were marked as read, and the last that was handled: a later one may be among the marked."""

    async def _sign_in(self) -> None:
        told = await self._spaces.sign_in(self._login, self._password.reveal(), captcha=self._captcha)
        self.me = Person(told.user_id, told.name, True)

    def _visits(self) -> list[Callable[[], Awaitable[None]]]:
        visits: list[Callable[[], Awaitable[None]]] = [functools.partial(self._visit, each) for each in self._texts]
        return [self._listen, *visits, *([self._read_mail] if self._letters else [])]

    async def _listen(self) -> None:
        """Wake whoever looks for what the channel tells of."""
        async for event in self._spaces.channel():
            match event:
                case RoomTextReceived(room_id=room_id) if room_id in self._texts:
                    self._texts[room_id].set()
                case LetterReceived():
                    self._mail.set()
                case Missed():
                    for wake in (self._mail, *self._texts.values()):
                        wake.set()

    async def _visit(self, room_id: int) -> None:
        room = SpacesRoom(self, room_id, str(room_id), self._spaces)
        seen = await self._bot.cursor(room.cursor_key)
        if seen is None:
            seen = await self._newest(room_id)
        with self._inside(room):
            await self._bot.came_in(room, seen)
            while True:
                self._texts[room_id].clear()
                for text in await self._after(room_id, seen):
                    seen = text.id
                    if not text.deleted:
                        await self._bot.hear(room, _line(text, self.me))
                await self._woken(self._texts[room_id])

    async def _newest(self, room_id: int) -> int:
        async for text in self._spaces.rooms.texts(room_id):
            return text.id
        return 0

    async def _after(self, room_id: int, seen: int) -> list[RoomText]:
        """The texts after that number, oldest first."""
        found: list[RoomText] = []
        async for text in self._spaces.rooms.texts(room_id):
            if text.id <= seen:
                break
            found.append(text)
        return found[::-1]

    async def _read_mail(self) -> None:
        while True:
            self._mail.clear()
            for contact in [contact async for contact in self._spaces.mail.contacts(MailList.UNREAD)]:
                talk = SpacesTalk(self, contact.id, contact.name, contact.user_id, self._spaces)
                await self._hear_letters(talk, await self._spaces.mail.letters(contact, unread=True, limit=100))
            for talk, seq in list(self._marked.values()):
                came = []
                async for letter in self._spaces.mail.all_letters(talk.id):
                    if letter.id <= seq:
                        break
                    came.append(letter)
                await self._hear_letters(talk, [letter for letter in came if letter.received])
                if self._marked[talk.id] == (talk, seq):
                    del self._marked[talk.id]
            await self._woken(self._mail)

    async def _hear_letters(self, talk: "SpacesTalk", newest_first: list[WireLetter]) -> None:
        for letter in reversed(newest_first):
            if letter.id not in self._seen:
                self._note(letter)
                self._heard[talk.id] = letter.id
                await self._bot.hear(talk, _letter(letter, talk.user_id, talk.name))

    async def mark_read(self, talk: "SpacesTalk", seq: int) -> None:
        """All letters of a contact, when none is still to be handled; those that came just before are looked for."""
        if self._heard.get(talk.id, seq) > seq:
            return
        await self.signed_in(lambda: self._spaces.mail.mark_read(talk.id))
        self._heard.pop(talk.id, None)
        self._marked[talk.id] = talk, seq
        self._mail.set()

    async def _woken(self, event: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._look_s):
                await event.wait()

    def _note(self, letter: WireLetter) -> None:
        self._seen[letter.id] = None
        if len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]

    async def aclose(self) -> None:
        """Spaces has no call to leave a room: who asks for no more texts is taken out."""
        try:
            with contextlib.suppress(BesedaError):
                await self._spaces.sign_out()
        finally:
            await self._spaces.aclose()


class SpacesRoom(Room):
    """A room of Spaces."""

    resumes = True

    def __init__(self, network: SpacesNetwork, room_id: int, name: str, spaces: AsyncSpaces) -> None:
        super().__init__(network, room_id, name)
        self._again = network.signed_in
        self._spaces = spaces

    async def _post(self, text: str, key: str | None) -> None:
        await self._again(lambda: self._spaces.rooms.say(self.id, text))

    async def _whisper(self, to: Person, text: str, key: str | None) -> None:
        await self._again(lambda: self._spaces.rooms.say(self.id, text, to=to.id, private=True))

    async def find(self, nick: str) -> Person | None:
        """Spaces does not tell who is in a room: whoever has the nick."""
        wanted = nick.casefold()
        found = await self._spaces.search(nick)
        return next((Person(each.id, each.name, True) for each in found if each.name.casefold() == wanted), None)


class SpacesTalk(SpacesRoom):
    """The letters that the bot exchanges with somebody."""

    text_max = 10_000
    private = True
    resumes = False

    def __init__(self, network: SpacesNetwork, contact_id: int, nick: str, user_id: int, spaces: AsyncSpaces) -> None:
        super().__init__(network, contact_id, nick, spaces)
        self._network = network
        self.user_id = user_id

    async def _post(self, text: str, key: str | None) -> None:
        await self._again(lambda: self._spaces.mail.send(self.id, text))

    async def _whisper(self, to: Person, text: str, key: str | None) -> None:
        await self._post(text, key)

    async def handled(self, line: Line) -> None:
        await self._network.mark_read(self, line.seq or 0)


def _line(text: RoomText, me: Person | None) -> Line:
    author = Person(text.user_id, text.user)
    if not text.private:
        return lines.Text(room_id=text.room_id, at=text.at, seq=text.id, author=author, text=text.text)
    own = me is not None and author.id == me.id
    to = Person(text.to_user_id, text.to) if text.to_user_id else None
    return lines.Whisper(room_id=text.room_id, at=text.at, seq=text.id, author=author, text=text.text, own=own, to=to)


def _letter(letter: WireLetter, user_id: int, nick: str) -> Letter:
    author = Person(letter.contact.user_id or user_id, nick, True)
    return Letter(room_id=letter.contact.id, at=letter.at, seq=letter.id, author=author, text=letter.text)
