"""Pages of our own: registration, pictures (also those that tell people from programs), the style sheet."""

import re
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader

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
from beseda.api.forms import Form, FormRefused, read_file, read_form
from beseda.api.web.avatar import avatar
from beseda.api.web.texts import ERRORS, LANGUAGES, TEXTS, language
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.pictures import CONTENT_MAX_BYTES
from beseda.core.ports import Clock
from beseda.domain.accounts import read_birth_date, read_sex
from beseda.domain.errors import AccountNotFound, BesedaError, ChallengeNotFound, PictureInvalid, TooOften
from beseda.domain.ids import MAX_ID, AccountId

_CAPTCHA = re.compile(r"/captcha/([0-9]{16})\.png")
_PICTURE = re.compile(r"/picture/([0-9]{1,18})-([0-9]{1,16})\.jpg")
KEEP_A_DAY = (b"cache-control", b"public, max-age=86400")
STATIC = {
    f"/static/{name}": (content_type, files("beseda.api.web").joinpath("static", name).read_bytes())
    for name, content_type in (
        ("beseda.css", b"text/css; charset=utf-8"),
        ("room.js", b"text/javascript; charset=utf-8"),
        ("man_on.gif", b"image/gif"),
        ("man_off.gif", b"image/gif"),
    )
}


