"""The operator's listener: health, metrics, the admin's pages and API. On loopback unless configured otherwise."""

from collections.abc import Awaitable, Callable

from beseda.api.base import Receive, Scope, Send, send_body
from beseda.api.jsontext import write_json
from beseda.server.metrics import Metrics
from beseda.server.reports import Reports


class OpsApp:
    """ASGI. `ready` tells what is wrong by part, an empty dict when nothing is; `warnings` what could be better.

    `slowed` tells by part what is away that the server works without, only not as fast; `worries` what will be wrong
    soon: the server goes on, but somebody should look. `admin` answers what is for admins, and says whether it did.
    """

    def __init__(
        self,
        metrics: Metrics,
        ready: Callable[[], Awaitable[dict[str, str]]],
        warnings: Callable[[], dict[str, str]] = dict,
        slowed: Callable[[], dict[str, str]] = dict,
        worries: Callable[[], dict[str, str]] = dict,
        admin: Callable[[Scope, Receive, Send], Awaitable[bool]] | None = None,
    ) -> None:
        self.reports: Reports | None = None
        """Of the other workers, if there are any."""
        self._metrics = metrics
        self._ready = ready
        self._warnings = warnings
        self._slowed = slowed
        self._worries = worries
        self._admin = admin

    async def state(self) -> dict[str, dict[str, str]]:
        """What there is to say of this process, by kind and part."""
        return {
            "problems": await self._ready(),
            "slowed": self._slowed(),
            "warnings": self._warnings(),
            "worries": self._worries(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["path"]:
            case "/health/live":
                await send_body(send, b"application/json", write_json({"status": "ok"}))
            case "/health/ready":
                state = await self.state()
                state = await self.reports.worst(state) if self.reports else state
                told = {kind: found for kind, found in state.items() if found and kind != "worries"}
                degraded = state["problems"] or state["slowed"] or state["worries"]
                if state["warnings"] | state["worries"]:
                    told["warnings"] = state["warnings"] | state["worries"]
                body = write_json({"status": "degraded" if degraded else "ok", **told})
                await send_body(send, b"application/json", body, status=503 if state["problems"] else 200)
            case "/metrics":
                metrics = await self.reports.metrics() if self.reports else self._metrics
                await send_body(send, b"text/plain; version=0.0.4; charset=utf-8", metrics.render())
            case _ if self._admin is None or not await self._admin(scope, receive, send):
                await send_body(send, b"text/plain; charset=utf-8", b"not found\n", status=404)
