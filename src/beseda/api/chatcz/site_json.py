"""The JSON endpoints beside the pages, which gateways and the site's own pages poll."""

from collections.abc import Mapping

from beseda.api.chatcz import codec
from beseda.api.chatcz.call import Call, Reply, Route
from beseda.api.chatcz.errors import Refusal, answer_to
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock


class SiteJson:
    guarded = True

    def __init__(self, core: Core, clock: Clock) -> None:
        self._core = core
        self._clock = clock
        self._routes = {
            "/json/getHeader": {"POST": Route("header", self._header)},
            "/json/getRoomUserTime": {"POST": Route("user_times", self._user_times)},
            "/json/setRoomSetting": {"POST": Route("room_settings", self._room_settings)},
        }

    def routes(self, shape: str) -> Mapping[str, Route]:
        return self._routes.get(shape, {})

    def refuse(self, caller: Caller, error: Refusal) -> Reply:
        status, message = answer_to(error)
        return Reply(codec.site_envelope(status, message), status=status)

    async def _header(self, call: Call) -> Reply:
        """What waits for the caller: nothing yet can wait."""
        call.caller.signed_in()
        return Reply(codec.site_envelope(data={"msg_count": 0, "request_count": 0}))

    async def _user_times(self, call: Call) -> Reply:
        """The gateways' keep-alive, every 50 seconds for each room."""
        page = await self._core.rooms.page(call.caller, codec.read_room_id(call.form))
        occupants = self._core.presence.heard(page.occupants)
        return Reply(codec.site_envelope(data=codec.encode_user_times(occupants, self._clock.now())))

    async def _room_settings(self, call: Call) -> Reply:
        room_id, settings = codec.read_room_id(call.form), codec.read_room_settings(call.form)
        await self._core.rooms.change_settings(
            call.caller, room_id, description=settings.description, lock=settings.lock, password=settings.password
        )
        return Reply(codec.site_envelope())
