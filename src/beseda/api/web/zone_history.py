"""What happened to a zone: step by step, who did it, what went and what came; and the way back, tried first."""

from beseda.api.web.call import Handler, PageCall, Reply
from beseda.api.web.own import number_of, query_of
from beseda.api.web.zone_frame import PAGES, Attempt, ZoneFrame, attempt, zone_of
from beseda.api.web.zone_rows import diff_of, diff_of_report
from beseda.api.words import N_
from beseda.domain.errors import BesedaError, ZoneStateNotFound
from beseda.domain.ids import MAX_ID
from beseda.domain.zones import SERIALS, Deed

STEPS_SHOWN = 50
DEEDS = {
    Deed.MADE: N_("the zone was made"),
    Deed.CHANGED: N_("records were changed"),
    Deed.REMOVED: N_("the domain was removed"),
    Deed.RESTORED: N_("the domain was brought back"),
}


class ZoneHistory(ZoneFrame):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {f"{PAGES}/history": {"GET": self.own(self._show), "POST": self.own(self._revert)}}

    async def _show(self, call: PageCall) -> Reply:
        """`?step=` is the number of one; else all are listed, those `?before=` one."""
        if query_of(call).get("step"):
            return await self._step(call, Attempt(None))
        return await self._list(call)

    async def _list(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        head = await self._core.zone_files.head(call.caller, zone_of(call))
        before = number_of(query_of(call).get("before") or "") or MAX_ID
        steps = await self._core.zone_files.history(call.caller, head.name, before=before, limit=STEPS_SHOWN + 1)
        older = steps[STEPS_SHOWN - 1].change.number if len(steps) > STEPS_SHOWN else 0
        shown = [(each.change, each.author) for each in steps[:STEPS_SHOWN]]
        return self.page(
            "zone-history.html",
            call,
            head,
            refusal,
            steps=shown,
            deeds=DEEDS,
            older=older,
            is_newest=before == MAX_ID,
        )

    async def _revert(self, call: PageCall) -> Reply:
        """`serial` is the state to go back to."""
        serial = min(number_of(call.form.get("serial") or ""), SERIALS - 1)
        zone = zone_of(call)
        tried = await attempt(call, lambda how: self._core.zone_files.revert(call.caller, zone, serial, how))
        if tried.done and tried.report:
            return self.changed(zone, tried.report, "revert")
        return await self._step(call, tried, serial)

    async def _step(self, call: PageCall, tried: Attempt, back_to: int = 0) -> Reply:
        head = await self._core.zone_files.head(call.caller, zone_of(call))
        number = number_of(query_of(call).get("step") or "")
        try:
            step = await self._core.zone_files.step(call.caller, head.name, number)
        except ZoneStateNotFound as refusal:
            return await self._list(call, refusal)
        return self.page(
            "zone-step.html",
            call,
            head,
            tried.refusal,
            step=step.change,
            author=step.author,
            deeds=DEEDS,
            diff=diff_of(step.change.removed, step.change.added),
            is_last=step.change.serial_to == head.serial,
            tried=diff_of_report(tried.report) if tried.report else None,
            seen=tried.report.serial if tried.report else 0,
            back_to=back_to,
        )
