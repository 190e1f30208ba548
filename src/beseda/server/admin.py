"""The admin's API: the operator's commands over HTTP, for whoever has a token; described by OpenAPI.

Reading is GET with the arguments in the query, changing is POST with one JSON object. `Authorization: Bearer TOKEN`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from beseda.api.base import BodyTooLarge, Receive, Scope, Send, header, read_body, send_answer
from beseda.api.jsontext import JsonRefused, read_json, write_json
from beseda.core.patience import be_patient
from beseda.domain.errors import Busy, NotFound, TooOften
from beseda.domain.operators import OperatorToken
from beseda.server.admin_document import document
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import PASSWORD
from beseda.server.cli.operations import WRONG_USAGE, BadArguments, Operation, operations
from beseda.server.cli.output import explain

ROOT = "/admin/api/"
BODY_MAX_BYTES = 64 * 1024


class Refusal(Exception):
    """What is answered instead: a status, a lasting code, a sentence, further headers."""

    def __init__(self, status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> None:
        self.status = status
        self.record: dict[str, object] = {"error": code, "message": message}
        self.headers = list(headers)


class AdminApi:
    """ASGI below ROOT."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._operations = operations()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        be_patient()
        try:
            status, headers, answer = 200, [], await self._answer(scope, receive)
        except Refusal as refusal:
            status, headers, answer = refusal.status, refusal.headers, refusal.record
        told = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *headers]
        await send_answer(send, told, write_json(answer), status)

    async def _answer(self, scope: Scope, receive: Receive) -> Any:
        path = scope["path"].removeprefix(ROOT)
        if path == "openapi.json":
            return document(self._operations)
        token = await self._whose(scope)
        operation = self._operations.get(path)
        if operation is None:
            raise Refusal(404, "no_such_command", f"there is no {ROOT}{path[:100]!s}".replace("\0", ""))
        method = "POST" if operation.changes else "GET"
        if scope["method"] != method:
            raise Refusal(405, "wrong_method", f"say {method}", (b"allow", method.encode()))
        if token.role < operation.least:
            needed = operation.least.name.lower()
            raise Refusal(403, "role_too_low", f"this takes a token of role {needed} or higher")
        given = await _given(scope, receive, operation)
        return await perform(self._parts, operation, f"{token.name} (token {token.id})", given)

    async def _whose(self, scope: Scope) -> OperatorToken:
        scheme, _, secret = (header(scope, b"authorization") or b"").decode("latin-1").partition(" ")
        token = None
        if scheme.lower() == "bearer" and secret:
            token = await _telling(self._parts.core.operators.authenticate(secret.strip()))
        if token is None:
            raise Refusal(401, "no_token", "say Authorization: Bearer TOKEN", (b"www-authenticate", b"Bearer"))
        found: OperatorToken = token
        return found


async def perform(parts: Parts, operation: Operation, who: str, given: Mapping[str, object]) -> Any:
    """What the operation answers to these arguments, JSON values or texts. Raises Refusal."""
    rest: dict[str, object] = {**given}
    password = rest.pop("password", None) if operation.takes_password else None
    if password is not None and not isinstance(password, str):
        raise Refusal(400, "bad_arguments", "password is no text")
    try:
        # In a thread: for the first, typer loads what it reads them with.
        arguments = await asyncio.to_thread(operation.read, rest, has_password=password is not None)
    except BadArguments as error:
        raise Refusal(400, "bad_arguments", str(error)) from error
    before = PASSWORD.set(password)
    try:
        return await _telling(operation.run(parts, who, arguments))
    finally:
        PASSWORD.reset(before)


async def _given(scope: Scope, receive: Receive, operation: Operation) -> Mapping[str, object]:
    if not operation.changes:
        pairs: list[tuple[str, object]] = [*parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)]
        if len(dict(pairs)) < len(pairs):
            raise Refusal(400, "bad_arguments", "an argument is given twice")
        return dict(pairs)
    try:
        body = await read_body(receive, max_bytes=BODY_MAX_BYTES)
        given = read_json(body) if body else {}
    except BodyTooLarge as error:
        raise Refusal(413, "too_large", f"more than {BODY_MAX_BYTES} bytes") from error
    except JsonRefused as error:
        raise Refusal(400, "bad_arguments", "the body is no JSON") from error
    if not isinstance(given, dict):
        raise Refusal(400, "bad_arguments", "the body is no JSON object")
    return given


async def _telling(work: Any) -> Any:
    """What the work returns; what it raises is a Refusal, unless it is a fault in the program."""
    try:
        return await work
    except WRONG_USAGE as error:
        raise Refusal(400, "bad_arguments", error.format_message()) from error
    except Exception as error:
        told = explain(error)
        if told is None:
            raise
        match error:
            case TooOften():
                status = 429
            case Busy():
                status = 503
            case NotFound():
                status = 404
            case _:
                status = 422
        refusal = Refusal(status, str(told["error"]), str(told["message"]))
        refusal.record = dict(told)
        raise refusal from error