class WebFace:
    name = "web"
    calls = frozenset[str]()
    roots = frozenset({"avatar", "captcha", "picture", "register", "static"})

    def __init__(self, core: Core, clock: Clock, options: WebOptions) -> None:
        self._core = core
        self._options = options
        self._pages = Environment(loader=PackageLoader("beseda.api.web"), autoescape=True, trim_blocks=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        method, path = scope["method"], scope["path"]
        if path == "/register" and method in ("GET", "HEAD"):
            return await self._show(scope, send, Form([]))
        if path == "/register" and method == "POST":
            return await self._register(scope, receive, send)
        if path.startswith("/avatar/") and method in ("GET", "HEAD"):
            return await _send_avatar(send, path)
        if path.startswith("/captcha/"):
            return await self._send_captcha(scope, send)
        if path == "/picture" and method == "POST":
            return await self._upload(scope, receive, send)
        if path.startswith("/picture/") and method in ("GET", "HEAD"):
            return await self._send_picture(scope, send, path)
        if path in STATIC and method in ("GET", "HEAD"):
            return await _send_kept(send, *STATIC[path], "static")
        return await _send_missing(send)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await send_body(send, b"text/plain; charset=utf-8", b"Internal Server Error\n", status=500)

    async def _register(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        form = Form([])
        try:
            form = read_form(header(scope, b"content-type"), await read_body(receive, max_bytes=FORM_MAX_BYTES))
            guard_cross_site(scope, self._options)
            invite = (form.get_secret("invite") or "").strip()
            await self._core.accounts.register(Caller(address_of(scope)), application(form), invite)
        except BesedaError as refusal:
            return await self._show(scope, send, form, refusal=refusal)
        except (FormRefused, BodyTooLarge):
            return await _send_missing(send, 413, b"too much\n")
        return await self._show(scope, send, form, done=True)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        """A form with the file `picture`; without one the picture is taken away. Then back to the member's profile."""
        try:
            guard_cross_site(scope, self._options)
            caller, _ = await caller_by_cookie(self._core.auth, scope, self._options, "chatcz")
            account, _ = caller.signed_in()
            body = await read_body(receive, max_bytes=CONTENT_MAX_BYTES + FORM_MAX_BYTES)
            if content := read_file(header(scope, b"content-type"), body, "picture", max_bytes=CONTENT_MAX_BYTES):
                await self._core.pictures.set_picture(caller, content)
            else:
                await self._core.pictures.remove_picture(caller)
        except (BesedaError, FormRefused, BodyTooLarge) as refusal:
            kind = type(refusal) if isinstance(refusal, BesedaError) else PictureInvalid
            status = BUSY_STATUSES.get(kind, 403) if type(refusal) is kind else 413
            return await _send_refusal(scope, send, "upload_picture", kind, status)
        location = (b"location", b"/p/" + quote(account.nick, safe="").encode())
        await send_body(send, b"text/plain; charset=utf-8", b"", location, status=303)
        return Outcome("upload_picture", "ok")

    async def _send_captcha(self, scope: Scope, send: Send) -> Outcome:
        """Fetched by image views, which send no cookie: the address alone says which picture."""
        match = _CAPTCHA.fullmatch(scope["path"])
        try:
            if match is None or scope["method"] not in ("GET", "HEAD"):
                raise ChallengeNotFound
            body = await self._core.captcha.picture(match[1], address_of(scope))
        except BesedaError as refusal:
            status = 404 if isinstance(refusal, ChallengeNotFound) else 429 if isinstance(refusal, TooOften) else 503
            await send_body(send, b"text/plain; charset=utf-8", f"{refusal.code}\n".encode(), status=status)
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
            return await _send_refusal(scope, send, "picture", type(refusal), BUSY_STATUSES.get(type(refusal), 403))
        if not content:
            return await _send_missing(send)
        return await _send_kept(send, b"image/jpeg", content, "picture")

    async def _show(
        self, scope: Scope, send: Send, form: Form, *, done: bool = False, refusal: BesedaError | None = None
    ) -> Outcome:
        chosen = language((header(scope, b"accept-language") or b"").decode("latin-1"))
        told = ERRORS[type(refusal)][LANGUAGES.index(chosen)] if refusal else ""
        message = TEXTS[chosen]["done"] if done else told
        page = self._pages.get_template("register.html").render(
            language=chosen,
            t=TEXTS[chosen],
            done=done,
            message=message,
            form={name: form.get(name) or "" for name in FIELDS},
        )
        html = b"text/html; charset=utf-8"
        status = BUSY_STATUSES.get(type(refusal), 422) if refusal else 200
        await send_body(send, html, page.encode(), *PAGE_HEADERS, status=status)
        return Outcome("register", refusal.code if refusal else "ok")


FIELDS = ("nick", "email", "phone", "sex", "birth_date", "age_public", "invite")
"""What a refused form is filled in with again; not the password."""


def application(form: Form) -> Application:
    """What was filled in. Raises SexInvalid, BirthDateInvalid."""
    return Application(
        nick=form.get("nick") or "",
        password=form.get_secret("password") or "",
        email=(form.get("email") or "").strip(),
        phone=(form.get("phone") or "").strip(),
        sex=read_sex(form.get("sex") or ""),
        birth_date=read_birth_date(form.get("birth_date") or ""),
        age_public=bool(form.get("age_public")),
    )


async def _send_avatar(send: Send, path: str) -> Outcome:
    number = path.removeprefix("/avatar/").removesuffix(".png")
    if not (number.isascii() and number.isdigit() and len(number) < 20 and int(number) <= MAX_ID):
        return await _send_missing(send)
    return await _send_kept(send, b"image/png", avatar(int(number)), "avatar")


async def _send_refusal(scope: Scope, send: Send, method: str, kind: type[BesedaError], status: int) -> Outcome:
    """In words, in the reader's language."""
    chosen = language((header(scope, b"accept-language") or b"").decode("latin-1"))
    text = ERRORS[kind][LANGUAGES.index(chosen)].encode() + b"\n"
    await send_body(send, b"text/plain; charset=utf-8", text, status=status)
    return Outcome(method, kind.code)


async def _send_kept(send: Send, content_type: bytes, body: bytes, method: str) -> Outcome:
    """Something that is the same for everybody and may be kept."""
    length = (b"content-length", str(len(body)).encode())
    await send_answer(send, [(b"content-type", content_type), length, KEEP_A_DAY, *PAGE_HEADERS], body)
    return Outcome(method, "ok")


async def _send_missing(send: Send, status: int = 404, text: bytes = b"not found\n") -> Outcome:
    await send_body(send, b"text/plain; charset=utf-8", text, status=status)
    return Outcome("unknown", str(status))
