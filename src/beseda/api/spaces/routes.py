"""Spaces as an ASGI application: read the call, do it, answer; in JSON with HTTP 200 whatever the outcome.

The live channel is what else is here; it answers as its clients, which are no callers of the API, expect.
"""

from collections.abc import Awaitable
from typing import NamedTuple

from beseda.api.base import (
    FACTS,
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
    is_trusted,
    origin_of,
    read_body,
    send_body,
)
from beseda.api.browsers import Visit, visit_of
from beseda.api.forms import FormRefused
from beseda.api.gate import GATE, pass_gate
from beseda.api.refusing import note_refusal
from beseda.api.spaces import codec
from beseda.api.spaces.asked import Asked, Handler
from beseda.api.spaces.channel import Channels
from beseda.api.spaces.chat import ChatMethods
from beseda.api.spaces.codec import (
    PROVED_CHANGES,
    READ_VERBS,
    READS,
    SEEN_READS,
    Answer,
    LinkBase,
    MemberSession,
    SpacesCall,
)
from beseda.api.spaces.errors import NotMeant, SpacesCallRefused
from beseda.api.spaces.mail import MailMethods
from beseda.api.spaces.mailbox import MailboxMethods
from beseda.api.spaces.pages import Pages, is_page
from beseda.api.spaces.people import PeopleMethods
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import BesedaError, WrongProof
from beseda.domain.sessions import Handle
from beseda.wire.spaces.codes import UNKNOWN_ERROR

JSON = b"application/json; charset=utf-8"
LETTER_FORM_MAX_BYTES = 2 * FORM_MAX_BYTES
"""Ten thousand characters, escaped, may need more than forms have otherwise; what is longer is no letter."""
READ_KEPT_BYTES = 1024
"""Bodies that are longer are read each time: a connection that is idle keeps little."""
BROKEN = "Произошла ошибка. Попробуйте ещё раз."
"""All that a client learns of a fault of ours."""


class _Head(NamedTuple):
    """What the head of a request says. `site` is without a sid; `cookie` is the sid's, if it may be used."""

    site: LinkBase
    for_people: bool
    address: str
    cookie: str
    max_bytes: int


class _Read(NamedTuple):
    """A body of this connection's, and what it asks for: some clients ask the same again and again."""

    body: bytes
    call: SpacesCall
    site: LinkBase


