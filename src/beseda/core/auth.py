"""Signing in and out. Every way in of every protocol passes here.

A session is named by handles. What a protocol shows is stored only as a keyed hash; the live channel's token is
derived from the session's nonce, so that it can be told again without being stored.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beseda.core.access import access_session
from beseda.core.caller import Caller
from beseda.core.handles import make_handle
from beseda.core.identities import Identities
from beseda.core.known_handles import Known, KnownHandles, Shown
from beseda.core.ports import Clock, Entropy, Journal, Keyring, NewAccount, PasswordHasher, Sessions, Store, Unit
from beseda.core.presence import PresenceBook
from beseda.core.rooms import leave_all
from beseda.core.shared_limits import SharedLimiter
from beseda.core.sign_ins import SignIns
from beseda.core.tickets import Tickets
from beseda.core.updates import tell
from beseda.core.uses import Uses
from beseda.domain.accounts import (
    Account,
    Credentials,
    LoginKeys,
    Sex,
    Standing,
    check_nick,
    nick_key,
)
from beseda.domain.errors import (
    AccountBlocked,
    AccountFrozen,
    BesedaError,
    EmptyCredentials,
    NoSuchLogin,
    NotSignedIn,
    Overloaded,
    SecondFactorNeeded,
    TokenTooNarrow,
    WrongCredentials,
    WrongProof,
)
from beseda.domain.events import AccountChanged, Event, SessionEnded, SessionStarted
from beseda.domain.ids import AccountId, RoomId, TokenId
from beseda.domain.second_factor import ASKED_FOR
from beseda.domain.secrets import PASSWORD_MAX, forms_to_try, prepare
from beseda.domain.sessions import ANONYMOUS_IDLE, LIFETIMES, TOUCH_EVERY, Handle, Session, ends_at
from beseda.domain.tokens import ANYTHING, looks_like_token
from beseda.domain.updates import UpdateKind


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: `handle` is what the client shows from now on, told only once."""

    account: Account
    session: Session
    handle: str


