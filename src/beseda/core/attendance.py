"""What is heard of members and visitors, and in which rooms: noted in memory at every call, until it is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from beseda.domain.ids import AccountId, RoomId
from beseda.domain.presence import KEEP_EVERY, is_gone

Touch = tuple[AccountId, RoomId | None, datetime]
"""Somebody was heard of at a time: in a room, or at all."""


@dataclass(slots=True)
class _Heard:
    """`at` is the last time, `since` the first one without a break; `rooms` what has not been kept yet of each.

    `kept` is the last time that the database knows, and `kept_at` when it was told.
    """

    at: datetime
    since: datetime
    kept: datetime | None = None
    kept_at: datetime | None = None
    rooms: dict[RoomId, datetime] = field(default_factory=dict)
    ended: bool = False
    """A session has ended, and nothing has been heard since."""


class Attendance:
    def __init__(self) -> None:
        self._heard: dict[AccountId, _Heard] = {}

    def hear(self, account_id: AccountId, now: datetime, rooms: Iterable[RoomId] = (), *, anew: bool = False) -> None:
        """Somebody did something just now, or reads on; and did so in these rooms, which he is in.

        `anew` is with a session that begins: after one that ended it is a new beginning, unless others went on.
        """
        heard = self._heard.get(account_id)
        if heard is None:
            heard = self._heard[account_id] = _Heard(now, now)
        heard.at = now
        if anew and heard.ended:
            heard.since = now
        heard.ended = False
        for room_id in rooms:
            heard.rooms[room_id] = now

    def last(self, account_id: AccountId, kept: datetime) -> datetime:
        """The last time, when `kept` is what the database knows."""
        heard = self._heard.get(account_id)
        return kept if heard is None else max(kept, heard.at)

    def last_in(self, room_id: RoomId, account_id: AccountId, kept: datetime) -> datetime:
        """The same for a room."""
        heard = self._heard.get(account_id)
        return kept if heard is None else max(kept, heard.rooms.get(room_id, kept))

    def since(self, account_id: AccountId) -> datetime | None:
        """Since when somebody has been heard of without a break."""
        heard = self._heard.get(account_id)
        return heard.since if heard else None

    def interrupt(self, account_id: AccountId) -> None:
        """A session of his has ended: if nothing is heard of him until the next begins, that is a new beginning."""
        if heard := self._heard.get(account_id):
            heard.ended = True

    def unkept(self, now: datetime) -> list[Touch]:
        """What is to be kept now: nobody's more often than every KEEP_EVERY."""
        due: list[Touch] = []
        for account_id, heard in self._heard.items():
            is_new = heard.at != heard.kept or heard.rooms
            if is_new and (heard.kept_at is None or now - heard.kept_at >= KEEP_EVERY):
                due.append((account_id, None, heard.at))
                due += [(account_id, room_id, at) for room_id, at in heard.rooms.items()]
        return due

    def note_kept(self, touches: Sequence[Touch], now: datetime) -> None:
        """The database knows of these now."""
        for account_id, room_id, at in touches:
            heard = self._heard[account_id]
            if room_id is None:
                heard.kept, heard.kept_at = at, now
            elif heard.rooms.get(room_id) == at:
                del heard.rooms[room_id]

    def forget_gone(self, now: datetime, timeout: timedelta) -> None:
        """Nothing more is known of who was not heard of for so long."""
        for account_id in [who for who, heard in self._heard.items() if is_gone(heard.at, now, timeout)]:
            del self._heard[account_id]
