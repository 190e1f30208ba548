"""What runs for operators beside the members' protocols: backups, warnings, deletions that are due, the admin's API."""

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
        from beseda.server.admin import AdminApi  # which needs the command line, which needs who makes this

        self.watching = Watching(config, metrics)
        self.worries = self.watching.worries
        self._core = parts.core
        self._api = AdminApi(parts)
        address = config.admin.listen
        self._listener = listen("admin.listen", address, ConnectionLimits()) if address else None
        self.admin = None if address else self._api

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
                Chore(self._core.operators.forget_old, HOUR, alone=True),
                Chore(self._core.deletions.delete_due, HOUR, alone=True),
            )
        )
        if (listener := self._listener) is not None:
            yield Service(start=lambda: listener.start(self._alone), stop=listener.stop)

    async def _alone(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(ROOT):
            await self._api(scope, receive, send)
        else:
            await send_body(send, b"text/plain; charset=utf-8", b"not found\n", status=404)
