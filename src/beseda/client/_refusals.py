"""Which error each refusal of a service is. No I/O."""

import re

from beseda.client.errors import (
    Busy,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    ResultRefused,
    SessionEnded,
    SignInRefused,
    TooOften,
    Unknown,
)
from beseda.wire import live
from beseda.wire.spaceweb.envelope import AnyExtended, AnyFault, Code

_LIVE: dict[str, type[Refused]] = {
    "not_signed_in": SessionEnded,
    "too_often": TooOften,
    "overloaded": Busy,
    "store_unavailable": Busy,
} | dict.fromkeys(("room_not_found", "account_not_found", "nick_not_here", "line_not_found", "not_found"), NotFound)
_LIVE_INVALID = {"room_name_invalid": "name", "message_empty": "text", "message_too_long": "text"}
OUTCOME_UNKNOWN = "outcome_unknown"


def of_live(refusal: live.Refusal) -> Refused | Unknown:
    """All that is not said to be something else is a matter of rights."""
    code = refusal.code
    if code == OUTCOME_UNKNOWN:
        return Unknown("the service lost its database at that moment")
    facts = {
        name: value
        for name in ("limit", "max_chars", "reason", "lock", "password_opens")
        if (value := getattr(refusal, name)) not in ("", None)
    }
    field = _LIVE_INVALID.get(code, code.removeprefix("bad_") if code.startswith("bad_") else "")
    if field:
        return Invalid(code, refusal.reason, field=field, facts=facts)
    return _LIVE.get(code, NotAllowed)(code, refusal.reason, retry_after_s=refusal.retry_after_s, facts=facts)


_SPACEWEB: dict[int, type[Refused]] = {
    Code.SESSION: SessionEnded,
    Code.CREDENTIALS: SignInRefused,
    Code.NOT_FOUND: NotFound,
    Code.WRONG_PARAMS: Invalid,
    Code.NOT_TAKEN: Invalid,
    Code.TOO_OFTEN: TooOften,
    Code.BUSY: Busy,
    Code.UNAVAILABLE: Busy,
    Code.CRASHED: Busy,
}
_NOT_YOURS = "Нет доступа к домену"
_SECONDS = re.compile(r"(\d+) с$")


def of_spaceweb(fault: AnyFault) -> Refused | Unknown:
    """A code that says nothing more is a matter of rights; a domain that is not on the account is not there."""
    if fault.code == Code.OUTCOME_UNKNOWN:
        return Unknown(fault.message)
    kind = _SPACEWEB.get(fault.code, NotFound if _NOT_YOURS in fault.message else NotAllowed)
    facts = {"data": fault.data} if fault.data else None
    if kind is Invalid:
        return Invalid(fault.code, fault.message, facts=facts)
    told = _SECONDS.search(fault.message) if kind is TooOften else None
    return kind(fault.code, fault.message, retry_after_s=float(told[1]) if told else None, facts=facts)


def of_extended(result: AnyExtended) -> ResultRefused:
    """A result that says no."""
    return ResultRefused(result.code, result.message, facts={"data": result.data} if result.data else None)


_CHATCZ: dict[int, type[Refused]] = {
    404: NotFound,
    409: NotAllowed,
    429: TooOften,
    503: Busy,
}
_SIGN_IN_FIRST = "Nejste přihlášeni."


def of_chatcz(status: int, message: str, retry_after_s: float | None = None) -> Refused:
    """Statuses are as HTTP's."""
    if status in (400, 413):
        field = message.partition(" data ")[0] if " data " in message else ""
        return Invalid(status, message, field=field)
    if status == 401 or message == _SIGN_IN_FIRST:
        return SessionEnded(status, message)
    return _CHATCZ.get(status, NotAllowed)(status, message, retry_after_s=retry_after_s)
