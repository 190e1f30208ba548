"""What the core needs from outside: a clock, randomness, keyed hashes, password hashing, names, storage.

Storage is reached in two ways. `store.view` reads what is committed. `async with store.unit() as unit` is one deed:
units of one database run one after another, each sees all that came before it, and leaving the block returns when the
unit is durable (several units share a commit). An exception takes back what the unit wrote. A unit awaits nothing but
its own repositories.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from beseda.domain.accounts import Account, Credentials, LoginKeys, Sex, Standing
from beseda.domain.domains import Domain, DomainName, DomainOrder, Renewal
from beseda.domain.events import Event
from beseda.domain.ids import AccountId, AppId, EntryId, RoomId, SessionId
from beseda.domain.ledger import Balance, Entry, Posting
from beseda.domain.rooms import Occupant, Room, RoomView
from beseda.domain.sessions import App, AppToken, Handle, Session


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, aware UTC, whole milliseconds."""
        ...

    def monotonic_s(self) -> float:
        """Seconds on a clock that never goes back."""
        ...


class Entropy(Protocol):
    """Cryptographic randomness."""

    def digits(self, count: int) -> str: ...

    def text(self, count: int, alphabet: str) -> str: ...

    def secret(self) -> str:
        """256 bits as URL-safe text."""
        ...

    def uuid4(self) -> str: ...


class Keyring(Protocol):
    """Keyed hashes under the server's own key: what a stolen database alone does not allow to compute."""

    def seal(self, purpose: str, value: str) -> str:
        """The form in which a credential is stored and looked up: 64 hexadecimal characters."""
        ...


class Journal(Protocol):
    """Where operators look for what matters to security: who proved who he is, and who did not."""

    def note(self, event: str, **facts: str | int) -> None:
        """Facts hold no secrets, and no name that somebody only claims: that may be a password in the wrong field."""
        ...


class PasswordHasher(Protocol):
    """Slow hashing off the event loop, in a bounded pool. Raises Overloaded when too many wait."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """None takes as long as a hash and is never right."""
        ...

    def outdated(self, password_hash: str) -> bool: ...


class NameCodec(Protocol):
    """Internationalised domain names."""

    def domain_name(self, name: str) -> DomainName:
        """Both forms of what a person or a program wrote (RFC 5891, UTS 46), or DomainNameInvalid."""
        ...


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account begins with. `password_hash`, `email` and `phone` are None for anonymous visitors."""

    registered: bool
    nick: str
    sex: Sex | None
    password_hash: str | None = None
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    age_public: bool = False


class Accounts(Protocol):
    async def add(self, new: NewAccount, at: datetime) -> Account:
        """Raises NickTaken, EmailTaken or PhoneTaken."""
        ...

    async def find(self, account_id: AccountId) -> Account | None: ...

    async def find_by_nick(self, nick: str) -> Account | None: ...

    async def find_credentials(self, keys: LoginKeys) -> Credentials | None:
        """Of a registered member; a nick wins over an e-mail, an e-mail over a phone."""
        ...

    async def contacts(self, account_id: AccountId) -> tuple[str, str]:
        """The e-mail address and the phone number, "" where there is none."""
        ...

    async def list_registered(self, *, after: AccountId, limit: int) -> list[Account]: ...

    async def set_password_hash(self, account_id: AccountId, password_hash: str) -> None: ...

    async def set_standing(self, account_id: AccountId, standing: Standing) -> None: ...

    async def touch(self, account_id: AccountId, at: datetime) -> None: ...

    async def free_nick(self, account_id: AccountId) -> None:
        """Let others take an anonymous visitor's nick."""
        ...

    async def count_profile_view(self, account_id: AccountId) -> None: ...

    async def favourites(self, account_id: AccountId) -> frozenset[RoomId]: ...

    async def set_favourite(self, account_id: AccountId, room_id: RoomId, favourite: bool) -> None: ...

    async def add_invite(self, digest: str, uses: int, at: datetime) -> None: ...

    async def use_invite(self, digest: str) -> bool:
        """Take one use; False when there is none left."""
        ...


class Sessions(Protocol):
    async def add(self, account_id: AccountId, kind: Handle, nonce: str, at: datetime) -> Session: ...

    async def add_handle(self, session_id: SessionId, kind: Handle, digest: str) -> None:
        """One that is there already stays as it is."""
        ...

    async def find(self, session_id: SessionId) -> Session | None: ...

    async def find_by_handle(self, kind: Handle, digest: str) -> tuple[Session, Account] | None: ...

    async def list_of(self, account_id: AccountId) -> list[Session]: ...

    async def list_unused(self, *, kind: Handle, registered: bool, seen_before: datetime) -> list[Session]: ...

    async def touch(self, session_id: SessionId, at: datetime) -> None: ...

    async def end(self, session_id: SessionId) -> None:
        """Remove the session and its handles."""
        ...


