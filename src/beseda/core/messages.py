"""Talking in rooms: texts, whispers, commands; deleting them; forgetting what is old."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from beseda.core import commands
from beseda.core.access import access_account, access_line, access_room, access_room_settings, rank_of
from beseda.core.attendance import Attendance
from beseda.core.caller import Caller
from beseda.core.forgetting import forget
from beseda.core.karma import count_chat
from beseda.core.ports import Clock, Store, Unit
from beseda.core.ports.talk import PlainText, Writer
from beseda.core.rooms import add_line
from beseda.core.shared_limits import SharedLimiter
from beseda.core.whispers import whisper
from beseda.domain.accounts import Account
from beseda.domain.commands import Command, read_command
from beseda.domain.errors import AuthError, BesedaError, Busy, MessageTooLong, NotInRoom, Silenced, TooOften
from beseda.domain.events import LineAdded
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.links import has_link
from beseda.domain.messages import KEY_MAX, Hidden, Kind, Line, check_links, check_text
from beseda.domain.moderation import check_outranks, is_marked
from beseda.domain.rooms import Rank
from beseda.domain.text import is_plain

WRITTEN_EVERY = timedelta(seconds=1)
"""How exactly the time of somebody's last line is kept."""
FOR_ALL = AccountId(0)


class Messages:
    def __init__(self, store: Store, clock: Clock, limits: SharedLimiter, attendance: Attendance) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._attendance = attendance

    async def post(
        self, caller: Caller, room_id: RoomId, text: str, *, to: AccountId = FOR_ALL, key: str | None = None
    ) -> Line:
        """What a member wrote into a room: a text, a whisper `to` somebody, or a command when it begins with a slash.

        Durable when this returns. A `key` that the caller used before does nothing but return what it did then.

        Raises NotSignedIn, NotInRoom, MessageEmpty, MessageTooLong, LinksRefused, Silenced, TooOften; for whispers
        AccountNotFound, NickNotHere and RankTooLow (to oneself). A command that is refused, or unknown, is answered
        by a line that the caller alone sees.
        """
        account, _ = caller.signed_in()
        if not 0 < room_id <= MAX_ID:
            raise NotInRoom
        caller.check_room(room_id)
        command = read_command(text)
        if command is None:
            text = check_text(text)
        if key is not None and (not 0 < len(key) <= KEY_MAX or not is_plain(key)):
            raise MessageTooLong(max_chars=KEY_MAX)
        try:
            self._limits.here.take("room_line", str(account.id))
        except TooOften:
            if key is not None and (done := await self._store.view.messages.find_by_key(account.id, key)):
                return done
            raise
        if command is not None:
            return await self._command(caller, room_id, command, key)
        now = self._clock.now()
        if to == FOR_ALL and account.registered and not has_link(text):
            plain = PlainText(room_id, account, text, key, now)
            if (line := await self._store.append_text(plain)) is not None:
                self._attendance.hear(account.id, now, [room_id])
                return line
        async with self._store.unit() as unit:
            if key is not None and (done := await unit.messages.find_by_key(account.id, key)):
                return done
            writer = await unit.messages.find_writer(room_id, account.id)
            if writer is None:
                raise NotInRoom
            self._attendance.hear(account.id, now, [room_id])
            if to != FOR_ALL:
                return await whisper(unit, account, room_id, await access_account(unit, to), text, now, key=key)
            await self._check(unit, room_id, writer, account, text, now)
            return await _say(unit, room_id, writer, account, text, now, key)

    async def _check(
        self, unit: Unit, room_id: RoomId, writer: Writer, account: Account, text: str, now: datetime
    ) -> None:
        """Whether a text may be said to all (chat.cz help, rules 23, 24 and 37)."""
        if writer.silent_until is not None and now < writer.silent_until:
            raise Silenced(retry_after_s=(writer.silent_until - now).total_seconds())
        if has_link(text):
            rank = await rank_of(unit, await access_room(unit, room_id), account)
            check_links(text, writer.links, account, exempt=rank > Rank.NONE or is_marked(writer.links_until, now))
        if writer.permanent and not account.registered:
            await self._limits.take_in(unit, ("anonymous_line", str(account.id)))

    async def explain(self, caller: Caller, room_id: RoomId, code: str) -> Line:
        """Tell the caller, by a line of a room that he is in and that he alone sees, why something was refused.

        `code` is a refusal's. Raises NotSignedIn, NotInRoom; TooOften for who is refused faster than he can read.
        """
        account, _ = caller.signed_in()
        if not 0 < room_id <= MAX_ID:
            raise NotInRoom
        caller.check_room(room_id)
        self._limits.here.take("refusal_line", str(account.id))
        async with self._store.unit() as unit:
            if await unit.rooms.find_occupant(room_id, account.id) is None:
                raise NotInRoom
            return await commands.answer(unit, caller, room_id, code, self._clock.now())

    async def _command(self, caller: Caller, room_id: RoomId, command: Command, key: str | None) -> Line:
        """Do it, or answer why not: the refusal's code, and its seconds if it has some."""
        try:
            return await self._run(caller, room_id, command, key)
        except (AuthError, NotInRoom, Busy):
            raise
        except BesedaError as refusal:
            async with self._store.unit() as unit:
                now = self._clock.now()
                wait_s = int(getattr(refusal, "retry_after_s", 0))
                line = await commands.answer(unit, caller, room_id, refusal.code, now, number=wait_s)
                return await _keyed(unit, line, key)

    async def _run(self, caller: Caller, room_id: RoomId, command: Command, key: str | None) -> Line:
        account, _ = caller.signed_in()
        now = self._clock.now()
        async with self._store.unit() as unit:
            if key is not None and (done := await unit.messages.find_by_key(account.id, key)):
                return done
            if await unit.rooms.find_occupant(room_id, account.id) is None:
                raise NotInRoom
            self._attendance.hear(account.id, now, [room_id])
            line = await commands.run(unit, caller, room_id, command, now)
            await unit.messages.note_written(room_id, account.id, now)
            return await _keyed(unit, line, key)

    async def delete(self, caller: Caller, room_id: RoomId, seq: int) -> Line:
        """Delete one text: an admin another's, and everybody his own (chat.cz help, rule 23). A tombstone stays.

        Raises NotSignedIn, NotInRoom, RoomNotFound, LineNotFound, NotRoomAdmin, RankTooLow.
        """
        account, _ = caller.signed_in()
        now = self._clock.now()
        async with self._store.unit() as unit:
            line = await access_line(unit, caller, room_id, seq)
            if line.actor is not None and line.actor.id != account.id:
                room, rank = await access_room_settings(unit, caller, room_id)
                check_outranks(account, rank, line.actor, await rank_of(unit, room, line.actor))
                await unit.moderation.log(room_id, now, account.id, "delete_line", line.actor.id, line.text)
                await unit.moderation.settle_report(room_id, seq, account.id, now)
            await unit.messages.delete(room_id, seq)
            return await add_line(unit, room_id, Kind.LINE_DELETED, now, actor=account, target=line.actor, number=seq)

    async def forget_old(self, keep_days: int) -> int:
        """Remove the lines that are older than their room keeps them; how many.

        `keep_days` is for rooms that do not say otherwise; 0 keeps all.
        """
        forgotten, now = 0, self._clock.now()
        for room_id, own_days in await self._store.view.messages.list_kept():
            days = keep_days if own_days is None else own_days
            if days:
                forgotten += await forget(self._store, _old_lines(room_id, now - timedelta(days=days)))
        return forgotten


def _old_lines(room_id: RoomId, before: datetime) -> Callable[[Unit, int], Awaitable[int]]:
    return lambda unit, limit: unit.messages.forget(room_id, before, limit)


async def _say(
    unit: Unit, room_id: RoomId, writer: Writer, account: Account, text: str, now: datetime, key: str | None
) -> Line:
    """Within a deed: a text for all; who is muted is not heard by all (chat.cz help, rule 31)."""
    hidden = Hidden.MUTED if is_marked(writer.muted_until, now) else Hidden.NO
    line = await unit.messages.append(room_id, Kind.TEXT, now, actor=account, text=text, hidden=hidden, key=key)
    if writer.written_at is None or now - writer.written_at >= WRITTEN_EVERY:
        await unit.messages.note_written(room_id, account.id, now)
        if account.registered:
            await count_chat(unit, account.id, writer.written_at, now)
    unit.record(LineAdded(now, line))
    return line


async def _keyed(unit: Unit, line: Line, key: str | None) -> Line:
    if key is not None:
        await unit.messages.set_key(line, key)
    return line
