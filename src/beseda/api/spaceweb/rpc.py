"""SpaceWeb's gateway: one POST is one call of a method of the object that the path names."""

from collections.abc import Awaitable, Collection
from typing import NamedTuple

from beseda.api.base import (
    FACTS,
    JSON_MAX_BYTES,
    BodyTooLarge,
    Outcome,
    Receive,
    Scope,
    Send,
    address_of,
    header,
    read_body,
    send_body,
)
from beseda.api.gate import GATE, pass_gate
from beseda.api.jsontext import MAX_MEMBERS
from beseda.api.refusing import note_refusal
from beseda.api.spaceweb.codec import (
    CRASHED,
    ID_ALPHABET,
    ID_CHARS,
    METHOD_NOT_FOUND,
    NOT_POST,
    OBJECT_NOT_FOUND,
    Request,
    RpcRefused,
    decode_request,
    encode_answer,
    make_id,
    named_params,
    too_large,
)
from beseda.api.spaceweb.errors import answer_to
from beseda.api.spaceweb.table import READS, Gateway, Object
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Entropy
from beseda.domain.errors import BesedaError, NotSignedIn, TokenTooNarrow
from beseda.domain.sessions import Handle
from beseda.wire.spaceweb.envelope import Fault

LARGE_MAX_BYTES, LARGE_MAX_MEMBERS = 2 * 1024 * 1024, 100_000
"""What objects that take whole zones read of who is signed in."""
JSON = b"application/json; charset=utf-8"
CALL_ID, CALL_NAME = "spaceweb.id", "spaceweb.name"
"""Where in the scope it stands which call this is, for whatever answer it gets."""


class Rpc:
    """ASGI. The HTTP status is 200 always; what went wrong is in the body."""

    def __init__(
        self,
        gateway: Gateway,
        clock: Clock,
        entropy: Entropy,
        objects: Collection[Object],
    ) -> None:
        self._gateway = gateway
        # COMPAT(spaceweb): clients write the path with and without a final slash.
        self._objects = {f"/{each.name}{slash}": each for each in objects for slash in ("", "/")}
        self.calls = frozenset(name for each in objects for name in each.calls.values())
        self._clock = clock
        self._entropy = entropy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        try:
            answer = await self._call(scope, receive)
        except RpcRefused as refused:
            answer = refused.fault
            scope.setdefault(CALL_ID, refused.id)
        except BesedaError as error:
            note_refusal(error)
            answer = answer_to(error)
        await self._send(scope, send, answer)
        return Outcome(scope.get(CALL_NAME, "unknown"), str(answer.code) if type(answer) is Fault else "ok")

    async def _call(self, scope: Scope, receive: Receive) -> object:
        """The result of the method. Raises RpcRefused, and what the deeds of the core raise."""
        facts = scope.setdefault(FACTS, {})
        head: _Head | None = facts.get(_Head)
        if head is None:
            head = facts[_Head] = _Head(self._objects.get(scope["path"]), address_of(scope), _token(scope))
        thing = head.thing
        max_bytes, max_members = JSON_MAX_BYTES, MAX_MEMBERS
        if thing is not None and thing.large and await self._is_signed_in(head):
            max_bytes, max_members = LARGE_MAX_BYTES, LARGE_MAX_MEMBERS
        request = decode_request(await _read_post(scope, receive, max_bytes), max_members)
        scope[CALL_ID] = request.id
        if thing is None:
            raise RpcRefused(OBJECT_NOT_FOUND)
        caller = Caller(head.address) if thing.public else await self._caller(head, request)
        method = thing.methods.get(request.method)
        if method is None:
            raise RpcRefused(METHOD_NOT_FOUND)
        scope[CALL_NAME] = name = thing.calls[method.name]
        if caller.scope.read_only and method.name not in READS:
            raise TokenTooNarrow
        if GATE in scope:
            await pass_gate(scope, f"spaceweb.{name}")
        return await method.deed(self._gateway, caller, *method.arguments(named_params(request.params)))

    async def _is_signed_in(self, head: "_Head") -> bool:
        """Whether the token is good, before anything of the body is read."""
        try:
            return (await self._bearer(head)).account is not None
        except BesedaError:
            return False

    async def _caller(self, head: "_Head", request: Request) -> Caller:
        """Who shows the token. Raises NotSignedIn, also when the token is not that of the `user` in the request."""
        caller = await self._bearer(head)
        caller.signed_in()
        if request.user:
            await self._gateway.core.auth.check_login(caller, request.user)
        return caller

    def _bearer(self, head: "_Head") -> Awaitable[Caller]:
        if not head.token:
            raise NotSignedIn
        return self._gateway.core.auth.caller(Handle.BEARER, head.token, head.address, protocol="spaceweb")

    def _send(self, scope: Scope, send: Send, answer: object) -> Awaitable[None]:
        call_id = scope.get(CALL_ID)
        if call_id is None:
            call_id = make_id(self._clock.now(), self._entropy.text(ID_CHARS, ID_ALPHABET))
        return send_body(send, JSON, encode_answer(call_id, answer))

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await self._send(scope, send, CRASHED)


class _Head(NamedTuple):
    """What the head of a request says: the object, who calls, the token, "" for none."""

    thing: Object | None
    address: str
    token: str


def _token(scope: Scope) -> str:
    scheme, _, token = (header(scope, b"authorization") or b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _read_post(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    # COMPAT(spaceweb): a client in C# sends GET, with the same body as others post.
    if scope["method"] not in ("POST", "GET"):
        raise RpcRefused(NOT_POST)
    try:
        body = await read_body(receive, max_bytes=max_bytes)
    except BodyTooLarge:
        raise RpcRefused(too_large(max_bytes)) from None
    if not body and scope["method"] == "GET":
        raise RpcRefused(NOT_POST)
    return body
