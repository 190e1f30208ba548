"""The page of letters, which its scripts fill by /live; without scripts one reads, writes and is read here by forms."""

from beseda.api.base import BUSY_STATUSES
from beseda.api.forms import FormRefused, read_query
from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.house import House
from beseda.api.web.own import number_of, sign_in_first
from beseda.core.core import Core
from beseda.domain.errors import BesedaError, NotSignedIn
from beseda.domain.ids import AccountId
from beseda.domain.mail import LETTER_MAX

HOME = "/-/letters"


class LetterPages:
    def __init__(self, core: Core, house: House) -> None:
        self._core = core
        self._house = house

    def routes(self) -> dict[str, dict[str, Handler]]:
        return {HOME: {"GET": self._show, "POST": self._send}}

    async def _show(self, call: PageCall) -> Reply:
        return sign_in_first(call) or await self._page(call, _with(call))

    async def _page(self, call: PageCall, with_id: AccountId, refusal: BesedaError | None = None) -> Reply:
        """To look changes nothing: that letters were read is said by the scripts, or by the form."""
        mail = self._core.mail
        other = await self._core.accounts.get(with_id) if with_id else None
        letters = await mail.list_letters(call.caller, other.id) if other else []
        body = self._house.page(
            "mail.html",
            call.scope,
            call.caller.account,
            alert=refusal or "",
            home=HOME,
            unread=any(letter.received and letter.read_at is None for letter in letters),
            contacts=await mail.list_contacts(call.caller),
            other=other,
            letters=[(letter.at, letter) for letter in letters],
            letter_max=LETTER_MAX,
            written=(call.form.get("text") or "") if refusal else "",
        )
        return Reply(body)

    async def _send(self, call: PageCall) -> Reply:
        """`text` for the member `with`; with `read` all that came from him has been read."""
        if first := sign_in_first(call):
            return first
        with_id = AccountId(number_of(call.form.get("with") or ""))
        try:
            if call.form.get("read"):
                contact = await self._core.mail.find_contact(call.caller, with_id)
                await self._core.mail.mark_read(call.caller, [contact.id] if contact else [])
            else:
                await self._core.mail.send(call.caller, with_id, call.form.get("text") or "")
        except NotSignedIn:
            raise
        except BesedaError as refusal:
            reply = await self._page(call, with_id, refusal)
            return reply._replace(status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)
        return see(f"{HOME}?with={with_id}")


def _with(call: PageCall) -> AccountId:
    try:
        return AccountId(number_of(read_query(call.scope["query_string"]).get("with") or ""))
    except FormRefused:
        return AccountId(0)
