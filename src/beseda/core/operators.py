"""Operators who work over HTTP, by tokens or as members in a browser, and what was done by whom."""

from datetime import timedelta

from beseda.core.access import access_member, access_registered
from beseda.core.auth import Auth, SignedIn
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Entropy, Keyring, Store
from beseda.core.second_factor import Enrolment, SecondFactors
from beseda.domain.accounts import Account
from beseda.domain.errors import WrongCredentials
from beseda.domain.ids import MAX_ID, AccountId, OperatorTokenId, SessionId
from beseda.domain.operators import (
    AUDIT_KEPT,
    PROOF_FOR_DEEDS,
    PROOF_FOR_LOOKS,
    TOKEN_TOUCH_EVERY,
    AuditEntry,
    OperatorMember,
    OperatorRole,
    OperatorToken,
)
from beseda.domain.sessions import Handle
from beseda.domain.tokens import looks_like_token

ARGUMENTS_MAX = 2_000


class Operators:
    def __init__(
        self, store: Store, clock: Clock, entropy: Entropy, keyring: Keyring, auth: Auth, second_factors: SecondFactors
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring
        self._auth = auth
        self._second_factors = second_factors

    def _seal(self, token: str) -> str:
        return self._keyring.seal("operator", token)

    async def add_token(self, name: str, role: OperatorRole) -> tuple[OperatorToken, str]:
        """A new token, and its secret, which is told nowhere else."""
        secret = self._entropy.secret()
        async with self._store.unit() as unit:
            return await unit.operators.add_token(name, role, self._seal(secret), self._clock.now()), secret

    async def authenticate(self, secret: str) -> OperatorToken | None:
        """Whose token it is; None for nobody's."""
        token = await self._store.view.operators.find_token(self._seal(secret))
        now = self._clock.now()
        if token is not None and (token.used_at is None or now - token.used_at >= TOKEN_TOUCH_EVERY):
            async with self._store.unit() as unit:
                await unit.operators.touch_token(token.id, now)
        return token

    async def list_tokens(self) -> list[OperatorToken]:
        """All, the oldest first."""
        return await self._store.view.operators.list_tokens()

    async def revoke(self, token_id: OperatorTokenId) -> bool:
        """Whether there was such a token; it is nobody's from now on."""
        async with self._store.unit() as unit:
            return await unit.operators.remove_token(token_id)

    async def note(self, who: str, command: str, arguments: str, outcome: str) -> None:
        """Keep what was done, or tried; `arguments` hold no secrets."""
        async with self._store.unit() as unit:
            await unit.operators.note(self._clock.now(), who, command, arguments[:ARGUMENTS_MAX], outcome)

    async def audit(self, *, before: int = MAX_ID, limit: int = 100) -> list[AuditEntry]:
        """What was done, the newest first."""
        return await self._store.view.operators.list_audit(before=before, limit=limit)

    async def forget_old(self) -> int:
        """How many entries were older than they are kept."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            await unit.operators.forget_proofs(now - PROOF_FOR_LOOKS)
            return await unit.operators.forget_audit(now - AUDIT_KEPT)

    async def grant(self, account_id: AccountId, role: OperatorRole) -> Account:
        """Let a member work as an operator, or another kind of one. Raises AccountNotFound."""
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            await unit.operators.set_member(account_id, role, self._clock.now())
        return account

    async def withdraw(self, account_id: AccountId) -> bool:
        """Whether the member was an operator; he is none from now on."""
        async with self._store.unit() as unit:
            return await unit.operators.remove_member(account_id)

    async def list_members(self) -> list[OperatorMember]:
        """Members who work as operators, by nick."""
        return await self._store.view.operators.list_members()

    async def role_of(self, caller: Caller) -> OperatorRole | None:
        """What the caller may as an operator; None for nothing. Raises NotSignedIn, RegisteredOnly, TokenTooNarrow."""
        return await self._store.view.operators.role_of(access_registered(caller).id)

    async def sign_in(self, login: str, password: str, address: str) -> SignedIn:
        """A session for who knows the password, which counts as proof; no personal token stands in its place.

        Raises as `Auth.sign_in` does; `go_on` then takes the ticket of SecondFactorNeeded.
        """
        if looks_like_token(password):
            raise WrongCredentials
        signed_in = await self._auth.sign_in(login, password, kind=Handle.COOKIE, address=address)
        await self._note_proof(signed_in.session.id)
        return signed_in

    async def go_on(self, ticket: str, code: str, address: str) -> SignedIn:
        """The session that the second factor was asked for. Raises as `SecondFactors.sign_in` does."""
        signed_in = await self._second_factors.sign_in(ticket, code, address)
        await self._note_proof(signed_in.session.id)
        return signed_in

    async def has_second_factor(self, caller: Caller) -> bool:
        """Whether the caller's proof takes a code, too. Raises RegisteredOnly."""
        return await self.is_safe(access_registered(caller).id)

    async def is_safe(self, account_id: AccountId) -> bool:
        """Whether a member has the second factor without which no operator is let in."""
        return await self._store.view.second_factors.find(account_id) is not None

    async def begin_second_factor(self, caller: Caller) -> Enrolment | None:
        """An authenticator for an operator, who may not come in without one; None when he has to prove anew first.

        Raises RegisteredOnly, NotSignedIn, SecondFactorPresent.
        """
        account = access_registered(caller)
        return await self._second_factors.begin_proved(account) if await self.may_do(caller) else None

    async def prove(self, caller: Caller, password: str, code: str = "") -> None:
        """Whoever has this session knows the password, and has the second factor if there is one: it is him.

        Raises WrongCredentials, SecondFactorWrong, TooOften, RegisteredOnly, NotSignedIn.
        """
        account, (_, session) = access_registered(caller), caller.signed_in()
        await self._auth.authenticate(account.nick, password, caller.address, known=True)
        if await self.has_second_factor(caller):
            await self._second_factors.prove(account.id, code, caller.address)
        await self._note_proof(session.id)

    async def _note_proof(self, session_id: SessionId) -> None:
        async with self._store.unit() as unit:
            await unit.operators.note_proof(session_id, self._clock.now())

    async def may_look(self, caller: Caller) -> bool:
        """Whether the caller proved in this session, not too long ago, that it is him: enough to look at things."""
        return await self._proved_within(caller, PROOF_FOR_LOOKS)

    async def may_do(self, caller: Caller) -> bool:
        """The same, so lately that he may change things."""
        return await self._proved_within(caller, PROOF_FOR_DEEDS)

    async def _proved_within(self, caller: Caller, length: timedelta) -> bool:
        """A session that only a handle carries, a personal token's or an application's, has never proved anything."""
        _, session = caller.signed_in()
        at = await self._store.view.operators.proved_at(session.id)
        return at is not None and self._clock.now() - at < length
