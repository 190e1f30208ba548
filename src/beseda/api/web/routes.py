"""What belongs to all pages: static files, pictures of members, captchas; and the way to our own (`pages.py`)."""

import re
from functools import cached_property
from typing import TYPE_CHECKING

from beseda.api.base import (
    BUSY_STATUSES,
    PAGE_HEADERS,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    address_of,
    send_answer,
    send_body,
)
from beseda.api.web.assets import A_DAY
from beseda.api.web.avatar import avatar
from beseda.api.web.house import House
from beseda.api.web.uploads import Uploads
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import AccountNotFound, BesedaError, ChallengeNotFound, TooOften
from beseda.domain.ids import MAX_ID, AccountId

if TYPE_CHECKING:
    from beseda.api.web.pages import Pages

_CAPTCHA = re.compile(r"/captcha/([0-9]{16})\.png")
_PICTURE = re.compile(r"/picture/([0-9]{1,18})-([0-9]{1,16})\.jpg")
TEXT = b"text/plain; charset=utf-8"


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        method, path = scope["method"], scope["path"]
        if path == "/register" or path.startswith("/-/"):
            return await self._pages(scope, receive, send)
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

    @cached_property
    def _pages(self) -> "Pages":
        """Loaded for whoever asks for the first."""
        from beseda.api.web.pages import Pages

        return Pages(self._core, self._options, self._house)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await send_body(send, TEXT, b"Internal Server Error\n", status=500)

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


async def _send_missing(send: Send) -> Outcome:
    await send_body(send, TEXT, b"not found\n", status=404)
    return Outcome("unknown", "404")
