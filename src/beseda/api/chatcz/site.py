"""The site's pages. What gateways look for in them is marked COMPAT in the templates."""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote

from markupsafe import Markup

from beseda.api.base import WebOptions
from beseda.api.browsers import Visit
from beseda.api.chatcz import codec
from beseda.api.chatcz.call import Call, Reply, Route, call_names, give_cookie
from beseda.api.chatcz.errors import BAD_REQUEST, Refusal, RequestRefused, answer_to
from beseda.api.chatcz.pages import Pages, see
from beseda.api.chatcz.unasked import is_unasked
from beseda.api.forms import FormRefused, read_query
from beseda.core.auth import SignedIn
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.core.room_list import Listing
from beseda.domain.errors import (
    BesedaError,
    CaptchaNeeded,
    CaptchaWrong,
    NotInRoom,
    NotSignedIn,
    RoomLocked,
    RoomNotFound,
    RoomPasswordWrong,
)
from beseda.domain.ids import RoomId
from beseda.domain.rooms import list_order
from beseda.domain.sessions import Handle


class Site:
    guarded = True

    def __init__(self, core: Core, clock: Clock, options: WebOptions, pages: Pages) -> None:
        self._core = core
        self._clock = clock
        self._options = options
        self._pages = pages
        self._rendered: tuple[Listing | None, Markup] = (None, Markup())
        front, form, enter = (
            Route("front", self._front),
            Route("sign_in_form", self._form),
            Route("enter", self._enter, deed=True),
        )
        self._routes = {
            "/": {"GET": front, "HEAD": front},
            "/login": {"GET": form, "HEAD": form, "POST": Route("sign_in", self._sign_in)},
            "/logout": {"GET": Route("sign_out", self._sign_out, links=False, deed=True)},
            "/leaveRoom/#": {"GET": Route("leave", self._leave, links=False, deed=True)},
            "/favourite/#": {"POST": Route("favourite", self._favourite)},
        }
        self._room_routes = {"GET": enter, "POST": enter}
        self.calls = call_names(self._routes, enter)

    def routes(self, shape: str) -> Mapping[str, Route]:
        """A path of one piece that is nothing else is a room's name."""
        return self._routes.get(shape) or (self._room_routes if shape.count("/") == 1 else {})

    def refuse(self, caller: Caller, error: Refusal) -> Reply:
        return self._pages.refuse(caller, error)

    async def _front(self, call: Call) -> Reply:
        try:
            name = read_query(call.scope["query_string"]).get("room")
        except FormRefused as error:
            raise RequestRefused(*BAD_REQUEST) from error
        if name:
            return see("/" + quote(name, safe=""))
        return await self._list(call.caller)

    async def _list(self, caller: Caller) -> Reply:
        listing, favourites = await self._core.rooms.list.get(), await self._core.rooms.favourites(caller)
        return self._pages.page("rooms.html", caller, rooms=self._render_rooms(listing, favourites))

    def _render_rooms(self, listing: Listing, favourites: frozenset[RoomId]) -> Markup:
        """The list; the one for all who have no favourites is kept until something in it changes."""
        if not favourites and listing is self._rendered[0]:
            return self._rendered[1]
        rooms = sorted(listing.views, key=lambda view: list_order(view, favourites))
        text = self._pages.render("room-list.html", rooms=rooms, favourites=favourites)
        html = Markup(text)  # noqa: S704 - a template's
        if not favourites:
            self._rendered = (listing, html)
        return html

    async def _form(self, call: Call) -> Reply:
        return self._pages.page("login.html", call.caller)

    def _ask(self, call: Call, error: CaptchaNeeded | CaptchaWrong) -> Reply:
        """The form again, with a picture to read. Only our own form is asked: gateways send no `code`."""
        status, message = answer_to(error)
        login = call.form.get("email", "nick") or ""
        caller = Caller(call.caller.address)
        reply = self._pages.page("login.html", caller, alert=message, challenge=error.challenge, login=login)
        return reply._replace(status=status)

    async def _sign_in(self, call: Call) -> Reply:
        """COMPAT(gateways): they read the alert only under HTTP 200, take cookies only from the last answer of a chain
        of redirects, and believe `nav-user` more than the alert."""
        try:
            signed_in = await self._start_session(call)
        except (CaptchaNeeded, CaptchaWrong) as error:
            return self._ask(call, error)
        except (BesedaError, RequestRefused) as error:
            status, message = answer_to(error)
            return self._pages.page("login.html", Caller(call.caller.address), alert=message)._replace(status=status)
        await self._end_session(call.caller)
        reply = await self._list(Caller(call.caller.address, signed_in.account, signed_in.session))
        return give_cookie(reply, call.scope, self._options, signed_in.handle)

    async def _start_session(self, call: Call) -> SignedIn:
        auth, caller, who = self._core.auth, call.caller, codec.read_sign_in(call.form)
        if isinstance(who, codec.Member):
            return await auth.sign_in(
                who.login, who.password, kind=Handle.COOKIE, address=caller.address, code=who.code, protocol="chatcz"
            )
        return await auth.sign_in_anonymously(caller, who.nick, who.sex, kind=Handle.COOKIE)

    async def _end_session(self, caller: Caller) -> None:
        """Somebody may have ended it already: another tab, a second click."""
        with suppress(NotSignedIn):
            await self._core.auth.sign_out(caller)

    async def _sign_out(self, call: Call) -> Reply:
        """Who is signed out already is told the same."""
        await self._end_session(call.caller)
        reply = self._pages.page("logout.html", Caller(call.caller.address))
        return give_cookie(reply, call.scope, self._options, "")

    async def _enter(self, call: Call) -> Reply:
        """COMPAT(gateways): they open rooms by GET. A browser gets a button for it, which is a POST."""
        name, gets = call.scope["path"][1:], call.scope["method"] == "GET"
        opens = not gets or (call.visit is Visit.PROGRAM and not is_unasked(name))
        password = call.form.get_secret("password") or ""
        try:
            room_id = await self._core.rooms.enter(call.caller, name, password, opens=opens)
        except RoomNotFound:
            if call.visit is not Visit.NAVIGATION:
                raise
            return self._pages.page("open-room.html", call.caller, 404, name=name)
        except (RoomLocked, RoomPasswordWrong) as error:
            asks = isinstance(error, RoomPasswordWrong) or error.password_opens
            status, message = answer_to(error)
            return self._pages.page("locked.html", call.caller, status, alert=message, name=name, asks=asks)
        page = await self._core.rooms.page(call.caller, room_id)
        occupants = self._core.presence.heard(page.occupants)
        user_list = Markup(codec.page_user_list(occupants, self._clock.now()))  # noqa: S704 - escaped by the codec
        admin_list = Markup(codec.page_admin_list(page.admins))  # noqa: S704 - the same
        favourite = room_id in await self._core.rooms.favourites(call.caller)
        return self._pages.page(
            "room.html",
            call.caller,
            page=page,
            favourite=favourite,
            ignored=await self._core.ignoring.ignored_by(call.caller.signed_in()[0].id),
            user_list=user_list,
            admin_list=admin_list,
        )

    async def _favourite(self, call: Call) -> Reply:
        """The button of a room's page: `favourite` is 1, or anything else to take the mark away."""
        await self._core.rooms.set_favourite(call.caller, call.room_id, call.form.get("favourite") == "1")
        return await self._list(call.caller)

    async def _leave(self, call: Call) -> Reply:
        """Who is not in the room has left it."""
        with suppress(NotInRoom, RoomNotFound):
            await self._core.rooms.leave(call.caller, call.room_id)
        return await self._list(call.caller)
