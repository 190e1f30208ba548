"""The operator's listener: health, metrics, the admin's pages and API. On loopback unless configured otherwise."""

from collections.abc import Awaitable, Callable

from beseda.api.base import Receive, Scope, Send, send_body
from beseda.api.jsontext import write_json
from beseda.server.metrics import Metrics


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
        self._metrics = metrics
        self._ready = ready
        self._warnings = warnings
        self._slowed = slowed
        self._worries = worries
        self._admin = admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["path"]:
            case "/health/live":
                await send_body(send, b"application/json", write_json({"status": "ok"}))
            case "/health/ready":
                wrong, slowed, worries = await self._ready(), self._slowed(), self._worries()
                told: dict[str, object] = {"status": "degraded" if wrong or slowed or worries else "ok"}
                parts = {"problems": wrong, "slowed": slowed, "warnings": self._warnings() | worries}
                told |= {name: found for name, found in parts.items() if found}
                await send_body(send, b"application/json", write_json(told), status=503 if wrong else 200)
            case "/metrics":
                await send_body(send, b"text/plain; version=0.0.4; charset=utf-8", self._metrics.render())
            case _ if self._admin is None or not await self._admin(scope, receive, send):
                await send_body(send, b"text/plain; charset=utf-8", b"not found\n", status=404)
