"""How far members have read rooms: the same for all their clients, on all nodes, and after a restart.

A mark that is moved is kept at once, or else two seconds after the one before; all that comes meanwhile is one.
"""

from contextlib import suppress
from dataclasses import dataclass

from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store
from beseda.core.stream import Stream
from beseda.core.streams import Streams
from beseda.core.updates import tell
from beseda.domain.errors import NotInRoom, OutcomeUnknown, StoreUnavailable, TokenTooNarrow
from beseda.domain.history import Stay, may_read
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Line, Reader, sees
from beseda.domain.reads import COUNTED_MAX, WRITTEN_EVERY_S, ReadMark, count, mark_text
from beseda.domain.updates import UpdateKind

Key = tuple[AccountId, RoomId]


@dataclass(slots=True)
class _Kept:
    """When a mark was last written, on the clock that never goes back; `due` waits to be."""

    at_s: float
    due: ReadMark | None = None


class Reads:
    def __init__(self, store: Store, clock: Clock, streams: Streams) -> None:
        self._store = store
        self._clock = clock
        self._streams = streams
        self._marks: dict[Key, _Kept] = {}

    async def mark(self, caller: Caller, room_id: RoomId, seq: int) -> ReadMark:
        """The caller, who is inside, has read up to a line; marks never go back. Raises NotSignedIn, NotInRoom."""
        account, _ = caller.signed_in()
        before = await self.find(caller, room_id)
        stream, reader, stays = await self._streams.access_room(caller, room_id)
        if (seq := min(seq, stream.head)) <= before.read:
            return before
        mark = await self._count(stream, reader, stays, account.nick, seq)
        key = (account.id, room_id)
        kept = self._marks.get(key)
        if kept is not None and kept.due is not None and kept.due.read > mark.read:
            return kept.due  # of another client of his, which was faster
        if kept is not None and self._clock.monotonic_s() - kept.at_s < WRITTEN_EVERY_S:
            kept.due = mark
        else:
            self._marks[key] = _Kept(self._clock.monotonic_s(), mark)
            await self._write(key)
        return mark

    async def find(self, caller: Caller, room_id: RoomId) -> ReadMark:
        """How far the caller, who is inside, has read, and what he has not. Raises NotSignedIn, NotInRoom."""
        account, _ = caller.signed_in()
        stream, reader, stays = await self._streams.access_room(caller, room_id)
        read = await self._store.view.history.find_read(room_id, account.id)
        kept = self._marks.get((account.id, room_id))
        if kept is not None and kept.due is not None:
            read = max(read, kept.due.read)
        return await self._count(stream, reader, stays, account.nick, read)

    async def list_all(self, caller: Caller) -> list[ReadMark]:
        """Of all rooms that the caller is in. Raises NotSignedIn."""
        account, _ = caller.signed_in()
        marks = []
        for room in await self._store.view.rooms.rooms_of(account.id):
            try:
                marks.append(await self.find(caller, room.id))
            except (NotInRoom, TokenTooNarrow):
                continue  # he has left meanwhile, or this is not for his token
        return marks

    async def _count(self, stream: Stream, reader: Reader, stays: list[Stay], nick: str, read: int) -> ReadMark:
        lines, cursor, full = list[Line](), read, True
        while full and len(lines) <= COUNTED_MAX:
            page, cursor, full = await self._streams.lines_after(stream, cursor)
            lines += [line for line in page if sees(line, reader) and may_read(stays, line.seq)]
        return count(stream.room_id, read, lines, reader.account_id, nick)

    async def flush(self) -> None:
        """Keep what is due; to be called every moment."""
        now_s = self._clock.monotonic_s()
        for key, kept in list(self._marks.items()):
            if now_s - kept.at_s >= WRITTEN_EVERY_S:
                if kept.due is None:
                    del self._marks[key]
                else:
                    kept.at_s = now_s
                    await self._write(key)

    async def settle(self) -> None:
        """Keep everything, if that can be: the server stops."""
        with suppress(StoreUnavailable, OutcomeUnknown):
            for key in list(self._marks):
                await self._write(key)

    async def _write(self, key: Key) -> None:
        """What could not be written is due again."""
        (account_id, room_id), kept = key, self._marks.get(key)
        if kept is None or (mark := kept.due) is None:
            return  # it has been written meanwhile
        kept.due = None
        now = self._clock.now()
        try:
            async with self._store.unit() as unit:
                if await unit.rooms.find(room_id) is None:
                    return
                if await unit.history.mark_read(room_id, account_id, mark.read, now):
                    kind, text = UpdateKind.ROOM_READ, mark_text(mark)
                    tell(unit, account_id, kind, now, number=room_id, text=text)
        except BaseException:
            kept.due = kept.due or mark
            raise
