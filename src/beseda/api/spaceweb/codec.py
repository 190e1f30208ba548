"""SpaceWeb's dialect of JSON-RPC 2.0, from bytes and back ("SpaceWeb interaction document").

What differs from JSON-RPC 2.0: the path names an object and `method` one of its methods, `index` when it is left out;
parameters are named; a request without an id is answered, under an id made here; every answer has a `version`; one
request at a time, no batches.
"""

import re
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any, Literal

import msgspec

from beseda.api.jsontext import INT64, MAX_MEMBERS, JsonNotTaken, JsonRefused, read_json, write_json
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


USUAL_MAX_BYTES = 1024
"""So few have fewer members than are read, whatever is in them."""


class _Usual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What clients send: each member once at most, and nothing else."""

    jsonrpc: Literal["2.0"]
    method: str
    id: str
    version: str | msgspec.UnsetType = msgspec.UNSET
    user: str | msgspec.UnsetType = msgspec.UNSET
    params: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


_USUAL = msgspec.json.Decoder(_Usual)


def _decode_usual(body: bytes) -> Request | None:
    """A usual request, None for every other, which the strict reader judges.

    It refuses nothing, but may take nothing that the strict reader does not, or reads otherwise: so it takes short
    requests in plain ASCII without escapes, whose parameters hold no others. In these each quote belongs to the name of
    a member or to a string: had a member come twice, more of them would stand there than what was read accounts for.
    """
    if len(body) > USUAL_MAX_BYTES or not body.isascii() or b"\\" in body:
        return None
    try:
        usual = _USUAL.decode(body)
    except msgspec.MsgspecError:
        return None
    strings = 6  # three names that are always there, and what they name
    params: dict[str, Any] | None = None
    user = usual.user
    if usual.version is not msgspec.UNSET:
        strings += 2
    if user is msgspec.UNSET:
        user = ""
    else:
        strings += 2
    if usual.params is not msgspec.UNSET:
        params = usual.params
        strings += 1 + len(params)
        for value in params.values():
            kind = type(value)
            if kind is str:
                strings += 1
            elif kind is int:
                if value not in INT64:
                    return None
            elif kind is not bool and value is not None:
                return None
    if body.count(b'"') != 2 * strings:
        return None
    return Request(usual.id, usual.method or DEFAULT_METHOD, params, user)


def too_large(max_bytes: int) -> Fault:
    """Of a body that has more."""
    return Fault(-32600, "Invalid Request: too large", (f"more than {max_bytes // 1024} KiB",))


_KNOWN: dict[bytes, Request] = {}
"""Bodies that came lately and hold no parameters, and so no secret: some clients send the same again and again."""
KNOWN_MAX = 256


def decode_request(body: bytes, max_members: int = MAX_MEMBERS) -> Request:
    """Raises RpcRefused, nothing else."""
    if len(body) > USUAL_MAX_BYTES:
        return _decode_any(body, max_members)
    if (known := _KNOWN.get(body)) is not None:
        return known
    request = _decode_usual(body)
    if request is None:
        return _decode_any(body, max_members)
    if not request.params:
        if len(_KNOWN) >= KNOWN_MAX:
            _KNOWN.clear()
        _KNOWN[body] = request
    return request


def _decode_any(body: bytes, max_members: int) -> Request:
    """What the rules are. Raises RpcRefused."""
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
