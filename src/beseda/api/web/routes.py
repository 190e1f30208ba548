"""Pages of our own, and what belongs to all pages: static files, pictures of members, captchas."""

import re

from beseda.api.base import (
    BUSY_STATUSES,
    FORM_MAX_BYTES,
    PAGE_HEADERS,
    BodyTooLarge,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    address_of,
    guard_cross_site,
    header,
    read_body,
    send_answer,
    send_body,
)
from beseda.api.callers import caller_by_cookie
from beseda.api.forms import LARGE, SMALL, Form, FormLimits, FormRefused, read_form
from beseda.api.web.account import AccountPages
from beseda.api.web.assets import A_DAY
from beseda.api.web.avatar import avatar
from beseda.api.web.balance import BalancePages
from beseda.api.web.call import Handler, PageCall, Reply, send_reply
from beseda.api.web.data import DataPages
from beseda.api.web.domains import DomainPages
from beseda.api.web.house import House
from beseda.api.web.keys import KeyPages
from beseda.api.web.letters import LetterPages
from beseda.api.web.password_link import PasswordLink
from beseda.api.web.reading import Reading
from beseda.api.web.registration import Registration
from beseda.api.web.second_factor import SecondFactorPages
from beseda.api.web.shell import Shell
from beseda.api.web.tokens import TokenPages
from beseda.api.web.uploads import Uploads
from beseda.api.web.zone import ZONE, ZonePages
from beseda.api.web.zone_history import ZoneHistory
from beseda.api.web.zone_import import BODY_MAX, IMPORT, LIMITS, ZoneImport
from beseda.api.words import N_
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import (
    AccountNotFound,
    BesedaError,
    ChallengeNotFound,
    CrossSite,
    DomainNameInvalid,
    DomainNotFound,
    TooOften,
)
from beseda.domain.ids import MAX_ID, AccountId

_DOMAIN = re.compile(r"(?<=^/-/domains/)[^/]+")
"""What stands for any name in the addresses of a domain's pages."""
_CAPTCHA = re.compile(r"/captcha/([0-9]{16})\.png")
_PICTURE = re.compile(r"/picture/([0-9]{1,18})-([0-9]{1,16})\.jpg")
STATUSES: dict[type[BesedaError], int] = {CrossSite: 422, DomainNameInvalid: 404, DomainNotFound: 404}
TEXT = b"text/plain; charset=utf-8"
TOO_LARGE = N_("The request is too long.")
ROOMY: dict[str, tuple[int, FormLimits]] = {
    ZONE: (4 * FORM_MAX_BYTES, LARGE),
    IMPORT: (BODY_MAX, LIMITS),
}
"""How much members may send to pages that take more than others: bytes of a body, and what of a form."""
NO_SUCH_PAGE = N_("There is no such page.")
CRASHED = N_("Something went wrong on the server.")


