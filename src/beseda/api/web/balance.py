"""A member's money: what he has, and what moved it."""

from beseda.api.web.call import Handler, PageCall, Reply
from beseda.api.web.domains import TABS
from beseda.api.web.own import OwnPages, number_of, query_of
from beseda.domain.ids import MAX_ID, AccountId
from beseda.domain.ledger import Entry, Pocket, pocket_book

HOME = "/-/balance"
PAGE = 50


class BalancePages(OwnPages):
    tabs = TABS

    def routes(self) -> dict[str, dict[str, Handler]]:
        return {HOME: {"GET": self.shown(self._show)}}

    async def _show(self, call: PageCall) -> Reply:
        """`?before=` is the number of an entry; the newest are shown without it."""
        before = number_of(query_of(call).get("before") or "")
        billing, account = self._core.billing, call.caller.signed_in()[0]
        found = await billing.own_statement(call.caller, before=before or MAX_ID, limit=PAGE + 1)
        return self._page(
            "balance.html",
            call,
            balance=await billing.balance(call.caller),
            entries=[(entry, moved(entry, account.id)) for entry in found[:PAGE]],
            newest=not before,
            more=len(found) > PAGE,
        )


def moved(entry: Entry, account_id: AccountId) -> dict[str, int]:
    """By how much an entry moved each of a member's pockets."""
    books = {pocket_book(account_id, pocket): pocket.value for pocket in Pocket}
    return {books[each.book]: each.amount_minor for each in entry.postings if each.book in books}
