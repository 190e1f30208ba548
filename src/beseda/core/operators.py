"""Operators who work over HTTP, and what was done by whom."""

from beseda.core.ports import Clock, Entropy, Keyring, Store
from beseda.domain.ids import MAX_ID, OperatorTokenId
from beseda.domain.operators import AUDIT_KEPT, TOKEN_TOUCH_EVERY, AuditEntry, OperatorRole, OperatorToken

ARGUMENTS_MAX = 2_000


class Operators:
    def __init__(self, store: Store, clock: Clock, entropy: Entropy, keyring: Keyring) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring

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
        async with self._store.unit() as unit:
            return await unit.operators.forget_audit(self._clock.now() - AUDIT_KEPT)
