"""What the calls of the live protocol work with: the client that made one, and what they share."""

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from beseda.api.live.codec import LiveCall
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.room_list import Listing
from beseda.domain.ids import MAX_ID, AccountId, RoomId

LIMIT, LIMIT_MAX = 50, 100
"""Things on a page, if nobody says otherwise, and at most."""


class Client(Protocol):
    """A connection as its calls see it."""

    core: Core
    caller: Caller

    def followed(self) -> Collection[RoomId]:
        """The rooms whose lines it gets."""
        ...

    async def follow(self, room_id: RoomId, after: int | None) -> int:
        """Send the lines after a cursor, then what happens; the cursor in between. Raises NotInRoom."""
        ...

    def unfollow(self, room_id: RoomId) -> None: ...

    async def watch_rooms(self) -> Listing:
        """The list of rooms; how it changes is told from now on."""
        ...

    async def watch_own(self) -> None:
        """What waits for the member is told from now on."""
        ...


Op = Callable[[Client, LiveCall], Awaitable[bytes]]
"""Does what a call asks for, and encodes the answer. Raises LiveCallRefused, BesedaError."""


def room_of(call: LiveCall) -> RoomId:
    """`room`."""
    return RoomId(call.number("room"))


def account_of(call: LiveCall) -> AccountId:
    """`account`; what is too great is nobody's."""
    return AccountId(min(call.number("account"), MAX_ID))


def page_of(call: LiveCall) -> int:
    """`limit`."""
    return min(max(call.number("limit", LIMIT), 1), LIMIT_MAX)
