"""What admins do to others, and what they can look up. Functions that take a unit are parts of a deed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.core.access import (
    access_account,
    access_line,
    access_registered,
    access_room,
    access_room_settings,
    rank_of,
)
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Store, Unit
from beseda.core.rooms import add_line, take_out
from beseda.domain.accounts import Account
from beseda.domain.errors import KickNotFound, LineNotFound, NotRoomAdmin
from beseda.domain.ids import MAX_ID, AccountId, KickId, RoomId
from beseda.domain.messages import Kind, Line
from beseda.domain.moderation import (
    EVIDENCE_MAX,
    KICK_MEMORY,
    LINKS,
    MUTE,
    SILENCE,
    Kick,
    LoggedDeed,
    Mark,
    Report,
    check_may_kick,
    check_minutes,
    check_outranks,
    check_reason,
    kick_length,
)
from beseda.domain.rooms import Rank, Room

LOG_PAGE = 100


@dataclass(frozen=True, slots=True)
class KickRecord:
    """A kick and what the two had said."""

    kick: Kick
    evidence: list[Line]


class Moderation:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter

    async def kick(
        self, caller: Caller, room_id: RoomId, account_id: AccountId, reason: str, minutes: int | None = None
    ) -> Line:
        """Throw somebody out of a room and keep him out: as long as the rules say (chat.cz help, 26 to 29), or so long.

        Raises NotRoomAdmin, RankTooLow, CommandIncomplete without a reason, AmountInvalid, AccountNotFound,
        RoomNotFound.
        """
        length, now = None if minutes is None else check_minutes(minutes), self._clock.now()
        async with self._store.unit() as unit:
            target = await access_account(unit, account_id)
            return await kick(unit, caller, room_id, target, reason, now, length)

    async def unkick(self, caller: Caller, room_id: RoomId, account_id: AccountId) -> Line:
        """Let somebody in again (chat.cz help, rule 15). Raises NotRoomAdmin, KickNotFound."""
        async with self._store.unit() as unit:
            return await unkick(unit, caller, room_id, await access_account(unit, account_id), self._clock.now())

    async def mute(self, caller: Caller, room_id: RoomId, account_id: AccountId) -> Line:
        """Hide what somebody writes in a room for an hour (chat.cz help, rule 31). Raises NotRoomAdmin, RankTooLow."""
        async with self._store.unit() as unit:
            return await mute(unit, caller, room_id, await access_account(unit, account_id), self._clock.now())

    async def lift_mute(self, caller: Caller, room_id: RoomId, account_id: AccountId) -> Line:
        """Hear a muted one all the same; for the caller alone (chat.cz help, rule 31). Raises NotSignedIn."""
        async with self._store.unit() as unit:
            return await lift_mute(unit, caller, room_id, await access_account(unit, account_id), self._clock.now())

    async def delete_all_by(self, caller: Caller, room_id: RoomId, account_id: AccountId) -> Line:
        """Delete all texts of somebody, who then cannot write for a minute (chat.cz help, rule 23).

        Raises NotRoomAdmin, RankTooLow.
        """
        async with self._store.unit() as unit:
            return await delete_all_by(unit, caller, room_id, await access_account(unit, account_id), self._clock.now())

    async def allow_links(self, caller: Caller, room_id: RoomId, account_id: AccountId) -> Line:
        """Let somebody send links for five minutes (chat.cz help, rule 25). Raises NotRoomAdmin."""
        async with self._store.unit() as unit:
            return await allow_links(unit, caller, room_id, await access_account(unit, account_id), self._clock.now())

    async def list_kicks(self, caller: Caller, room_id: RoomId) -> list[Kick]:
        """Who is kept out of a room now. Permanent admins and higher ones (chat.cz help, rule 15)."""
        await access_room_settings(self._store.view, caller, room_id, Rank.PERMANENT)
        return await self._store.view.moderation.list_kicks(room_id, self._clock.now())

    async def kick_record(self, caller: Caller, kick_id: KickId) -> KickRecord:
        """A kick with the messages of both, for the site's admins of rooms (chat.cz help, rule 28).

        Raises KickNotFound, NotRoomAdmin.
        """
        access_registered(caller)
        record = await self._store.view.moderation.get_kick(kick_id) if kick_id <= MAX_ID else None
        if record is None:
            raise KickNotFound
        room = await access_room(self._store.view, record.room_id)
        if await rank_of(self._store.view, room, access_registered(caller)) < Rank.SITE:
            raise NotRoomAdmin
        return KickRecord(record, await self._store.view.moderation.evidence(kick_id))

    async def log(self, caller: Caller, room_id: RoomId, *, before: int | None = None) -> list[LoggedDeed]:
        """Who did what to whom, when and why; newest first. Permanent admins and higher ones. Raises NotRoomAdmin."""
        await access_room_settings(self._store.view, caller, room_id, Rank.PERMANENT)
        before = 2**62 if before is None else before
        return await self._store.view.moderation.list_log(room_id, before=before, limit=LOG_PAGE)

    async def report(self, caller: Caller, room_id: RoomId, seq: int, reason: str) -> None:
        """Tell the room's admins of a text; telling twice is telling once.

        Raises NotInRoom, LineNotFound, RegisteredOnly, CommandIncomplete without a reason, TooOften.
        """
        account = access_registered(caller, room_id)
        reason = check_reason(reason)
        async with self._store.unit() as unit:
            line = await access_line(unit, caller, room_id, seq)
            if line.actor is None or line.actor.id == account.id:
                raise LineNotFound
            self._limiter.take("report", str(account.id))
            await unit.moderation.add_report(line, account.id, reason, self._clock.now())

    async def list_reports(self, caller: Caller, room_id: RoomId) -> list[Report]:
        """Reported texts that nobody has settled, for the room's admins. Raises NotRoomAdmin."""
        await access_room_settings(self._store.view, caller, room_id)
        return await self._store.view.moderation.list_reports(room_id, LOG_PAGE)

    async def settle_report(self, caller: Caller, room_id: RoomId, seq: int) -> None:
        """Take the reports of a text off the list. Raises NotRoomAdmin, LineNotFound when there are none."""
        account, now = access_registered(caller, room_id), self._clock.now()
        async with self._store.unit() as unit:
            await access_room_settings(unit, caller, room_id)
            if not await unit.moderation.settle_report(room_id, seq, account.id, now):
                raise LineNotFound
            await unit.moderation.log(room_id, now, account.id, "settle_report", None, str(seq))

    async def open_reports(self, room_id: RoomId) -> list[Report]:
        """Those of a room that nobody has settled; an operator's look."""
        return await self._store.view.moderation.list_reports(room_id, LOG_PAGE)

    async def deeds(self, room_id: RoomId, *, before: int = MAX_ID, limit: int = LOG_PAGE) -> list[LoggedDeed]:
        """What the admins of a room did, newest first; an operator's look."""
        return await self._store.view.moderation.list_log(room_id, before=before, limit=limit)

    async def settle(self, room_id: RoomId, seq: int) -> int:
        """End all reports of a line, as an operator; how many. Raises LineNotFound when there are none."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            await access_room(unit, room_id)
            count = await unit.moderation.settle_report(room_id, seq, None, now)
            if not count:
                raise LineNotFound
            await unit.moderation.log(room_id, now, None, "settle_report", None, str(seq))
        return count


async def _outranked(unit: Unit, caller: Caller, room_id: RoomId, target: Account) -> tuple[Account, Room]:
    """The admin who calls and his room, if he outranks the other. Raises NotRoomAdmin, RankTooLow."""
    account = access_registered(caller, room_id)
    room, rank = await access_room_settings(unit, caller, room_id)
    check_outranks(account, rank, target, await rank_of(unit, room, target))
    return account, room


async def kick(
    unit: Unit,
    caller: Caller,
    room_id: RoomId,
    target: Account,
    reason: str,
    now: datetime,
    length: timedelta | None = None,
) -> Line:
    """See Moderation.kick. Who is not in the room is kept out all the same."""
    account, reason = access_registered(caller, room_id), check_reason(reason)
    room = await access_room(unit, room_id)
    check_may_kick(account, await rank_of(unit, room, account), target, await rank_of(unit, room, target))
    length = length or kick_length(kicked_lately=await unit.moderation.was_kicked(target.id, now - KICK_MEMORY))
    said = await unit.messages.list_between(account.id, target.id, room_id, EVIDENCE_MAX)
    kick_id = await unit.moderation.add_kick(room_id, target.id, account.id, reason, now, now + length)
    await unit.moderation.keep_evidence(kick_id, said)
    await unit.moderation.log(room_id, now, account.id, "kick", target.id, reason)
    minutes = int(length.total_seconds()) // 60
    line = await add_line(unit, room_id, Kind.KICKED, now, actor=account, target=target, text=reason, number=minutes)
    if await unit.rooms.find_occupant(room_id, target.id):
        await take_out(unit, room, target, now, line=Kind.KICKED)
    return line


async def unkick(unit: Unit, caller: Caller, room_id: RoomId, target: Account, now: datetime) -> Line:
    """See Moderation.unkick: who kicked, and every permanent admin or higher."""
    account = access_registered(caller, room_id)
    room = await access_room(unit, room_id)
    found = await unit.moderation.find_kick(room_id, target.id, now)
    if found is None:
        raise KickNotFound
    if found.admin.id != account.id and await rank_of(unit, room, account) < Rank.PERMANENT:
        raise NotRoomAdmin
    await unit.moderation.lift_kicks(room_id, target.id, account.id, now)
    await unit.moderation.log(room_id, now, account.id, "unkick", target.id, "")
    return await add_line(unit, room_id, Kind.UNKICKED, now, actor=account, target=target)


async def mute(unit: Unit, caller: Caller, room_id: RoomId, target: Account, now: datetime) -> Line:
    """See Moderation.mute."""
    account, _ = await _outranked(unit, caller, room_id, target)
    await unit.moderation.mark(room_id, target.id, Mark.MUTED, now + MUTE)
    await unit.moderation.forget_lifts(room_id, target.id)
    await unit.moderation.log(room_id, now, account.id, "mute", target.id, "")
    minutes = int(MUTE.total_seconds()) // 60
    return await add_line(unit, room_id, Kind.MUTED, now, actor=account, target=target, number=minutes)


async def lift_mute(unit: Unit, caller: Caller, room_id: RoomId, target: Account, now: datetime) -> Line:
    """See Moderation.lift_mute."""
    account, _ = caller.signed_in()
    caller.check_room(room_id)
    await access_room(unit, room_id)
    await unit.moderation.lift_mute(room_id, target.id, account.id)
    return await add_line(unit, room_id, Kind.UNMUTED, now, actor=account, target=target)


async def delete_all_by(unit: Unit, caller: Caller, room_id: RoomId, target: Account, now: datetime) -> Line:
    """See Moderation.delete_all_by."""
    account, _ = await _outranked(unit, caller, room_id, target)
    count = await unit.messages.delete_all_by(room_id, target.id)
    await unit.moderation.mark(room_id, target.id, Mark.SILENT, now + SILENCE)
    await unit.moderation.log(room_id, now, account.id, "delete_lines", target.id, str(count))
    return await add_line(unit, room_id, Kind.LINES_DELETED, now, actor=account, target=target, number=count)


async def allow_links(unit: Unit, caller: Caller, room_id: RoomId, target: Account, now: datetime) -> Line:
    """See Moderation.allow_links."""
    account = access_registered(caller, room_id)
    await access_room_settings(unit, caller, room_id)
    await unit.moderation.mark(room_id, target.id, Mark.LINKS, now + LINKS)
    await unit.moderation.log(room_id, now, account.id, "allow_links", target.id, "")
    minutes = int(LINKS.total_seconds()) // 60
    return await add_line(unit, room_id, Kind.LINKS_ALLOWED, now, actor=account, target=target, number=minutes)
