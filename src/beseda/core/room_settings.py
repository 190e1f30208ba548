"""All that the admins of a room set, in one deed: all of it is changed, or nothing."""

from dataclasses import replace
from enum import Enum
from typing import Final

from beseda.core.access import access_room, access_room_settings
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store
from beseda.core.rooms import change_settings, save_room
from beseda.domain.history import check_newest
from beseda.domain.ids import RoomId
from beseda.domain.reservations import check_keep_days, check_web
from beseda.domain.rooms import Links, Lock, Rank


class Same(Enum):
    """In place of a value that may be None: leave it as it is."""

    SAME = "same"


SAME: Final = Same.SAME


class RoomSettings:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def change(
        self,
        caller: Caller,
        room_id: RoomId,
        *,
        description: str | None = None,
        lock: Lock | None = None,
        password: str | None = None,
        links: Links | None = None,
        web: str | None = None,
        opened_by_admins: bool | None = None,
        hands_over: bool | None = None,
        keep_days: int | Same | None = SAME,
        history_lines: int | Same | None = SAME,
    ) -> None:
        """Change what is given. From `web` on a main admin may; see Rooms.change_settings for the others.

        Raises NotRoomAdmin, RegisteredOnly, RoomNotFound, RoomPasswordWrong, RoomDescriptionTooLong,
        ReservationRefused.
        """
        given = {"web": None if web is None else check_web(web)}
        flags = {"opened_by_admins": opened_by_admins, "hands_over": hands_over}
        reserved: dict[str, object] = {name: value for name, value in (given | flags).items() if value is not None}
        if keep_days is not SAME:
            reserved["keep_days"] = check_keep_days(keep_days)
        if history_lines is not SAME:
            reserved["history_lines"] = check_newest(history_lines)
        now, texts = self._clock.now(), {"description": description, "password": password}
        async with self._store.unit() as unit:
            await change_settings(unit, caller, room_id, now, lock=lock, links=links, **texts)
            if reserved:
                await access_room_settings(unit, caller, room_id, Rank.MAIN)
                room = await access_room(unit, room_id)
                await save_room(unit, room, replace(room, **reserved), now)  # type: ignore[arg-type]
