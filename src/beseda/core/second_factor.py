"""The second factor: an authenticator's codes, asked for after the password of whoever wants it so.

Its secret follows from the server's key and a nonce, so a stolen database holds nothing of it. A deed without a caller
is an operator's.
"""

from dataclasses import dataclass

from beseda.core.access import access_by_hand, access_member
from beseda.core.auth import Auth, SignedIn, end_session
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Entropy, Journal, Keyring, Store, Unit
from beseda.core.shared_limits import SharedLimiter
from beseda.core.sign_ins import SignIns
from beseda.domain.accounts import Account, LoginKeys, Standing, nick_key
from beseda.domain.errors import (
    BesedaError,
    SecondFactorExpired,
    SecondFactorMissing,
    SecondFactorPresent,
    SecondFactorWrong,
)
from beseda.domain.ids import MAX_ID, AccountId
from beseda.domain.limits import LIMITS, Counted
from beseda.domain.second_factor import (
    ENROL_WITHIN,
    RECOVERY_ALPHABET,
    RECOVERY_CHARS,
    RECOVERY_CODES,
    SECRET_BYTES,
    SecondFactor,
    looks_like_recovery,
    matching_step,
    plain,
    recovery_shown,
)
from beseda.domain.sessions import Handle


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An authenticator that is to show its first code; `ticket` comes back with it."""

    account: Account
    secret: bytes
    ticket: str


class SecondFactors:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        keyring: Keyring,
        limits: SharedLimiter,
        auth: Auth,
        sign_ins: SignIns,
        journal: Journal,
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring
        self._limits = limits
        self._auth = auth
        self._sign_ins = sign_ins
        self._journal = journal

    async def find(self, account_id: AccountId) -> tuple[SecondFactor, int] | None:
        """A member's, and how many recovery codes he has left; None for who has none."""
        found = await self._store.view.second_factors.find(account_id)
        if found is None:
            return None
        return found, await self._store.view.second_factors.count_recovery(account_id)

    async def find_own(self, caller: Caller) -> tuple[SecondFactor, int] | None:
        """The same for the caller. Raises RegisteredOnly, TokenTooNarrow."""
        return await self.find(access_by_hand(caller).id)

    async def begin(self, caller: Caller, password: str) -> Enrolment:
        """A secret for an authenticator; nothing is kept until it has shown a code.

        Raises RegisteredOnly, TokenTooNarrow, WrongCredentials, TooOften, SecondFactorPresent.
        """
        return await self.begin_proved(await self._prove_password(caller, password))

    async def begin_proved(self, account: Account) -> Enrolment:
        """The same for whoever has proved that it is him. Raises SecondFactorPresent."""
        if await self._store.view.second_factors.find(account.id) is not None:
            raise SecondFactorPresent
        nonce = self._entropy.secret()
        ticket = self._auth.tickets.issue("enrolment", str(account.id), nonce, lasts=ENROL_WITHIN)
        return Enrolment(account, self._secret(account.id, nonce), ticket)

    def resume(self, caller: Caller, ticket: str) -> Enrolment:
        """What `begin` gave, once more. Raises RegisteredOnly, TokenTooNarrow, SecondFactorExpired."""
        account, facts = access_by_hand(caller), self._auth.tickets.read("enrolment", ticket)
        if not facts or facts[0] != str(account.id):
            raise SecondFactorExpired
        return Enrolment(account, self._secret(account.id, facts[1]), ticket)

    async def confirm(self, caller: Caller, ticket: str, code: str) -> list[str]:
        """From now on the code is asked for; all other sessions end. The recovery codes are told this once.

        Raises as `resume`, and SecondFactorWrong, SecondFactorPresent.
        """
        enrolment, now = self.resume(caller, ticket), self._clock.now()
        account_id, (_, current) = enrolment.account.id, caller.signed_in()
        nonce = self._auth.tickets.read("enrolment", ticket)[1]
        step = matching_step(enrolment.secret, plain(code), now, after=-1)
        if step is None:
            raise SecondFactorWrong(ticket="")
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            if await unit.second_factors.find(account_id) is not None:
                raise SecondFactorPresent
            await unit.second_factors.add(account_id, SecondFactor(nonce, now, step))
            codes = await self._new_recovery(unit, account_id)
            for session in await unit.sessions.list_of(account_id):
                if session.id != current.id and session.token_id is None:
                    await end_session(unit, account, session, now)
        self._journal.note("second factor turned on", account_id=account_id, address=caller.address)
        return codes

    async def renew_recovery(self, caller: Caller, password: str, code: str) -> list[str]:
        """Other recovery codes, told this once; those of before are good no more.

        Raises RegisteredOnly, TokenTooNarrow, WrongCredentials, TooOften, SecondFactorMissing, SecondFactorWrong.
        """
        account = await self._prove_password(caller, password)
        await self.prove(account.id, code, caller.address)
        async with self._store.unit() as unit:
            if await unit.second_factors.find(account.id) is None:
                raise SecondFactorMissing
            codes = await self._new_recovery(unit, account.id)
        self._journal.note("recovery codes renewed", account_id=account.id, address=caller.address)
        return codes

    async def turn_off(self, caller: Caller, password: str, code: str) -> None:
        """Raises as `renew_recovery`."""
        account = await self._prove_password(caller, password)
        await self.prove(account.id, code, caller.address)
        await self.switch_off(account.id)

    async def switch_off(self, account_id: AccountId) -> bool:
        """The password alone will do for the member; whether he had a second factor. Raises AccountNotFound."""
        async with self._store.unit() as unit:
            await access_member(unit, account_id)
            found = await unit.second_factors.find(account_id)
            await unit.second_factors.remove(account_id)
        if found is not None:
            self._journal.note("second factor turned off", account_id=account_id)
        return found is not None

    async def sign_in(self, ticket: str, code: str, address: str, kind: Handle = Handle.COOKIE) -> SignedIn:
        """The session that a password was right for, now that the code is there too.

        Raises SecondFactorExpired when the password must be told again, SecondFactorWrong, TooOften.
        """
        facts = self._auth.tickets.read("sign-in", ticket)
        if not facts:
            raise SecondFactorExpired
        account_id, mark = AccountId(min(int(facts[0]), MAX_ID)), facts[1]
        await self.prove(account_id, code, address, ticket=ticket)
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            credentials = await unit.accounts.find_credentials(LoginKeys(nick_key(account.nick), None, None))
            if (
                credentials is None
                or account.standing is not Standing.ACTIVE
                or self._auth.tickets.mark(credentials.password_hash) != mark
            ):
                raise SecondFactorExpired
            return await self._auth.begin(unit, account, kind, address)

    async def prove(self, account_id: AccountId, code: str, address: str, *, ticket: str = "") -> None:
        """An authenticator's code, or a recovery code, which is used up.

        A right recovery code is taken whatever others have guessed; whatever is wrong is counted, over all nodes.
        `ticket` goes with the refusal. Raises SecondFactorMissing, SecondFactorWrong, TooOften.
        """
        code, counted = plain(code), await self._counted(account_id, address)
        if looks_like_recovery(code):
            async with self._store.unit() as unit:
                used = await unit.second_factors.use_recovery(account_id, self._seal(account_id, code))
            if used:
                self._journal.note("recovery code used", account_id=account_id, address=address)
                return
        await self._limits.take(*counted)
        try:
            right = await self._take_code(account_id, code)
        except BesedaError:
            await self._limits.give_back(*counted)
            raise
        if not right:
            self._journal.note("second factor refused", account_id=account_id, address=address)
            raise SecondFactorWrong(ticket=ticket)
        await self._limits.give_back(*counted)

    async def _take_code(self, account_id: AccountId, code: str) -> bool:
        async with self._store.unit() as unit:
            found = await unit.second_factors.find(account_id)
            if found is None:
                raise SecondFactorMissing
            secret = self._secret(account_id, found.nonce)
            step = matching_step(secret, code, self._clock.now(), after=found.last_step)
            if step is not None:
                await unit.second_factors.set_last_step(account_id, step)
            return step is not None

    async def _counted(self, account_id: AccountId, address: str) -> tuple[Counted, ...]:
        """Strangers who know the password share one allowance, which leaves the member's own addresses theirs."""
        account = await access_member(self._store.view, account_id)
        if await self._sign_ins.knows(account, address):
            return ((LIMITS["second_factor_known"].name, f"{account_id}\0{address}"),)
        return ((LIMITS["second_factor"].name, str(account_id)),)

    async def _new_recovery(self, unit: Unit, account_id: AccountId) -> list[str]:
        codes = [self._entropy.text(RECOVERY_CHARS, RECOVERY_ALPHABET) for _ in range(RECOVERY_CODES)]
        await unit.second_factors.set_recovery(account_id, [self._seal(account_id, code) for code in codes])
        return [recovery_shown(code) for code in codes]

    async def _prove_password(self, caller: Caller, password: str) -> Account:
        account = access_by_hand(caller)
        return (await self._auth.authenticate(account.nick, password, caller.address, known=True)).account

    def _secret(self, account_id: AccountId, nonce: str) -> bytes:
        return bytes.fromhex(self._keyring.seal("second factor", f"{account_id}\0{nonce}"))[:SECRET_BYTES]

    def _seal(self, account_id: AccountId, code: str) -> str:
        return self._keyring.seal("recovery code", f"{account_id}\0{code}")