class WebFace:
    """`-` is the root of pages for people: no room can be called so, as a name has a letter or a digit."""

    name = "web"
    calls = frozenset[str]()
    roots = frozenset({"-", "avatar", "captcha", "favicon.ico", "picture", "register", "static"})

    def __init__(self, core: Core, clock: Clock, options: WebOptions, house: House) -> None:
        self._core = core
        self._options = options
        self._house = house
        self._uploads = Uploads(core, options, house)
        registration, shell = Registration(core, options, house), Shell(core, options, house)
        own = (core, options, house)
        self._pages: dict[str, dict[str, Handler]] = {
            "/register": {"GET": registration.show, "POST": registration.register},
            "/-/look": {"GET": shell.look, "POST": shell.set_look},
            "/-/offline": {"GET": shell.offline},
            "/-/manifest.webmanifest": {"GET": shell.manifest},
            "/-/worker.js": {"GET": shell.worker},
            "/-/read": {"GET": Reading(core, house).show},
            **AccountPages(*own).routes(),
            **TokenPages(*own).routes(),
            **SecondFactorPages(*own).routes(),
            **PasswordLink(core, house).routes(),
            **DataPages(*own).routes(),
            **LetterPages(core, house).routes(),
            **DomainPages(*own).routes(),
            **KeyPages(*own).routes(),
            **BalancePages(*own).routes(),
            **ZonePages(core, house).routes(),
            **ZoneHistory(core, house).routes(),
            **ZoneImport(core, house).routes(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        method, path = scope["method"], scope["path"]
        if path in self._pages or path.startswith("/-/"):
            return await self._page(scope, receive, send)
        if path.startswith("/captcha/"):
            return await self._send_captcha(scope, send)
        if path == "/picture" and method == "POST":
            return await self._uploads.upload(scope, receive, send)
        if method in ("GET", "HEAD"):
            if path.startswith("/static/") or path == "/favicon.ico":
                return await self._send_static(scope, send)
            if path.startswith("/avatar/"):
                return await _send_avatar(send, path)
            if path.startswith("/picture/"):
                return await self._send_picture(scope, send, path)
        return await _send_missing(send)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await send_body(send, TEXT, b"Internal Server Error\n", status=500)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        """One of our pages. A refusal that its handler did not expect is told on a page of its own."""
        path, method = _DOMAIN.sub("{name}", scope["path"]), scope["method"]
        name = path.strip("/-") if path in self._pages else "unknown"
        handlers = self._pages.get(path, {"GET": self._missing})
        handler = handlers.get("GET" if method == "HEAD" else method)
        if handler is None:
            await _send_missing(send, 405, b"not allowed\n")
            return Outcome(name, "405")
        caller = Caller(address_of(scope))
        try:
            caller, _ = await caller_by_cookie(self._core.auth, scope, self._options, "chatcz")
            form, body = Form([]), b""
            if method == "POST":
                guard_cross_site(scope, self._options)
                room, limits = ROOMY.get(path if caller.account else "", (FORM_MAX_BYTES, SMALL))
                body = await read_body(receive, max_bytes=room)
                form = read_form(header(scope, b"content-type"), body, limits)
            reply = await handler(PageCall(scope, caller, form, body))
        except BesedaError as refusal:
            status = BUSY_STATUSES.get(type(refusal), STATUSES.get(type(refusal), 403))
            page = self._house.page("error.html", scope, caller.account, alert=refusal)
            reply = Reply(page, status=status, code=refusal.code)
        except (FormRefused, BodyTooLarge):
            reply = Reply(
                self._house.page("error.html", scope, caller.account, alert=TOO_LARGE), status=413, code="413"
            )
        await send_reply(send, reply)
        return Outcome(name, reply.code)

    async def _missing(self, call: PageCall) -> Reply:
        page = self._house.page("error.html", call.scope, call.caller.account, alert=NO_SUCH_PAGE)
        return Reply(page, status=404, code="404")

    async def _send_static(self, scope: Scope, send: Send) -> Outcome:
        if scope["path"] == "/favicon.ico":
            scope["path"] = "/static/icon-192.png"
        found = self._house.assets.find(scope)
        if found is None:
            return await _send_missing(send)
        await send_answer(send, *found)
        return Outcome("static", "ok")

    async def _send_captcha(self, scope: Scope, send: Send) -> Outcome:
        """Fetched by image views, which send no cookie: the address alone says which picture."""
        match = _CAPTCHA.fullmatch(scope["path"])
        try:
            if match is None or scope["method"] not in ("GET", "HEAD"):
                raise ChallengeNotFound
            body = await self._core.captcha.picture(match[1], address_of(scope))
        except BesedaError as refusal:
            status = 404 if isinstance(refusal, ChallengeNotFound) else 429 if isinstance(refusal, TooOften) else 503
            await send_body(send, TEXT, f"{refusal.code}\n".encode(), status=status)
            return Outcome("captcha", str(status))
        await send_body(send, b"image/png", body)
        return Outcome("captcha", "200")

    async def _send_picture(self, scope: Scope, send: Send, path: str) -> Outcome:
        match = _PICTURE.fullmatch(path)
        try:
            content = await self._core.pictures.get(AccountId(int(match[1])), int(match[2])) if match else b""
        except AccountNotFound:
            content = b""
        except BesedaError as refusal:
            status = BUSY_STATUSES.get(type(refusal), 403)
            await send_body(send, TEXT, self._house.text(scope, None, refusal).encode() + b"\n", status=status)
            return Outcome("picture", refusal.code)
        if not content:
            return await _send_missing(send)
        return await _send_kept(send, b"image/jpeg", content, "picture")


async def _send_avatar(send: Send, path: str) -> Outcome:
    number = path.removeprefix("/avatar/").removesuffix(".png")
    if not (number.isascii() and number.isdigit() and len(number) < 20 and int(number) <= MAX_ID):
        return await _send_missing(send)
    return await _send_kept(send, b"image/png", avatar(int(number)), "avatar")


async def _send_kept(send: Send, content_type: bytes, body: bytes, method: str) -> Outcome:
    """Something that is the same for everybody and may be kept."""
    length = (b"content-length", str(len(body)).encode())
    await send_answer(send, [(b"content-type", content_type), length, A_DAY, *PAGE_HEADERS], body)
    return Outcome(method, "ok")


async def _send_missing(send: Send, status: int = 404, text: bytes = b"not found\n") -> Outcome:
    await send_body(send, TEXT, text, status=status)
    return Outcome("unknown", str(status))
