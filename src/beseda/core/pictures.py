"""Members' pictures: setting one, reporting another's, and what follows (chat.cz help, rules 4 and 43)."""

import contextlib
from collections.abc import Iterator

from beseda.core.access import access_account, access_member, access_registered
from beseda.core.caller import Caller
from beseda.core.karma import deduct, earn
from beseda.core.limits import Limiter
from beseda.core.notifications import notify
from beseda.core.ports import Clock, PictureMaker, Store
from beseda.domain.accounts import Role
from beseda.domain.errors import AccountNotFound, KarmaTooLow, NotRoomAdmin, Overloaded, PictureInvalid, RankTooLow
from beseda.domain.events import AccountChanged
from beseda.domain.ids import MAX_ID, AccountId
from beseda.domain.karma import PICTURE_DELETED, REPORT_REJECTED
from beseda.domain.notifications import NotificationKind
from beseda.domain.pictures import only_pixels

CONTENT_MAX_BYTES = 512 * 1024


class Pictures:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter, maker: PictureMaker) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._maker = maker
        self._under_way: set[AccountId] = set()

    async def set_picture(self, caller: Caller, content: bytes) -> None:
        """Make this the caller's picture: JPEG, PNG, GIF or WebP, of at most 512 KiB.

        One at a time, so that nobody's pictures hold up those of others.
        Raises RegisteredOnly, KarmaTooLow with negative karma (rule 4), PictureInvalid, TooOften, Overloaded.
        """
        account = access_registered(caller)
        if len(content) > CONTENT_MAX_BYTES:
            raise PictureInvalid
        if (await access_account(self._store.view, account.id)).karma_given < 0:
            raise KarmaTooLow
        self._limiter.take("picture", str(account.id))
        with self._alone(account.id):
            small, now = await self._maker.make_small(content), self._clock.now()
        async with self._store.unit() as unit:
            await unit.pictures.set(account.id, small, now)
            unit.record(AccountChanged(now, account.id))

    @contextlib.contextmanager
    def _alone(self, account_id: AccountId) -> Iterator[None]:
        if account_id in self._under_way:
            raise Overloaded
        self._under_way.add(account_id)
        try:
            yield
        finally:
            self._under_way.discard(account_id)

    async def remove_picture(self, caller: Caller) -> None:
        """Take one's own picture away; reports of it then count for nothing. Raises RegisteredOnly."""
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            if found := await unit.pictures.find(account.id):
                await unit.pictures.settle(account.id, found[1], now)
                await unit.pictures.remove(account.id)
                unit.record(AccountChanged(now, account.id))

    async def get(self, account_id: AccountId, at_ms: int) -> bytes:
        """The JPEG of that moment. Raises AccountNotFound when there is none, or another by now."""
        found = await self._store.view.pictures.find(account_id) if 0 < account_id <= MAX_ID else None
        if found is None or round(found[1].timestamp() * 1000) != at_ms:
            raise AccountNotFound
        return only_pixels(found[0])

    async def report(self, caller: Caller, account_id: AccountId) -> None:
        """Tell the site's admins of a member's picture; telling twice is telling once.

        Raises RegisteredOnly, AccountNotFound without a picture, RankTooLow for one's own, TooOften.
        """
        account, now = access_registered(caller), self._clock.now()
        if account.id == account_id:
            raise RankTooLow
        self._limiter.take("report", str(account.id))
        async with self._store.unit() as unit:
            await access_member(unit, account_id)
            found = await unit.pictures.find(account_id)
            if found is None:
                raise AccountNotFound
            await unit.pictures.add_report(account_id, account.id, found[1], now)

    async def settle(self, caller: Caller, account_id: AccountId, *, delete: bool) -> None:
        """Delete a reported picture: its owner loses 10 for each report. Or reject the reports: each reporter loses 1.

        The site's admins of rooms may. Raises RegisteredOnly, NotRoomAdmin, AccountNotFound without a picture.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            if (await access_account(unit, account.id)).role is not Role.ROOM_ADMIN:
                raise NotRoomAdmin
            await access_member(unit, account_id)
            found = await unit.pictures.find(account_id)
            if found is None:
                raise AccountNotFound
            reporters = await unit.pictures.settle(account_id, found[1], now)
            if delete:
                await unit.pictures.remove(account_id)
                for _ in reporters:
                    await deduct(unit, account_id, PICTURE_DELETED, "picture", now)
                await notify(unit, account_id, NotificationKind.PICTURE_DELETED, now, actor=account)
                unit.record(AccountChanged(now, account_id))
            else:
                for reporter_id in reporters:
                    await earn(unit, reporter_id, -REPORT_REJECTED)