class SpacesFace:
    name = "spaces"
    roots = frozenset({"ajax", "journal", "lpex", "mail", "mysite", "neoapi", "ws"})

    def __init__(
        self, core: Core, channels: Channels, clock: Clock, options: WebOptions, oauth: dict[str, str]
    ) -> None:
        self._channels = channels
        self._core = core
        self._clock = clock
        self._options = options
        self._links = codec.oauth_links(oauth)
        self._pages = Pages()
        self._encoder = codec.Encoder(core.auth.channel)
        mail = MailMethods(core)
        self._methods: dict[str, Handler] = {
            "session.login": self._login,
            "session.check": self._check,
            "session.logout": self._logout,
            "common.getOAuthLinks": self._oauth_links,
            **mail.handlers,
            **MailboxMethods(core, mail).handlers,
            **PeopleMethods(core).handlers,
            **ChatMethods(core).handlers,
        }
        self.calls = frozenset(self._methods)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[Outcome]:
        path: str = scope["path"]
        answer = self._channels if path.startswith(("/ws/", "/lpex/")) else self._api
        return answer(scope, receive, send)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        site = LinkBase(origin_of(scope, self._options))
        await self._send(scope, send, site, Answer(UNKNOWN_ERROR, more={"message": BROKEN}), 0.0)

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        began_s, method = self._clock.monotonic_s(), "unknown"
        head = self._read_head(scope)
        site, for_people = head.site, head.for_people
        try:
            body = await read_body(receive, max_bytes=head.max_bytes)
            read = self._read(scope, head, body)
            call = read.call
            method, for_people = call.method, for_people and call.text("json") != "1"
            if GATE in scope:
                await pass_gate(scope, f"spaces.{method}")
            if method in SEEN_READS and scope["method"] in READ_VERBS:
                _check_meant(scope)
            if call.guarded:
                guard_cross_site(scope, self._options)
            site = read.site
            caller = await self._caller(call.sid, head.address) if call.sid else Caller(head.address)
            asked = Asked(scope, call, caller, site)
            if method in PROVED_CHANGES:
                await self._check_proof(asked)
            answer = await self._methods[method](asked)
        except (BesedaError, SpacesCallRefused, FormRefused, BodyTooLarge) as error:
            if isinstance(error, BesedaError):
                note_refusal(error)
            answer = codec.refusal(error, site, self._now_s())
        if for_people:
            await self._pages.send(send, method, answer, site)
        else:
            await self._send(scope, send, site, answer, self._clock.monotonic_s() - began_s)
        return Outcome(method, answer.code)

    def _read_head(self, scope: Scope) -> _Head:
        facts = scope.setdefault(FACTS, {})
        head: _Head | None = facts.get(_Head)
        if head is None:
            head = facts[_Head] = _Head(
                site=LinkBase(origin_of(scope, self._options), self._options.sid_in_links),
                for_people=is_page(scope),
                address=address_of(scope),
                cookie="" if self._is_cross_site(scope) else cookies(scope).get("sid", ""),
                max_bytes=LETTER_FORM_MAX_BYTES if codec.holds_letters(scope["path"]) else FORM_MAX_BYTES,
            )
        return head

    def _read(self, scope: Scope, head: _Head, body: bytes) -> _Read:
        """What a request asks for. Raises UnknownMethod, WrongVerb, FormRefused."""
        facts = scope[FACTS]
        read: _Read | None = facts.get(_Read)
        if read is None or read.body != body:
            content_type = header(scope, b"content-type")
            call = codec.read_call(
                scope["method"], scope["path"], scope["query_string"], content_type, body, head.cookie
            )
            site = LinkBase(head.site.origin, head.site.sid_in_links or not call.rides, call.sid)
            read = _Read(body, call, site)
            if (
                call.method in READS and len(body) <= READ_KEPT_BYTES
            ):  # in which there is no password, no letter, nothing to keep from anybody else
                facts[_Read] = read
        return read

    def _is_cross_site(self, scope: Scope) -> bool:
        """Whether a browser asks for a page of a site that may not use the visitor's session."""
        if header(scope, b"sec-fetch-site") != b"cross-site":
            return False
        return not is_trusted(scope, self._options)

    async def _check_proof(self, asked: Asked) -> None:
        """Raises NotSignedIn, WrongProof (also when there is none), TooOften."""
        _, session = asked.caller.signed_in()
        proof = asked.call.proof
        if proof is None:
            raise WrongProof
        await self._core.auth.check_proof(session, asked.call.sid, proof)

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())

    def _send(self, scope: Scope, send: Send, site: LinkBase, answer: Answer, took_s: float) -> Awaitable[None]:
        body = self._encoder.encode(answer, site, now_s=self._now_s(), took_s=took_s)
        if answer.cookie is None:
            return send_body(send, JSON, body)
        cookie = codec.sid_cookie(answer.cookie, secure=is_secure(scope, self._options))
        return send_body(send, JSON, body, (b"set-cookie", cookie))

    async def _login(self, asked: Asked) -> Answer:
        asked.caller.check_signed_out()
        body, address = asked.call.body, asked.caller.address
        login, password, code = body.get("login"), body.get_secret("password"), body.get_secret("code")
        new = await self._core.auth.sign_in(
            login or "", password or "", kind=Handle.SID, address=address, code=code or "", protocol="spaces"
        )
        caller = Caller(address, new.account, new.session)
        return await self._member(caller, new.handle, cookie=new.handle)

    def _check(self, asked: Asked) -> Awaitable[Answer]:
        return self._member(asked.caller, asked.call.sid)

    async def _logout(self, asked: Asked) -> Answer:
        _, session = asked.caller.signed_in()
        if asked.call.proof is not None:
            await self._core.auth.check_proof(session, asked.call.sid, asked.call.proof)
        await self._core.auth.sign_out(asked.caller)
        return Answer(cookie="" if asked.call.rides else None)

    async def _oauth_links(self, asked: Asked) -> Answer:
        return self._links

    def _caller(self, sid: str, address: str) -> Awaitable[Caller]:
        return self._core.auth.caller(Handle.SID, sid, address, protocol="spaces")

    async def _member(self, caller: Caller, sid: str, cookie: str | None = None) -> Answer:
        """Who is signed in. Raises NotSignedIn."""
        account, session = caller.signed_in()
        counts = await self._core.counters.count(caller)
        return Answer(member=MemberSession(account, session, sid, counts.mail), cookie=cookie)


def _check_meant(scope: Scope) -> None:
    """Raises NotMeant."""
    if scope["method"] == "HEAD" or visit_of(scope) is Visit.ASIDE:
        raise NotMeant
