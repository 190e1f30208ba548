"""A link that an operator made, with which a member sets a new password."""

from beseda.api.base import BUSY_STATUSES
from beseda.api.forms import FormRefused, read_query
from beseda.api.web.call import Handler, PageCall, Reply
from beseda.api.web.house import House
from beseda.core.core import Core
from beseda.domain.errors import BesedaError, PasswordLinkInvalid

PATH = "/-/password"


class PasswordLink:
    def __init__(self, core: Core, house: House) -> None:
        self._core = core
        self._house = house

    def routes(self) -> dict[str, dict[str, Handler]]:
        return {PATH: {"GET": self._ask, "POST": self._set}}

    async def _ask(self, call: PageCall) -> Reply:
        """`?link=` is what the operator gave. To look at it uses nothing up."""
        try:
            link = read_query(call.scope["query_string"]).get("link") or ""
        except FormRefused:
            link = ""
        return await self._page(call, link)

    async def _set(self, call: PageCall) -> Reply:
        link = call.form.get("link") or ""
        try:
            await self._core.accounts.set_linked_password(link, call.form.get_secret("new") or "")
        except BesedaError as refusal:
            return await self._page(call, link, refusal)
        return Reply(self._house.page("password-link.html", call.scope, None, link="", nick="", done=True))

    async def _page(self, call: PageCall, link: str, refusal: BesedaError | None = None) -> Reply:
        nick = ""
        try:
            nick = (await self._core.accounts.linked(link)).nick
        except PasswordLinkInvalid as invalid:
            link, refusal = "", invalid
        body = self._house.page(
            "password-link.html", call.scope, None, alert=refusal or "", link=link, nick=nick, done=False
        )
        if refusal is None:
            return Reply(body)
        return Reply(body, status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)
