"""The REST methods below /api (chat.cz REST)."""

from collections.abc import Mapping

from beseda.api.base import WebOptions, origin_of
from beseda.api.chatcz import codec
from beseda.api.chatcz.call import Reply, Route, SiteCall, call_names, give_cookie
from beseda.api.chatcz.errors import Refusal, answer_to
from beseda.api.chatcz.prepared import RoomAnswers
from beseda.core.core import Core
from beseda.core.ports import Clock


class Rest:
    guarded = False

    def __init__(self, core: Core, clock: Clock, options: WebOptions, prepared: RoomAnswers) -> None:
        self._core = core
        self._clock = clock
        self._options = options
        self._prepared = prepared
        reads = {
            "/api/rooms": Route("rooms", self._rooms),
            "/api/room/#": Route("room", self._room),
            "/api/room/#/admins": Route("room_admins", self._room_admins),
            "/api/room/#/users": Route("room_users", self._room_users),
            "/api/user/#": Route("user", self._user),
            "/api/user/#/profile": Route("profile", self._profile),
        }
        self._routes = {shape: {"GET": route, "HEAD": route} for shape, route in reads.items()} | {
            "/api/token": {"POST": Route("token", self._token)},
            "/api/login": {"PUT": Route("token_login", self._token_login)},
        }
        self.calls = call_names(self._routes)

    def routes(self, shape: str) -> Mapping[str, Route]:
        return self._routes.get(shape, {})

    def refuse(self, call: SiteCall, error: Refusal) -> Reply:
        status, message = answer_to(error)
        return Reply(codec.envelope(status, message), status=status)

    async def _rooms(self, call: SiteCall) -> Reply:
        if call.caller.account is None:
            return Reply(await self._prepared.rooms())
        return Reply(await self._prepared.rooms_with(await self._core.rooms.favourites(call.caller)))

    async def _room(self, call: SiteCall) -> Reply:
        return Reply(await self._prepared.room(call.room_id))

    async def _room_admins(self, call: SiteCall) -> Reply:
        admins = await self._core.rooms.admins(call.room_id)
        return Reply(codec.envelope(admins=[codec.encode_admin(admin) for admin in admins]))

    async def _room_users(self, call: SiteCall) -> Reply:
        present, inside = await self._core.rooms.occupants(call.caller, call.room_id)
        book = self._core.presence
        users = [codec.encode_occupant(o, book.online_since(o) if inside else None) for o in book.heard(present)]
        return Reply(codec.envelope(users=users))

    async def _user(self, call: SiteCall) -> Reply:
        found = await self._core.presence.get(call.account_id)
        return Reply(codec.envelope(**codec.encode_presence(found)))

    async def _profile(self, call: SiteCall) -> Reply:
        account = await self._core.presence.visit_profile(call.caller, call.account_id, counts=call.does)
        origin = origin_of(call.scope, self._options)
        return Reply(codec.envelope(profile=codec.encode_profile(account, self._clock.now(), origin)))

    async def _token(self, call: SiteCall) -> Reply:
        asked = codec.read_renewal(call.form)
        token = await self._core.apps.renew(asked.token, asked.api_key, call.caller.address)
        return Reply(codec.envelope(token=token))

    async def _token_login(self, call: SiteCall) -> Reply:
        asked = codec.read_confirmation(call.form)
        _, handle = await self._core.apps.confirm(asked.token, asked.api_key, call.caller.address)
        return give_cookie(Reply(codec.envelope()), call.scope, self._options, handle)
