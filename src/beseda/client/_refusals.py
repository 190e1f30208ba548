"""Which error each refusal of a service is. No I/O."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from beseda.client.errors import (
    Busy,
    CaptchaNeeded,
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
from beseda.wire.spaces.codes import CODES
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
        for name in ("limit", "max_chars", "reason", "lock", "password_opens", "request_id")
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


_SPACES: dict[str, type[Refused]] = {
    "01001": SessionEnded,
    "01004": SessionEnded,
    "00007": TooOften,
    "00030": TooOften,
    "02003": TooOften,
    "00010": Busy,
} | dict.fromkeys(("00003", "00020", "00022", "02001", "02007", "02014", "05002", "05012", "20001"), NotFound)
_SPACES_INVALID = frozenset({"00002", "00005", "00012", "00016", "00023", "00024", "02008", "05008", "19001"})
_SIGN_IN_CODES = frozenset({"00003", "01002", "01003", "00025", "00026", "01008", "01009"})
_CAPTCHA_CODES = frozenset({"00001", "00004"})
_UNKNOWN_CODE = "00006"


def of_spaces(code: str, members: Mapping[str, Any], *, signs_in: bool = False) -> Refused | Unknown:
    """A code of Spaces by what the client can do about it; the name of the code when there is no text."""
    message = str(members.get("error") or members.get("message") or CODES.get(code, ""))
    if code == _UNKNOWN_CODE:
        return Unknown(f"{code}: {message}")
    if code in _CAPTCHA_CODES and members.get("captcha_url"):
        return CaptchaNeeded(code, message, picture_url=unescape(str(members["captcha_url"])))
    if signs_in and code in _SIGN_IN_CODES:
        return SignInRefused(code, message)
    facts = {name: members[name] for name in ("errors", "can_write_error", "auth_errror") if members.get(name)}
    if code in _SPACES_INVALID:
        return Invalid(code, message, facts=facts)
    return _SPACES.get(code, NotAllowed)(code, message, facts=facts)
