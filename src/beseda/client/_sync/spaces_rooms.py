# Written by tools/twins.py from src/beseda/client/_async/spaces_rooms.py: change that, then `make twins`.
"""Rooms, as Spaces has them (section `chat`): to ask for a room's texts is to enter it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from beseda.wire.spaces.mail import has_next
from beseda.wire.spaces.people import RoomPage, RoomText

if TYPE_CHECKING:
    from beseda.client._sync.spaces import Spaces


class Rooms:
    """Rooms by their numbers, which are the same in every protocol of a Beseda."""

    def __init__(self, spaces: "Spaces") -> None:
        self._spaces = spaces

    def room(self, room_id: int) -> RoomPage:
        """What a room is; to look is not to enter (`/chat/room/`, of Beseda alone). Raises NotFound."""
        members = self._spaces.page("/chat/room/", Rid=room_id)
        return self._spaces.read(members.get("room"), RoomPage, "/chat/room/")

    def texts(self, room_id: int) -> Iterator[RoomText]:
        """Texts, newest first, page by page; the room is entered (chat.getMessages). Raises NotFound, NotAllowed."""
        page = 1
        while True:
            members = self._spaces.get("chat", "getMessages", [("Rid", str(room_id)), ("P", str(page))])
            for text in self._spaces.read(members.get("widgets"), list[RoomText], "chat.getMessages"):
                yield text
            if not has_next(members.get("pagination"), page):
                return
            page += 1

    def say(self, room_id: int, text: str, *, to: int = 0, private: bool = False) -> RoomText:
        """Say something, to the account `to` before all, or with `private` to it alone (chat.sendMessage).

        It is not tried again when its answer is lost. Raises NotFound, NotAllowed, TooOften, Unknown.
        """
        fields = [("Rid", str(room_id)), ("msg", text)]
        if to:
            fields += [("To_user_id", str(to)), ("Private", str(int(private)))]
        members = self._spaces.change("chat", "sendMessage", fields)
        return self._spaces.read(members.get("message"), RoomText, "chat.sendMessage")

    def invite(self, room_id: int, *nicks: str) -> None:
        """Ask members into a room (chat.invite)."""
        self._spaces.change("chat", "invite", [("Rid", str(room_id)), *(("frIends", nick) for nick in nicks)])
