"""The JSON endpoints beside the pages, which gateways and the site's own pages poll."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from beseda.api.chatcz import codec, codec_people, codec_talk
from beseda.api.chatcz.call import Reply, Route, SiteCall, call_names
from beseda.api.chatcz.errors import NOT_IN_ROOM, Refusal, RequestRefused, answer_to
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import Clock
from beseda.domain.errors import BesedaError, Busy, NotInRoom, NotSignedIn, TooOften
from beseda.wire.chatcz import talk

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
        self.calls = call_names(self._routes)

    def routes(self, shape: str) -> Mapping[str, Route]:
        return self._routes.get(shape, {})

    def refuse(self, call: SiteCall, error: Refusal) -> Reply:
        status, message = answer_to(error)
        return Reply(codec.site_envelope(status, message), status=status)

    async def _text(self, call: SiteCall) -> Reply:
        """Poll, and send in one with it. Who is not in the room, or has no session any more, is told so."""
        asked, at, refusal = codec_talk.read_poll(call.form), self._clock.now(), None
        try:
            if asked.text:
                refusal = await self._send(call.caller, asked)
            if isinstance(refusal, TooOften) and refusal.limit == "anonymous_line":
                return _answer(asked.index, [], refusal)
            return await self._read_on(call.caller, asked, refusal, at)
        except (NotInRoom, NotSignedIn):
            return Reply(codec_talk.encode_outside(asked.index), status=NOT_IN_ROOM[0])

    async def _send(self, caller: Caller, asked: codec_talk.Poll) -> BesedaError | None:
        """Why the text was refused, if it was. Raises NotInRoom, NotSignedIn."""
        try:
            await self._core.messages.post(caller, asked.room_id, asked.text, to=asked.to)
        except (NotInRoom, NotSignedIn):
            raise
        except BesedaError as refusal:
            return refusal
        return None

    async def _read_on(
        self, caller: Caller, asked: codec_talk.Poll, refusal: BesedaError | None, at: datetime
    ) -> Reply:
        """The lines after the index, among them the one that tells of a refusal of what was asked `at`.

        When the lines cannot be read just now, what was sent has been sent all the same: so the index is another one.
        """
        index, cursor, lines = codec_talk.other_index(asked.index), asked.cursor, list[bytes]()
        if refusal is not None:
            if seq := await self._tell(caller, asked, refusal):
                cursor = None if cursor is None else min(cursor, seq - 1)
            else:
                lines = [codec_talk.encode_reason(refusal.code, at)]
        try:
            page = await self._core.streams.read(caller, asked.room_id, cursor)
            reader_id = caller.signed_in()[0].id
            written = [self._writer.write(line, reader_id, page.present) for line in page.lines]
            place = sum(line.at < at for line in page.lines)  # messages stand in the order of their times
            lines = [*written[:place], *lines, *written[place:]]
            if not asked.text or str(page.cursor) != asked.index:
                index = str(page.cursor)
        except Busy:
            if not asked.text:
                raise
        return _answer(index, lines, refusal)

    async def _tell(self, caller: Caller, asked: codec_talk.Poll, refusal: BesedaError) -> int | None:
        """The number of a line that tells of a refusal; None when there can be none, and the answer alone has to.

        Raises NotInRoom, NotSignedIn.
        """
        if isinstance(refusal, TooOften) or not isinstance(refusal, Busy):
            with suppress(Busy):
                return (await self._core.messages.explain(caller, asked.room_id, refusal.code)).seq
        return None

    async def _header(self, call: SiteCall) -> Reply:
        """What waits for the caller. Nobody can ask for friendship yet."""
        unread = await self._core.mail.count_unread(call.caller)
        return Reply(codec.site_envelope(data=talk.Waiting(unread)))

    async def _correspondents(self, call: SiteCall) -> Reply:
        offset, limit = (codec_people.read_number(call.form, name, default) for name, default in LISTED)
        contacts = await self._core.mail.list_contacts(call.caller, offset=offset, limit=limit)
        return Reply(codec.site_envelope(data=[codec_people.encode_correspondent(each) for each in contacts]))

    async def _letters(self, call: SiteCall) -> Reply:
        """The newest hundred that the caller exchanged with one member, oldest first."""
        letters = await self._core.mail.list_letters(call.caller, codec_people.read_account_id(call.form))
        return Reply(codec.site_envelope(data=[codec_people.encode_letter(each) for each in reversed(letters)]))

    async def _user_times(self, call: SiteCall) -> Reply:
        """The gateways' keep-alive, every 50 seconds for each room."""
        room_id = codec.read_room_id(call.form)
        if call.caller.account is None:
            raise NotInRoom  # COMPAT(gateways): of a session that ended they understand this alone
        page = await self._core.rooms.page(call.caller, room_id)
        occupants = self._core.presence.heard(page.occupants)
        return Reply(codec.site_envelope(data=codec.encode_user_times(occupants, self._clock.now())))

    async def _room_settings(self, call: SiteCall) -> Reply:
        """COMPAT(gateways): they believe that all went well, so a line of the room tells of a refusal."""
        room_id, deeds = codec.read_room_id(call.form), self._core.rooms
        try:
            asked = codec.read_room_settings(call.form)
            await deeds.change_settings(
                call.caller, room_id, description=asked.description, lock=asked.lock, password=asked.password
            )
        except (BesedaError, RequestRefused) as refusal:
            code = refusal.code if isinstance(refusal, BesedaError) else "bad_request"
            with suppress(BesedaError):
                await self._core.messages.explain(call.caller, room_id, code)
            raise
        return Reply(codec.site_envelope())


def _answer(index: str, lines: list[bytes], refusal: BesedaError | None) -> Reply:
    told = answer_to(refusal) if refusal else None
    return Reply(codec_talk.encode_lines(index, lines, told), status=told[0] if told else 200)
