"""Members: registering, passwords, standing, invitations.

A deed without a caller is an operator's.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from beseda.core.access import access_account, access_member, access_registered
from beseda.core.auth import Auth, SignedIn, still_so
from beseda.core.caller import Caller
from beseda.core.identities import Identities
from beseda.core.ports import Clock, Entropy, Keyring, NewAccount, PasswordHasher, Repositories, Store, Unit
from beseda.core.shared_limits import SharedLimiter
from beseda.domain.accounts import (
    Account,
    LoginKeys,
    Role,
    Sex,
    Standing,
    check_birth_date,
    check_invite_uses,
    check_nick,
    nick_key,
    nick_order,
)
from beseda.domain.contacts import Email
from beseda.domain.errors import (
    AccountNotFound,
    InviteInvalid,
    PasswordLinkInvalid,
    PasswordTooCommon,
    RegistrationClosed,
    WrongCredentials,
)
from beseda.domain.events import AccountChanged
from beseda.domain.ids import MAX_ID, AccountId
from beseda.domain.secrets import check_password
from beseda.domain.sessions import Handle, Session

INVITE_NAME_CHARS = 12
LINK, LINK_LASTS = "new password", timedelta(hours=1)
FOUND_MAX = 20
"""Members that a search finds."""


class Registration(StrEnum):
    """Who may register."""

    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody who wants to become a member fills in; "" and None where nothing was."""

    nick: str
    password: str
    email: str = ""
    phone: str = ""
    sex: Sex | None = None
    birth_date: date | None = None
    age_public: bool = False


