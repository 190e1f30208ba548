"""Karma: earned by talking, given to others, lost for misdeeds."""

from datetime import datetime

from beseda.core.access import access_account, access_member, access_registered
from beseda.core.caller import Caller
from beseda.core.notifications import notify
from beseda.core.ports import Clock, Store, Unit
from beseda.core.shared_limits import SharedLimiter
from beseda.domain.accounts import KarmaLevel, Role
from beseda.domain.errors import AccountNotFound
from beseda.domain.events import AccountChanged
from beseda.domain.ids import MAX_ID, AccountId, GiftId
from beseda.domain.karma import EARNED_PER_HOUR, LIFE, Gift, check_gift, check_negative, earns, hour_of, ranking
from beseda.domain.moderation import check_reason
from beseda.domain.notifications import NotificationKind

LISTED_MAX = 200
CHANGED_AT_ONCE = 200
"""Members whose group one deed changes."""


class Karma:
    def __init__(self, store: Store, clock: Clock, limits: SharedLimiter) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    async def give(self, caller: Caller, receiver_id: AccountId, amount: int) -> GiftId:
        """Give away karma that the caller has earned (chat.cz help, rule 39).

        Raises RegisteredOnly, AccountNotFound, AmountInvalid, KarmaTooLow, RankTooLow for a gift to oneself.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            giver = await access_account(unit, account.id)
            receiver = await access_member(unit, receiver_id)
            check_gift(giver, receiver, amount)
            await unit.karma.earn(giver.id, -amount)
            gift_id = await unit.karma.add_gift(giver.id, receiver.id, amount, "", now)
            await notify(unit, receiver.id, NotificationKind.KARMA, now, actor=giver, number=amount)
            await _recount(unit, receiver.id, now)
            return gift_id

    async def take_back(self, caller: Caller, gift_id: GiftId) -> None:
        """The receiver loses a gift; the giver does not get it back (chat.cz help, rule 41).

        Raises AccountNotFound when there is no such gift of the caller's that still counts.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            gift = await unit.karma.find_gift(gift_id) if gift_id <= MAX_ID else None
            if gift is None or gift.giver.id != account.id or gift.ended_at or gift.at + LIFE <= now or gift.amount < 0:
                raise AccountNotFound
            await unit.karma.end_gift(gift_id, now)
            await _recount(unit, gift.receiver.id, now)

    async def give_negative(self, caller: Caller, receiver_id: AccountId, amount: int, reason: str) -> GiftId:
        """Admins may: the site's, and permanent ones of any room (chat.cz help, rule 42).

        Raises NotRoomAdmin, AccountNotFound, AmountInvalid, RankTooLow for oneself, CommandIncomplete, TooOften.
        """
        account, now = access_registered(caller), self._clock.now()
        reason = check_reason(reason)
        async with self._store.unit() as unit:
            receiver = await access_member(unit, receiver_id)
            is_admin = account.role is Role.ROOM_ADMIN or await unit.rooms.is_admin_anywhere(account.id)
            check_negative(account, receiver, amount, is_admin=is_admin)
            await self._limits.take_in(unit, ("karma_negative", str(account.id)))
            gift_id = await unit.karma.add_gift(account.id, receiver.id, -amount, reason, now)
            kind = NotificationKind.KARMA
            await notify(unit, receiver.id, kind, now, actor=account, number=-amount, text=reason)
            await _recount(unit, receiver.id, now)
            return gift_id

    async def list_given(self, caller: Caller) -> list[Gift]:
        """The caller's gifts that still count, newest first."""
        account = access_registered(caller)
        since = self._clock.now() - LIFE
        return await self._store.view.karma.list_given(account.id, since, LISTED_MAX)

    async def list_received(self, caller: Caller) -> list[Gift]:
        """What the caller was given and still counts, newest first."""
        account = access_registered(caller)
        since = self._clock.now() - LIFE
        return await self._store.view.karma.list_received(account.id, since, LISTED_MAX)

    async def rank_daily(self) -> bool:
        """Once a day (UTC): what is a year old no longer counts, and the groups are made anew (chat.cz help, rule 40).

        Whether it was done now.
        """
        now = self._clock.now()
        day = now.date().isoformat()
        if await self._store.view.karma.is_ranked(day):
            return False
        async with self._store.unit() as unit:
            await unit.karma.recount_all(now - LIFE)
        levels = ranking(await self._store.view.karma.list_given_totals())
        current = await self._store.view.karma.list_levels()
        changed = [(who, level) for who, level in levels.items() if current.get(who, 0) != level]
        changed += [(who, KarmaLevel.NONE) for who in current if who not in levels]
        for start in range(0, len(changed), CHANGED_AT_ONCE):
            async with self._store.unit() as unit:
                for account_id, level in changed[start : start + CHANGED_AT_ONCE]:
                    await unit.karma.set_level(account_id, int(level))
                    unit.record(AccountChanged(now, account_id))
        async with self._store.unit() as unit:
            await unit.karma.note_ranked(day)
        return True


async def count_chat(unit: Unit, account_id: AccountId, written_before: datetime | None, now: datetime) -> None:
    """Within a deed: one earned for each hour of the clock in which a member wrote (chat.cz help, rule 39)."""
    if earns(written_before, now):
        await unit.karma.earn_hour(account_id, hour_of(now), EARNED_PER_HOUR)


async def earn(unit: Unit, account_id: AccountId, amount: int) -> None:
    """Within a deed: karma earned in another way, or lost again."""
    await unit.karma.earn(account_id, amount)


async def deduct(unit: Unit, account_id: AccountId, amount: int, reason: str, now: datetime) -> None:
    """Within a deed: a member loses karma, and each who gave him some in the last year and has not taken it back loses
    as much of what he has earned, which never falls below nothing (chat.cz help, rules 43 and 44)."""
    await unit.karma.add_deduction(account_id, amount, reason, now)
    for giver_id in await unit.karma.list_givers(account_id, now - LIFE):
        await unit.karma.earn(giver_id, -amount)
    await _recount(unit, account_id, now)


async def _recount(unit: Unit, account_id: AccountId, now: datetime) -> None:
    await unit.karma.recount(account_id, now - LIFE)
    unit.record(AccountChanged(now, account_id))
