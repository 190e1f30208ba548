"""A call on its way to a deed."""

from collections.abc import Awaitable, Callable

import msgspec

from beseda.api.base import Scope
from beseda.api.spaces.codec import Answer, LinkBase, SpacesCall
from beseda.core.caller import Caller


class Asked(msgspec.Struct, frozen=True):
    """What was called, by whom, and where links in the answer lead to."""

    scope: Scope
    call: SpacesCall
    caller: Caller
    site: LinkBase


Handler = Callable[[Asked], Awaitable[Answer]]
