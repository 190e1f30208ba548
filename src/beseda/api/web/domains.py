"""A member's domains, by forms: had, asked for, offered, removed and brought back."""

from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.own import OwnPages, number_of, query_of
from beseda.api.words import N_
from beseda.core.domains import NewDomain
from beseda.domain.domains import KEPT, Renewal
from beseda.domain.errors import BesedaError, DomainRequested, DomainUnproven

HOME = "/-/domains"
PAGE, PAGES_MAX = 100, 10_000
TABS = {HOME: N_("Domains"), "/-/balance": N_("Balance")}
RENEWALS = {Renewal.MANUAL: N_("by hand"), Renewal.NO: N_("not at all"), Renewal.BONUS_MONEY: N_("with bonus money")}


class DomainPages(OwnPages):
    tabs = TABS

    def routes(self) -> dict[str, dict[str, Handler]]:
        return {HOME: {"GET": self.shown(self._show), "POST": self.done(self._show, self._change)}}

    async def _show(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        """`?find=` is a part of the name, `?page=` counts from 1."""
        core, caller, query = self._core, call.caller, query_of(call)
        find, page = (query.get("find") or "").strip(), min(number_of(query.get("page") or "") or 1, PAGES_MAX)
        found = await core.domains.list_own(caller, containing=find, offset=(page - 1) * PAGE, limit=PAGE + 1)
        offers, nick = await core.handovers.offers(caller), caller.signed_in()[0].nick
        return self._page(
            "domains.html",
            call,
            refusal,
            policy=core.ownership.policy,
            domains=found[:PAGE],
            find=find,
            page=page,
            more=len(found) > PAGE,
            given={each.offer.name: each for each in offers if each.giver == nick},
            offered=[each for each in offers if each.taker == nick],
            claims=await core.ownership.own_claims(caller),
            requests=await core.ownership.own_requests(caller),
            removed={each.name: each for each in reversed(await core.domains.removed(caller))},
            kept=KEPT,
            renewals=RENEWALS,
            written=(call.form.get("name") or "") if refusal and call.form.get("do") == "add" else "",
        )

    async def _change(self, call: PageCall) -> Reply:
        """`do` says what, `name` with which domain."""
        core, caller, form = self._core, call.caller, call.form
        name, do = form.get("name") or "", form.get("do") or ""
        match do:
            case "add" | "look":
                return await self._add(call, name, again=do == "look")
            case "withdraw":
                await core.domains.withdraw(caller, name)
            case "remove":
                await core.domains.remove(caller, [name])
            case "restore":
                await core.domains.restore(caller, name)
            case "renewal" if (renewal := form.get("renewal") or "") in list(Renewal):
                await core.domains.set_renewal(caller, [(name, Renewal(renewal))])
            case "offer":
                await core.handovers.offer(caller, name, form.get("nick") or "")
            case "accept":
                await core.handovers.accept(caller, name)
            case "end":
                await core.handovers.end(caller, name)
            case _:
                return see(HOME)
        return see(f"{HOME}?saved={DONE[do]}")

    async def _add(self, call: PageCall, name: str, *, again: bool) -> Reply:
        """A name that waits for something is no refusal: the page says what for."""
        try:
            await self._core.domains.add(call.caller, NewDomain(name))
        except DomainUnproven:
            return see(f"{HOME}?saved={'domain-unseen' if again else 'domain-claimed'}")
        except DomainRequested:
            return see(f"{HOME}?saved=domain-requested")
        return see(f"{HOME}?saved=domain-added")


DONE = {
    "withdraw": "domain-withdrawn",
    "remove": "domain-removed",
    "restore": "domain-restored",
    "renewal": "domain-renewal",
    "offer": "domain-offered",
    "accept": "domain-taken",
    "end": "domain-kept",
}
"""What is said when it is done, by `do`."""
