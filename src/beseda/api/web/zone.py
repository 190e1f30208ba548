"""The records of a zone in a table, and their forms in it: a change is tried first, shown, and then done.

Each form tells by the record set's mark what its reader saw: what somebody else has changed is not overwritten.
"""

from dataclasses import dataclass, field, replace

from beseda.api.web.call import Handler, PageCall, Reply
from beseda.api.web.own import number_of, query_of
from beseda.api.web.zone_frame import ELSEWHERE, PAGES, ZoneFrame, go, home_of, zone_of
from beseda.api.web.zone_refusals import Fault, faults_of
from beseda.api.web.zone_rows import SHOWN_AT_ONCE, Diff, Row, diff_of_report, row_of, sought, value_of, written_set
from beseda.core.zone_files import How, Report, Seen, WrittenSet
from beseda.domain.errors import BesedaError, RecordMismatch, RecordNotFound
from beseda.domain.ids import RecordSetId
from beseda.domain.records import APEX, TTL_MAX, TYPES, RecordSet, refuse
from beseda.domain.zones import ZoneHead

ZONE = PAGES


@dataclass(frozen=True, slots=True)
class Editing:
    """The form that is open. `id` is 0 for a new record; `seen` is the mark of the set that is changed."""

    id: int = 0
    seen: str = ""
    name: str = ""
    type: str = "A"
    ttl: str = ""
    data: str = ""
    removing: bool = False
    diff: Diff | None = None
    """What it would do: it has been tried, and can be done."""
    faults: list[Fault] = field(default_factory=list)
    now: Row | None = None
    """What somebody else made of it meanwhile."""


class ZonePages(ZoneFrame):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {ZONE: {"GET": self.own(self._show), "POST": self.own(self._change)}}

    async def _show(self, call: PageCall) -> Reply:
        """`?edit=` and `?remove=` open the form of a record set, `?edit=new` that of a new one."""
        head, sets = await self._core.zone_files.read(call.caller, zone_of(call))
        if head.name != zone_of(call):
            return go(home_of(head.name))
        query = query_of(call)
        wanted, removing = query.get("edit") or "", number_of(query.get("remove") or "")
        if wanted == "new":
            return self._table(call, head, sets, Editing())
        number = removing or number_of(wanted)
        found = next((each for each in sets if each.id == number), None)
        if found is None:
            return self._table(call, head, sets, None, RecordNotFound() if number else None)
        editing = replace(_opened(found), removing=bool(removing))
        return await self._tried(call, editing) if removing else self._table(call, head, sets, editing)

    async def _change(self, call: PageCall) -> Reply:
        """`do` is check, remove (which is checked too), save, or edit: back to the form."""
        form, do = call.form, call.form.get("do")
        name, type_, ttl, data = ((form.get(field) or "").strip() for field in ("name", "type", "ttl", "data"))
        editing = Editing(number_of(form.get("set") or ""), form.get("seen") or "", name, type_, ttl, data)
        if do == "remove" or (do == "save" and form.get("removing")):
            editing = replace(editing, removing=True)
        if do in ("check", "remove"):
            return await self._tried(call, editing)
        if do != "save":
            head, sets = await self._core.zone_files.read(call.caller, zone_of(call))
            return self._table(call, head, sets, editing)
        try:
            report = await self._edit(call, editing, How())
        except BesedaError as refusal:
            return await self._refused(call, editing, refusal)
        place = next((f"{name} {type_}" for name, type_, _, _ in reversed((*report.removed, *report.added))), "")
        kept = {name: form.get(name) or "" for name in ("q", "only", "page")}
        done = "record" if place else "nothing"
        return go(call.scope["path"], "changed", saved=done, at=place, **kept)

    async def _tried(self, call: PageCall, editing: Editing) -> Reply:
        try:
            report = await self._edit(call, editing, How(dry_run=True))
        except BesedaError as refusal:
            return await self._refused(call, editing, refusal)
        head, sets = await self._core.zone_files.read(call.caller, zone_of(call))
        return self._table(call, head, sets, replace(editing, diff=diff_of_report(report)))

    async def _edit(self, call: PageCall, editing: Editing, how: How) -> Report:
        if editing.removing:
            wanted = WrittenSet(editing.name, editing.type, ())
        else:
            wanted = written_set(editing.name, editing.type, _ttl(editing), editing.data)
            if not wanted.data:
                raise refuse(editing.name, editing.type, "data_invalid")
        seen = Seen(RecordSetId(editing.id), editing.seen) if editing.id else None
        return await self._core.zone_files.edit(call.caller, zone_of(call), wanted, seen, how)

    async def _refused(self, call: PageCall, editing: Editing, refusal: BesedaError) -> Reply:
        """Told beside the record, with what was filled in; whoever goes on does so knowing what is there now."""
        if isinstance(refusal, ELSEWHERE):
            raise refusal
        head, sets = await self._core.zone_files.read(call.caller, zone_of(call))
        if isinstance(refusal, RecordNotFound):
            gone = replace(editing, id=0, seen="", faults=faults_of(refusal))
            return self._table(call, head, sets, None if editing.removing else gone, refusal)
        if isinstance(refusal, RecordMismatch):
            now = next((each for each in sets if each.id == editing.id), None)
            editing = replace(editing, seen=now.mark, now=row_of(now)) if now else editing
        return self._table(call, head, sets, replace(editing, removing=False, faults=faults_of(refusal)), refusal)

    def _table(
        self,
        call: PageCall,
        head: ZoneHead,
        sets: list[RecordSet],
        editing: Editing | None,
        refusal: BesedaError | None = None,
    ) -> Reply:
        """The page of the table that is asked for, or that has the record set that is edited or was changed."""
        query = call.form if call.form.get("do") else query_of(call)
        words, only, at = (query.get(name) or "" for name in ("q", "only", "at"))
        found = sought(sets, words, only)
        own = self._core.zones.own_ns
        changed = next((each.id for each in found if at == f"{each.name} {each.type}"), 0) if at else 0
        shown = editing.id if editing else changed
        place = next((place for place, each in enumerate(found) if shown and each.id == shown), None)
        pages = max(1, -(-len(found) // SHOWN_AT_ONCE))
        number = place // SHOWN_AT_ONCE + 1 if place is not None else number_of(query.get("page") or "") or 1
        number = min(number, pages)
        first = (number - 1) * SHOWN_AT_ONCE
        return self.page(
            "zone.html",
            call,
            head,
            refusal,
            told_inside=editing is not None,
            rows=[row_of(each) for each in found[first : first + SHOWN_AT_ONCE]],
            found=len(found),
            total=len(sets),
            page_number=number,
            pages=pages,
            words=words,
            only=only,
            kept={
                name: value for name, value in (("q", words), ("only", only), ("page", number)) if value not in ("", 1)
            },
            types=sorted({each.type for each in sets}),
            known_types=list(TYPES),
            editing=editing,
            beside=place is not None,
            changed=changed,
            own_ns=[] if any(each.key == (APEX, "NS") for each in sets) else [each.text for each in own.data],
            default_ttl=self._core.zones.default_ttl,
        )


def _opened(given: RecordSet) -> Editing:
    data = "\n".join(value_of(given.type, each).text for each in given.data)
    return Editing(given.id, given.mark, given.name, given.type, str(given.ttl), data)


def _ttl(editing: Editing) -> int | None:
    """Seconds; None for the zone's own. Raises RecordRefused."""
    if not editing.ttl:
        return None
    number = number_of(editing.ttl)
    if not 0 < number <= TTL_MAX:
        raise refuse(editing.name, editing.type, "ttl_invalid", editing.ttl[:20])
    return number
