"""A member's second factor: turned on with a first code, off with the password and a code."""

import io
from collections.abc import Sequence

from beseda.api.base import host_of
from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.own import OwnPages
from beseda.core.second_factor import Enrolment
from beseda.domain.errors import BesedaError, SecondFactorExpired, SecondFactorPresent
from beseda.domain.second_factor import otpauth, secret_text

PATH = "/-/account/second-factor"


class SecondFactorPages(OwnPages):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {PATH: {"GET": self.shown(self._show), "POST": self.done(self._show, self._change)}}

    async def _show(
        self,
        call: PageCall,
        refusal: BesedaError | None = None,
        *,
        new: Enrolment | None = None,
        codes: Sequence[str] = (),
    ) -> Reply:
        """`new` is an authenticator that is to show its first code; `codes`, for recovery, are told this once.

        A first code that was wrong leaves the picture where it is.
        """
        ticket = call.form.get("ticket") or ""
        if refusal and ticket and not isinstance(refusal, SecondFactorExpired | SecondFactorPresent):
            new = self._core.second_factors.resume(call.caller, ticket)
        factor = await self._core.second_factors.find_own(call.caller)
        shown = show_enrolment(new, host_of(call.scope)) if new else None
        return self._page("account-second-factor.html", call, refusal, new=shown, codes=codes, factor=factor)

    async def _change(self, call: PageCall) -> Reply:
        """`do` is begin, confirm, codes, off."""
        factors, form = self._core.second_factors, call.form
        password, code = form.get_secret("password") or "", form.get("second") or ""
        match form.get("do"):
            case "begin":
                return await self._show(call, new=await factors.begin(call.caller, password))
            case "confirm":
                codes = await factors.confirm(call.caller, form.get("ticket") or "", code)
            case "codes":
                codes = await factors.renew_recovery(call.caller, password, code)
            case "off":
                await factors.turn_off(call.caller, password, code)
                return see(f"{PATH}?saved=second-factor-off")
            case _:
                return see(PATH)
        return await self._show(call, codes=codes)


def show_enrolment(new: Enrolment, host: str) -> dict[str, str]:
    """What a page shows of an authenticator that is to show its first code; `host` tells this server from others."""
    address = otpauth(new.secret, new.account.nick, f"Beseda {host}")
    told = {"ticket": new.ticket, "secret": secret_text(new.secret)}
    return told | {"address": address, "picture": picture(address)}


def picture(text: str) -> str:
    """A QR code as SVG, black on white whatever the page's colours, without styles: the pages' policy allows none."""
    import segno  # few turn it on: a start does without

    svg = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        svg, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, scale=4, dark="#000", light="#fff", omitsize=True
    )
    return svg.getvalue().decode()
