"""Notifications: a member's journal of what happened to him."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.core.access import access_occupied_room, access_registered
from beseda.core.caller import Caller
from beseda.core.forgetting import forget
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Store, Unit
from beseda.core.updates import JOURNAL, tell
from beseda.domain.accounts import Account
from beseda.domain.ids import MAX_ID, AccountId, RoomId
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.updates import UpdateKind

PAGE_MAX = 100
INVITED_MAX = 50
KEPT_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Newest first; `total` and `unread` count all there are, those shown here for the first time included."""

    notifications: list[Notification]
    total: int
    unread: int


class Notifications:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter

    async def read(self, caller: Caller, *, unread_only: bool, offset: int, limit: int) -> JournalPage:
        """A page of the caller's; what it shows counts as read from then on. Raises RegisteredOnly."""
        account, now = access_registered(caller), self._clock.now()
        offset, limit = min(max(offset, 0), MAX_ID), min(max(limit, 1), PAGE_MAX)
        view = self._store.view
        total, unread = await view.notifications.count(account.id)
        shown = await view.notifications.list_of(account.id, unread_only=unread_only, offset=offset, limit=limit)
        if new := [each.id for each in shown if each.read_at is None]:
            async with self._store.unit() as unit:
                if await unit.notifications.mark_read(account.id, new, now):
                    await _tell_count(unit, account.id, now)
        return JournalPage(shown, total, unread)

    async def invite(self, caller: Caller, room_id: RoomId, whom: Sequence[AccountId | str]) -> int:
        """Ask members, by id or by nick, into a room that the caller is in; how many were asked.

        Who is not there, ignores the caller, is inside or has been asked and not looked yet, is passed over. Raises
        RegisteredOnly, RoomNotFound, NotInRoom, TooOften.
        """
        account, now, asked = access_registered(caller), self._clock.now(), 0
        self._limiter.take("invite", str(account.id))
        async with self._store.unit() as unit:
            room, _ = await access_occupied_room(unit, caller, room_id)
            for each in whom[:INVITED_MAX]:
                guest = await _find_guest(unit, each)
                if guest is None or not guest.registered or guest.id == account.id:
                    continue
                inside = await unit.rooms.find_occupant(room.id, guest.id) is not None
                if inside or await unit.ignoring.ignores(guest.id, account.id):
                    continue
                if not await unit.notifications.has_invitation(guest.id, account.id, room.id):
                    await notify(unit, guest.id, NotificationKind.INVITED, now, actor=account, room_id=room.id)
                    asked += 1
        return asked

    async def forget_old(self) -> int:
        """Remove what is a year old; how many."""
        before = self._clock.now() - KEPT_FOR
        return await forget(self._store, lambda unit, limit: unit.notifications.forget(before, limit))


async def _find_guest(unit: Unit, who: AccountId | str) -> Account | None:
    """Digits are an id: no nick is made of digits alone."""
    if isinstance(who, str):
        if not (who.isascii() and who.isdigit() and len(who) < 20):
            return await unit.accounts.find_by_nick(who)
        who = AccountId(int(who))
    return await unit.accounts.find(who) if 0 < who <= MAX_ID else None


async def notify(
    unit: Unit,
    account_id: AccountId,
    kind: NotificationKind,
    now: datetime,
    *,
    actor: Account | None = None,
    room_id: RoomId | None = None,
    number: int = 0,
    text: str = "",
) -> None:
    """Within a deed: an entry in a member's journal, and the updates that tell of it."""
    new_id = await unit.notifications.add(account_id, kind, now, actor=actor, room_id=room_id, number=number, text=text)
    tell(unit, account_id, UpdateKind.NOTIFIED, now, other=actor, number=new_id, text=kind.value)
    await _tell_count(unit, account_id, now)


async def _tell_count(unit: Unit, account_id: AccountId, now: datetime) -> None:
    _, unread = await unit.notifications.count(account_id)
    tell(unit, account_id, UpdateKind.COUNTER, now, number=unread, text=JOURNAL)
