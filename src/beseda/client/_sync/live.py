# Written by tools/twins.py from src/beseda/client/_async/live.py: change that, then `make twins`.
"""Beseda's live protocol: rooms over one WebSocket, connected anew and resumed by itself (docs/live.md)."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import httpx

from beseda.client._live_lines import person, typed
from beseda.client._platform import Connector, Deed, Lock, SocketClosed, connect, sleep
from beseda.client._sync.live_mail import LiveMail
from beseda.client._sync.live_people import LivePeople
from beseda.client._sync.live_room import LiveRoom
from beseda.client._sync.live_rooms import LiveRooms
from beseda.client._sync.live_talk import Talk
from beseda.client._sync.live_tokens import LiveTokens
from beseda.client._sync.live_updates import Update, Updates
from beseda.client._sync.service import Service
from beseda.client._sync.spaceweb import SpaceWeb
from beseda.client._urls import socket_url
from beseda.client.errors import Busy, ConnectFailed, NotAsked, Refused, SessionEnded, TooOften, Unknown
from beseda.client.lines import Line, Person
from beseda.client.manners import Manners
from beseda.client.secrets import Secret
from beseda.wire import live as wire

A = TypeVar("A", bound=wire.Done)
GOOD_S = 30.0
"""A connection that lasted longer than this was no failure."""


class Live(Service):
    """A Beseda's live protocol. It connects when it is first needed, and anew whenever that is.

    `url` is the server's address (http: or https:). Whoever has a token (of SpaceWeb's `getToken`, or a personal one)
    gives it as `token`; else there is `sign_in`. `transport` is httpx's, for signing in; `connector` opens WebSockets.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        manners: Manners | None = None,
        transport: httpx.BaseTransport | None = None,
        connector: Connector | None = None,
    ) -> None:
        super().__init__(url, manners)
        self._token = Secret(token)
        self._gateway = SpaceWeb(f"{self._url}/rpc", manners=self._manners, transport=transport)
        self._talk = Talk(
            f"{socket_url(self._url)}/live?v={wire.VERSION}", self._manners, connector or connect, self._heard
        )
        self._opening = Lock()
        self._rooms: dict[int, LiveRoom] = {}
        self._me: Person | None = None
        self._updates: list[Updates] = []
        self.rooms = LiveRooms(self)
        """The list of rooms."""
        self.people = LivePeople(self)
        """Members, and what one does to them everywhere."""
        self.mail = LiveMail(self)
        """Letters."""
        self.tokens = LiveTokens(self)
        """Personal tokens."""

    def _who(self) -> str:
        return self._me.nick if self._me else ""

    def close(self) -> None:
        """Close the connection. The member stays in his rooms until the service notices; `leave` tells it."""
        self._talk.drop()
        self._gateway.close()

    @property
    def me(self) -> Person:
        """Who one is. Raises RuntimeError before the first connection, which `connect` opens."""
        if self._me is None:
            raise RuntimeError("not connected yet")
        return self._me

    def sign_in(self, login: str, password: str) -> Person:
        """Sign in by nick, e-mail or phone, connect, and sign in again by itself when the session ends.

        Raises SignInRefused, TooOften, NotAsked.
        """
        self._gateway.sign_in(login, password)
        self._token = Secret(self._gateway.token)
        self._talk.drop()
        return self.connect()

    def connect(self) -> Person:
        """Connect, unless one is connected; who one is. Raises SessionEnded, NotAsked."""
        self._connect()
        return self.me

    def enter(self, name: str, password: str = "", *, after: int | None = None) -> LiveRoom:
        """Go into a room, and follow it; a temporary one is opened when there is none of that name. Raises Refused.

        Its lines are those after the number `after`, as far as the member may read them, else those from now on.
        """
        done = self.ask(wire.Enter(name=name, password=password))
        if known := self._rooms.get(done.room):
            return self._follow(known, known.cursor)
        return self._follow(LiveRoom(self, done.room, name, password), after)

    def follow(self, room_id: int, *, after: int | None = None) -> LiveRoom:
        """Get the lines of a room that the member is in already: those after the number `after`, else from now on."""
        room = self._rooms.get(room_id) or LiveRoom(self, room_id)
        return self._follow(room, after)

    def _follow(self, room: LiveRoom, after: int | None) -> LiveRoom:
        self._rooms[room.id] = room
        try:
            done = self.ask(wire.Follow(room=room.id, after=after))
        except BaseException:
            del self._rooms[room.id]
            raise
        room.followed(done.cursor)
        return room

    def leave(self, room: LiveRoom) -> None:
        """Leave a room; whoever is not in it has left it."""
        self._rooms.pop(room.id, None)
        try:
            self.ask(wire.Leave(room=room.id))
        except Refused as refused:
            if refused.code not in ("not_in_room", "room_not_found"):
                raise

    def lines(self) -> Iterator[Line]:
        """What happens in all rooms that are followed; see `LiveRoom.lines`. It ends with the last of them."""
        while self._rooms:
            for room in tuple(self._rooms.values()):
                while (line := room.next_line()) is not None:
                    yield line
                if room.has_ended:
                    self._rooms.pop(room.id, None)
                elif room.needs_care:
                    self.return_to(room)
            if self._rooms:
                self.wait_for(lambda: any(room.has_news for room in self._rooms.values()))

    def updates(self, *, own: bool = True, rooms: bool = False) -> Iterator[Update]:
        """What waits for the member (`own`), and the list of `rooms`: the state, and then what becomes of it.

        First come an Own, a RoomList; then CountsChanged, MarkChanged, LetterChanged, ThreadChanged, WritingTold, and
        ListChanged (all of `beseda.client.live_types`). After a break the state comes again, in which nothing is
        missing. It goes on for ever. Raises SessionEnded, NotAsked, NotAllowed.
        """
        updates = Updates(self, own=own, rooms=rooms)
        self._updates.append(updates)
        try:
            for update in updates.iterate():
                yield update
        finally:
            self._updates.remove(updates)

    def search(self, text: str) -> tuple[Line, ...]:
        """The newest lines with all these words, in all rooms that the member is in; see `LiveRoom.search`."""
        done = self.ask(wire.SearchLines(text=text))
        return tuple(typed(line, self.me.id) for line in done.lines)

    def awake(self) -> None:
        """The member is there, though he writes nothing: he is not idle in the rooms that are followed."""
        self.ask(wire.Awake())

    @property
    def connections(self) -> int:
        """How many connections there have been so far."""
        return self._talk.opened

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection just now."""
        return self._talk.is_open

    def ask(self, call: wire.Call[A]) -> A:
        """The answer to a call of the protocol (`beseda.wire.live`), which is sent again when that can do no harm.

        Raises Refused, Unknown, NotAsked, NotUnderstood.
        """
        sent = False
        for attempt in range(self._manners.retries + 1):
            if attempt:
                sleep(self._manners.pause_s(attempt - 1))
            try:
                self._connect()
            except NotAsked as error:
                failure: Exception = error
                continue
            sent = True
            try:
                return self._talk.exchange(call)
            except SessionEnded as error:
                failure = error
                self._talk.drop()
            except (SocketClosed, Unknown) as error:
                failure = error
                if not call.REPEATABLE:
                    break
        if not sent or isinstance(failure, SessionEnded):
            raise failure
        raise Unknown(f"the connection broke before `{call.op}` was answered: {failure}")

    def _connect(self) -> None:
        """Open the connection, unless it is open, and follow the rooms from where they were left."""
        with self._opening:
            if self._talk.is_open:
                return
            try:
                me = self._talk.open(self._headers())
            except SessionEnded:
                if not self._gateway.can_renew:
                    raise
                self._gateway.renew()
                self._token = Secret(self._gateway.token)
                me = self._talk.open(self._headers())
            self._me = person(me)
            try:
                for room in tuple(self._rooms.values()):
                    if not room.needs_care:
                        self._resume(room)
            except SocketClosed as closed:
                raise ConnectFailed(f"the connection broke at once: {closed}") from closed

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": self._manners.user_agent}
        return headers | ({"Authorization": f"Bearer {self._token.reveal()}"} if self._token else {})

    def _resume(self, room: LiveRoom) -> None:
        """Follow a room from where it was left, on the connection that there is; enter it again if need be."""
        follow = wire.Follow(room=room.id, after=room.cursor)
        try:
            try:
                done = self._talk.exchange(follow)
            except Refused as refused:
                if refused.code != "not_in_room":
                    raise
                self._talk.exchange(room.entering())
                done = self._talk.exchange(follow)
        except (TooOften, Busy, SessionEnded):
            self._talk.drop()
            raise
        except Refused as refused:
            room.fail(refused)
        else:
            room.followed(done.cursor, datetime.now(UTC))

    def return_to(self, room: LiveRoom) -> None:
        """Follow a room again, which is entered again if need be. Raises SessionEnded, NotAsked."""

        def follow() -> None:
            if room.needs_care:
                self._resume(room)

        self._persist(follow)

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Read until it is so, connecting anew as often as need be. Raises SessionEnded, NotAsked."""

        def read() -> None:
            self._talk.wait(ready)

        if not ready():
            self._persist(read)

    def _persist(self, deed: Deed) -> None:
        """Do it on an open connection; until it is done, again and again, at most for as long as there is patience."""
        failures, since_s, patience_s = 0, time.monotonic(), self._manners.patience_s
        while True:
            began_s = time.monotonic()
            try:
                self._connect()
                deed()
                return
            except (SocketClosed, NotAsked, Unknown, TooOften, Busy) as error:
                now_s = time.monotonic()
                if now_s - began_s > GOOD_S:  # it had been well
                    failures, since_s = 0, now_s
                if patience_s is not None and now_s - since_s > patience_s:
                    raise error if isinstance(error, NotAsked) else ConnectFailed(str(error)) from error
                told_s = error.retry_after_s if isinstance(error, Refused) else None
                sleep(max(self._manners.pause_s(failures), told_s or 0.0))
                failures += 1

    def _heard(self, message: wire.LineTold | wire.Unfollowed | wire.Event) -> None:
        if isinstance(message, wire.LineTold):
            if room := self._rooms.get(message.line.room):
                room.take(typed(message.line, self.me.id))
        elif isinstance(message, wire.Unfollowed):
            if room := self._rooms.get(message.unfollowed.room):
                room.put_outside()
        else:
            for updates in self._updates:
                updates.take(message)
