"""SpaceWeb's dialect of JSON-RPC 2.0 (interaction document): requests, answers, faults, extended results."""

from enum import IntEnum
from typing import Any

import msgspec

from beseda import __version__

DEFAULT_METHOD = "index"
SIGN_IN_OBJECT = "notAuthorized"
"""The one object that needs no token."""
CONTRACT_DATE = "20261126000000"
"""When what is said here last changed, as the last part of `version` tells it."""
_MAJOR, _MINOR = __version__.split(".")[:2]
VERSION = f"1.{int(_MAJOR) * 100 + int(_MINOR)}.{CONTRACT_DATE}"
"""Beseda's version in requests and answers, in the original's shape: `1.<number>.<YYYYMMDDHHMMSS>`."""


class Code(IntEnum):
    """Codes of faults: of the xmlrpc-epi list, and from TOO_OFTEN on the implementation's own."""

    NOT_TAKEN = -32600
    NOT_FOUND = -32601
    WRONG_PARAMS = -32602
    SESSION = -32603
    """The token is not good, or no longer."""
    CREDENTIALS = -32400
    """The login or the password is wrong."""
    REFUSED = -32500
    """Every other refusal of what was asked."""
    MALFORMED = -32700
    NOT_UTF8 = -32701
    CRASHED = -32000
    TOO_OFTEN = -32001
    BUSY = -32002
    UNAVAILABLE = -32003
    OUTCOME_UNKNOWN = -32004
    """It may have been done."""


class Request(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="jsonrpc", tag="2.0"):
    """One call; the path of the request names the object."""

    version: str = ""
    method: str = ""
    params: dict[str, Any] = {}
    id: str = ""
    user: str = ""


class Fault(msgspec.Struct, frozen=True):
    """Why a call failed: a code of the xmlrpc-epi list, and a text for people.

    `data` was always empty; it says here what it is that is not taken, in a call that is otherwise good: in a list, or
    of records as `detail`, in English.
    """

    code: int
    message: str
    data: tuple[str, ...] | dict[str, Any] = ()


class ExtendedResult(msgspec.Struct, frozen=True):
    """Done (`code` 1) or refused (0), a message for people, and `data`: pairs of a name and a text, if any."""

    code: int
    message: str
    data: list[tuple[str, str]]


class Extended(msgspec.Struct, frozen=True):
    """A result that is a message (interaction document, ExtendedResult)."""

    extended_result: ExtendedResult = msgspec.field(name="extendedResult")


class AnyFault(msgspec.Struct, frozen=True):
    """A fault as any server may write it."""

    code: int
    message: str = ""
    data: Any = None


class AnyExtended(msgspec.Struct, frozen=True):
    """An extended result as any server may write it: `code` is 1 for done, 0 for refused; `data` says more, if any."""

    code: int
    message: str = ""
    data: Any = None


class Response(msgspec.Struct, frozen=True):
    """An answer: a result, or why there is none."""

    jsonrpc: str
    id: Any = None
    version: str = ""
    result: Any = msgspec.UNSET
    error: Any = None


_RESPONSE = msgspec.json.Decoder(Response)


def encode_request(request: Request) -> bytes:
    """Compact JSON; what is empty is left out."""
    return msgspec.json.encode(request)


def read_response(body: bytes) -> tuple[Any, Any | AnyFault | AnyExtended]:
    """The answer's id, and what it says. Raises msgspec.DecodeError, which names what is missing or wrong."""
    response = _RESPONSE.decode(body)
    if response.error:  # COMPAT(spaceweb): some servers write "error": null beside a result
        return response.id, msgspec.convert(response.error, AnyFault, strict=False)
    if response.result is msgspec.UNSET:
        raise msgspec.ValidationError("Object missing required field `result`")
    if type(response.result) is dict and "extendedResult" in response.result:
        return response.id, msgspec.convert(response.result["extendedResult"], AnyExtended, strict=False)
    return response.id, response.result
