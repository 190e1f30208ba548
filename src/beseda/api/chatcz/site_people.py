"""Pages about members: profiles with karma and notes, stored messages, ignoring."""

from collections.abc import Mapping
from urllib.parse import quote

from beseda.api.chatcz.call import Reply, Route, SiteCall, call_names
from beseda.api.chatcz.codec_people import read_number
from beseda.api.chatcz.errors import NOT_FOUND, Refusal, RequestRefused
from beseda.api.chatcz.pages import Pages, see
from beseda.api.forms import FormRefused, read_query
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.accounts import Role, public_age
from beseda.domain.errors import AccountNotFound
from beseda.domain.ids import AccountId, GiftId
from beseda.domain.mail import LETTER_MAX


class SitePeople:
    guarded = True

    def __init__(self, core: Core, clock: Clock, pages: Pages) -> None:
        self._core = core
        self._clock = clock
        self._pages = pages
        letters, profile = Route("letters_page", self._letters, deed=True), Route("profile_page", self._profile)
        self._routes = {
            "/msg": {"GET": letters, "HEAD": letters},
            "/msg/#": {"POST": Route("send_letter", self._send_letter)},
            "/ignore/#": {"POST": Route("ignore", self._ignore)},
            "/karma/#": {"POST": Route("give_karma", self._give_karma)},
            "/karma/gift/#": {"POST": Route("take_back_karma", self._take_back)},
            "/report/#": {"POST": Route("report_picture", self._report_picture)},
            "/report/settle/#": {"POST": Route("settle_picture", self._settle_picture)},
            "/note/#": {"POST": Route("note", self._note)},
        }
        self._profile_routes = {"GET": profile, "HEAD": profile}
        self.calls = call_names(self._routes, profile)

    def routes(self, shape: str) -> Mapping[str, Route]:
        """Below /p/ there are nicks."""
        return self._profile_routes if shape.startswith("/p/") else self._routes.get(shape, {})

    def refuse(self, call: SiteCall, error: Refusal) -> Reply:
        return self._pages.refuse(call, error)

    async def _profile(self, call: SiteCall) -> Reply:
        """A member's profile, which counts as a view of it if somebody looks. Anonymous visitors have none."""
        path: str = call.scope["path"]
        try:
            found = await self._core.accounts.find_nick(path.removeprefix("/p/"))
            account = await self._core.presence.visit_profile(call.caller, found.id, counts=call.does)
        except AccountNotFound as error:
            raise RequestRefused(*NOT_FOUND) from error
        presence = await self._core.presence.get(account.id)
        me = call.caller.account
        is_member = me is not None and me.registered
        own = me is not None and me.id == account.id
        return self._pages.page(
            "profile.html",
            call,
            shown=account,
            presence=presence,
            age=public_age(account, self._clock.now().date()),
            registered_at=account.created_at,
            accessed_at=presence.accessed_at,
            own=own,
            settles=me is not None and me.role is Role.ROOM_ADMIN,
            ignored=is_member and account.id in await self._core.ignoring.ignored_by(me.id) if me else False,
            note=await self._core.notes.read(call.caller, account.id) if is_member else "",
            gifts=await self._core.karma.list_given(call.caller) if own and is_member else [],
            me=await self._core.accounts.own(call.caller) if is_member else None,
        )

    async def _letters(self, call: SiteCall) -> Reply:
        """All letters count as read then, unless only the head is asked for. COMPAT(gateways): they open the page to
        say so."""
        contacts = await self._core.mail.list_contacts(call.caller)
        other, letters = None, []
        if with_id := _with(call):
            other = await self._core.accounts.get(AccountId(with_id))
            letters = await self._core.mail.list_letters(call.caller, other.id)
        if call.does:
            await self._core.mail.mark_all_read(call.caller)
        return self._pages.page(
            "letters.html",
            call,
            home="/msg",
            unread=False,
            written="",
            contacts=contacts,
            other=other,
            letters=[(letter.at, letter) for letter in letters],
            letter_max=LETTER_MAX,
        )

    async def _send_letter(self, call: SiteCall) -> Reply:
        await self._core.mail.send(call.caller, call.account_id, call.form.get("text") or "")
        return see(f"/msg?with={call.account_id}")

    async def _ignore(self, call: SiteCall) -> Reply:
        """`ignore` is 1, or anything else to stop it."""
        await self._core.ignoring.set_ignored(call.caller, call.account_id, call.form.get("ignore") == "1")
        return await self._back(call)

    async def _give_karma(self, call: SiteCall) -> Reply:
        """`amount`; with a `reason` it is an admin's negative karma."""
        amount = read_number(call.form, "amount")
        if reason := call.form.get("reason"):
            await self._core.karma.give_negative(call.caller, call.account_id, amount, reason)
        else:
            await self._core.karma.give(call.caller, call.account_id, amount)
        return await self._back(call)

    async def _take_back(self, call: SiteCall) -> Reply:
        account, _ = call.caller.signed_in()
        await self._core.karma.take_back(call.caller, GiftId(call.number))
        return see(f"/p/{_quoted(account.nick)}")

    async def _report_picture(self, call: SiteCall) -> Reply:
        await self._core.pictures.report(call.caller, call.account_id)
        return await self._back(call)

    async def _settle_picture(self, call: SiteCall) -> Reply:
        """`delete` is 1, or anything else to reject the reports."""
        delete = call.form.get("delete") == "1"
        await self._core.pictures.settle(call.caller, call.account_id, delete=delete)
        return await self._back(call)

    async def _note(self, call: SiteCall) -> Reply:
        """`text`; an empty one takes the note away."""
        await self._core.notes.write(call.caller, call.account_id, call.form.get("text") or "")
        return await self._back(call)

    async def _back(self, call: SiteCall) -> Reply:
        account = await self._core.accounts.get(call.account_id)
        return see(f"/p/{_quoted(account.nick)}")


def _quoted(nick: str) -> str:
    return quote(nick, safe="")


def _with(call: SiteCall) -> int:
    """`?with=7`: whose letters are shown; 0 when nobody's are."""
    try:
        return read_number(read_query(call.scope["query_string"]), "with", 0)
    except FormRefused:
        return 0