class Apps(Protocol):
    async def add(self, name: str, key_digest: str, at: datetime) -> App: ...

    async def list_all(self) -> list[App]: ...

    async def find(self, app_id: AppId) -> App | None: ...

    async def find_by_key(self, key_digest: str) -> App | None:
        """One that is not revoked."""
        ...

    async def revoke(self, app_id: AppId) -> list[AppToken]:
        """End the application and all its tokens, which are returned."""
        ...

    async def add_token(self, token: AppToken) -> None: ...

    async def find_token(self, app_id: AppId, digest: str) -> AppToken | None: ...

    async def find_replacement(self, app_id: AppId, digest: str) -> AppToken | None:
        """The pending token that is to replace the active one with this digest."""
        ...

    async def activate_token(self, digest: str, session_id: SessionId) -> None: ...

    async def remove_token(self, digest: str) -> None: ...

    async def remove_tokens_of(self, account_id: AccountId) -> None: ...


class Rooms(Protocol):
    async def add(self, name: str, *, permanent: bool, founder_id: AccountId | None, at: datetime) -> Room:
        """Raises RoomNameTaken."""
        ...

    async def find(self, room_id: RoomId) -> Room | None:
        """None for a room that has vanished, too."""
        ...

    async def find_by_name(self, name: str) -> Room | None: ...

    async def save(self, room: Room) -> None:
        """Keep all fields of a room that exists. Raises RoomNameTaken."""
        ...

    async def close(self, room_id: RoomId, at: datetime) -> None:
        """The room vanishes: its name is free again, its id is not."""
        ...

    async def list_views(self) -> list[RoomView]: ...

    async def find_view(self, room_id: RoomId) -> RoomView | None: ...

    async def admins(self, room_id: RoomId) -> list[Account]: ...

    async def is_admin(self, room_id: RoomId, account_id: AccountId) -> bool: ...

    async def set_admin(self, room_id: RoomId, account_id: AccountId, admin: bool) -> None: ...

    async def occupants(self, room_id: RoomId) -> list[Occupant]:
        """In the order in which they came."""
        ...

    async def find_occupant(self, room_id: RoomId, account_id: AccountId) -> Occupant | None: ...

    async def rooms_of(self, account_id: AccountId) -> list[Room]: ...

    async def enter(self, room_id: RoomId, account_id: AccountId, session_id: SessionId, at: datetime) -> None: ...

    async def leave(self, room_id: RoomId, account_id: AccountId) -> None: ...

    async def touch(self, account_id: AccountId, at: datetime) -> None:
        """Note activity in all rooms that the account is in."""
        ...

    async def silent(self, before: datetime) -> list[tuple[RoomId, AccountId]]:
        """Occupants not heard of since `before`."""
        ...

    async def end_stays(self, session_id: SessionId) -> list[RoomId]:
        """A session is in no room any more; those that its account was in by no other session, and is to leave."""
        ...

    async def was_inside(self, room_id: RoomId, account_id: AccountId) -> bool:
        """Whether the account has been let in since the password was last set."""
        ...

    async def forget_visitors(self, room_id: RoomId) -> None:
        """After a new password: only who is inside now counts as having been inside."""
        ...


class Domains(Protocol):
    async def add(
        self, account_id: AccountId, name: DomainName, renewal: Renewal, directory: str, at: datetime
    ) -> Domain:
        """Raises DomainTaken."""
        ...

    async def find(self, ascii_name: str) -> Domain | None: ...

    async def list_of(
        self,
        account_id: AccountId,
        *,
        containing: str,
        order: DomainOrder,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Domain]: ...

    async def remove(self, ascii_name: str) -> None: ...


class Ledger(Protocol):
    async def balance(self, account_id: AccountId) -> Balance: ...

    async def post(self, postings: Sequence[Posting], memo: str, at: datetime, *, key: str) -> Entry:
        """Add an entry. A `key` already used returns that entry and adds nothing. Raises BalanceTooLow."""
        ...

    async def find(self, entry_id: EntryId) -> Entry | None: ...

    async def find_by_key(self, key: str) -> Entry | None: ...


class Repositories(Protocol):
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def apps(self) -> Apps: ...
    @property
    def rooms(self) -> Rooms: ...
    @property
    def domains(self) -> Domains: ...
    @property
    def ledger(self) -> Ledger: ...


class Unit(Repositories, Protocol):
    """One deed in the making."""

    def record(self, event: Event) -> None:
        """Tell the feed once the unit is durable."""
        ...


class Store(Protocol):
    @property
    def view(self) -> Repositories: ...

    @property
    def generation(self) -> int:
        """Another number whenever others (other processes, other nodes) may have changed the database."""
        ...

    def unit(self) -> AbstractAsyncContextManager[Unit]: ...
