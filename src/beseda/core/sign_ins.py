"""Slows down who guesses passwords, and nobody else, by the rules of `domain/sign_ins.py`.

What is counted, and the addresses that members signed in from, are stored: a restart and another node know them.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime

from beseda.core.captcha import Captcha
from beseda.core.forgetting import forget
from beseda.core.ports import Clock, Keyring, Store, Unit
from beseda.core.shared_limits import SharedLimiter
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError, TooOften, WrongCredentials
from beseda.domain.ids import AccountId
from beseda.domain.limits import Counted
from beseda.domain.sign_ins import KNOWN_FOR, KNOWN_MAX, ONE_NAME_AT_ONCE, TRY_AGAIN_AFTER_S, Attempt, counted

NOBODY = AccountId(0)


class SignIns:
    """`at_once` attempts of one address may be under way."""

    def __init__(
        self, store: Store, clock: Clock, keyring: Keyring, limits: SharedLimiter, captcha: Captcha, *, at_once: int
    ) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._limits = limits
        self._captcha = captcha
        self._at_once = at_once
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._turns: dict[str, asyncio.Lock] = {}

    @contextlib.asynccontextmanager
    async def turn(self, name: str, address: str) -> AsyncIterator[None]:
        """One of an address at a time, in the order of coming; TooOften when too many wait.

        So no address has more than one hash in the hasher's queue, and a right password never finds the allowance taken
        by others that are not known yet to be right.
        """
        of_address, of_name = ("", address), (name, address)
        if self._under_way[of_address] >= self._at_once or self._under_way[of_name] >= ONE_NAME_AT_ONCE:
            raise TooOften(limit="sign_ins_per_address", retry_after_s=TRY_AGAIN_AFTER_S)
        self._under_way.update((of_address, of_name))
        try:
            async with self._turns.setdefault(address, asyncio.Lock()):
                yield
        finally:
            self._under_way.subtract((of_address, of_name))
            for each in (of_address, of_name):
                if not self._under_way[each]:
                    del self._under_way[each]
            if not self._under_way[of_address]:
                self._turns.pop(address, None)

    @contextlib.asynccontextmanager
    async def attempt(self, name: str, address: str, code: str | None, *, known: bool) -> AsyncIterator[None]:
        """Around the look at a password, which is a guess if it is left by WrongCredentials.

        `code` is what was read off a picture, "" when there was none; None comes from ways in that show no pictures.
        Raises CaptchaNeeded, CaptchaWrong, TooOften.
        """
        allowances = counted(Attempt.KNOWN if known else Attempt.STRANGE, name, address)
        reserved: tuple[Counted, ...] = ()
        try:
            if code is not None:
                spent = await self._limits.is_spent(*allowances)
                if await self._captcha.check(name, address, code, known=known, spent=spent):
                    allowances = counted(Attempt.READ, name, address)
            await self._limits.take(*allowances)
            reserved = allowances
            yield
        except TooOften:
            self._captcha.note_too_soon(name, address)
            raise
        except WrongCredentials:
            await self._captcha.note_failure(name, address)
            raise
        except BesedaError:  # the password was right though it did not help, or nobody looked at it
            await self._limits.give_back(*reserved)
            raise
        await self._limits.give_back(*reserved)
        await self._captcha.note_success(name, address)

    async def knows(self, account: Account | None, address: str) -> bool:
        """Whether the member signed in from there lately; looked up alike when there is no such member."""
        account_id = account.id if account else NOBODY
        since = self._clock.now() - KNOWN_FOR
        return await self._store.view.sign_ins.knows(account_id, self._seal(account_id, address), since)

    async def note(self, unit: Unit, account_id: AccountId, address: str, at: datetime) -> None:
        """Within a deed: the member signed in from there."""
        await unit.sign_ins.note(account_id, self._seal(account_id, address), at, keep=KNOWN_MAX)

    async def forget_old(self) -> None:
        """Addresses that nobody signed in from for long."""
        before = self._clock.now() - KNOWN_FOR
        await forget(self._store, lambda unit, limit: unit.sign_ins.forget(before, limit))
        await self._captcha.forget_old()

    def _seal(self, account_id: AccountId, address: str) -> str:
        """Of another look for each member: the database does not tell who shares an address."""
        return self._keyring.seal("sign-in address", f"{account_id}\0{address}")
