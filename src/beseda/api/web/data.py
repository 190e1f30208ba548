"""A member's data: all of it to take away, or the account deleted, with a week to change one's mind."""

from urllib.parse import quote

from beseda.api.base import BUSY_STATUSES
from beseda.api.callers import session_cookie
from beseda.api.web.archive import ZIP, zipped
from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.own import OwnPages
from beseda.core.caller import Caller
from beseda.core.deletions import WAIT
from beseda.domain.errors import BesedaError, CaptchaNeeded, CaptchaWrong, SecondFactorNeeded, SecondFactorWrong

PATH, RETURN = "/-/account/data", "/-/return"


class DataPages(OwnPages):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {
            PATH: {"GET": self.shown(self._show), "POST": self.done(self._show, self._change)},
            RETURN: {"GET": self._ask_back, "POST": self._take_back},
        }

    async def _show(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        return self._page("account-data.html", call, refusal, wait_days=WAIT.days)

    async def _change(self, call: PageCall) -> Reply:
        """To export is to get an archive. To delete ends every session, this one too, so the page says so to nobody."""
        if call.form.get("do") == "export":
            return await self._export(call)
        due = await self._core.deletions.ask_own(call.caller, call.form.get_secret("password") or "")
        return Reply(self._house.page("deleted.html", call.scope, None, due=due))

    async def _export(self, call: PageCall) -> Reply:
        """Everything as a ZIP, which the browser keeps as a file."""
        caller, password = call.caller, call.form.get_secret("password") or ""
        account = await self._core.own_data.begin(caller, password)
        zones = {f"zones/{name}.zone": text for name, text in await self._zones(caller)}
        archive = await zipped(self._core.own_data.records(caller), zones)
        named = f"attachment; filename*=UTF-8''{quote(f'beseda-{account.nick}.zip')}".encode()
        return Reply(archive, ((b"content-disposition", named),), content_type=ZIP)

    async def _zones(self, caller: Caller) -> list[tuple[str, str]]:
        domains = await self._core.domains.list_own(caller)
        return [await self._core.zone_files.export(caller, domain.name.ascii) for domain in domains]

    async def _ask_back(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        challenge = refusal.challenge if isinstance(refusal, CaptchaNeeded | CaptchaWrong) else ""
        facts = {
            "nick": call.form.get("nick") or "",
            "challenge": challenge,
            "second": isinstance(refusal, SecondFactorNeeded | SecondFactorWrong),
        }
        return Reply(self._house.page("return.html", call.scope, None, alert=refusal or "", **facts))

    async def _take_back(self, call: PageCall) -> Reply:
        """Whoever changed his mind is signed in; so is whoever was not to be deleted at all."""
        nick, password = (call.form.get("nick") or "").strip(), call.form.get_secret("password") or ""
        code, address = call.form.get("code") or None, call.caller.address
        try:
            signed_in = await self._core.deletions.come_back(
                nick, password, address, code, call.form.get("second") or ""
            )
        except BesedaError as refusal:
            reply = await self._ask_back(call, refusal)
            return reply._replace(status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)
        cookie = session_cookie(call.scope, self._options, signed_in.handle)
        return see("/-/account?saved=back", cookie)
