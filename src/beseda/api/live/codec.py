"""Our own live protocol on the server's side: calls read strictly, answers and lines written. No I/O.

What the messages are is in `beseda.wire.live`; here is how each refusal gets its code, and what of the core they hold.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from beseda.api.jsontext import JsonNotTaken, JsonRefused, read_json, write_json
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError
from beseda.domain.messages import Hidden, Line
from beseda.wire import live as wire
from beseda.wire.live import ID_MAX, MEMBERS, VERSION

EPOCH = datetime.fromtimestamp(0, UTC)
MILLISECOND = timedelta(milliseconds=1)


class CallRefused(Exception):
    """What was sent is no call: `code` says what is wrong with it, `reason` what in good JSON is not taken."""

    def __init__(self, code: str, id_: object = None, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.id = id_
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Call:
    """`members` are all members of what was sent."""

    op: str
    id: str | int | None
    members: dict[str, object]

    def number(self, name: str, default: int | None = None) -> int:
        """A member that is an integer of 0 or more. Raises CallRefused."""
        value = self.members.get(name, default)
        if type(value) is not int or value < 0:
            raise CallRefused(f"bad_{name}", self.id)
        return value

    def optional_number(self, name: str) -> int | None:
        """The same, None when it is left out or null."""
        return None if self.members.get(name) is None else self.number(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A member that is a string. Raises CallRefused."""
        value = self.members.get(name, default)
        if type(value) is not str:
            raise CallRefused(f"bad_{name}", self.id)
        return value

    def optional_text(self, name: str) -> str | None:
        """The same, None when it is left out or null."""
        return None if self.members.get(name) is None else self.text(name)


def read_call(text: str) -> Call:
    """Raises CallRefused."""
    try:
        members = read_json(text.encode())
    except JsonNotTaken as error:
        raise _not_taken(error) from error
    except JsonRefused as error:
        raise CallRefused("bad_json") from error
    if type(members) is not dict:
        raise CallRefused("bad_json")
    id_ = members.get("id")
    if type(id_) not in (str, int, type(None)) or (type(id_) is str and len(id_) > ID_MAX):
        raise CallRefused("bad_id")
    op = members.get("op")
    if type(op) is not str:
        raise CallRefused("bad_op", id_)
    return Call(op, id_, members)


def _not_taken(refused: JsonNotTaken) -> CallRefused:
    """Of a call that is JSON: it keeps its id."""
    if refused.kind is not dict:
        return CallRefused("bad_json", reason=refused.reason)
    code = f"bad_{refused.member}" if refused.member in MEMBERS else "bad_call"
    return CallRefused(code, refused.scalars.get("id"), refused.reason)


def encode_hello(account: Account) -> bytes:
    """The first that a client gets."""
    return wire.encode(wire.Hello(wire.Greeting(VERSION, _person(account))))


def encode_answer(call: Call, **members: Any) -> bytes:
    """To a call that was done; the members are those of `wire.Done`."""
    return wire.encode(wire.Done(call.id, True, **members))


def encode_error(id_: object, error: BesedaError | CallRefused) -> bytes:
    """To a call that was refused: the code, and the facts that go with it."""
    facts = {name: value for name, value in vars(error).items() if isinstance(value, int | float | str | bool)}
    if isinstance(error, CallRefused):
        facts = {"reason": error.reason} if error.reason else {}
    return write_json({"re": id_, "ok": False, "error": {"code": error.code, **facts}})


def encode_line(line: Line) -> bytes:
    """A line as it happens."""
    return wire.encode(wire.LineTold(line_members(line)))


def encode_unfollowed(room_id: int) -> bytes:
    """There come no more lines of a room: the member is not in it any more."""
    return wire.encode(wire.Unfollowed(wire.RoomLeft(room_id)))


def line_members(line: Line) -> wire.Line:
    """A line as the wire has it."""
    return wire.Line(
        room=line.room_id,
        seq=line.seq,
        at=(line.at - EPOCH) // MILLISECOND,
        kind=line.kind.value,
        actor=_person(line.actor) if line.actor is not None else None,
        target=_person(line.target) if line.target is not None else None,
        text=line.text,
        number=line.number,
        muted=line.hidden is Hidden.MUTED,
        deleted=line.hidden is Hidden.DELETED,
    )


def encode_event(line: Line) -> bytes:
    """A line as a Server-Sent Event."""
    return wire.encode_event(line_members(line))


def _person(account: Account) -> wire.Person:
    return wire.Person(account.id, account.nick, account.registered)
