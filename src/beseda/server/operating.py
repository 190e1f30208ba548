"""What runs for operators beside the members' protocols: backups, samples, deletions that are due, pages and API."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from beseda.api.addresses import read_network
from beseda.api.base import Receive, Scope, Send, send_body
from beseda.server.config import Config
from beseda.server.connections import ConnectionLimits
from beseda.server.listener import Application, Listener
from beseda.server.metrics import Metrics
from beseda.server.sampling import Sampling
from beseda.server.services import Chore, Service
from beseda.server.watching import Watching
from beseda.server.worker import Worker

if TYPE_CHECKING:
    from beseda.server.bootstrap import Parts

HOUR = timedelta(hours=1)
API_ROOT, ROOTS = "/admin/api/", ("/admin/", "/static/")


class Operating:
    """`admin` is for the operator's listener, None when it has an address of its own.

    `problems` says what keeps the server from working; set before it starts.
    """

    def __init__(
        self,
        config: Config,
        parts: "Parts",
        metrics: Metrics,
        members: Listener,
        listen: Callable[[str, str, ConnectionLimits], Listener],
        worker: Worker | None = None,
    ) -> None:
        self.watching = Watching(config, metrics)
        self.worries = self.watching.worries
        self.problems: Callable[[], Awaitable[dict[str, str]]] = _none
        self._config = config
        self._parts = parts
        metrics.gauges["beseda_refusals_left_out_total"] = (
            "Refusals that `beseda explain` will not know, as there were too many",
            lambda: parts.core.refusals.left_out,
        )
        place = members.url.rpartition(":")[2] + (f"/{worker.number}" if worker else "")
        self._sampling = Sampling(parts, metrics, members.connections, config.server.data, place)
        self._api_and_pages: tuple[Application, Application] | None = None
        address = config.admin.listen
        self._listener = listen("admin.listen", address, ConnectionLimits()) if address else None
        self.admin = None if address else self._admin

    @property
    def url(self) -> str:
        """Where the admin's pages and API are, if they have an address of their own."""
        return self._listener.url if self._listener else ""

    def among(self, others: Iterable[Service]) -> tuple[Service, ...]:
        """With those that run for members."""
        return (*self._services(), *others)

    def _services(self) -> Iterator[Service]:
        yield self.watching.service
        yield self._sampling.service
        yield Service(
            chores=(
                Chore(self._parts.core.announcements.forget_old, HOUR, alone=True),
                Chore(self._parts.core.operators.forget_old, HOUR, alone=True),
                Chore(self._parts.core.samples.forget_old, HOUR, alone=True),
                Chore(self._parts.core.deletions.delete_due, HOUR, alone=True),
                Chore(self._parts.core.refusals.keep),
                Chore(self._parts.core.refusals.forget_old, HOUR, alone=True),
            )
        )
        if (listener := self._listener) is not None:
            yield Service(start=lambda: listener.start(self._alone), stop=listener.stop)

    async def _alone(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self._admin(scope, receive, send):
            await send_body(send, b"text/plain; charset=utf-8", b"not found\n", status=404)

    async def _admin(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether the address is an admin's; then it is answered.

        The first call loads the command line, in a thread: it takes a tenth of a second.
        """
        path: str = scope["path"]
        if path != "/admin" and not path.startswith(ROOTS):
            return False
        if self._api_and_pages is None:
            self._api_and_pages = await asyncio.to_thread(self._load)
        api, pages = self._api_and_pages
        await (api if path.startswith(API_ROOT) else pages)(scope, receive, send)
        return True

    def _load(self) -> "tuple[Application, Application]":
        from beseda.server.admin import AdminApi
        from beseda.server.admin_pages import AdminPages
        from beseda.server.admin_state import StatePages

        pages = AdminPages(
            self._parts,
            lambda pages: StatePages(self._config, self._parts, self.watching, self.problems, pages),
            tuple(map(read_network, self._config.server.trusted_proxies)),
        )
        return AdminApi(self._parts), pages


async def _none() -> dict[str, str]:
    return {}
