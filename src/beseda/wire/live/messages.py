"""Beseda's own live protocol, version 1 (docs/asyncapi/live.yaml): calls, and what comes back."""

import operator
from functools import cache, reduce
from typing import Any, cast

import msgspec

from beseda.wire.live import calls, own_calls
from beseda.wire.live.answers import Id
from beseda.wire.live.calls import A, AnyCall, Call, answer_of
from beseda.wire.live.own import Counts, MailChange, Mark, Writing
from beseda.wire.live.people import Person
from beseda.wire.live.rooms import Changes, Line

VERSION = 1
ID_MAX = 64
"""Characters of a call's `id`."""
KEY_MAX = 64
"""Characters of a post's `key`."""


class Greeting(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which version is spoken, and with whom: a `bot` is not idle while its socket is open.

    Anybody else who neither writes nor says that he is awake for `idle_timeout_s` is taken out of a room.
    """

    version: int
    account: Person
    idle_timeout_s: int = 0
    bot: bool = False


class Hello(msgspec.Struct, frozen=True):
    """The first message of the server."""

    hello: Greeting


class LineTold(msgspec.Struct, frozen=True):
    """A line as it happens."""

    line: Line


class RoomLeft(msgspec.Struct, frozen=True):
    """Which room."""

    room: int


class Unfollowed(msgspec.Struct, frozen=True):
    """No more lines of a room come: the member is not in it any more."""

    unfollowed: RoomLeft


class ListChanged(msgspec.Struct, frozen=True):
    """The list of rooms has changed; for whoever watches it."""

    changes: Changes


class CountsChanged(msgspec.Struct, frozen=True):
    """There are more or fewer new letters or notices; this and what follows is for whoever watches his own."""

    counts: Counts


class MarkChanged(msgspec.Struct, frozen=True):
    """A room has been read further, or there is something new in it."""

    mark: Mark


class LetterChanged(msgspec.Struct, frozen=True):
    """A letter came, was sent, or is not what it was."""

    letter: MailChange


class ThreadChanged(msgspec.Struct, frozen=True):
    """A thread of letters is not what it was."""

    thread: MailChange


class WritingTold(msgspec.Struct, frozen=True):
    """Somebody is writing to the member."""

    writing: Writing


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a call was refused: a code, and the facts that go with it."""

    code: str
    retry_after_s: float | None = None
    limit: str = ""
    max_chars: int | None = None
    reason: str = ""
    lock: str = ""
    password_opens: bool | None = None
    request_id: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The answer to a call that was refused."""

    re: Id
    ok: bool
    error: Refusal


class HandshakeRefused(msgspec.Struct, frozen=True):
    """What an HTTP answer holds in place of a socket."""

    error: Refusal


class Answered(msgspec.Struct, frozen=True):
    """An answer to a call that was done; `read_answer` reads it as what that call is answered by."""

    re: Id
    text: str | bytes


Event = ListChanged | CountsChanged | MarkChanged | LetterChanged | ThreadChanged | WritingTold
Message = Hello | LineTold | Unfollowed | Event | Answered | Refused

CALLS: tuple[type[AnyCall], ...] = tuple(
    kind
    for module in (calls, own_calls)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Call) and kind is not Call
)
OPS = {str(call.__struct_config__.tag): call for call in CALLS}
"""All calls, by their `op`."""


class _Any(msgspec.Struct, frozen=True):
    """Any message, to find out which."""

    re: Id | msgspec.UnsetType = msgspec.UNSET
    ok: bool | None = None
    hello: Any = None
    unfollowed: Any = None
    line: Any = None
    changes: Any = None
    counts: Any = None
    mark: Any = None
    letter: Any = None
    thread: Any = None
    writing: Any = None


_ENCODER = msgspec.json.Encoder()
_ANY = msgspec.json.Decoder(_Any)
_LINE = msgspec.json.Decoder(LineTold)
_REFUSED = msgspec.json.Decoder(Refused)
_TOLD: dict[str, msgspec.json.Decoder[Any]] = {
    kind.__struct_fields__[0]: msgspec.json.Decoder(kind)
    for kind in (
        Hello,
        Unfollowed,
        LineTold,
        ListChanged,
        CountsChanged,
        MarkChanged,
        LetterChanged,
        ThreadChanged,
        WritingTold,
    )
}
_CALL = msgspec.json.Decoder(cast("Any", reduce(operator.or_, CALLS)))
_LINE_TOLD = '{"line":'


def encode(message: msgspec.Struct) -> bytes:
    """Compact JSON of a message, or of a part of one."""
    return _ENCODER.encode(message)


def read_message(text: str | bytes) -> Message | None:
    """What the server says; None for an event that was not known when this was written.

    Raises msgspec.DecodeError, which names the member that is missing or wrong.
    """
    if isinstance(text, str) and text.startswith(_LINE_TOLD):  # most are
        return _LINE.decode(text)
    found = _ANY.decode(text)
    if found.re is not msgspec.UNSET:
        return Answered(found.re, text) if found.ok else _REFUSED.decode(text)
    for name, decoder in _TOLD.items():
        if getattr(found, name) is not None:
            return cast("Message", decoder.decode(text))
    return None


@cache
def _answers(kind: type[AnyCall]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(answer_of(kind))


def read_answer(call: Call[A], answer: Answered) -> A:
    """What the call is answered by. Raises msgspec.DecodeError, which names the member that is missing or wrong."""
    return cast("A", _answers(type(call)).decode(answer.text))


def read_call(text: str | bytes) -> AnyCall:
    """What a client says, if it is a call as they are described here. Raises msgspec.DecodeError."""
    return cast("AnyCall", _CALL.decode(text))


def encode_event(line: Line) -> bytes:
    """A line as a Server-Sent Event, whose id is the cursor to resume with (HTML Standard, 9.2)."""
    return b"id: %d\nevent: line\ndata: %s\n\n" % (line.seq, encode(line))
