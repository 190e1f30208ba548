"""The site's pages. What gateways look for in them is marked COMPAT in the templates."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from beseda.api.base import Scope, WebOptions
from beseda.api.browsers import Visit
from beseda.api.chatcz import codec
from beseda.api.chatcz.call import Reply, Route, SiteCall, call_names, give_cookie
from beseda.api.chatcz.errors import BAD_REQUEST, PAGE_TEXTS, Refusal, RequestRefused, answer_to
from beseda.api.chatcz.pages import Pages, see
from beseda.api.chatcz.unasked import is_unasked
from beseda.api.forms import FormRefused, read_query
from beseda.api.words import N_
from beseda.core.auth import SignedIn
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.core.room_list import Listing
from beseda.domain.accounts import Account
from beseda.domain.errors import (
    AccountFrozen,
    BesedaError,
    Busy,
    CaptchaNeeded,
    CaptchaWrong,
    KickedOut,
    NotInRoom,
    NotSignedIn,
    RoomLocked,
    RoomNotFound,
    RoomPasswordWrong,
    SecondFactorNeeded,
    SecondFactorWrong,
)
from beseda.domain.ids import RoomId
from beseda.domain.rooms import Lock, list_order
from beseda.domain.sessions import Handle

LOCK_LABELS = {
    Lock.OPEN: "",
    Lock.ANONYMOUS: N_("for members only"),
    Lock.MINORS: N_("from 18 years on"),
    Lock.ALL: N_("locked"),
}
"""Texts of the house's."""
LOCK_REASONS = {
    Lock.OPEN: "",
    Lock.ANONYMOUS: N_("This room is for members only."),
    Lock.MINORS: N_("This room is for members who are 18, and have told when they were born."),
    Lock.ALL: N_("This room is locked for now."),
}

FIRST_LINES = 30
"""So many of the newest are in the page of a room, at most: a screen full, and as many as a page of history has."""