class Auth:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        keyring: Keyring,
        hasher: PasswordHasher,
        limits: SharedLimiter,
        presence: PresenceBook,
        journal: Journal,
        sign_ins: SignIns,
        identities: Identities,
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring
        self._hasher = hasher
        self._limits = limits
        self._presence = presence
        self._journal = journal
        self._sign_ins = sign_ins
        self._identities = identities
        self._known = KnownHandles(self._look_up)
        self.uses = Uses(store)
        self.tickets = Tickets(clock, keyring)

    async def sign_in(
        self, login: str, password: str, *, kind: Handle, address: str, code: str | None = None, protocol: str = ""
    ) -> SignedIn:
        """A session for who knows the password, or has a personal token for the `protocol` in its place.

        `code` is what was read off a picture, "" when there was none; None comes from ways in that show no pictures.

        Raises EmptyCredentials, NoSuchLogin, WrongCredentials, AccountBlocked, AccountFrozen, CaptchaNeeded,
        CaptchaWrong, TooOften, Overloaded; TokenTooNarrow for a token that may only read, where that cannot be told;
        SecondFactorNeeded, whose ticket stands for the password, see core/second_factor.py.
        """
        if not login.strip() or not password:
            raise EmptyCredentials
        if looks_like_token(password):
            return await self._sign_in_by_token(login, password, kind, address, protocol)
        proved = await self.authenticate(login, password, address, code)
        while True:
            async with self._store.unit() as unit:
                if await still_so(unit, proved):
                    await self.check_alone(unit, proved)
                    return await self.begin(unit, proved.account, kind, address)
            # While the hasher was at work somebody changed the password or the standing: what counts now? Whoever was
            # right a moment ago does not guess, so it costs him neither an allowance nor another picture.
            found = await self._store.view.accounts.find_credentials(self._identities.login_keys(login))
            with self._noting_refusal(login, address):
                proved, _ = await self._prove(found, password)

    async def check_alone(self, unit: Unit, proved: Credentials) -> None:
        """Within a deed: SecondFactorNeeded unless the password alone lets the member in."""
        if await unit.second_factors.find(proved.account.id) is not None:
            facts = str(proved.account.id), self.tickets.mark(proved.password_hash)
            raise SecondFactorNeeded(ticket=self.tickets.issue("sign-in", *facts, lasts=ASKED_FOR))

    async def _sign_in_by_token(self, login: str, secret: str, kind: Handle, address: str, protocol: str) -> SignedIn:
        """Nothing is hashed slowly, and nothing counted: nobody guesses 256 bits."""
        with self._noting_refusal(login, address):
            owner = await self._store.view.accounts.find_credentials(self._identities.login_keys(login))
            now, digest = self._clock.now(), self._seal(Handle.TOKEN, secret)
            found = await self._store.view.sessions.find_by_handle(Handle.TOKEN, digest)
            if found is None or owner is None or owner.account.id != found[1].id:
                raise WrongCredentials
            async with self._store.unit() as unit:
                token = await unit.tokens.find(found[0].token_id or TokenId(0))
                if token is None or token.is_over(now) or not token.scope.reaches_protocol(protocol):
                    raise WrongCredentials
                if token.scope.read_only and kind is not Handle.BEARER:
                    raise TokenTooNarrow
                session, handle = await self.start(unit, found[1].id, kind, token.id, address)
                await unit.tokens.touch(token.id, now)
        self._journal.note("authenticated by token", account_id=found[1].id, token_id=token.id, address=address)
        return SignedIn(found[1], session, handle)

    async def authenticate(
        self, login: str, password: str, address: str, code: str | None = None, *, known: bool = False
    ) -> Credentials:
        """Check a password; the same time and the same answer whether or not there is such a member.

        `known` is who need not come from an address that the member signed in from, since he shows a session.
        Either way the journal has it; the name that was tried only as a keyed hash.
        """
        with self._noting_refusal(login, address):
            proved = await self._check_password(login, password, address, code, known=known)
        self._journal.note("authenticated", account_id=proved.account.id, address=address)
        return proved

    @contextmanager
    def _noting_refusal(self, login: str, address: str) -> Iterator[None]:
        try:
            yield
        except BesedaError as refusal:
            name = self._keyring.seal("journal", nick_key(login[:254]))[:16]
            self._journal.note("authentication refused", reason=refusal.code, name=name, address=address)
            raise

    async def _check_password(
        self, login: str, password: str, address: str, code: str | None, *, known: bool
    ) -> Credentials:
        keys = self._identities.login_keys(login)
        name = keys.counted
        async with self._sign_ins.turn(name, address):
            found = await self._store.view.accounts.find_credentials(keys)
            known = known or await self._sign_ins.knows(found.account if found else None, address)
            async with self._sign_ins.attempt(name, address, code, known=known):
                proved, form = await self._prove(found, password)
            current = form == prepare(password) and not self._hasher.outdated(proved.password_hash)
            return proved if current else await self._rehash(proved, password)

    async def _prove(self, found: Credentials | None, password: str) -> tuple[Credentials, str]:
        """What was found, and the form of the password that is its own, if the account may be used.

        It takes as many hashes when there is none to compare with.
        """
        password_hash = found.password_hash if found else None
        for form in forms_to_try(password):
            if await self._hasher.verify(password_hash, form) and found is not None:
                break
        else:
            raise WrongCredentials
        if found.account.standing is Standing.BLOCKED:
            raise AccountBlocked
        if found.account.standing is Standing.FROZEN:
            raise AccountFrozen
        return found, form

    async def _rehash(self, found: Credentials, password: str) -> Credentials:
        """Keep the password in today's form, under today's parameters; another time will do if the pool is full."""
        prepared = prepare(password)
        if len(prepared) > PASSWORD_MAX:
            return found
        try:
            renewed = await self._hasher.hash(prepared)
        except Overloaded:
            return found
        async with self._store.unit() as unit:
            if not await still_so(unit, found):
                return found
            await unit.accounts.set_password_hash(found.account.id, renewed)
        return replace(found, password_hash=renewed)

    async def sign_in_anonymously(self, caller: Caller, nick: str, sex: Sex, *, kind: Handle) -> SignedIn:
        """A session for a visitor without an account, in place of the one he has: so he may keep his nick.

        Raises NickInvalid, NickTaken, TooOften; then he keeps what he has.
        """
        nick = check_nick(nick, registered=False)
        self._limits.here.take("anonymous_sign_in", caller.address)
        now = self._clock.now()
        async with self._store.unit() as unit:
            with suppress(NotSignedIn):
                await end_session(unit, *await access_session(unit, caller), now)
            account = await unit.accounts.add(NewAccount(registered=False, nick=nick, sex=sex), now)
            unit.record(AccountChanged(now, account.id))
            session, handle = await self.start(unit, account.id, kind, address=caller.address)
        self._journal.note("anonymous visitor", account_id=account.id, address=caller.address)
        return SignedIn(account, session, handle)

    async def begin(self, unit: Unit, account: Account, kind: Handle, address: str) -> SignedIn:
        """Within a deed, for who has shown the password: a session, from an address where he is known from now on."""
        session, handle = await self.start(unit, account.id, kind, address=address)
        await self._sign_ins.note(unit, account.id, address, session.created_at)
        return SignedIn(account, session, handle)

    async def start(
        self, unit: Unit, account_id: AccountId, kind: Handle, token_id: TokenId | None = None, address: str = ""
    ) -> tuple[Session, str]:
        """Within a deed, for who has proved who he is: a session, and the handle to show for it."""
        now = self._clock.now()
        session = await unit.sessions.add(account_id, kind, self._entropy.secret(), now, token_id, address)
        handle = make_handle(self._entropy, kind)
        await unit.sessions.add_handle(session.id, kind, self._seal(kind, handle))
        await unit.sessions.add_handle(session.id, Handle.CHANNEL, self._seal(Handle.CHANNEL, self.channel(session)))
        await unit.accounts.touch(account_id, now)
        unit.record(SessionStarted(now, account_id, session.id))
        tell(unit, account_id, UpdateKind.STATUS, now)
        self._presence.hear(account_id, now, anew=True)
        return session, handle

    async def second_handle(self, sessions: Sessions, session: Session) -> str:
        """Within a deed, for who lost the first: another, always the same one; the first stays good."""
        handle = self._keyring.seal("second handle", session.nonce)
        await sessions.add_handle(session.id, session.kind, self._seal(session.kind, handle))
        return handle

    def channel(self, session: Session) -> str:
        """The token of the session's live channel: 32 hexadecimal digits, the same as long as the session lives."""
        return self._keyring.seal("channel", session.nonce)[:32]

    def _seal(self, kind: Handle, handle: str) -> str:
        return self._keyring.seal(f"handle:{kind.value}", handle)

    async def caller(
        self, kind: Handle, handle: str, address: str, rooms: Iterable[RoomId] = (), *, protocol: str = ""
    ) -> Caller:
        """Who shows this handle, which counts as activity, and as activity in the `rooms` that a connection follows.

        A personal token stands where a bearer's does. An unknown or dead handle, or one by a token that is not for this
        `protocol`, is a caller who is not signed in.

        Raises TooOften for an address that guesses at short handles.
        """
        if kind is Handle.BEARER and looks_like_token(handle):
            kind = Handle.TOKEN
        now = self._clock.now()
        found = self._known.get(kind, handle, address, now)
        known = found if isinstance(found, Known) else await found
        if known is None or not known.caller.scope.reaches_protocol(protocol):
            return Caller(address)
        if known.caller.address != address:
            known.caller = replace(known.caller, address=address)
        account, _ = known.caller.signed_in()
        self._presence.hear(account.id, now, rooms)
        return known.caller

    async def _look_up(self, shown: Shown) -> Known | None:
        (kind, handle, address), now = shown, self._clock.now()
        if kind is Handle.SID:  # who is known here to guess costs the database nothing
            self._limits.here.check("sid_guess", address)
        found = await self._store.view.sessions.find_by_handle(kind, self._seal(kind, handle))
        if found is not None:
            session, account = found
            session = replace(session, seen_at=self.uses.of_session(session.id, session.seen_at))
        if found is None or now >= ends_at(session, registered=account.registered):
            if kind is Handle.SID:
                await self._limits.take(("sid_guess", address))
            return None
        if kind is Handle.SID:  # of many that were looked up at once, none is told after the last that may be wrong
            await self._limits.check(("sid_guess", address))
        good_until, scope = min(now + TOUCH_EVERY, ends_at(session, registered=account.registered)), ANYTHING
        if session.token_id is not None:
            token = await self._store.view.tokens.find(session.token_id)
            if token is None or token.is_over(now):
                return None
            scope, good_until = token.scope, min(good_until, token.expires_at or good_until)
            if token.used_at is None or now - token.used_at >= TOUCH_EVERY:
                self.uses.note_token(token.id, now)
        if now - session.seen_at >= TOUCH_EVERY:
            self.uses.note_session(session.id, now)
        return Known(Caller(address, account, session, scope), good_until)

    async def keep_awake(self, caller: Caller, rooms: Iterable[RoomId]) -> None:
        """A connection of the caller's is open: if it is a bot's, he is not idle in these rooms."""
        if caller.scope.bot:
            await self._presence.stay_awake(caller.signed_in()[0].id, rooms)

    def forget(self, event: Event) -> None:
        """Subscribed to the feed: what is cached of a changed account or an ended session is looked up anew."""
        self._known.forget(event)

    async def check_login(self, caller: Caller, login: str) -> None:
        """NotSignedIn unless the caller is signed in, and is whom `login` names; "" names nobody in particular."""
        account, _ = caller.signed_in()
        if login in ("", account.nick):
            return
        try:
            found = await self._store.view.accounts.find_credentials(self._identities.login_keys(login))
        except NoSuchLogin:
            found = None
        if found is None or found.account.id != account.id:
            raise NotSignedIn

    async def check_proof(self, session: Session, handle: str, proof: str) -> None:
        """Compare an anti-forgery value, the last four characters of the handle, with what the client sent."""
        async with self._limits.guessing("proof_guess", str(session.id), WrongProof):
            if proof != handle[-4:]:
                raise WrongProof

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session, its handles and its stay in rooms. Raises NotSignedIn when that has been done."""
        async with self._store.unit() as unit:
            account, session = await access_session(unit, caller)
            await end_session(unit, account, session, self._clock.now())

    async def sign_out_everywhere(self, unit: Unit, account: Account) -> None:
        """Within a deed: end all sessions of an account, its personal tokens and those of its applications."""
        now = self._clock.now()
        await unit.apps.remove_tokens_of(account.id)
        await unit.tokens.remove_all_of(account.id)
        for session in await unit.sessions.list_of(account.id):
            await end_session(unit, account, session, now)

    async def forget_old(self) -> None:
        """Addresses that nobody signed in from for long are strange again; what was counted counts no more."""
        await self._sign_ins.forget_old()
        await self._limits.forget_full()

    async def end_unused(self) -> int:
        """End the sessions that nobody used for their idle time; how many."""
        now, ended = self._clock.now(), 0
        for kind, lifetime in LIFETIMES.items():
            for registered, idle in ((True, lifetime.idle), (False, min(lifetime.idle, ANONYMOUS_IDLE))):
                ended += await self._end_unused(kind, registered, idle, now)
        return ended

    async def _end_unused(self, kind: Handle, registered: bool, idle: timedelta, now: datetime) -> int:
        unused = await self._store.view.sessions.list_unused(kind=kind, registered=registered, seen_before=now - idle)
        ended = 0
        for session in unused:
            async with self._store.unit() as unit:
                current = await unit.sessions.find(session.id)
                account = await unit.accounts.find(session.account_id)
                if current is not None and account is not None and current.seen_at == session.seen_at:
                    await end_session(unit, account, session, now)
                    ended += 1
        return ended


async def still_so(unit: Unit, proved: Credentials) -> bool:
    """Within a deed: whether neither the password nor the standing changed since the password was checked."""
    current = await unit.accounts.find_credentials(LoginKeys(nick_key(proved.account.nick), None, None))
    return (
        current is not None
        and current.password_hash == proved.password_hash
        and current.account.standing is proved.account.standing
    )


async def end_session(unit: Unit, account: Account, session: Session, now: datetime) -> None:
    """Within a deed: the session, its handles, its stay in rooms, and an anonymous visitor's hold on the nick."""
    await leave_all(unit, session, now)
    await unit.sessions.end(session.id)
    if not account.registered and not await unit.sessions.list_of(account.id):
        await unit.accounts.free_nick(account.id)
        await unit.history.forget_visitor(account.id)
    unit.record(SessionEnded(now, account.id, session.id))
    tell(unit, account.id, UpdateKind.STATUS, now)
