"""Our own live protocol: JSON in both directions, version 1 (docs/asyncapi/live.yaml). No I/O.

A client's call has an `op`, and an `id` of its own that the answer repeats as `re`. Besides answers the server sends
lines of the rooms that the client follows. Texts are plain text, never HTML; times are epoch milliseconds.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from beseda.api.jsontext import JsonNotTaken, JsonRefused, read_json, write_json
from beseda.api.shown import person, show_line
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError
from beseda.domain.messages import Line
from beseda.wire import live as wire

T = TypeVar("T", int, str)
_MEMBERS = (
    "account admin after amount answers archived around before bot contact contacts days description draft "
    "favourite for_all hands_over history_lines id ignored keep_days key letter letters limit links list lock "
    "minutes name names nick offset op opened_by_admins opens password protocols read_only reason reserved room "
    "rooms seq spam text thrown to token types visit watch web zones"
)
MEMBERS = frozenset(_MEMBERS.split())
"""What calls have."""
IDS_MAX = 100


class LiveCallRefused(Exception):
    """What was sent is no call: `code` says what is wrong with it, `reason` what in good JSON is not taken."""

    def __init__(self, code: str, id_: object = None, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.id = id_
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LiveCall:
    """`members` are all members of what was sent."""

    op: str
    id: str | int | None
    members: dict[str, object]

    def number(self, name: str, default: int | None = None) -> int:
        """A member that is an integer of 0 or more. Raises LiveCallRefused."""
        value = self.members.get(name, default)
        if type(value) is not int or value < 0:
            raise LiveCallRefused(f"bad_{name}", self.id)
        return value

    def optional_number(self, name: str) -> int | None:
        """The same, None when it is left out or null."""
        return None if self.members.get(name) is None else self.number(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A member that is a string. Raises LiveCallRefused."""
        value = self.members.get(name, default)
        if type(value) is not str:
            raise LiveCallRefused(f"bad_{name}", self.id)
        return value

    def optional_text(self, name: str) -> str | None:
        """The same, None when it is left out or null."""
        return None if self.members.get(name) is None else self.text(name)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """A member that is true or false. Raises LiveCallRefused."""
        value = self.members.get(name, default)
        if type(value) is not bool:
            raise LiveCallRefused(f"bad_{name}", self.id)
        return value

    def optional_flag(self, name: str) -> bool | None:
        """The same, None when it is left out or null."""
        return None if self.members.get(name) is None else self.flag(name)

    def list(self, name: str, kind: type[T]) -> list[T]:
        """A member that is a list of strings or of numbers, up to 100; empty when it is left out."""
        value = self.members.get(name, [])
        if type(value) is not list or len(value) > IDS_MAX or any(type(each) is not kind for each in value):
            raise LiveCallRefused(f"bad_{name}", self.id)
        return value


def read_call(text: str) -> LiveCall:
    """Raises LiveCallRefused."""
    try:
        members = read_json(text.encode())
    except JsonNotTaken as error:
        raise _not_taken(error) from error
    except JsonRefused as error:
        raise LiveCallRefused("bad_json") from error
    if type(members) is not dict:
        raise LiveCallRefused("bad_json")
    id_ = members.get("id")
    if type(id_) not in (str, int, type(None)) or (type(id_) is str and len(id_) > wire.ID_MAX):
        raise LiveCallRefused("bad_id")
    op = members.get("op")
    if type(op) is not str:
        raise LiveCallRefused("bad_op", id_)
    return LiveCall(op, id_, members)


def _not_taken(refused: JsonNotTaken) -> LiveCallRefused:
    """Of a call that is JSON: it keeps its id."""
    if refused.kind is not dict:
        return LiveCallRefused("bad_json", reason=refused.reason)
    code = f"bad_{refused.member}" if refused.member in MEMBERS else "bad_call"
    return LiveCallRefused(code, refused.scalars.get("id"), refused.reason)


def encode_hello(account: Account, idle: timedelta, *, bot: bool) -> bytes:
    """The first that a client gets; `idle` is how long one may neither write nor be awake."""
    greeting = wire.Greeting(wire.VERSION, person(account), int(idle.total_seconds()), bot)
    return wire.encode(wire.Hello(greeting))


def encode_answer(call: LiveCall, **members: object) -> bytes:
    """To a call that was done."""
    return write_json({"re": call.id, "ok": True, **members})


def encode_error(id_: object, error: BesedaError | LiveCallRefused, request_id: str) -> bytes:
    """To a call that was refused: the code, the facts that go with it, and by which id an operator knows it."""
    facts = {name: value for name, value in vars(error).items() if isinstance(value, int | float | str | bool)}
    if isinstance(error, LiveCallRefused):
        facts = {"reason": error.reason} if error.reason else {}
    return write_json({"re": id_, "ok": False, "error": {"code": error.code, **facts, "request_id": request_id}})


def encode_line(line: Line) -> bytes:
    """A line as it happens."""
    return wire.encode(wire.LineTold(show_line(line)))


def encode_unfollowed(room_id: int) -> bytes:
    """There come no more lines of a room: the member is not in it any more."""
    return wire.encode(wire.Unfollowed(wire.RoomLeft(room_id)))


def encode_event(line: Line) -> bytes:
    """A line as a Server-Sent Event, whose id is the cursor to resume with."""
    return wire.encode_event(show_line(line))
