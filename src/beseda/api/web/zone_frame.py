"""What the pages of one zone have in common: they are its owner's alone, and tell on the page what was refused."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from beseda.api.base import BUSY_STATUSES
from beseda.api.refusing import note_refusal
from beseda.api.web.call import Handler, PageCall, Reply
from beseda.api.web.house import House
from beseda.api.web.own import number_of, query_of, sign_in_first
from beseda.api.web.zone_refusals import faults_of
from beseda.api.web.zone_rows import readable
from beseda.api.words import N_
from beseda.core.core import Core
from beseda.core.zone_files import How, Report
from beseda.domain.domains import RemovedDomain
from beseda.domain.errors import (
    BesedaError,
    DomainNameInvalid,
    DomainNotFound,
    NotSignedIn,
    TokenTooNarrow,
    ZoneMoved,
)
from beseda.domain.zones import SERIALS, ZoneHead

TABS = {
    "": N_("Records"),
    "/history": N_("History"),
    "/import": N_("Import and export"),
    "/keys": N_("Keys"),
}
"""The pages of a zone, by what follows its address."""
SAVED = {
    "record": N_("Saved."),
    "import": N_("The zone is what you sent."),
    "revert": N_("The zone is as it was."),
    "nothing": N_("Everything is so already: nothing has changed."),
}
PAGES = "/-/domains/{name}"
ELSEWHERE = (DomainNotFound, DomainNameInvalid, NotSignedIn)
"""Refusals that are told on a page of their own."""


class Attempt(NamedTuple):
    """How a change of the whole zone went, which was only tried unless it is `done`."""

    report: Report | None
    refusal: BesedaError | None = None
    done: bool = False


async def attempt(call: PageCall, change: Callable[[How], Awaitable[Report]]) -> Attempt:
    """Try a change, or `do=save` it if the zone is still at the serial `seen` at which it was tried; else try anew."""
    moved: BesedaError | None = None
    try:
        if call.form.get("do") == "save":
            seen = min(number_of(call.form.get("seen") or ""), SERIALS - 1)
            try:
                return Attempt(await change(How(if_serial=seen)), done=True)
            except ZoneMoved as refusal:
                moved = refusal.with_traceback(None)  # which holds this frame, which would hold it
        return Attempt(await change(How(dry_run=True)), moved)
    except ELSEWHERE:
        raise
    except BesedaError as refusal:
        return Attempt(None, refusal)


class ZoneFrame:
    def __init__(self, core: Core, house: House) -> None:
        self._core = core
        self._house = house

    def own(self, show: Callable[[PageCall], Awaitable[Reply]]) -> Handler:
        """For the zone's owner; to all others it is not there."""

        async def handle(call: PageCall) -> Reply:
            if first := sign_in_first(call):
                return first
            try:
                return await show(call)
            except (DomainNotFound, DomainNameInvalid) as refusal:
                return await self._absent(call, refusal)

        return handle

    def page(
        self,
        template: str,
        call: PageCall,
        head: ZoneHead,
        refusal: BesedaError | None = None,
        *,
        told_inside: bool = False,
        **facts: Any,
    ) -> Reply:
        """A page of this zone. What was refused is told above all, or by the page itself."""
        saved = "" if refusal else SAVED.get(query_of(call).get("saved") or "", "")
        if refusal:
            note_refusal(refusal)
        home = home_of(head.name)
        body = self._house.page(
            template,
            call.scope,
            call.caller.account,
            zone=head,
            zone_readable=readable(head.name),
            home=home,
            tabs={home + suffix: text for suffix, text in TABS.items()},
            saved=saved,
            faults=[] if told_inside else faults_of(refusal),
            **facts,
        )
        if refusal is None:
            return Reply(body)
        return Reply(body, status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)

    def changed(self, head: str, made: Report, saved: str) -> Reply:
        """To the table, which says what has been done."""
        return go(home_of(head), saved=saved if made.removed or made.added else "nothing")

    async def _absent(self, call: PageCall, refusal: BesedaError) -> Reply:
        """It is another's, or nobody's; or the member has removed it, and may have it back."""
        note_refusal(refusal)
        removed: list[RemovedDomain] = []
        with suppress(TokenTooNarrow):
            removed = await self._core.domains.removed(call.caller)
        name = zone_of(call).lower()
        gone = next((each for each in removed if name in (each.name.ascii, each.name.readable)), None)
        body = self._house.page("zone-absent.html", call.scope, call.caller.account, gone=gone)
        return Reply(body, status=404, code=refusal.code)


def zone_of(call: PageCall) -> str:
    """The name in the address, as it was written."""
    return str(call.scope["path"]).split("/")[3]


def home_of(zone: str) -> str:
    return PAGES.format(name=zone)


def go(path: str, fragment: str = "", **facts: str | int) -> Reply:
    """Go and get that page, by GET; facts that are empty are left out."""
    query = urlencode({name: value for name, value in facts.items() if value})
    address = quote(path) + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return Reply(b"", ((b"location", address.encode()),), 303)
