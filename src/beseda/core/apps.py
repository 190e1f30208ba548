"""Applications and the tokens by which they act for a member: renewed in two steps, so that a lost answer locks
nobody out.

A deed without a caller is an operator's.
"""

from contextlib import AbstractAsyncContextManager

from beseda.core.access import access_registered
from beseda.core.auth import Auth, end_session
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Entropy, Journal, Keyring, Store, Unit
from beseda.core.shared_limits import SharedLimiter
from beseda.domain.accounts import Account, Standing
from beseda.domain.errors import (
    AccountBlocked,
    AccountNotFound,
    AppNotFound,
    AppTokenExpired,
    AppTokenNotFound,
    BesedaError,
)
from beseda.domain.ids import AccountId, AppId
from beseda.domain.sessions import App, AppToken, Handle, TokenState, check_app_name, confirmable


class Apps:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        keyring: Keyring,
        limits: SharedLimiter,
        auth: Auth,
        journal: Journal,
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring
        self._limits = limits
        self._auth = auth
        self._journal = journal

    async def renew(self, token: str, api_key: str, address: str) -> str:
        """A new token in place of an active one; void unless confirmed within 60 seconds (chat.cz REST, /token).

        Asking again replaces the new token that was not confirmed yet; the old one stays good until then.
        Raises AppTokenNotFound, TooOften.
        """
        now = self._clock.now()
        new = self._entropy.secret()
        async with self._guessing(address), self._store.unit() as unit:
            app = await self._find_app(unit, api_key)
            old = await unit.apps.find_token(app.id, self._seal(token))
            if old is None or old.state is not TokenState.ACTIVE:
                raise AppTokenNotFound
            if previous := await unit.apps.find_replacement(app.id, old.digest):
                await unit.apps.remove_token(previous.digest)
            digest = self._seal(new)
            await unit.apps.add_token(
                AppToken(digest, app.id, old.account_id, TokenState.PENDING, old.digest, None, now)
            )
        return new

    async def confirm(self, token: str, api_key: str, address: str) -> tuple[Account, str]:
        """Make a pending token the active one and begin its session; the account, and the handle of the session.

        Takes the new token, or the old one for which a new one is pending: a literal reading of the document
        (chat.cz REST, /login) sends that. Confirming once more is the same as once. The old token dies here, with its
        session. Either way the journal has it. Raises AppTokenNotFound, AppTokenExpired, AccountBlocked, TooOften.
        """
        try:
            account, handle = await self._confirm(token, api_key, address)
        except BesedaError as refusal:
            self._journal.note("application refused", reason=refusal.code, address=address)
            raise
        self._journal.note("application signed in", account_id=account.id, address=address)
        return account, handle

    async def _confirm(self, token: str, api_key: str, address: str) -> tuple[Account, str]:
        expired = False
        async with self._guessing(address), self._store.unit() as unit:
            app = await self._find_app(unit, api_key)
            digest = self._seal(token)
            found = await unit.apps.find_replacement(app.id, digest) or await unit.apps.find_token(app.id, digest)
            if found is None or (found.state is TokenState.ACTIVE and found.session_id is None):
                raise AppTokenNotFound
            account = await self._usable_account(unit, found.account_id)
            if found.state is TokenState.ACTIVE:
                handle = await self._handle_again(unit, found)
            elif confirmable(found, self._clock.now()):
                handle = await self._activate(unit, found)
            else:
                await unit.apps.remove_token(found.digest)
                expired = True
        if expired:
            raise AppTokenExpired
        return account, handle

    async def _find_app(self, unit: Unit, api_key: str) -> App:
        app = await unit.apps.find_by_key(self._keyring.seal("api key", api_key))
        if app is None:
            raise AppTokenNotFound
        return app

    def _guessing(self, address: str) -> AbstractAsyncContextManager[None]:
        return self._limits.guessing("app_token", address, AppTokenNotFound)

    async def _usable_account(self, unit: Unit, account_id: AccountId) -> Account:
        account = await unit.accounts.find(account_id)
        if account is None or account.standing is not Standing.ACTIVE:
            raise AccountBlocked
        return account

    async def _activate(self, unit: Unit, token: AppToken) -> str:
        session, handle = await self._auth.start(unit, token.account_id, Handle.COOKIE)
        await unit.apps.activate_token(token.digest, session.id)
        if token.replaces is not None and (old := await unit.apps.find_token(token.app_id, token.replaces)):
            await unit.apps.remove_token(old.digest)
            await self._end_session_of(unit, old)
        return handle

    async def _handle_again(self, unit: Unit, token: AppToken) -> str:
        """A repeated confirmation: the same session, or another when that one has ended."""
        session = await unit.sessions.find(token.session_id) if token.session_id is not None else None
        if session is not None:
            return await self._auth.second_handle(unit.sessions, session)
        session, handle = await self._auth.start(unit, token.account_id, Handle.COOKIE)
        await unit.apps.activate_token(token.digest, session.id)
        return handle

    async def _end_session_of(self, unit: Unit, token: AppToken) -> None:
        if token.session_id is None:
            return
        session, account = await unit.sessions.find(token.session_id), await unit.accounts.find(token.account_id)
        if session is not None and account is not None:
            await end_session(unit, account, session, self._clock.now())

    def _seal(self, token: str) -> str:
        return self._keyring.seal("app token", token)

    async def list_own(self, caller: Caller) -> list[tuple[App, AppToken]]:
        """The applications that act for the caller, each with its oldest token. Raises RegisteredOnly."""
        view, first = self._store.view, dict[AppId, AppToken]()
        for token in await view.apps.list_tokens_of(access_registered(caller).id):
            first.setdefault(token.app_id, token)
        found = [(await view.apps.find(app_id), token) for app_id, token in first.items()]
        return [(app, token) for app, token in found if app is not None]

    async def revoke_own(self, caller: Caller, password: str, app_id: AppId) -> None:
        """An application acts for the caller no more, who proves again that it is him.

        Raises RegisteredOnly, TokenTooNarrow, WrongCredentials, TooOften, AppNotFound.
        """
        account = access_registered(caller)
        await self._auth.authenticate(account.nick, password, caller.address, known=True)
        async with self._store.unit() as unit:
            tokens = [each for each in await unit.apps.list_tokens_of(account.id) if each.app_id == app_id]
            if not tokens:
                raise AppNotFound
            for token in tokens:
                await unit.apps.remove_token(token.digest)
                await self._end_session_of(unit, token)

    async def add(self, name: str) -> tuple[App, str]:
        """A new application and its API key, told only once. Raises AppNameInvalid."""
        name, key = check_app_name(name), self._entropy.secret()
        async with self._store.unit() as unit:
            return await unit.apps.add(name, self._keyring.seal("api key", key), self._clock.now()), key

    async def list_all(self) -> list[App]:
        return await self._store.view.apps.list_all()

    async def count_tokens(self, app_id: AppId) -> int:
        """How many would end with it."""
        return await self._store.view.apps.count_tokens(app_id)

    async def revoke(self, app_id: AppId) -> None:
        """End an application, its tokens and the sessions that they carry. Raises AppNotFound."""
        async with self._store.unit() as unit:
            if await unit.apps.find(app_id) is None:
                raise AppNotFound
            for token in await unit.apps.revoke(app_id):
                await self._end_session_of(unit, token)

    async def grant(self, app_id: AppId, account_id: AccountId) -> str:
        """A member's first token for an application: the `tokenOld` of the first renewal."""
        token = self._entropy.secret()
        async with self._store.unit() as unit:
            app = await unit.apps.find(app_id)
            if app is None or app.revoked:
                raise AppNotFound
            account = await unit.accounts.find(account_id)
            if account is None or not account.registered:
                raise AccountNotFound
            digest = self._seal(token)
            await unit.apps.add_token(
                AppToken(digest, app_id, account_id, TokenState.ACTIVE, None, None, self._clock.now())
            )
        return token
