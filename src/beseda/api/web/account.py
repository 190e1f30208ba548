"""A member's own account, by forms: each change is a POST, after which the browser gets the page again."""

from beseda.api.callers import session_cookie
from beseda.api.forms import Form
from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.own import OwnPages, number_of
from beseda.api.words import N_
from beseda.domain.accounts import read_birth_date, read_sex
from beseda.domain.errors import BesedaError
from beseda.domain.ids import AccountId, SessionId
from beseda.domain.sessions import Handle

KINDS = {
    Handle.COOKIE: N_("a browser or a chat client"),
    Handle.SID: N_("a client of letters"),
    Handle.BEARER: N_("a program with a token"),
}


class AccountPages(OwnPages):
    def routes(self) -> dict[str, dict[str, Handler]]:
        shown = {
            "/-/account": (self._profile, self._set_profile),
            "/-/account/contacts": (self._contacts, self._set_contacts),
            "/-/account/password": (self._password, self._set_password),
            "/-/account/sessions": (self._sessions, self._end_sessions),
            "/-/account/people": (self._people, self._change_people),
        }
        return {path: {"GET": self.shown(show), "POST": self.done(show, do)} for path, (show, do) in shown.items()}

    async def _profile(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        me, _, _ = await self._core.own_account.get(call.caller)
        filled_in = {
            "sex": me.sex.value if me.sex else "",
            "birth_date": me.birth_date.isoformat() if me.birth_date else "",
            "age_public": me.age_public,
        }
        if refusal:
            filled_in = {name: call.form.get(name) or "" for name in filled_in}
        return self._page("account-profile.html", call, refusal, me=me, form=filled_in)

    async def _set_profile(self, call: PageCall) -> Reply:
        await self._core.own_account.set_profile(
            call.caller,
            sex=read_sex(call.form.get("sex") or ""),
            birth_date=read_birth_date(call.form.get("birth_date") or ""),
            age_public=bool(call.form.get("age_public")),
        )
        return see("/-/account?saved=profile")

    async def _contacts(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        _, email, phone = await self._core.own_account.get(call.caller)
        filled_in = {"email": email, "phone": phone}
        if refusal:
            filled_in = {name: call.form.get(name) or "" for name in filled_in}
        return self._page("account-contacts.html", call, refusal, form=filled_in)

    async def _set_contacts(self, call: PageCall) -> Reply:
        await self._core.own_account.set_contacts(
            call.caller,
            call.form.get_secret("password") or "",
            email=(call.form.get("email") or "").strip(),
            phone=(call.form.get("phone") or "").strip(),
        )
        return see("/-/account/contacts?saved=contacts")

    async def _password(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        return self._page("account-password.html", call, refusal)

    async def _set_password(self, call: PageCall) -> Reply:
        """Every session ends with the old password; whoever changed it goes on with a new one."""
        old, new = (call.form.get_secret(name) or "" for name in ("password", "new"))
        signed_in = await self._core.accounts.change_password(call.caller, old, new)
        cookie = session_cookie(call.scope, self._options, signed_in.handle)
        return see("/-/account/password?saved=password", cookie)

    async def _sessions(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        found = await self._core.own_account.list_sessions(call.caller)
        return self._page("account-sessions.html", call, refusal, sessions=found, kinds=KINDS)

    async def _end_sessions(self, call: PageCall) -> Reply:
        """`session` is the number of one; `all` are all the others."""
        wanted = call.form.get("session") or ""
        if wanted == "all":
            await self._core.own_account.end_other_sessions(call.caller)
        elif number := number_of(wanted):
            await self._core.own_account.end_session(call.caller, SessionId(number))
        return see("/-/account/sessions?saved=sessions")

    async def _people(self, call: PageCall, refusal: BesedaError | None = None) -> Reply:
        return self._page(
            "account-people.html",
            call,
            refusal,
            ignored=await self._core.ignoring.list_ignored(call.caller),
            notes=await self._core.own_account.list_notes(call.caller),
        )

    async def _change_people(self, call: PageCall) -> Reply:
        """`unignore` and `forget`, a note, are numbers of members."""
        form: Form = call.form
        if number := number_of(form.get("unignore") or ""):
            await self._core.ignoring.set_ignored(call.caller, AccountId(number), False)
        elif number := number_of(form.get("forget") or ""):
            await self._core.notes.write(call.caller, AccountId(number), "")
        return see("/-/account/people?saved=people")
