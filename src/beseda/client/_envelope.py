"""SpaceWeb's envelope as the client sees it. No I/O."""

import random
import string
import time
from typing import Any

from beseda.client._answers import UNREADABLE, Answer
from beseda.client._refusals import of_extended, of_spaceweb
from beseda.wire.spaceweb.description import DISCOVER
from beseda.wire.spaceweb.envelope import AnyExtended, AnyFault, read_response

_ALPHABET = string.ascii_letters + string.digits
_READS = frozenset({"index", "info", DISCOVER, "regAvailable", "priceForTrasfer", "priceForRegistration"})
_ADDS = "getAvailablePackages"
"""COMPAT(spaceweb): to look for a bundle is to add it to the account."""

ExtendedResult = AnyExtended


def make_id(now_s: float) -> str:
    """An id of the shape that the service's own have: `20220505104244.40FxsQ16Ff`."""
    letters = "".join(random.choices(_ALPHABET, k=10))  # noqa: S311 - told to nobody else
    return f"{time.strftime('%Y%m%d%H%M%S', time.gmtime(now_s))}.{letters}"


def is_read(method: str) -> bool:
    """Whether to call it twice does no harm."""
    return method in _READS or (method.startswith(("get", "is")) and method not in (_ADDS, "getToken"))


def read_answer(answer: Answer, call_id: str) -> Any:
    """The result. Raises Refused, Unknown, NotUnderstood."""
    answer.expect(200)
    try:
        told_id, result = read_response(answer.body)
    except UNREADABLE as error:
        raise answer.not_understood(str(error)) from error
    if isinstance(result, AnyFault):
        raise of_spaceweb(result)
    if told_id != call_id:
        raise answer.not_understood(f"expected the id {call_id}")
    if isinstance(result, AnyExtended) and result.code != 1:
        raise of_extended(result)
    return result
