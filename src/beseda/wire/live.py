"""Beseda's own live protocol, version 1 (docs/asyncapi/live.yaml): calls one way, answers and lines the other."""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

VERSION = 1
ID_MAX = 64
"""Characters of a call's `id`."""
KEY_MAX = 64
"""Characters of a post's `key`."""
Id = str | int | None


class Person(msgspec.Struct, frozen=True):
    """Who did something, or to whom."""

    id: int
    nick: str
    registered: bool


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened in a room; what is empty is left out. `at` is in milliseconds since 1970."""

    room: int
    seq: int
    at: int
    kind: str
    actor: Person | None = None
    target: Person | None = None
    text: str = ""
    number: int = 0
    muted: bool = False
    deleted: bool = False


class Greeting(msgspec.Struct, frozen=True):
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


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a call that was done; which members it has depends on the call."""

    re: Id
    ok: bool
    room: int | None = None
    cursor: int | None = None
    line: Line | None = None
    lines: list[Line] | None = None
    before: int | None = None
    more: bool | None = None


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a call was refused: a code, and the facts that go with it."""

    code: str
    retry_after_s: float | None = None
    limit: str = ""
    max_chars: int | None = None
    reason: str = ""
    lock: str = ""
    password_opens: bool | None = None


class Refused(msgspec.Struct, frozen=True):
    """The answer to a call that was refused."""

    re: Id
    ok: bool
    error: Refusal


class Call(msgspec.Struct, frozen=True, tag_field="op", omit_defaults=True, kw_only=True):
    """What a client asks; `id` is its own number for the call, which the answer repeats as `re`."""

    REPEATABLE: ClassVar[bool] = True
    """Whether the same call may be sent again when its answer was lost."""

    id: Id = None

    @property
    def op(self) -> str:
        """Its name on the wire."""
        return str(self.__struct_config__.tag)


class Enter(Call, frozen=True, tag="enter"):
    """Go into a room by its name, or its number; a temporary one is opened when there is none of that name."""

    name: str | UnsetType = UNSET
    room: int | None = None
    password: str = ""


class Leave(Call, frozen=True, tag="leave"):
    """Leave a room."""

    room: int


class Follow(Call, frozen=True, tag="follow"):
    """Get the lines of a room: those after the cursor `after`, then what happens; without one from now on."""

    room: int
    after: int | None = None


class Unfollow(Call, frozen=True, tag="unfollow"):
    """Get no more lines of a room."""

    room: int


class Post(Call, frozen=True, tag="post"):
    """Say something; whisper it to the account `to`. One `key` posts once, for ever."""

    room: int
    text: str
    to: int = 0
    key: str | None = None


class Delete(Call, frozen=True, tag="delete"):
    """Delete a text."""

    REPEATABLE: ClassVar[bool] = False

    room: int
    seq: int


class History(Call, frozen=True, tag="history"):
    """Lines before the number `before`, at most `limit` (200), oldest first."""

    room: int
    before: int | None = None
    limit: int = 50


AnyCall = Enter | Leave | Follow | Unfollow | Post | Delete | History
CALLS: tuple[type[AnyCall], ...] = (Enter, Leave, Follow, Unfollow, Post, Delete, History)
OPS = frozenset(str(call.__struct_config__.tag) for call in CALLS)
MEMBERS = frozenset({"op"}.union(*(call.__struct_encode_fields__ for call in CALLS)))
"""What calls have."""

Message = Hello | LineTold | Unfollowed | Done | Refused


class _Any(msgspec.Struct, frozen=True):
    """Any message, to find out which."""

    re: Id | msgspec.UnsetType = msgspec.UNSET
    ok: bool | None = None
    hello: Any = None
    unfollowed: Any = None


_ENCODER = msgspec.json.Encoder()
_ANY = msgspec.json.Decoder(_Any)
_LINE = msgspec.json.Decoder(LineTold)
_DONE = msgspec.json.Decoder(Done)
_REFUSED = msgspec.json.Decoder(Refused)
_HELLO = msgspec.json.Decoder(Hello)
_UNFOLLOWED = msgspec.json.Decoder(Unfollowed)
_CALL = msgspec.json.Decoder(AnyCall)
_LINE_TOLD = '{"line":'


def encode(message: Message | AnyCall | Line) -> bytes:
    """Compact JSON."""
    return _ENCODER.encode(message)


def read_message(text: str | bytes) -> Message:
    """What the server says. Raises msgspec.DecodeError, which names the member that is missing or wrong."""
    if isinstance(text, str) and text.startswith(_LINE_TOLD):  # most are
        return _LINE.decode(text)
    found = _ANY.decode(text)
    if found.re is not msgspec.UNSET:
        return _DONE.decode(text) if found.ok else _REFUSED.decode(text)
    if found.hello is not None:
        return _HELLO.decode(text)
    return _LINE.decode(text) if found.unfollowed is None else _UNFOLLOWED.decode(text)


def read_call(text: str | bytes) -> AnyCall:
    """What a client says, if it is a call as they are described here. Raises msgspec.DecodeError."""
    call: AnyCall = _CALL.decode(text)
    return call


def encode_event(line: Line) -> bytes:
    """A line as a Server-Sent Event, whose id is the cursor to resume with (HTML Standard, 9.2)."""
    return b"id: %d\nevent: line\ndata: %s\n\n" % (line.seq, encode(line))


class HandshakeRefused(msgspec.Struct, frozen=True):
    """What an HTTP answer holds in place of a socket."""

    error: Refusal
