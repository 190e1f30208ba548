"""A call on its way to a deed."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from beseda.api.base import Scope
from beseda.api.spaces.codec import Answer, Call, Site
from beseda.core.caller import Caller


class Asked(NamedTuple):
    """What was called, by whom, and where links in the answer lead to."""

    scope: Scope
    call: Call
    caller: Caller
    site: Site


Handler = Callable[[Asked], Awaitable[Answer]]
