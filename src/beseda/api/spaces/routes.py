"""Spaces as an ASGI application: read the call, do it, answer; HTTP 200 whatever the outcome."""

from collections.abc import Awaitable, Callable

from beseda.api.base import (
    FORM_MAX_BYTES,
    BodyTooLarge,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    address_of,
    cookies,
    guard_cross_site,
    header,
    is_secure,
    origin_of,
    read_body,
    send_body,
)
from beseda.api.forms import FormRefused
from beseda.api.spaces import codec
from beseda.api.spaces.codec import Answer, Call, Member, Site
from beseda.api.spaces.codes import UNKNOWN_ERROR
from beseda.api.spaces.errors import CallRefused
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError
from beseda.domain.sessions import Handle, Session

JSON = b"application/json; charset=utf-8"
BROKEN = "Произошла ошибка. Попробуйте ещё раз."
"""All that a client learns of a fault of ours."""


class SpacesFace:
    name = "spaces"

    def __init__(self, core: Core, clock: Clock, options: WebOptions, oauth: dict[str, str]) -> None:
        self._core = core
        self._clock = clock
        self._options = options
        self._links = codec.oauth_links(oauth)
        self._methods: dict[str, Callable[[Scope, Call], Awaitable[Answer]]] = {
            "session.login": self._login,
            "session.check": self._check,
            "session.logout": self._logout,
            "common.getOAuthLinks": self._oauth_links,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        began_s, method = self._clock.monotonic_s(), "unknown"
        try:
            call = await self._read(scope, receive)
            method = call.method
            if call.guarded:
                guard_cross_site(scope, self._options)
            answer = await self._methods[method](scope, call)
        except (BesedaError, CallRefused, FormRefused, BodyTooLarge) as error:
            answer = codec.refusal(error)
        await self._send(scope, send, answer, self._clock.monotonic_s() - began_s)
        return Outcome(method, answer.code)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await self._send(scope, send, Answer(UNKNOWN_ERROR, more={"message": BROKEN}), 0.0)

    async def _read(self, scope: Scope, receive: Receive) -> Call:
        """The call. Raises what codec.read_call does, and BodyTooLarge."""
        body = await read_body(receive, max_bytes=FORM_MAX_BYTES)
        content_type, cookie = header(scope, b"content-type"), cookies(scope).get("sid", "")
        if self._is_cross_site(scope):
            cookie = ""
        return codec.read_call(scope["method"], scope["path"], scope["query_string"], content_type, body, cookie)

    def _is_cross_site(self, scope: Scope) -> bool:
        """Whether a browser asks for a page of a site that may not use the visitor's session."""
        if header(scope, b"sec-fetch-site") != b"cross-site":
            return False
        return (header(scope, b"origin") or b"").decode("latin-1") not in self._options.origins

    async def _send(self, scope: Scope, send: Send, answer: Answer, took_s: float) -> None:
        site = Site(origin_of(scope, self._options), self._options.sid_in_links)
        body = codec.encode(answer, site, now_s=int(self._clock.now().timestamp()), took_s=took_s)
        if answer.cookie is None:
            await send_body(send, JSON, body)
        else:
            cookie = codec.sid_cookie(answer.cookie, secure=is_secure(scope, self._options))
            await send_body(send, JSON, body, (b"set-cookie", cookie))

    async def _login(self, scope: Scope, call: Call) -> Answer:
        caller = await self._caller(scope, call)
        caller.check_signed_out()
        login, password = call.body.get("login") or "", call.body.get("password") or ""
        new = await self._core.auth.sign_in(login, password, kind=Handle.SID, address=caller.address)
        return Answer(member=self._member(new.account, new.session, new.handle), cookie=new.handle)

    async def _check(self, scope: Scope, call: Call) -> Answer:
        account, session = (await self._caller(scope, call)).signed_in()
        return Answer(member=self._member(account, session, call.sid))

    async def _logout(self, scope: Scope, call: Call) -> Answer:
        caller = await self._caller(scope, call)
        _, session = caller.signed_in()
        if call.proof is not None:
            self._core.auth.check_proof(session, call.sid, call.proof)
        await self._core.auth.sign_out(caller)
        return Answer(cookie="" if call.rides else None)

    async def _oauth_links(self, scope: Scope, call: Call) -> Answer:
        return self._links

    async def _caller(self, scope: Scope, call: Call) -> Caller:
        address = address_of(scope)
        return await self._core.auth.caller(Handle.SID, call.sid, address) if call.sid else Caller(address)

    def _member(self, account: Account, session: Session, sid: str) -> Member:
        return Member(account, self._core.auth.channel(session), sid)
