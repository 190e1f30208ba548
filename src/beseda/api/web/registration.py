"""Becoming a member: the form, and who sent it is signed in."""

from beseda.api.base import BUSY_STATUSES, WebOptions
from beseda.api.callers import session_cookie
from beseda.api.forms import Form, FormRefused, read_query
from beseda.api.web.call import PageCall, Reply, see
from beseda.api.web.house import House
from beseda.core.accounts import Application
from beseda.core.core import Core
from beseda.domain.accounts import read_birth_date, read_sex
from beseda.domain.errors import BesedaError

FIELDS = ("nick", "email", "phone", "sex", "birth_date", "age_public", "invite", "to")
"""What a refused form is filled in with again; not the password."""


class Registration:
    def __init__(self, core: Core, options: WebOptions, house: House) -> None:
        self._core = core
        self._options = options
        self._house = house

    async def show(self, call: PageCall) -> Reply:
        """`?to=` is the room to go to afterwards."""
        try:
            to = read_query(call.scope["query_string"]).get("to") or ""
        except FormRefused:
            to = ""
        return self._page(call, Form([("to", to)]))

    async def register(self, call: PageCall) -> Reply:
        form, caller = call.form, call.caller
        try:
            application = read_application(form)
            invite = (form.get_secret("invite") or "").strip()
            signed_in = await self._core.accounts.register(caller, application, invite)
        except BesedaError as refusal:
            return self._page(call, form, refusal)
        return see(form.get("to") or "", session_cookie(call.scope, self._options, signed_in.handle))

    def _page(self, call: PageCall, form: Form, refusal: BesedaError | None = None) -> Reply:
        filled_in = {name: form.get(name) or "" for name in FIELDS}
        body = self._house.page("register.html", call.scope, call.caller.account, alert=refusal or "", form=filled_in)
        if refusal is None:
            return Reply(body)
        return Reply(body, status=BUSY_STATUSES.get(type(refusal), 422), code=refusal.code)


def read_application(form: Form) -> Application:
    """What was filled in. Raises SexInvalid, BirthDateInvalid."""
    return Application(
        nick=form.get("nick") or "",
        password=form.get_secret("password") or "",
        email=(form.get("email") or "").strip(),
        phone=(form.get("phone") or "").strip(),
        sex=read_sex(form.get("sex") or ""),
        birth_date=read_birth_date(form.get("birth_date") or ""),
        age_public=bool(form.get("age_public")),
    )
