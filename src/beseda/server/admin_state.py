"""The admin's pages that no command is behind: how the server has been, its backups, and whether all is well."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from beseda.api.base import BUSY_STATUSES
from beseda.api.web.call import Reply
from beseda.api.words import N_
from beseda.domain.errors import BesedaError
from beseda.domain.operators import OperatorRole
from beseda.server.admin import Refusal
from beseda.server.admin_overview import SPANS, look_back
from beseda.server.admin_visits import Visit
from beseda.server.bootstrap import Parts
from beseda.server.config import Config
from beseda.server.watching import Watching

if TYPE_CHECKING:
    from beseda.server.admin_pages import AdminPages
    from beseda.server.doctor import Finding

EXAMINED_FOR_S = 60.0
"""For how long the doctor's findings are shown again: some of them cost time."""
NOT_YOURS = N_("Your role does not allow this.")
UNDER_WAY = N_("A backup is being made.")
Told = Callable[[], dict[str, str]]


class StatePages:
    """`problems` says what keeps the server from working, by part."""

    def __init__(
        self,
        config: Config,
        parts: Parts,
        watching: Watching,
        problems: Callable[[], Awaitable[dict[str, str]]],
        admin: "AdminPages",
    ) -> None:
        self._config = config
        self._parts = parts
        self._watching = watching
        self._problems = problems
        self._admin = admin
        self._findings: list[Finding] = []
        self._examined_s = -EXAMINED_FOR_S
        self._examining = asyncio.Lock()

    def pages(self) -> dict[str, Callable[[Visit], Awaitable[Reply]]]:
        return {"": self._overview, "backups": self._backups, "health": self._health}

    async def _overview(self, visit: Visit) -> Reply:
        name = visit.query.get("span") or ""
        chosen = name if name in SPANS else "day"
        overview = await look_back(self._parts.core, SPANS[chosen][0], self._parts.clock.now())
        worries = {**await self._problems(), **self._parts.nodes.slowed(), **self._watching.worries()}
        return self._admin.page(
            "admin-overview.html", visit, overview=overview, spans=SPANS, chosen=chosen, worries=worries
        )

    async def _backups(self, visit: Visit, **more: Any) -> Reply:
        if visit.scope["method"] == "POST" and not more:
            return await self._back_up(visit)
        backups = self._watching.backups
        files = await asyncio.to_thread(backups.files.all)
        return self._admin.page(
            "admin-backups.html",
            visit,
            **{
                "files": [(name, size, at) for at, name, size in reversed(files)],
                "folder": str(backups.files.folder),
                "settings": self._config.backup,
                "wanted": backups.wanted,
                "trouble": backups.trouble,
                "under_way": backups.under_way,
                "may_make": visit.role >= OperatorRole.OWNER,
                "prove": await self._admin.asks(visit),
                **more,
            },
        )

    async def _back_up(self, visit: Visit) -> Reply:
        """Begin one now; it goes on by itself, and is noted as commands are."""
        if visit.role < OperatorRole.OWNER:
            return self._admin.page("admin-error.html", visit, alert=NOT_YOURS, status=403)
        try:
            await self._admin.prove(visit)
        except Refusal as refusal:
            return await self._backups(visit, alert=str(refusal.record["message"]), status=refusal.status)
        except BesedaError as error:
            return await self._backups(visit, alert=error, status=BUSY_STATUSES.get(type(error), 422))
        begun = self._watching.backups.begin()
        await self._parts.core.operators.note(visit.who, "backup", "{}", "done" if begun else "under_way")
        return await self._backups(visit, begun=begun)

    async def _health(self, visit: Visit) -> Reply:
        """What the running server says; what `beseda doctor` finds when somebody asks for that."""
        found = await self._examine() if visit.query.get("examine") else []
        return self._admin.page(
            "admin-health.html",
            visit,
            problems=await self._problems(),
            slowed=self._parts.nodes.slowed(),
            worries=self._watching.worries(),
            findings=found,
            looked_at=datetime.now(UTC),
        )

    async def _examine(self) -> "list[Finding]":
        """In a thread: it looks at the whole database. Those who ask at the same time get the same."""
        from beseda.server.doctor import examine

        async with self._examining:
            if monotonic() - self._examined_s >= EXAMINED_FOR_S:
                self._findings = await asyncio.to_thread(lambda: list(examine(lambda: self._config)))
                self._examined_s = monotonic()
            return self._findings
