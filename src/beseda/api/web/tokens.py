"""A member's personal tokens, and the applications that act for him."""

from beseda.api.forms import Form
from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.own import OwnPages, number_of, query_of
from beseda.api.words import N_
from beseda.domain.errors import BesedaError, RoomNotFound
from beseda.domain.ids import AppId, RoomId, TokenId
from beseda.domain.tokens import LISTED_MAX, NAME_MAX, Scope

PATH = "/-/account/tokens"
DAYS = {7: N_("for a week"), 30: N_("for a month"), 90: N_("for three months"), 365: N_("for a year")}
"""For how long a token may be good; it may be for ever, too."""
DAYS_AT_FIRST = "90"
PROTOCOLS = {
    "live": N_("programs of this server (/live)"),
    "chatcz": N_("clients of Chat.cz"),
    "spaces": N_("clients of Spaces.ru"),
    "spaceweb": N_("clients of SpaceWeb"),
    "dns": N_("making keys of domains"),
}


class TokenPages(OwnPages):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {PATH: {"GET": self.shown(self._show), "POST": self.done(self._show, self._change)}}

    async def _show(self, call: PageCall, refusal: BesedaError | None = None, *, made: str = "") -> Reply:
        """`made` is the secret of a token that has just been made: it is told this once."""
        tokens = await self._core.tokens.list_own(call.caller)
        rooms = {room_id: await self._room_name(room_id) for token in tokens for room_id in token.scope.rooms}
        return self._page(
            "account-tokens.html",
            call,
            refusal,
            tokens=tokens,
            room_names=rooms,
            apps=await self._core.apps.list_own(call.caller),
            made=made,
            form=call.form if refusal else _begun(call),
            days=DAYS,
            days_at_first=DAYS_AT_FIRST,
            protocols={name: PROTOCOLS[name] for name in sorted(self._core.tokens.protocols & PROTOCOLS.keys())},
            name_max=NAME_MAX,
        )

    async def _room_name(self, room_id: RoomId) -> str:
        try:
            return (await self._core.rooms.view(room_id)).name
        except RoomNotFound:
            return str(room_id)

    async def _change(self, call: PageCall) -> Reply:
        """`token` or `app` is the number of one that is revoked; otherwise a token is made."""
        password = call.form.get_secret("password") or ""
        if number := number_of(call.form.get("token") or ""):
            await self._core.tokens.revoke_own(call.caller, password, TokenId(number))
        elif number := number_of(call.form.get("app") or ""):
            await self._core.apps.revoke_own(call.caller, password, AppId(number))
        else:
            days = number_of(call.form.get("days") or "") or None
            name, scope = call.form.get("name") or "", await self._read_scope(call)
            _, secret = await self._core.tokens.add_own(call.caller, password, name, scope, days)
            return await self._show(call, made=secret)
        return see(f"{PATH}?saved=tokens")

    async def _read_scope(self, call: PageCall) -> Scope:
        """Rooms are told by their names, one on a line; zones, names and types stand apart by commas or spaces."""
        form, rooms = call.form, list[int]()
        for name in filter(None, (line.strip() for line in (form.get("rooms") or "").splitlines()[: LISTED_MAX + 1])):
            room = await self._core.rooms.find_by_name(name)
            if room is None:
                raise RoomNotFound
            rooms.append(room.id)
        listed = {name: (form.get(name) or "").replace(",", " ").split() for name in ("zones", "names", "types")}
        return self._core.tokens.scope(
            rooms=rooms,
            protocols=form.get_all("protocols"),
            bot=bool(form.get("bot")),
            read_only=bool(form.get("read_only")),
            **listed,
        )


def _begun(call: PageCall) -> Form | None:
    """The form as a link begins it, which says `zones` at least."""
    query = query_of(call)
    given = {name: query.get(name) or "" for name in ("zones", "names", "types")}
    return Form([*given.items(), ("name", ""), ("rooms", ""), ("days", DAYS_AT_FIRST)]) if given["zones"] else None
