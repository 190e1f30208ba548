"""The JSON endpoints beside the pages, which gateways and the site's own pages poll."""

from collections.abc import Mapping

from beseda.api.chatcz import codec, codec_people, codec_talk
from beseda.api.chatcz.call import Call, Reply, Route
from beseda.api.chatcz.errors import Refusal, answer_to
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import BesedaError, NotInRoom, NotSignedIn

LISTED = (("offset", 0), ("limit", 100))


class SiteJson:
    guarded = True

    def __init__(self, core: Core, clock: Clock) -> None:
        self._core = core
        self._clock = clock
        self._writer = codec_talk.LineWriter()
        self._routes = {
            "/json/getText": {"POST": Route("text", self._text)},
            "/json/getHeader": {"POST": Route("header", self._header)},
            "/json/getMsgUserList": {"POST": Route("correspondents", self._correspondents)},
            "/json/getMessage": {"POST": Route("letters", self._letters)},
            "/json/getRoomUserTime": {"POST": Route("user_times", self._user_times)},
            "/json/setRoomSetting": {"POST": Route("room_settings", self._room_settings)},
        }

    def routes(self, shape: str) -> Mapping[str, Route]:
        return self._routes.get(shape, {})

    def refuse(self, caller: Caller, error: Refusal) -> Reply:
        status, message = answer_to(error)
        return Reply(codec.site_envelope(status, message), status=status)

    async def _text(self, call: Call) -> Reply:
        """Poll, and send in one with it. Who is not in the room is told so; what was not sent, by the old index."""
        asked = codec_talk.read_poll(call.form)
        try:
            if asked.text:
                await self._core.messages.post(call.caller, asked.room_id, asked.text, to=asked.to)
        except (NotInRoom, NotSignedIn) as error:
            return self._outside(asked.index, error)
        except BesedaError as refusal:
            status, message = answer_to(refusal)
            return Reply(codec_talk.encode_unsent(asked.index, status, message), status=status)
        try:
            page = await self._core.streams.read(call.caller, asked.room_id, asked.cursor)
        except (NotInRoom, NotSignedIn) as error:
            return self._outside(asked.index, error)
        reader_id = call.caller.signed_in()[0].id
        return Reply(
            codec_talk.encode_lines(
                page.cursor, [self._writer.write(line, reader_id, page.present) for line in page.lines]
            )
        )

    def _outside(self, index: str, error: BesedaError) -> Reply:
        status, message = answer_to(error)
        return Reply(codec_talk.encode_outside(index, status, message), status=status)

    async def _header(self, call: Call) -> Reply:
        """What waits for the caller. Nobody can ask for friendship yet."""
        unread = await self._core.mail.count_unread(call.caller)
        return Reply(codec.site_envelope(data={"msg_count": unread, "request_count": 0}))

    async def _correspondents(self, call: Call) -> Reply:
        offset, limit = (codec_people.read_number(call.form, name, default) for name, default in LISTED)
        contacts = await self._core.mail.list_contacts(call.caller, offset=offset, limit=limit)
        return Reply(codec.site_envelope(data=[codec_people.encode_correspondent(each) for each in contacts]))

    async def _letters(self, call: Call) -> Reply:
        """The newest hundred that the caller exchanged with one member, oldest first."""
        letters = await self._core.mail.list_letters(call.caller, codec_people.read_account_id(call.form))
        return Reply(codec.site_envelope(data=[codec_people.encode_letter(each) for each in reversed(letters)]))

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
