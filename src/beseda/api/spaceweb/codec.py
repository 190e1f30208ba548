"""SpaceWeb's dialect of JSON-RPC 2.0, from bytes and back ("SpaceWeb interaction document").

What differs from JSON-RPC 2.0: the path names an object and `method` one of its methods, `index` when it is left out;
parameters are named; a request without an id is answered, under an id made here; every answer has a `version`; one
request at a time, no batches.
"""

import re
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

import msgspec

from beseda.api.jsontext import MAX_MEMBERS, JsonNotTaken, JsonRefused, read_json, write_json
from beseda.wire.spaceweb.envelope import DEFAULT_METHOD, VERSION, Code, Fault

Id = str | int | float | msgspec.Raw
"""As it was sent: raw where no number here can be it."""

ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_CHARS = 10

_HEAD = f'{{"jsonrpc":"2.0","version":"{VERSION}","id":'.encode()
_NOT_ASCII = re.compile("[^\x00-\x7f]+")


class RpcRefused(Exception):
    """The request cannot be carried out as it is; `id` is the request's, None when there is none to be read."""

    def __init__(self, fault: Fault, call_id: Id | None = None) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.id = call_id


MALFORMED = Fault(Code.MALFORMED, "Parse error")
NOT_UTF8 = Fault(Code.NOT_UTF8, "Parse error: unsupported encoding")
NOT_TAKEN = Fault(Code.NOT_TAKEN, "Invalid Request")
NOT_POST = Fault(Code.NOT_TAKEN, "Invalid Request: the method of HTTP must be POST")
BATCH = Fault(Code.NOT_TAKEN, "Invalid Request: batches are not supported")
NOT_AN_OBJECT = Fault(Code.NOT_TAKEN, "Invalid Request: must be an object")
WRONG_ID = Fault(Code.NOT_TAKEN, "Invalid Request: id must be a string or a number")
WRONG_VERSION = Fault(Code.NOT_TAKEN, 'Invalid Request: jsonrpc must be "2.0"')
WRONG_METHOD = Fault(Code.NOT_TAKEN, "Invalid Request: method must be a string")
WRONG_USER = Fault(Code.NOT_TAKEN, "Invalid Request: user must be a string")
OBJECT_NOT_FOUND = Fault(Code.NOT_FOUND, "Object not found")
METHOD_NOT_FOUND = Fault(Code.NOT_FOUND, "Method not found")
INVALID_PARAMS = Fault(Code.WRONG_PARAMS, "Invalid method parameter(s)")
CRASHED = Fault(Code.CRASHED, "Internal Server Error")


class Request(msgspec.Struct, frozen=True):
    """One call. `id` is None when the server is to make one; `user` is "" when not given; `params` as they were sent.

    `version`, the client's own, informs nobody here.
    """

    id: Id | None
    method: str
    params: object
    user: str


def too_large(max_bytes: int) -> Fault:
    """Of a body that has more."""
    return Fault(-32600, "Invalid Request: too large", (f"more than {max_bytes // 1024} KiB",))


def decode_request(body: bytes, max_members: int = MAX_MEMBERS) -> Request:
    """Raises RpcRefused, nothing else."""
    try:
        members = read_json(body, max_members)
    except JsonNotTaken as refused:
        raise _not_taken(refused) from refused
    except JsonRefused as refused:
        raise RpcRefused(NOT_UTF8 if refused.encoding else MALFORMED) from refused
    if type(members) is not dict:
        raise RpcRefused(BATCH if type(members) is list else NOT_AN_OBJECT)
    call_id = members.get("id")
    if call_id is not None and type(call_id) not in (str, int, float):
        raise RpcRefused(WRONG_ID)
    if members.get("jsonrpc") != "2.0":
        raise RpcRefused(WRONG_VERSION, call_id)
    method, user = members.get("method"), members.get("user")
    if method is not None and type(method) is not str:
        raise RpcRefused(WRONG_METHOD, call_id)
    if user is not None and type(user) not in (str, int):
        raise RpcRefused(WRONG_USER, call_id)
    return Request(call_id, method or DEFAULT_METHOD, members.get("params"), "" if user is None else str(user))


def _not_taken(refused: JsonNotTaken) -> RpcRefused:
    """Of a request that is JSON: it keeps its id."""
    if refused.kind is not dict:
        return RpcRefused(BATCH if refused.kind is list else NOT_AN_OBJECT)
    fault = INVALID_PARAMS if refused.member == "params" else NOT_TAKEN
    return RpcRefused(msgspec.structs.replace(fault, data=(refused.reason,)), refused.scalars.get("id"))


def named_params(params: object) -> dict[str, Any]:
    """The parameters by name. Raises RpcRefused."""
    if type(params) is dict:
        return params
    # COMPAT(spaceweb): the vendor's panel sends PHP's empty array.
    if params is None or params == []:
        return {}
    raise RpcRefused(INVALID_PARAMS)


def make_id(now: datetime, random: str) -> str:
    """The id of an answer to a request that has none: `20260305070809.Xk3wQz81Ta`."""
    return f"{now:%Y%m%d%H%M%S}.{random}"


def encode_answer(call_id: Id, answer: object) -> bytes:
    """The whole answer: `error` when it is a Fault, else `result`; never both, since clients look for the member."""
    member = b',"error":' if type(answer) is Fault else b',"result":'
    return b"".join((_HEAD, ascii_json(call_id), member, ascii_json(answer), b"}"))


def ascii_json(value: object) -> bytes:
    """Compact JSON in which all but ASCII is escaped."""
    # COMPAT(spaceweb): that is how PHP writes it; scripts take the token with a regular expression.
    text = write_json(value)
    return text if text.isascii() else _NOT_ASCII.sub(_escape, text.decode()).encode()


def _escape(run: re.Match[str]) -> str:
    return encode_basestring_ascii(run[0])[1:-1]
