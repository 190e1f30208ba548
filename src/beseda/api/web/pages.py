"""Pages of our own: which there are, and what all of them do alike."""

import re

from beseda.api.base import (
    BUSY_STATUSES,
    FORM_MAX_BYTES,
    BodyTooLarge,
    Outcome,
    Receive,
    Scope,
    Send,
    WebOptions,
    address_of,
    guard_cross_site,
    header,
    read_body,
    send_body,
)
from beseda.api.callers import caller_by_cookie
from beseda.api.forms import LARGE, SMALL, Form, FormLimits, FormRefused, read_form
from beseda.api.web.account import AccountPages
from beseda.api.web.balance import BalancePages
from beseda.api.web.call import Handler, PageCall, Reply, send_reply
from beseda.api.web.data import DataPages
from beseda.api.web.domains import DomainPages
from beseda.api.web.house import House
from beseda.api.web.keys import KeyPages
from beseda.api.web.letters import LetterPages
from beseda.api.web.password_link import PasswordLink
from beseda.api.web.reading import Reading
from beseda.api.web.registration import Registration
from beseda.api.web.second_factor import SecondFactorPages
from beseda.api.web.shell import Shell
from beseda.api.web.tokens import TokenPages
from beseda.api.web.zone import ZONE, ZonePages
from beseda.api.web.zone_history import ZoneHistory
from beseda.api.web.zone_import import BODY_MAX, IMPORT, LIMITS, ZoneImport
from beseda.api.words import N_
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.domain.errors import BesedaError, CrossSite, DomainNameInvalid, DomainNotFound

_DOMAIN = re.compile(r"(?<=^/-/domains/)[^/]+")
"""What stands for any name in the addresses of a domain's pages."""
STATUSES: dict[type[BesedaError], int] = {CrossSite: 422, DomainNameInvalid: 404, DomainNotFound: 404}
TOO_LARGE = N_("The request is too long.")
ROOMY: dict[str, tuple[int, FormLimits]] = {
    ZONE: (4 * FORM_MAX_BYTES, LARGE),
    IMPORT: (BODY_MAX, LIMITS),
}
"""How much members may send to pages that take more than others: bytes of a body, and what of a form."""
NO_SUCH_PAGE = N_("There is no such page.")


class Pages:
    """ASGI, for the addresses of pages."""

    def __init__(self, core: Core, options: WebOptions, house: House) -> None:
        self._core = core
        self._options = options
        self._house = house
        registration, shell = Registration(core, options, house), Shell(core, options, house)
        own = (core, options, house)
        self._pages: dict[str, dict[str, Handler]] = {
            "/register": {"GET": registration.show, "POST": registration.register},
            "/-/look": {"GET": shell.look, "POST": shell.set_look},
            "/-/offline": {"GET": shell.offline},
            "/-/manifest.webmanifest": {"GET": shell.manifest},
            "/-/worker.js": {"GET": shell.worker},
            "/-/read": {"GET": Reading(core, house).show},
            **AccountPages(*own).routes(),
            **TokenPages(*own).routes(),
            **SecondFactorPages(*own).routes(),
            **PasswordLink(core, house).routes(),
            **DataPages(*own).routes(),
            **LetterPages(core, house).routes(),
            **DomainPages(*own).routes(),
            **KeyPages(*own).routes(),
            **BalancePages(*own).routes(),
            **ZonePages(core, house).routes(),
            **ZoneHistory(core, house).routes(),
            **ZoneImport(core, house).routes(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        """One of our pages. A refusal that its handler did not expect is told on a page of its own."""
        path, method = _DOMAIN.sub("{name}", scope["path"]), scope["method"]
        name = path.strip("/-") if path in self._pages else "unknown"
        handlers = self._pages.get(path, {"GET": self._missing})
        handler = handlers.get("GET" if method == "HEAD" else method)
        if handler is None:
            await send_body(send, b"text/plain; charset=utf-8", b"not allowed\n", status=405)
            return Outcome(name, "405")
        caller = Caller(address_of(scope))
        try:
            caller, _ = await caller_by_cookie(self._core.auth, scope, self._options, "chatcz")
            form, body = Form([]), b""
            if method == "POST":
                guard_cross_site(scope, self._options)
                room, limits = ROOMY.get(path if caller.account else "", (FORM_MAX_BYTES, SMALL))
                body = await read_body(receive, max_bytes=room)
                form = read_form(header(scope, b"content-type"), body, limits)
            reply = await handler(PageCall(scope, caller, form, body))
        except BesedaError as refusal:
            status = BUSY_STATUSES.get(type(refusal), STATUSES.get(type(refusal), 403))
            page = self._house.page("error.html", scope, caller.account, alert=refusal)
            reply = Reply(page, status=status, code=refusal.code)
        except (FormRefused, BodyTooLarge):
            reply = Reply(
                self._house.page("error.html", scope, caller.account, alert=TOO_LARGE), status=413, code="413"
            )
        await send_reply(send, reply)
        return Outcome(name, reply.code)

    async def _missing(self, call: PageCall) -> Reply:
        page = self._house.page("error.html", call.scope, call.caller.account, alert=NO_SUCH_PAGE)
        return Reply(page, status=404, code="404")