class Accounts:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        keyring: Keyring,
        hasher: PasswordHasher,
        limits: SharedLimiter,
        auth: Auth,
        identities: Identities,
        *,
        registration: Registration,
        password_min: int,
        common_passwords: Callable[[], Container[str]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring
        self._hasher = hasher
        self._limits = limits
        self._auth = auth
        self._identities = identities
        self._registration = registration
        self._password_min = password_min
        self._common_passwords = common_passwords

    async def register(self, caller: Caller, application: Application, invite: str = "") -> SignedIn:
        """A new member, as the configuration allows, who is signed in.

        Raises RegistrationClosed, InviteInvalid, TooOften and all that `add` does.
        """
        if self._registration is Registration.CLOSED:
            raise RegistrationClosed
        self._check(application)
        await self._limits.take(("register", caller.address))
        new = await self._new_account(application)
        now = self._clock.now()
        async with self._store.unit() as unit:
            if self._registration is Registration.INVITE and not await unit.accounts.use_invite(self._seal(invite)):
                raise InviteInvalid
            account = await unit.accounts.add(new, now)
            unit.record(AccountChanged(now, account.id))
            return await self._auth.begin(unit, account, Handle.COOKIE, caller.address)

    async def add(self, application: Application) -> Account:
        """A new member, whatever the configuration.

        Raises NickInvalid, NickTaken, EmailInvalid, EmailTaken, PhoneInvalid, PhoneTaken, BirthDateInvalid,
        PasswordUnreadable, PasswordTooShort, PasswordTooLong, PasswordTooCommon, Overloaded.
        """
        self._check(application)
        new = await self._new_account(application)
        now = self._clock.now()
        async with self._store.unit() as unit:
            account = await unit.accounts.add(new, now)
            unit.record(AccountChanged(now, account.id))
            return account

    def _check(self, application: Application) -> None:
        """All that can be refused without looking anything up."""
        check_nick(application.nick)
        if application.email:
            self._identities.email(application.email)
        if application.phone:
            self._identities.phone(application.phone)
        if application.birth_date:
            check_birth_date(application.birth_date, self._clock.now().date())
        self._check_password(application.password)

    async def _new_account(self, application: Application) -> NewAccount:
        return NewAccount(
            registered=True,
            nick=check_nick(application.nick),
            sex=application.sex,
            password_hash=await self._hasher.hash(self._check_password(application.password)),
            email=self._identities.email(application.email) if application.email else None,
            phone=self._identities.phone(application.phone) if application.phone else None,
            birth_date=application.birth_date,
            age_public=application.age_public,
        )

    def _check_password(self, password: str) -> str:
        """The password as it is hashed."""
        prepared = check_password(password, min_chars=self._password_min)
        if prepared.casefold() in self._common_passwords():
            raise PasswordTooCommon
        return prepared

    def _seal(self, invite: str) -> str:
        return self._keyring.seal("invite", invite)

    async def invite(self, uses: int = 1) -> str:
        """A code with which so many people may register. Raises InviteUsesInvalid."""
        check_invite_uses(uses)
        code = self._entropy.text(20, "abcdefghjkmnpqrstuvwxyz23456789")
        async with self._store.unit() as unit:
            await unit.accounts.add_invite(self._seal(code), uses, self._clock.now())
        return code

    async def list_invites(self) -> list[tuple[str, int, datetime]]:
        """A name for each code that can still be used (the codes are kept nowhere), its uses left, and since when."""
        return [
            (digest[:INVITE_NAME_CHARS], uses, at)
            for digest, uses, at in await self._store.view.accounts.list_invites()
        ]

    async def revoke_invite(self, which: str) -> bool:
        """End a code, by itself or by its name in the list; whether there was one."""
        sealed = self._seal(which)
        async with self._store.unit() as unit:
            for digest, _, _ in await unit.accounts.list_invites():
                if digest == sealed or digest[:INVITE_NAME_CHARS] == which:
                    return await unit.accounts.remove_invite(digest)
        return False

    async def rename(self, account_id: AccountId, nick: str) -> Account:
        """Give a member another nick. Raises AccountNotFound, NickInvalid, NickTaken."""
        nick = check_nick(nick)
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            await unit.accounts.rename(account_id, nick)
            unit.record(AccountChanged(self._clock.now(), account_id, renamed=True))
            return replace(account, nick=nick)

    async def sessions(self, account_id: AccountId) -> list[Session]:
        """A member's sessions, the oldest first. Raises AccountNotFound."""
        await access_member(self._store.view, account_id)
        return await self._store.view.sessions.list_of(account_id)

    async def sign_out(self, account_id: AccountId) -> int:
        """End all of a member's sessions and the tokens of his applications; how many sessions."""
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            count = len(await unit.sessions.list_of(account_id))
            await self._auth.sign_out_everywhere(unit, account)
            return count

    async def find(self, who: str) -> Account:
        """By nick or by number. Raises AccountNotFound."""
        account = await self._store.view.accounts.find_by_nick(who)
        if account is None and who.isascii() and who.isdigit() and len(who) < 19:
            account = await self._store.view.accounts.find(AccountId(int(who)))
        if account is None:
            raise AccountNotFound
        return account

    async def find_nick(self, nick: str) -> Account:
        """Raises AccountNotFound."""
        account = await self._store.view.accounts.find_by_nick(nick)
        if account is None:
            raise AccountNotFound
        return account

    async def search(self, caller: Caller, nick: str) -> list[Account]:
        """Members whose nicks begin so, in whatever case: one of that very nick comes first. Raises TooOften."""
        self._limits.here.take("search", str(caller.account.id) if caller.account else caller.address)
        prefix = nick_key(nick[:64])
        found = await self._store.view.accounts.search(prefix, FOUND_MAX) if prefix else []
        return sorted(found, key=lambda each: (nick_key(each.nick) != prefix, nick_order(each)))

    async def get_all(self, ids: Sequence[AccountId]) -> list[Account]:
        """Those that exist."""
        return await self._store.view.accounts.find_all([each for each in ids if 0 < each <= MAX_ID])

    async def get(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""
        return await access_account(self._store.view, account_id)

    async def own(self, caller: Caller) -> Account:
        """The caller's account as it is now. Raises NotSignedIn."""
        account, _ = caller.signed_in()
        return await access_account(self._store.view, account.id)

    async def contacts(self, account_id: AccountId) -> tuple[str, str]:
        """A member's e-mail address and phone number, "" where there is none."""
        return await self._store.view.accounts.contacts(account_id)

    async def shared_emails(self) -> dict[str, list[tuple[Account, str]]]:
        """Addresses that several members have, in spellings that were told apart once; each with who has it, and how.

        An address is found by one of those who have it in a spelling of their own.
        """
        found: dict[str, list[tuple[Account, str]]] = {}
        for _, email in await self._store.view.accounts.email_holders():
            key = self._email_key(email)
            found[key] = found.get(key) or await self._sharing(self._store.view, key)
        return {key: members for key, members in found.items() if len(members) > 1}

    async def merge_email(self, account_id: AccountId, *, dry_run: bool) -> tuple[str, list[tuple[Account, str]]]:
        """Let a member alone have his e-mail address; it, "" for none, and who had it in another spelling, and lost it.

        Raises AccountNotFound.
        """
        now = self._clock.now()
        async with self._store.unit() as unit:
            account = await access_member(unit, account_id)
            email, phone = await unit.accounts.contacts(account.id)
            key = self._email_key(email) if email else ""
            others = [each for each in await self._sharing(unit, key) if each[0].id != account.id] if key else []
            if dry_run or not key:
                return email, others
            for other, _ in others:
                _, others_phone = await unit.accounts.contacts(other.id)
                await unit.accounts.set_contacts(other.id, None, others_phone or None)
                unit.record(AccountChanged(now, other.id))
            await unit.accounts.set_contacts(account.id, Email(email, key), phone or None)
            unit.record(AccountChanged(now, account.id))
        return email, others

    async def _sharing(self, repos: Repositories, key: str) -> list[tuple[Account, str]]:
        holders = await repos.accounts.email_holders(key)
        return [(account, email) for account, email in holders if self._email_key(email) == key]

    def _email_key(self, email: str) -> str:
        return self._identities.login_keys(email).email or ""

    async def list_registered(self, *, after: AccountId, limit: int, nick: str = "") -> list[Account]:
        """Members in the order of registering; only those whose nicks begin so."""
        return await self._store.view.accounts.list_registered(after=after, limit=limit, prefix=nick_key(nick[:64]))

    async def change_password(self, caller: Caller, old: str, new: str) -> SignedIn:
        """Give the caller another password; every session ends, and he goes on with another.

        Raises WrongCredentials, PasswordUnreadable, PasswordTooShort, PasswordTooLong, PasswordTooCommon, TooOften.
        """
        account, session = caller.signed_in()
        access_registered(caller)
        proved = await self._auth.authenticate(account.nick, old, caller.address, known=True)
        password_hash = await self._hasher.hash(self._check_password(new))
        async with self._store.unit() as unit:
            if not await still_so(unit, proved):
                raise WrongCredentials
            await self._replace_password(unit, account, password_hash)
            return await self._auth.begin(unit, account, session.kind, caller.address)

    async def set_password(self, account_id: AccountId, password: str) -> None:
        """Replace a member's password and end all sessions."""
        password_hash = await self._hasher.hash(self._check_password(password))
        async with self._store.unit() as unit:
            await self._replace_password(unit, await access_member(unit, account_id), password_hash)

    async def link_password(self, account_id: AccountId) -> tuple[str, datetime]:
        """What lets whoever has it give a member another password, once and within the hour. Raises AccountNotFound.

        It says no more than the member's number, is kept nowhere, and ends with the password that there is.
        """
        account = await access_member(self._store.view, account_id)
        facts = str(account.id), self._auth.tickets.mark(await self._password_hash(self._store.view, account))
        return self._auth.tickets.issue(LINK, *facts, lasts=LINK_LASTS), self._clock.now() + LINK_LASTS

    async def linked(self, link: str) -> Account:
        """Whose password a link is for. Raises PasswordLinkInvalid."""
        return await self._linked(self._store.view, link)

    async def set_linked_password(self, link: str, password: str) -> Account:
        """Replace the password of the member whose link it is, and end all sessions.

        Raises PasswordLinkInvalid, Overloaded, and whatever is wrong with the password.
        """
        await self.linked(link)
        password_hash = await self._hasher.hash(self._check_password(password))
        async with self._store.unit() as unit:
            account = await self._linked(unit, link)
            await self._replace_password(unit, account, password_hash)
        return account

    async def _linked(self, repos: Repositories, link: str) -> Account:
        facts = self._auth.tickets.read(LINK, link)
        account = await repos.accounts.find(AccountId(int(facts[0]))) if facts else None
        if account is None or not account.registered:
            raise PasswordLinkInvalid
        if self._auth.tickets.mark(await self._password_hash(repos, account)) != facts[1]:
            raise PasswordLinkInvalid
        return account

    async def _password_hash(self, repos: Repositories, account: Account) -> str:
        found = await repos.accounts.find_credentials(LoginKeys(nick_key(account.nick), None, None))
        return found.password_hash if found else ""

    async def _replace_password(self, unit: Unit, account: Account, password_hash: str) -> None:
        await unit.accounts.set_password_hash(account.id, password_hash)
        await self._auth.sign_out_everywhere(unit, account)
        unit.record(AccountChanged(self._clock.now(), account.id))

    async def set_role(self, account_id: AccountId, role: Role) -> None:
        """Make a member the site's admin of rooms, or no longer. Raises AccountNotFound."""
        async with self._store.unit() as unit:
            await access_member(unit, account_id)
            await unit.accounts.set_role(account_id, role)
            unit.record(AccountChanged(self._clock.now(), account_id))

    async def set_standing(self, account_id: AccountId, standing: Standing) -> None:
        """Block, freeze or reactivate; the last keeps who was to be deleted, the others end every session."""
        async with self._store.unit() as unit:
            account = await unit.accounts.find(account_id)
            if account is None:
                raise AccountNotFound
            await unit.accounts.set_standing(account_id, standing)
            if standing is Standing.ACTIVE:
                await unit.accounts.set_deletion(account_id, None)
            else:
                await self._auth.sign_out_everywhere(unit, account)
            unit.record(AccountChanged(self._clock.now(), account_id))
