"""What a test prepares, and what operators do, beside the protocols: one call each, in the server's loop.

`Who` is a member as `member` gave it, or a nick; `Where` is a room as `room` gave it, or its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from beseda.core.accounts import Application
from beseda.core.auth import SignedIn
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.domains import NewDomain
from beseda.domain.accounts import Account, Role, Sex, Standing, read_birth_date, read_sex
from beseda.domain.errors import AppNotFound, NotInRoom, RoomNotFound
from beseda.domain.events import AccountChanged
from beseda.domain.ids import AccountId, AppId, RoomId
from beseda.domain.karma import LIFE
from beseda.domain.ledger import Pocket
from beseda.domain.messages import Kind, Line
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts

PASSWORD = "modry zvonek 12"  # noqa: S105 - made up
"""Of members for whom a test names none."""
HERE = "192.0.2.1"
"""Whence they come who are prepared (RFC 5737)."""
LINES_MAX = 10_000
Named = TypeVar("Named", "Member", "Place", "App")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account; a visitor's has no password."""

    id: int
    nick: str
    password: str = field(default=PASSWORD, repr=False)
    email: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A room, by number and name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class App:
    """An application of Chat.cz's token API, and its key."""

    id: int
    name: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sid:
    """A session of Spaces: what shows it, its anti-forgery value `CK`, the token of its live channel."""

    sid: str = field(repr=False)
    ck: str = field(repr=False)
    channel: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a room: `kind` is `text`, `whisper`, `entered`, ... as in docs/live.md; "" where nobody is meant."""

    seq: int
    at: datetime
    kind: str
    author: str
    to: str
    text: str


Who = Member | str
Where = Place | str
Which = App | str


def name_of(meant: Named | str) -> str:
    """The number, or the name it goes by."""
    return meant if isinstance(meant, str) else str(meant.id)


class Backstage:
    """The deeds, on an open core. They raise what the core's do (`beseda.domain.errors`)."""

    def __init__(self, parts: Parts, inside: dict[AccountId, SignedIn]) -> None:
        """`inside` is kept up: the session of each who was put into a room. It is as good after a restart."""
        self._parts = parts
        self._inside = inside

    @property
    def core(self) -> Core:
        return self._parts.core

    async def member(
        self,
        nick: str,
        password: str = PASSWORD,
        *,
        email: str = "",
        phone: str = "",
        sex: str = "",
        born: str = "",
        age_public: bool = False,
    ) -> Member:
        """A new member. `sex` is m or f, `born` a day such as 1990-02-03."""
        application = Application(nick, password, email, phone, read_sex(sex), read_birth_date(born), age_public)
        account = await self.core.accounts.add(application)
        return Member(account.id, account.nick, password, email)

    async def visitor(self, nick: str, where: Where, *, sex: str = "m") -> dict[str, str]:
        """Somebody without an account in a room, who may be the one to open it: the cookies that show who it is."""
        number = len(self._inside) + 2
        address = f"192.0.2.{number % 250}"
        signed_in = await self.core.auth.sign_in_anonymously(Caller(address), nick, Sex(sex), kind=Handle.COOKIE)
        self._inside[signed_in.account.id] = signed_in
        return await self.enter(signed_in.account.nick, where)

    async def cookie(self, who: Who) -> dict[str, str]:
        """A new session of Chat.cz: the cookies that show it."""
        return {"beseda": (await self._sign_in(who, Handle.COOKIE)).handle}

    async def sid(self, who: Who) -> Sid:
        """A new session of Spaces."""
        signed_in = await self._sign_in(who, Handle.SID)
        return Sid(signed_in.handle, signed_in.handle[-4:], self.core.auth.channel(signed_in.session))

    async def token(self, who: Who) -> str:
        """A new session of SpaceWeb, or of Live: `Authorization: Bearer <token>`."""
        return (await self._sign_in(who, Handle.BEARER)).handle

    async def room(self, name: str, *, admin: Who = "", description: str = "") -> Place:
        """A permanent room, which `admin` is a permanent admin of."""
        room = await self.core.rooms.add(name, description=description)
        if admin:
            await self.make_room_admin(admin, room.name)
        return Place(room.id, room.name)

    async def make_room_admin(self, who: Who, where: Where) -> None:
        """One more permanent admin of a room."""
        await self.core.rooms.set_admin(await self._room_id(where), (await self._account(who)).id, True)

    async def enter(self, who: Who, where: Where) -> dict[str, str]:
        """Put somebody into a room, which a name that is new opens: the cookies of the session that is inside.

        Every room that somebody is put into is entered by the same session.
        """
        account = await self._account(who)
        if account.id not in self._inside:
            self._inside[account.id] = await self._sign_in(who, Handle.COOKIE)
        caller = self._caller(self._inside[account.id])
        if isinstance(where, str):
            await self.core.rooms.enter(caller, where)
        else:
            await self.core.rooms.enter_by_id(caller, RoomId(where.id))
        return {"beseda": self._inside[account.id].handle}

    async def say(self, who: Who, where: Where, text: str) -> int:
        """A line of somebody's, who enters first if need be; its `seq`."""
        account = await self._account(who)
        if account.id not in self._inside:
            await self.enter(who, where)
        caller, room_id = self._caller(self._inside[account.id]), await self._room_id(where)
        try:
            return (await self.core.messages.post(caller, room_id, text)).seq
        except NotInRoom:
            await self.enter(who, where)
            return (await self.core.messages.post(caller, room_id, text)).seq

    async def delete_line(self, who: Who, where: Where, seq: int) -> None:
        """By somebody who was put into the room."""
        inside = self._inside.get((await self._account(who)).id)
        if inside is None:
            raise NotInRoom
        await self.core.messages.delete(self._caller(inside), await self._room_id(where), seq)

    async def lines(self, where: Where) -> list[Said]:
        """All that has happened in a room, oldest first, whoever may see it."""
        lines, _ = await self._parts.store.view.messages.list_after(await self._room_id(where), 0, LINES_MAX)
        return [_said(line) for line in lines]

    async def texts(self, where: Where) -> list[str]:
        """What was said in a room, to all."""
        return [line.text for line in await self.lines(where) if line.kind == Kind.TEXT]

    async def app(self, name: str) -> App:
        """An application, which members may grant what it does in their name."""
        app, key = await self.core.apps.add(name)
        return App(app.id, app.name, key)

    async def grant(self, app: Which, who: Who) -> str:
        """The token with which the application begins."""
        return await self.core.apps.grant(await self._app_id(app), (await self._account(who)).id)

    async def revoke(self, app: Which) -> None:
        """The application is none any more."""
        await self.core.apps.revoke(await self._app_id(app))

    async def domain(self, name: str, who: Who) -> str:
        """A domain on somebody's account; the name as the protocols write it."""
        found = await self.core.domains.give((await self._account(who)).id, NewDomain(name))
        return found.name.ascii

    async def personal_token(
        self,
        who: Who,
        *,
        protocols: Sequence[str] = (),
        zones: Sequence[str] = (),
        names: Sequence[str] = (),
        types: Sequence[str] = (),
        read_only: bool = False,
        days: int | None = None,
    ) -> str:
        """A personal token; where nothing is named, it is for all."""
        tokens, account = self.core.tokens, await self._account(who)
        scope = tokens.scope(protocols=protocols, zones=zones, names=names, types=types, read_only=read_only)
        return (await tokens.add(account.id, "given", scope, days))[1]

    async def approve(self, request: int) -> None:
        """A member gets the name that he asked for."""
        await self.core.domains.approve(request)

    async def deny(self, request: int, reason: str = "") -> None:
        """He does not get it."""
        await self.core.ownership.deny(request, reason)

    async def credit(self, who: Who, amount: str | int, *, pocket: str = "real") -> None:
        """Money, in units of the currency: 7, or "12.50"; `pocket` is real or bonus."""
        account = await self._account(who)
        await self.core.billing.credit(account.id, Pocket(pocket), int(Decimal(amount) * 100), "given")

    async def letter(self, sender: Who, receiver: Who, text: str) -> None:
        """A letter from one member to another."""
        to = (await self._account(receiver)).id
        caller = await self._come(sender)
        await self.core.mail.send(caller, to, text)
        await self.core.auth.sign_out(caller)

    async def ignore(self, who: Who, whom: Who) -> None:
        """One member does not want to hear of another."""
        caller = await self._come(who)
        await self.core.ignoring.set_ignored(caller, (await self._account(whom)).id, True)
        await self.core.auth.sign_out(caller)

    async def favourite(self, who: Who, where: Where) -> None:
        """A room becomes one of a member's favourites."""
        caller = await self._come(who)
        await self.core.rooms.set_favourite(caller, await self._room_id(where), True)
        await self.core.auth.sign_out(caller)

    async def give_karma(self, giver: Who, who: Who, amount: int) -> None:
        """A gift."""
        caller = await self._come(giver)
        await self.core.karma.give(caller, (await self._account(who)).id, amount)
        await self.core.auth.sign_out(caller)

    async def set_karma(self, who: Who, *, earned: int, given: int, level: int) -> None:
        """As if it had come about long ago."""
        account, now = await self._account(who), self._parts.clock.now()
        async with self._parts.store.unit() as unit:
            await unit.karma.earn(account.id, earned)
            await unit.karma.add_gift(account.id, account.id, given, "", now)
            await unit.karma.recount_all(now - LIFE)
            await unit.karma.set_level(account.id, level)
            unit.record(AccountChanged(now, account.id))

    async def make_site_admin(self, who: Who) -> None:
        """An admin of all rooms."""
        await self.core.accounts.set_role((await self._account(who)).id, Role.ROOM_ADMIN)

    async def set_standing(self, who: Who, standing: str) -> None:
        """`active`, `blocked` or `frozen`; but for the first, all sessions end."""
        await self.core.accounts.set_standing((await self._account(who)).id, Standing(standing))

    async def set_password(self, who: Who, password: str) -> None:
        """As an operator does: all sessions end."""
        await self.core.accounts.set_password((await self._account(who)).id, password)

    async def read_captcha(self, challenge: str) -> str:
        """What the picture of that number shows."""
        return self.core.captcha.answer(challenge)

    async def keep_at_work(self) -> None:
        """Everybody is heard of now, in all rooms that they are in."""
        presence, now = self.core.presence, self._parts.clock.now()
        members = await self.core.accounts.list_registered(after=AccountId(0), limit=1000)
        for account_id in {member.id for member in members} | self._inside.keys():
            rooms = (await presence.get(account_id)).rooms
            presence.hear(account_id, now, [room.id for room in rooms])

    async def _sign_in(self, who: Who, kind: Handle) -> SignedIn:
        account = await self._account(who)
        async with self._parts.store.unit() as unit:
            session, handle = await self.core.auth.start(unit, account.id, kind)
        return SignedIn(account, session, handle)

    async def _come(self, who: Who) -> Caller:
        """A session for one deed."""
        return self._caller(await self._sign_in(who, Handle.COOKIE))

    def _caller(self, signed_in: SignedIn) -> Caller:
        return Caller(HERE, signed_in.account, signed_in.session)

    async def _account(self, who: Who) -> Account:
        """Raises AccountNotFound."""
        return await self.core.accounts.find(name_of(who))

    async def _room_id(self, where: Where) -> RoomId:
        """Raises RoomNotFound."""
        if not isinstance(where, str):
            return RoomId(where.id)
        room = await self.core.rooms.find_by_name(where)
        if room is None:
            raise RoomNotFound(room=where)
        return room.id

    async def _app_id(self, which: Which) -> AppId:
        """The newest of that name. Raises AppNotFound."""
        if not isinstance(which, str):
            return AppId(which.id)
        found = [app.id for app in await self.core.apps.list_all() if app.name == which]
        if not found:
            raise AppNotFound(app=which)
        return max(found)


def _said(line: Line) -> Said:
    author, to = line.actor.nick if line.actor else "", line.target.nick if line.target else ""
    return Said(line.seq, line.at, line.kind.value, author, to, line.text)