class Site:
    guarded = True

    def __init__(self, core: Core, clock: Clock, options: WebOptions, pages: Pages) -> None:
        self._core = core
        self._clock = clock
        self._options = options
        self._pages = pages
        self._rendered: dict[str, tuple[Listing, Markup]] = {}
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

    def refuse(self, call: SiteCall, error: Refusal) -> Reply:
        return self._pages.refuse(call, error)

    async def _front(self, call: SiteCall) -> Reply:
        if name := _query(call, "room"):
            return see("/" + quote(name, safe=""))
        return await self._list(call)

    async def _list(self, call: SiteCall, caller: Caller | None = None) -> Reply:
        caller = caller or call.caller
        listing, favourites = await self._core.rooms.list.get(), await self._core.rooms.favourites(caller)
        rooms = self._render_rooms(call.scope, caller.account, listing, favourites)
        return self._pages.page("rooms.html", call, caller=caller, rooms=rooms)

    def _render_rooms(
        self, scope: Scope, account: Account | None, listing: Listing, favourites: frozenset[RoomId]
    ) -> Markup:
        """The list; those for all who have no favourites, one a language, are kept until something in it changes."""
        language = self._pages.house.language(scope, account)
        kept = self._rendered.get(language)
        if not favourites and kept is not None and kept[0] is listing:
            return kept[1]
        rooms = sorted(listing.views, key=lambda view: list_order(view, favourites))
        text = self._pages.house.part(
            "room-list.html", scope, account, rooms=rooms, favourites=favourites, lock_labels=LOCK_LABELS
        )
        html = Markup(text)  # noqa: S704 - a template's
        if not favourites:
            self._rendered[language] = (listing, html)
        return html

    async def _form(self, call: SiteCall) -> Reply:
        return self._pages.sign_in_form(call, to=_query(call, "to"))

    async def _sign_in(self, call: SiteCall) -> Reply:
        """Our own form, which says where `to` go, is answered by a redirect: so a reload sends nothing again.

        COMPAT(gateways): they read the alert only under HTTP 200, take cookies only from the last answer of a chain
        of redirects, and believe `nav-user` more than the alert."""
        try:
            signed_in = await self._start_session(call)
        except (BesedaError, RequestRefused) as error:
            return self._ask_again(call, error)
        await self._end_session(call.caller)
        to = call.form.get("to")
        if to is None:
            reply = await self._list(call, Caller(call.caller.address, signed_in.account, signed_in.session))
        else:
            reply = see("/" + quote(to.lstrip("/"), safe="/?=&"))
        return give_cookie(reply, call.scope, self._options, signed_in.handle)

    def _ask_again(self, call: SiteCall, error: Refusal) -> Reply:
        """The form as it was filled in, without the password; with a picture to read, if that is what is missing.

        Only our own form is asked to: gateways send no `code`. What asks for the code of a second factor is another
        form, with a ticket in the password's place: whoever has a gateway sees why, and uses a personal token."""
        status, message = answer_to(error)
        asks = isinstance(error, CaptchaNeeded | CaptchaWrong)
        alert = error if isinstance(error, BesedaError) else PAGE_TEXTS.get((status, message), message)
        is_guest = not call.form.get("email")
        login, guest = call.form.get("email", "nick") or "", call.form.get("nick", "user") or ""
        reply = self._pages.sign_in_form(
            call,
            alert=alert,
            refused=status,
            challenge=error.challenge if isinstance(error, CaptchaNeeded | CaptchaWrong) else "",
            login=login if asks or not is_guest else "",
            guest=guest if is_guest and not asks else "",
            ticket=_ticket(call, error),
            to=call.form.get("to") or "",
            sex=call.form.get("sex") or "",
            frozen=isinstance(error, AccountFrozen),
        )
        return reply._replace(status=status)

    async def _start_session(self, call: SiteCall) -> SignedIn:
        auth, caller, who = self._core.auth, call.caller, codec.read_sign_in(call.form)
        if isinstance(who, codec.SignInForm):
            return await auth.sign_in(
                who.login, who.password, kind=Handle.COOKIE, address=caller.address, code=who.code, protocol="chatcz"
            )
        if isinstance(who, codec.SecondStep):
            return await self._core.second_factors.sign_in(who.ticket, who.code, caller.address)
        return await auth.sign_in_anonymously(caller, who.nick, who.sex, kind=Handle.COOKIE)

    async def _end_session(self, caller: Caller) -> None:
        """Somebody may have ended it already: another tab, a second click."""
        with suppress(NotSignedIn):
            await self._core.auth.sign_out(caller)

    async def _sign_out(self, call: SiteCall) -> Reply:
        """Who is signed out already is told the same."""
        await self._end_session(call.caller)
        reply = self._pages.page("logout.html", call, caller=Caller(call.caller.address))
        return give_cookie(reply, call.scope, self._options, "")

    async def _enter(self, call: SiteCall) -> Reply:
        """COMPAT(gateways): they open rooms by GET. A browser gets a button for it, which is a POST."""
        name, gets = call.scope["path"][1:], call.scope["method"] == "GET"
        opens = not gets or (call.visit is Visit.PROGRAM and not is_unasked(name))
        password = call.form.get_secret("password") or ""
        try:
            room_id = await self._core.rooms.enter(call.caller, name, password, opens=opens)
        except RoomNotFound:
            if call.visit is not Visit.NAVIGATION:
                raise
            return self._pages.page("open-room.html", call, 404, name=name)
        except KickedOut as error:
            until = self._clock.now() + timedelta(seconds=error.retry_after_s)
            return self._pages.refuse(call, error, "kicked.html", name=name, reason=error.reason, until=until)
        except (RoomLocked, RoomPasswordWrong) as error:
            asks = isinstance(error, RoomPasswordWrong) or error.password_opens
            why = LOCK_REASONS[Lock(error.lock)] if isinstance(error, RoomLocked) else ""
            status, _ = answer_to(error)
            return self._pages.page("locked.html", call, status, alert=error, name=name, asks=asks, why=why)
        seen = await self._seen(call, room_id)
        page = await self._core.rooms.page(call.caller, room_id)
        occupants = self._core.presence.heard(page.occupants)
        user_list = Markup(codec.page_user_list(occupants, self._clock.now()))  # noqa: S704 - escaped by the codec
        admin_list = Markup(codec.page_admin_list(page.admins))  # noqa: S704 - the same
        favourite = room_id in await self._core.rooms.favourites(call.caller)
        return self._pages.page(
            "room.html",
            call,
            page=page,
            favourite=favourite,
            ignored=await self._core.ignoring.ignored_by(call.caller.signed_in()[0].id),
            user_list=user_list,
            admin_list=admin_list,
            lock_labels=LOCK_LABELS,
            away={each.account.id for each in page.occupants if self._core.presence.is_away(room_id, each)},
            now=self._clock.now(),
            **seen,
        )

    async def _seen(self, call: SiteCall, room_id: RoomId) -> dict[str, Any]:
        """What a browser shows before its scripts are there: the newest lines, and what of them is new."""
        if call.visit is not Visit.NAVIGATION:
            return {"excerpt": None, "mark": None}
        excerpt = await self._core.history.before(call.caller, room_id, None, FIRST_LINES)
        return {"excerpt": excerpt, "mark": await self._core.reads.find(call.caller, room_id)}

    async def _favourite(self, call: SiteCall) -> Reply:
        """The button of a room's page: `favourite` is 1, or anything else to take the mark away."""
        await self._core.rooms.set_favourite(call.caller, call.room_id, call.form.get("favourite") == "1")
        return await self._list(call)

    async def _leave(self, call: SiteCall) -> Reply:
        """Who is not in the room has left it."""
        with suppress(NotInRoom, RoomNotFound):
            await self._core.rooms.leave(call.caller, call.room_id)
        return await self._list(call)


def _ticket(call: SiteCall, error: Refusal) -> str:
    """What stands for the password while the code of a second factor is asked for, "" when it is not."""
    if isinstance(error, SecondFactorNeeded | SecondFactorWrong):
        return error.ticket
    return call.form.get("ticket") or "" if isinstance(error, Busy) else ""


def _query(call: SiteCall, name: str) -> str:
    """A parameter of the address, "" when it is not there. Raises RequestRefused."""
    try:
        return read_query(call.scope["query_string"]).get(name) or ""
    except FormRefused as error:
        raise RequestRefused(*BAD_REQUEST) from error
