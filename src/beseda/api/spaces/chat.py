"""Rooms of the core as chats: `Rid` is the room's id, and a message's id is its place in the room (section `chat`).

A room is entered by whoever asks for its messages or writes into it: to look is to be there.
"""

import unicodedata

from beseda.api.spaces.asked import Asked, Handler
from beseda.api.spaces.codec import Answer
from beseda.api.spaces.codec_mail import PageOf
from beseda.api.spaces.codec_people import encode_line, encode_room
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.domain.commands import read_command
from beseda.domain.errors import leaves
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line
from beseda.domain.text import is_blank

SHOWN = frozenset({Kind.TEXT, Kind.WHISPER})
REFUSALS = {leaf.code: leaf for leaf in leaves()}
"""By what the line says that answers a refused command."""
READ_AT_ONCE = 200
READ_MAX = 4_000
"""Lines that are gone through for a page: most lines of a quiet room tell who came and went."""
ASKED_MAX = 50


class ChatMethods:
    def __init__(self, core: Core) -> None:
        self._core = core
        self.handlers: dict[str, Handler] = {
            "chat.sendMessage": self._send,
            "chat.getMessages": self._messages,
            "chat.invite": self._invite,
            "page.room": self._room_page,
        }

    async def _enter(self, asked: Asked) -> RoomId:
        """The room that is asked for, with the caller in it."""
        room_id = RoomId(asked.call.number("Rid"))
        await self._core.rooms.enter_by_id(asked.caller, room_id, asked.call.secret("password"))
        return room_id

    async def _send(self, asked: Asked) -> Answer:
        """A text for all; with `Private` for `To_user_id` alone, else to him before all."""
        call, room_id = asked.call, await self._enter(asked)
        to, text = AccountId(call.number("To_user_id")), call.text("msg")
        if to and not call.flag("Private"):
            nick = (await self._core.accounts.get(to)).nick
            alone = unicodedata.normalize("NFC", text).startswith(nick) or read_command(text) or is_blank(text)
            text = text if alone else f"{nick}, {text}"
            to = AccountId(0)
        line = await self._core.messages.post(asked.caller, room_id, text, to=to)
        if line.kind is Kind.NOTICE and line.text in REFUSALS:
            raise REFUSALS[line.text](retry_after_s=float(line.number))
        return Answer(more={"id": line.seq, "message": encode_line(line, asked.site)})

    async def _messages(self, asked: Asked) -> Answer:
        """A page, newest first; with `IdS` those messages, by id."""
        room_id = await self._enter(asked)
        if wanted := asked.call.numbers("IdS")[:ASKED_MAX]:
            lines = [line for seq in wanted for line in await self._find(asked.caller, room_id, seq)]
            by_id = {str(line.seq): encode_line(line, asked.site) for line in lines}
            return Answer(more={"widgets": by_id, "pagination": None})
        page = PageOf(asked.call)
        found = await self._read(asked.caller, room_id, page.offset + page.limit + 1)
        shown = found[page.offset : page.offset + page.limit]
        return Answer(
            more={
                "widgets": [encode_line(line, asked.site) for line in shown],
                "msgOnPage": page.limit,
                "pagination": page.pagination(len(found), asked.site, "/api/chat/getMessages/", Rid=room_id),
            }
        )

    async def _find(self, caller: Caller, room_id: RoomId, seq: int) -> list[Line]:
        if seq < 1:
            return []
        page = await self._core.streams.history(caller, room_id, seq + 1, 1)
        return [line for line in page.lines if line.seq == seq and line.kind in SHOWN]

    async def _read(self, caller: Caller, room_id: RoomId, wanted: int) -> list[Line]:
        """The newest messages, newest first, at most as many as are wanted."""
        found: list[Line] = []
        before, full, read = None, True, 0
        while full and len(found) < wanted and read < READ_MAX:
            page = await self._core.streams.history(caller, room_id, before, READ_AT_ONCE)
            found += [line for line in reversed(page.lines) if line.kind in SHOWN]
            before, full, read = page.cursor, page.full, read + READ_AT_ONCE
        return found[:wanted]

    async def _invite(self, asked: Asked) -> Answer:
        room_id = await self._enter(asked)
        guests = asked.call.texts("frIends")
        return Answer(more={"invited": await self._core.notifications.invite(asked.caller, room_id, guests)})

    async def _room_page(self, asked: Asked) -> Answer:
        """What a room is; to look at its page is not to enter it, though who is in is heard of there."""
        room = await self._core.rooms.view_for(asked.caller, RoomId(asked.call.number("Rid")))
        return Answer(more={"room": encode_room(room, asked.site)})
