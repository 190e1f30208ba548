"""The admin's page on which an operator who has no second factor gets one: without it he sees no other."""

from urllib.parse import quote, urlsplit

from beseda.api.base import BUSY_STATUSES, Scope
from beseda.api.forms import Form
from beseda.api.web.call import Reply, see
from beseda.api.web.house import House
from beseda.api.web.second_factor import show_enrolment
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.second_factor import Enrolment
from beseda.domain.errors import BesedaError, SecondFactorExpired, SecondFactorPresent
from beseda.server.admin_paths import SECOND_FACTOR, SIGN_IN, target


class Enrolling:
    """`url` is the members' address, by which authenticators tell this server from others."""

    def __init__(self, core: Core, house: House, url: str) -> None:
        self._core = core
        self._house = house
        self._host = urlsplit(url).netloc

    async def answer(self, scope: Scope, caller: Caller, query: Form, form: Form) -> Reply:
        """For an operator who may look, and has none or is about to have one."""
        to = target(form.get("to") or query.get("to") or "")
        try:
            if ticket := form.get("ticket"):
                return await self._confirm(scope, caller, ticket, form.get("second") or "", to)
            new = await self._core.operators.begin_second_factor(caller)
        except SecondFactorPresent:
            return see(to)
        if new is None:
            return see(f"{SIGN_IN}?to={quote(SECOND_FACTOR)}")
        return self._page(scope, caller, to, new)

    async def _confirm(self, scope: Scope, caller: Caller, ticket: str, code: str, to: str) -> Reply:
        """The recovery codes; or the same picture again, with what was wrong. Raises SecondFactorPresent."""
        factors = self._core.second_factors
        try:
            codes = await factors.confirm(caller, ticket, code)
        except SecondFactorExpired:
            return see(SECOND_FACTOR)
        except SecondFactorPresent:
            raise
        except BesedaError as refusal:
            reply = self._page(scope, caller, to, factors.resume(caller, ticket), alert=refusal)
            return reply._replace(status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)
        return Reply(self._house.page("admin-second-factor.html", scope, caller.account, codes=codes, to=to))

    def _page(self, scope: Scope, caller: Caller, to: str, new: Enrolment, alert: BesedaError | str = "") -> Reply:
        shown = show_enrolment(new, self._host)
        return Reply(
            self._house.page("admin-second-factor.html", scope, caller.account, alert=alert, new=shown, codes=(), to=to)
        )
