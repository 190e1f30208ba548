"""Personal tokens: making, listing and revoking them. How they are taken is in core/auth.py.

A deed without a caller is an operator's.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from beseda.core.access import access_by_hand, access_member
from beseda.core.auth import Auth, end_session
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Journal, NameCodec, Store, Unit
from beseda.domain.accounts import Account
from beseda.domain.errors import DomainNameInvalid, TokenInvalid, TokenNotFound
from beseda.domain.ids import MAX_ID, AccountId, TokenId
from beseda.domain.sessions import Handle
from beseda.domain.tokens import TOKENS_MAX, Scope, Token, check_days, check_token_name, make_scope


class Tokens:
    def __init__(
        self, store: Store, clock: Clock, auth: Auth, journal: Journal, names: NameCodec, protocols: Iterable[str]
    ) -> None:
        """`protocols` are the names that a scope may have."""
        self._store = store
        self._clock = clock
        self._auth = auth
        self._journal = journal
        self._names = names
        self.protocols = frozenset(protocols)

    def scope(self, **given: object) -> Scope:
        """See make_scope; zones are taken in letters too. Raises TokenInvalid."""
        given["zones"] = map(self._zone, given.get("zones", ()))  # type: ignore[call-overload]
        return make_scope(self.protocols, **given)  # type: ignore[arg-type]

    def _zone(self, name: str) -> str:
        try:
            return name if name.isascii() else self._names.domain_name(name).ascii
        except DomainNameInvalid:
            raise TokenInvalid(reason="zones") from None

    async def add(self, account_id: AccountId, name: str, scope: Scope, days: int | None = None) -> tuple[Token, str]:
        """A token, and what its program shows: that is told this once. Raises AccountNotFound, TokenInvalid."""
        name, days, now = check_token_name(name), check_days(days), self._clock.now()
        expires_at = None if days is None else now + timedelta(days=days)
        async with self._store.unit() as unit:
            await access_member(unit, account_id)
            if len(await unit.tokens.list_of(account_id)) >= TOKENS_MAX:
                raise TokenInvalid(reason="too many")
            token = await unit.tokens.add(account_id, name, scope, now, expires_at)
            _, secret = await self._auth.start(unit, account_id, Handle.TOKEN, token.id)
        self._journal.note("token made", account_id=account_id, token_id=token.id)
        return token, secret

    async def list_of(self, account_id: AccountId) -> list[Token]:
        """Those of a member that are good, the oldest first."""
        now, uses = self._clock.now(), self._auth.uses
        return [
            replace(token, used_at=uses.of_token(token.id, token.used_at))
            for token in await self._store.view.tokens.list_of(account_id)
            if not token.is_over(now)
        ]

    async def revoke(self, token_id: TokenId, account_id: AccountId | None = None) -> Token:
        """End a token, all that it signed in, and their connections; None for whoever has it. Raises TokenNotFound."""
        async with self._store.unit() as unit:
            token = await unit.tokens.find(token_id) if 0 < token_id <= MAX_ID else None
            if token is None or account_id not in (None, token.account_id):
                raise TokenNotFound
            await self._end(unit, token)
        self._journal.note("token revoked", account_id=token.account_id, token_id=token.id)
        return token

    async def _end(self, unit: Unit, token: Token) -> None:
        account, now = await access_member(unit, token.account_id), self._clock.now()
        for session in await unit.sessions.list_of_token(token.id):
            await end_session(unit, account, session, now)
        await unit.tokens.remove(token.id)

    async def end_old(self) -> int:
        """Those whose time is over; how many."""
        over = await self._store.view.tokens.list_over(self._clock.now())
        for token in over:
            async with self._store.unit() as unit:
                if await unit.tokens.find(token.id) is not None:
                    await self._end(unit, token)
        return len(over)

    async def add_own(
        self, caller: Caller, password: str, name: str, scope: Scope, days: int | None = None
    ) -> tuple[Token, str]:
        """The same for the caller, who proves again that it is him.

        Raises RegisteredOnly, TokenTooNarrow for who shows a token himself, WrongCredentials, TooOften, TokenInvalid.
        """
        return await self.add((await self._prove(caller, password)).id, name, scope, days)

    async def revoke_own(self, caller: Caller, password: str, token_id: TokenId) -> Token:
        """The same for the caller. Raises as `add_own`, and TokenNotFound."""
        return await self.revoke(token_id, (await self._prove(caller, password)).id)

    async def list_own(self, caller: Caller) -> list[Token]:
        """Raises RegisteredOnly, TokenTooNarrow."""
        return await self.list_of(access_by_hand(caller).id)

    async def _prove(self, caller: Caller, password: str) -> Account:
        account = access_by_hand(caller)
        return (await self._auth.authenticate(account.nick, password, caller.address, known=True)).account
