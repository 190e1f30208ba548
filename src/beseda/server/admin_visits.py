"""Who comes to the admin's pages: an operator, or somebody who has to prove first that he is one."""

from dataclasses import dataclass
from urllib.parse import quote

from beseda.api.base import BUSY_STATUSES, Scope, WebOptions
from beseda.api.callers import caller_by_cookie, session_cookie
from beseda.api.forms import Form
from beseda.api.web.call import Reply, see
from beseda.api.web.house import House
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError, NotSignedIn, SecondFactorNeeded, SecondFactorWrong
from beseda.domain.operators import OperatorRole
from beseda.server.admin_enrolling import Enrolling
from beseda.server.admin_paths import ROOT, SECOND_FACTOR, SIGN_IN, target

OPTIONS = WebOptions()
"""The pages are at an address of their own: what is trusted or said of the members' does not count here."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An operator's request. `form` is empty but for a POST."""

    scope: Scope
    caller: Caller
    account: Account
    role: OperatorRole
    query: Form
    form: Form

    @property
    def who(self) -> str:
        """For the audit."""
        return f"{self.account.nick} (member {self.account.id})"


class Doorkeeper:
    """`url` is where members come in."""

    def __init__(self, core: Core, house: House, url: str) -> None:
        self._core = core
        self._house = house
        self._enrolling = Enrolling(core, house, url)

    async def caller(self, scope: Scope) -> Caller:
        """Who shows a session's cookie."""
        caller, _ = await caller_by_cookie(self._core.auth, scope, OPTIONS, "admin")
        return caller

    async def let_in(self, scope: Scope, caller: Caller, query: Form, form: Form) -> Visit | Reply:
        """The visit of an operator who proved who he is, and has a second factor; or the page that others get."""
        account = caller.account
        if account is None or not account.registered or not await self._core.operators.may_look(caller):
            return see(f"{SIGN_IN}?to={quote(_here(scope), safe='/')}")
        role = await self._core.operators.role_of(caller)
        if role is None:
            return Reply(self._house.page("admin-nobody.html", scope, account), status=403, code="403")
        if scope["path"] == SECOND_FACTOR:
            return await self._enrolling.answer(scope, caller, query, form)
        if not await self._core.operators.has_second_factor(caller):
            return see(f"{SECOND_FACTOR}?to={quote(_here(scope), safe='/')}")
        return Visit(scope, caller, account, role, query, form)

    async def ask(self, scope: Scope, caller: Caller, query: Form) -> Reply:
        """The form to sign in, or to prove anew that it is him."""
        nick = caller.account.nick if caller.account and caller.account.registered else ""
        return self._sign_in_page(scope, nick, target(query.get("to") or ""))

    async def sign_in(self, scope: Scope, caller: Caller, form: Form) -> Reply:
        """By nick and password, then by the second factor if there is one; whoever has a session goes on with it."""
        login, password = (form.get("login") or "").strip(), form.get_secret("password") or ""
        to = target(form.get("to") or "")
        try:
            if ticket := form.get("ticket"):
                signed_in = await self._core.operators.go_on(ticket, form.get("second") or "", caller.address)
            elif await self._is_already(caller, login):
                await self._core.operators.prove(caller, password)
                return see(to)
            else:
                signed_in = await self._core.operators.sign_in(login, password, caller.address)
        except BesedaError as refusal:
            reply = self._sign_in_page(scope, login, to, refusal)
            return reply._replace(status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)
        return see(to, session_cookie(scope, OPTIONS, signed_in.handle))

    async def _is_already(self, caller: Caller, login: str) -> bool:
        if caller.account is None or not caller.account.registered or not login:
            return False
        try:
            await self._core.auth.check_login(caller, login)
        except NotSignedIn:
            return False
        return not await self._core.operators.has_second_factor(caller)

    async def sign_out(self, scope: Scope, caller: Caller) -> Reply:
        if caller.session is not None:
            await self._core.auth.sign_out(caller)
        return see(SIGN_IN, session_cookie(scope, OPTIONS, ""))

    def _sign_in_page(self, scope: Scope, login: str, to: str, refusal: BesedaError | None = None) -> Reply:
        ticket = refusal.ticket if isinstance(refusal, SecondFactorNeeded | SecondFactorWrong) else ""
        alert = "" if isinstance(refusal, SecondFactorNeeded) else refusal or ""
        page = self._house.page("admin-sign-in.html", scope, None, alert=alert, login=login, to=to, ticket=ticket)
        return Reply(page)


def _here(scope: Scope) -> str:
    """Where somebody wanted to go, if he can be sent there by a link."""
    return scope["path"] if scope["method"] in ("GET", "HEAD") else ROOT
