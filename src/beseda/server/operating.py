"""What runs for operators beside the members' protocols: backups, warnings, deletions that are due, the admin's API."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from beseda.api.base import Receive, Scope, Send, send_body
from beseda.server.config import Config
from beseda.server.connections import ConnectionLimits
from beseda.server.listener import Listener
from beseda.server.metrics import Metrics
from beseda.server.services import Chore, Service
from beseda.server.watching import Watching

if TYPE_CHECKING:
    from beseda.server.admin import AdminApi
    from beseda.server.bootstrap import Parts

HOUR = timedelta(hours=1)
ROOT = "/admin/"


class Operating:
    """`admin` is for the operator's listener, None when it has an address of its own."""

    def __init__(
        self,
        config: Config,
        parts: "Parts",
        metrics: Metrics,
        listen: Callable[[str, str, ConnectionLimits], Listener],
    ) -> None:
        self.watching = Watching(config, metrics)
        self.worries = self.watching.worries
        self._parts = parts
        metrics.gauges["beseda_refusals_left_out_total"] = (
            "Refusals that `beseda explain` will not know, as there were too many",
            lambda: parts.core.refusals.left_out,
        )
        self._api: AdminApi | None = None
        address = config.admin.listen
        self._listener = listen("admin.listen", address, ConnectionLimits()) if address else None
        self.admin = None if address else self._answer

    @property
    def url(self) -> str:
        """Where the admin's API is, if it has an address of its own."""
        return self._listener.url if self._listener else ""

    def among(self, others: Iterable[Service]) -> tuple[Service, ...]:
        """With those that run for members."""
        return (*self._services(), *others)

    def _services(self) -> Iterator[Service]:
        yield self.watching.service
        yield Service(
            chores=(
                Chore(self._parts.core.operators.forget_old, HOUR, alone=True),
                Chore(self._parts.core.deletions.delete_due, HOUR, alone=True),
                Chore(self._parts.core.refusals.keep),
                Chore(self._parts.core.refusals.forget_old, HOUR, alone=True),
            )
        )
        if (listener := self._listener) is not None:
            yield Service(start=lambda: listener.start(self._alone), stop=listener.stop)

    async def _alone(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(ROOT):
            await self._answer(scope, receive, send)
        else:
            await send_body(send, b"text/plain; charset=utf-8", b"not found\n", status=404)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The first call loads the command line, in a thread: it takes a tenth of a second."""
        if self._api is None:
            self._api = await asyncio.to_thread(_admin_api, self._parts)
        await self._api(scope, receive, send)


def _admin_api(parts: "Parts") -> "AdminApi":
    from beseda.server.admin import AdminApi

    return AdminApi(parts)
