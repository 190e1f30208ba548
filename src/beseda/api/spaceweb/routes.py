"""SpaceWeb's gateway, which is loaded with all its methods for the first who calls one."""

from collections.abc import Awaitable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

from beseda.api.base import Outcome, Receive, Scope, Send
from beseda.core.core import Core
from beseda.core.ports import Clock, Entropy

if TYPE_CHECKING:
    from beseda.api.spaceweb.rpc import Rpc
    from beseda.api.spaceweb.table import Object


class SpacewebFace:
    """ASGI. `objects` stand in for those there are."""

    name = "spaceweb"
    roots = frozenset({"rpc"})

    def __init__(
        self,
        core: Core,
        clock: Clock,
        entropy: Entropy,
        *,
        registration_price: int,
        renewal_price: int,
        objects: "Collection[Object] | None" = None,
    ) -> None:
        self._core = core
        self._clock = clock
        self._entropy = entropy
        self._prices = (registration_price, renewal_price)
        self._objects = objects

    @cached_property
    def _rpc(self) -> "Rpc":
        from beseda.api.spaceweb.methods import OBJECTS
        from beseda.api.spaceweb.rpc import Rpc
        from beseda.api.spaceweb.table import Gateway

        objects = OBJECTS if self._objects is None else self._objects
        return Rpc(Gateway(self._core, *self._prices), self._clock, self._entropy, objects)

    @property
    def calls(self) -> frozenset[str]:
        return self._rpc.calls

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[Outcome]:
        return self._rpc(scope, receive, send)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await self._rpc.answer_crash(scope, send)
