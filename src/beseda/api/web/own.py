"""What the pages of a member's own account have in common: they are shown to members alone, and each change is a POST,
after which the browser gets the page again."""

from collections.abc import Awaitable, Callable, Mapping

from beseda.api.base import BUSY_STATUSES, WebOptions
from beseda.api.forms import Form, FormRefused, read_query
from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.house import House
from beseda.api.words import N_
from beseda.core.core import Core
from beseda.domain.errors import BesedaError, NotSignedIn, RegisteredOnly
from beseda.domain.ids import MAX_ID

TABS = {
    "/-/account": N_("Profile"),
    "/-/account/contacts": N_("E-mail and phone"),
    "/-/account/password": N_("Password"),
    "/-/account/second-factor": N_("Second factor"),
    "/-/account/sessions": N_("Where I am signed in"),
    "/-/account/tokens": N_("Tokens and applications"),
    "/-/account/people": N_("Ignored and notes"),
    "/-/account/data": N_("My data"),
    "/-/look": N_("Language and look"),
}
"""The pages of one's own account, in the order in which they are offered."""
SAVED = {
    "look": N_("Saved, for all your browsers."),
    "profile": N_("Your profile is saved."),
    "picture": N_("Others see your new picture."),
    "contacts": N_("Your e-mail address and phone number are saved."),
    "password": N_("You have another password. All other sessions have ended."),
    "second-factor-off": N_("Your password alone signs you in again."),
    "sessions": N_("Done. What was signed in there is so no longer."),
    "people": N_("Done."),
    "tokens": N_("It is revoked, and what came in by it is signed out."),
    "back": N_("Good to have you back. Nothing will be deleted."),
    "domain-added": N_("The domain is yours."),
    "domain-claimed": N_("Now show that the domain is yours, as it says below."),
    "domain-unseen": N_("That cannot be seen yet. It may take a while until everybody sees it."),
    "domain-requested": N_("Whoever runs this place has been asked for it."),
    "domain-withdrawn": N_("You wait for it no more."),
    "domain-removed": N_("The domain is removed. For a week you can bring it back."),
    "domain-restored": N_("The domain is back, with all of its records."),
    "domain-offered": N_("It is offered. Until it is accepted nothing changes."),
    "domain-kept": N_("It is offered no more."),
    "domain-taken": N_("The domain is yours now, with all of its records."),
    "domain-renewal": N_("Saved."),
    "key-removed": N_("The key is revoked. Programs that have it can do nothing more."),
}


class OwnPages:
    """`shown` and `done` make handlers of what a page shows and does; `tabs` are the pages it is one of."""

    tabs: Mapping[str, str] = TABS

    def __init__(self, core: Core, options: WebOptions, house: House) -> None:
        self._core = core
        self._options = options
        self._house = house

    def shown(self, show: Callable[..., Awaitable[Reply]]) -> Handler:
        async def handle(call: PageCall) -> Reply:
            return sign_in_first(call) or await show(call)

        return handle

    def done(self, show: Callable[..., Awaitable[Reply]], do: Callable[[PageCall], Awaitable[Reply]]) -> Handler:
        """A deed; what it refuses is told on its own page, with what was filled in."""

        async def handle(call: PageCall) -> Reply:
            if first := sign_in_first(call):
                return first
            try:
                return await do(call)
            except NotSignedIn:
                raise
            except BesedaError as refusal:
                reply = await show(call, refusal)
                return reply._replace(status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)

        return handle

    def _page(self, template: str, call: PageCall, refusal: BesedaError | None = None, **facts: object) -> Reply:
        told = {"tabs": self.tabs, "saved": "" if refusal else saved_text(call)} | facts
        return Reply(self._house.page(template, call.scope, call.caller.account, alert=refusal or "", **told))


def sign_in_first(call: PageCall) -> Reply | None:
    """Who is not signed in does so, and comes back here. Raises RegisteredOnly for a guest."""
    if call.caller.account is None:
        query = call.scope["query_string"].decode("latin-1")
        return see(f"/login?to={call.scope['path'].lstrip('/')}{'?' if query else ''}{query}")
    if not call.caller.account.registered:
        raise RegisteredOnly
    return None


def saved_text(call: PageCall) -> str:
    """What has just been done, "" for nothing."""
    return SAVED.get(query_of(call).get("saved") or "", "")


def query_of(call: PageCall) -> Form:
    """The fields of the address; none where they are more than are read."""
    try:
        return read_query(call.scope["query_string"])
    except FormRefused:
        return Form([])


def number_of(text: str) -> int:
    """0 for what is no number of anything."""
    return min(int(text), MAX_ID) if text.isascii() and text.isdigit() and len(text) < 20 else 0
