"""Slash commands: each is a deed that a member may also do by other means, and says how it went."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from beseda.core import moderation
from beseda.core.access import access_registered
from beseda.core.caller import Caller
from beseda.core.ignoring import set_ignored
from beseda.core.ports import Unit
from beseda.core.rooms import add_line, change_settings, hand_over
from beseda.core.whispers import whisper
from beseda.domain.accounts import Account, nick_key
from beseda.domain.commands import Command, nick_readings
from beseda.domain.errors import CommandIncomplete, CommandUnknown, NickNotHere
from beseda.domain.ids import RoomId
from beseda.domain.messages import Kind, Line, check_text
from beseda.domain.rooms import Lock

Run = Callable[[Unit, Caller, RoomId, str, datetime], Awaitable[Line]]
Against = Callable[[Unit, Caller, RoomId, Account, datetime], Awaitable[Line]]


async def run(unit: Unit, caller: Caller, room_id: RoomId, command: Command, now: datetime) -> Line:
    """Within a deed, for who is in the room: do it; the line that tells of it.

    Raises CommandUnknown, CommandIncomplete, NickNotHere, and what the deed itself does.
    """
    if command.name not in COMMANDS:
        raise CommandUnknown
    return await COMMANDS[command.name](unit, caller, room_id, command.rest, now)


async def answer(
    unit: Unit,
    caller: Caller,
    room_id: RoomId,
    code: str,
    now: datetime,
    *,
    about: Account | None = None,
    number: int = 0,
) -> Line:
    """Within a deed: the system's answer, which the caller alone sees."""
    account, _ = caller.signed_in()
    return await add_line(unit, room_id, Kind.NOTICE, now, actor=account, target=about, text=code, number=number)


async def _find_nick(unit: Unit, room_id: RoomId, rest: str, *, anywhere: bool = False) -> tuple[Account, str]:
    """Whom the rest of a command begins with, and what follows: somebody in the room, or `anywhere`.

    Without quotes it is the longest nick that fits; one that is here wins. Raises CommandIncomplete, NickNotHere.
    """
    if not rest:
        raise CommandIncomplete
    readings = list(nick_readings(rest))
    present = {nick_key(o.account.nick): o.account for o in await unit.rooms.occupants(room_id)}
    for nick, follows, _ in readings:
        if found := present.get(nick_key(nick)):
            return found, follows
    for nick, follows, _ in readings if anywhere else ():
        if found := await unit.accounts.find_by_nick(nick):
            return found, follows
    raise NickNotHere


async def _whisper(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
    account, _ = caller.signed_in()
    to, text = await _find_nick(unit, room_id, rest, anywhere=True)
    if not text:
        raise CommandIncomplete
    return await whisper(unit, account, room_id, to, check_text(text), now)


async def _kick(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
    target, reason = await _find_nick(unit, room_id, rest, anywhere=True)
    return await moderation.kick(unit, caller, room_id, target, reason, now)


async def _admin(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
    heir, _ = await _find_nick(unit, room_id, rest)
    line = await hand_over(unit, caller, room_id, heir.id, now)
    return line or await answer(unit, caller, room_id, "admin_already", now, about=heir)


def _against(deed: Against) -> Run:
    """A deed against somebody who is named, wherever he is."""

    async def run_against(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
        target, _ = await _find_nick(unit, room_id, rest, anywhere=True)
        return await deed(unit, caller, room_id, target, now)

    return run_against


def _lock(lock: Lock) -> Run:
    async def run_lock(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
        line = await change_settings(unit, caller, room_id, now, lock=lock)
        return line or await answer(unit, caller, room_id, "lock_already", now)

    return run_lock


def _ignore(ignored: bool) -> Run:
    async def run_ignore(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
        account = access_registered(caller)
        whom, _ = await _find_nick(unit, room_id, rest, anywhere=True)
        await set_ignored(unit, account, whom, now, ignored=ignored)
        return await answer(unit, caller, room_id, "ignored" if ignored else "unignored", now, about=whom)

    return run_ignore


async def _help(unit: Unit, caller: Caller, room_id: RoomId, rest: str, now: datetime) -> Line:
    return await answer(unit, caller, room_id, "help", now)


COMMANDS: dict[str, Run] = {
    "whisper": _whisper,
    "ignore": _ignore(True),
    "unignore": _ignore(False),
    "lock_anonymous": _lock(Lock.ANONYMOUS),
    "lock_minors": _lock(Lock.MINORS),
    "lock_all": _lock(Lock.ALL),
    "unlock": _lock(Lock.OPEN),
    "delete": _against(moderation.delete_all_by),
    "allow_links": _against(moderation.allow_links),
    "kick": _kick,
    "unkick": _against(moderation.unkick),
    "admin": _admin,
    "mute": _against(moderation.mute),
    "unmute": _against(moderation.lift_mute),
    "help": _help,
}
