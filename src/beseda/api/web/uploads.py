"""The upload of a member's picture: a form with a file."""

from urllib.parse import quote

from beseda.api.base import (
    BUSY_STATUSES,
    FORM_MAX_BYTES,
    BodyTooLarge,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    guard_cross_site,
    header,
    read_body,
    send_body,
)
from beseda.api.callers import caller_by_cookie
from beseda.api.forms import FormRefused, read_file
from beseda.api.web.call import Reply, send_reply
from beseda.api.web.house import House
from beseda.core.core import Core
from beseda.core.pictures import CONTENT_MAX_BYTES
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError, PictureInvalid

TEXT = b"text/plain; charset=utf-8"


class Uploads:
    def __init__(self, core: Core, options: WebOptions, house: House) -> None:
        self._core = core
        self._options = options
        self._house = house

    async def upload(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        """A form with the file `picture`; without one the picture is taken away. Then back to the member's profile."""
        account = None
        try:
            guard_cross_site(scope, self._options)
            caller, _ = await caller_by_cookie(self._core.auth, scope, self._options, "chatcz")
            account, _ = caller.signed_in()
            body = await read_body(receive, max_bytes=CONTENT_MAX_BYTES + FORM_MAX_BYTES)
            if content := read_file(header(scope, b"content-type"), body, "picture", max_bytes=CONTENT_MAX_BYTES):
                await self._core.pictures.set_picture(caller, content)
            else:
                await self._core.pictures.remove_picture(caller)
        except (BesedaError, FormRefused, BodyTooLarge) as problem:
            return await self._refuse(scope, send, account, problem)
        location = (b"location", b"/p/" + quote(account.nick, safe="").encode())
        await send_body(send, TEXT, b"", location, status=303)
        return Outcome("upload_picture", "ok")

    async def _refuse(self, scope: Scope, send: Send, account: Account | None, problem: Exception) -> Outcome:
        """A page for browsers, a line for all others."""
        told, status = (problem, 403) if isinstance(problem, BesedaError) else (PictureInvalid(), 413)
        status = BUSY_STATUSES.get(type(told), status)
        if b"text/html" in (header(scope, b"accept") or b""):
            await send_reply(send, Reply(self._house.page("error.html", scope, account, alert=told), status=status))
        else:
            await send_body(send, TEXT, self._house.text(scope, account, told).encode() + b"\n", status=status)
        return Outcome("upload_picture", told.code)
