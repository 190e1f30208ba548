"""What is kept of people: accounts, sessions, applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from beseda.domain.accounts import Account, Credentials, LoginKeys, Look, Role, Sex, Standing
from beseda.domain.captcha import Failures
from beseda.domain.contacts import Email
from beseda.domain.ids import AccountId, AppId, RoomId, SessionId, TokenId
from beseda.domain.limits import Bucket
from beseda.domain.second_factor import SecondFactor
from beseda.domain.sessions import App, AppToken, Handle, Session
from beseda.domain.tokens import Scope, Token


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account begins with. `password_hash`, `email` and `phone` are None for anonymous visitors."""

    registered: bool
    nick: str
    sex: Sex | None
    password_hash: str | None = None
    email: Email | None = None
    phone: str | None = None
    birth_date: date | None = None
    age_public: bool = False


class Accounts(Protocol):
    async def add(self, new: NewAccount, at: datetime) -> Account:
        """Raises NickTaken, EmailTaken or PhoneTaken."""
        ...

    async def find(self, account_id: AccountId) -> Account | None: ...

    async def find_all(self, account_ids: Sequence[AccountId]) -> list[Account]:
        """Those that exist."""
        ...

    async def search(self, prefix: str, limit: int) -> list[Account]:
        """Registered members whose nick's key begins so, in the order of nicks."""
        ...

    async def find_by_nick(self, nick: str) -> Account | None: ...

    async def find_credentials(self, keys: LoginKeys) -> Credentials | None:
        """Of a registered member; a nick wins over an e-mail, an e-mail over a phone.

        The very spelling of an e-mail wins over others of it, a phone as it is read now over how it was read before.
        """
        ...

    async def contacts(self, account_id: AccountId) -> tuple[str, str]:
        """The e-mail address and the phone number, "" where there is none."""
        ...

    async def list_registered(self, *, after: AccountId, limit: int, prefix: str = "") -> list[Account]: ...

    async def set_password_hash(self, account_id: AccountId, password_hash: str) -> None: ...

    async def set_profile(
        self, account_id: AccountId, sex: Sex | None, birth_date: date | None, *, age_public: bool
    ) -> None: ...

    async def set_look(self, account_id: AccountId, look: Look) -> None: ...

    async def set_contacts(self, account_id: AccountId, email: Email | None, phone: str | None) -> None:
        """In place of those before. Raises EmailTaken or PhoneTaken."""
        ...

    async def set_standing(self, account_id: AccountId, standing: Standing) -> None: ...

    async def set_role(self, account_id: AccountId, role: Role) -> None: ...

    async def touch(self, account_id: AccountId, at: datetime) -> None: ...

    async def free_nick(self, account_id: AccountId) -> None:
        """Let others take an anonymous visitor's nick."""
        ...

    async def count_profile_view(self, account_id: AccountId) -> None: ...

    async def favourites(self, account_id: AccountId) -> frozenset[RoomId]: ...

    async def set_favourite(self, account_id: AccountId, room_id: RoomId, favourite: bool) -> None: ...

    async def rename(self, account_id: AccountId, nick: str) -> None:
        """Raises NickTaken."""
        ...

    async def set_deletion(self, account_id: AccountId, at: datetime | None) -> None: ...

    async def deletion(self, account_id: AccountId) -> datetime | None:
        """When the member is to be deleted."""
        ...

    async def list_deletions(self, now: datetime, limit: int) -> list[AccountId]:
        """Those that are due."""
        ...

    async def weigh(self, account_id: AccountId) -> dict[str, int]:
        """How many rows `erase` would remove, by table, and how many domains would stay; 0 is left out."""
        ...

    async def email_holders(self, key: str | None = None) -> list[tuple[Account, str]]:
        """Members whose address is kept in a spelling of its own, and who has this key; with the addresses."""
        ...

    async def erase(self, account_id: AccountId, nick: str) -> list[RoomId]:
        """Remove all that is kept of a member but what others see in rooms, under this nick.

        The rooms that he was a permanent admin of.
        """
        ...

    async def list_invites(self) -> list[tuple[str, int, datetime]]:
        """Digest, uses left, and since when, of those that have any left."""
        ...

    async def remove_invite(self, digest: str) -> bool: ...

    async def add_invite(self, digest: str, uses: int, at: datetime) -> None: ...

    async def use_invite(self, digest: str) -> bool:
        """Take one use; False when there is none left."""
        ...


class Sessions(Protocol):
    async def add(
        self,
        account_id: AccountId,
        kind: Handle,
        nonce: str,
        at: datetime,
        token_id: TokenId | None = None,
        address: str = "",
    ) -> Session: ...

    async def add_handle(self, session_id: SessionId, kind: Handle, digest: str) -> None:
        """One that is there already stays as it is."""
        ...

    async def find(self, session_id: SessionId) -> Session | None: ...

    async def find_by_handle(self, kind: Handle, digest: str) -> tuple[Session, Account] | None: ...

    async def list_of(self, account_id: AccountId) -> list[Session]: ...

    async def list_of_token(self, token_id: TokenId) -> list[Session]:
        """Those that a personal token made."""
        ...

    async def signed_in(self, account_ids: Sequence[AccountId]) -> set[AccountId]:
        """Those that have a session."""
        ...

    async def alive(self, session_ids: Sequence[SessionId]) -> set[SessionId]:
        """Those that have not ended."""
        ...

    async def list_unused(self, *, kind: Handle, registered: bool, seen_before: datetime) -> list[Session]: ...

    async def touch(self, session_id: SessionId, at: datetime) -> None: ...

    async def end(self, session_id: SessionId) -> None:
        """Remove the session and its handles."""
        ...


class Limits(Protocol):
    """The buckets of limits that are counted over all nodes, each under a digest."""

    async def find(self, digests: Sequence[str]) -> dict[str, Bucket]:
        """Those that there are; one that is not there is full."""
        ...

    async def keep(self, digest: str, bucket: Bucket, full_at: datetime) -> None: ...

    async def forget(self, full_before: datetime, limit: int) -> int:
        """Remove those that are full; how many, at most `limit`."""
        ...


class SignIns(Protocol):
    """The addresses that members signed in from, and failures to sign in, each under a digest."""

    async def knows(self, account_id: AccountId, digest: str, since: datetime) -> bool: ...

    async def note(self, account_id: AccountId, digest: str, at: datetime, *, keep: int) -> None:
        """Keep this one, and of the others the `keep` newest in all."""
        ...

    async def forget(self, before: datetime, limit: int) -> int:
        """Remove old ones; how many, at most `limit`."""
        ...

    async def failures(self, digests: Sequence[str]) -> dict[str, Failures]: ...

    async def note_failure(self, digest: str, at: datetime, forgotten_before: datetime) -> None:
        """One more, or the first again if the last one was before that."""
        ...

    async def note_misread(self, digest: str, at: datetime) -> Failures:
        """A picture was read wrong; what it has come to."""
        ...

    async def forgive(self, digest: str) -> None:
        """The failures count no more; the pictures that were shown are used up."""
        ...

    async def forget_failures(self, before: datetime, limit: int) -> int:
        """Remove old ones; how many, at most `limit`."""
        ...


class Apps(Protocol):
    async def add(self, name: str, key_digest: str, at: datetime) -> App: ...

    async def list_all(self) -> list[App]: ...

    async def find(self, app_id: AppId) -> App | None: ...

    async def find_by_key(self, key_digest: str) -> App | None:
        """One that is not revoked."""
        ...

    async def count_tokens(self, app_id: AppId) -> int: ...

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

    async def list_tokens_of(self, account_id: AccountId) -> list[AppToken]:
        """Pending ones too, by application, the oldest first."""
        ...

    async def remove_tokens_of(self, account_id: AccountId) -> None: ...


class Tokens(Protocol):
    """Personal tokens; what is shown for one is a handle of its session."""

    async def add(
        self, account_id: AccountId, name: str, scope: Scope, at: datetime, expires_at: datetime | None
    ) -> Token: ...

    async def find(self, token_id: TokenId) -> Token | None: ...

    async def list_of(self, account_id: AccountId) -> list[Token]:
        """The oldest first."""
        ...

    async def list_over(self, at: datetime) -> list[Token]:
        """Those whose time is over."""
        ...

    async def touch(self, token_id: TokenId, at: datetime) -> None: ...

    async def remove(self, token_id: TokenId) -> None: ...

    async def remove_all_of(self, account_id: AccountId) -> None: ...


class Ignoring(Protocol):
    async def ignored_by(self, account_id: AccountId) -> frozenset[AccountId]: ...

    async def ignores(self, account_id: AccountId, other_id: AccountId) -> bool: ...

    async def list_ignored(self, account_id: AccountId) -> list[Account]: ...

    async def set_ignored(self, account_id: AccountId, ignored_id: AccountId, ignored: bool, at: datetime) -> None: ...


class Pictures(Protocol):
    async def set(self, account_id: AccountId, content: bytes, at: datetime) -> None:
        """Keep a JPEG as the account's picture, in place of the one before."""
        ...

    async def remove(self, account_id: AccountId) -> bool:
        """Whether there was one."""
        ...

    async def find(self, account_id: AccountId) -> tuple[bytes, datetime] | None:
        """The picture, and since when it is there."""
        ...

    async def add_report(
        self, account_id: AccountId, reporter_id: AccountId, picture_at: datetime, at: datetime
    ) -> bool: ...

    async def settle(self, account_id: AccountId, picture_at: datetime, at: datetime) -> list[AccountId]:
        """End the reports of a picture; who made them."""
        ...


class Notes(Protocol):
    async def find(self, account_id: AccountId, about_id: AccountId) -> str:
        """ "" when there is none."""
        ...

    async def set(self, account_id: AccountId, about_id: AccountId, text: str, at: datetime) -> None:
        """An empty text takes the note away."""
        ...

    async def list_of(self, account_id: AccountId) -> list[tuple[Account, str]]:
        """About whom, and what; in the order of nicks."""
        ...


class SecondFactors(Protocol):
    async def find(self, account_id: AccountId) -> SecondFactor | None: ...

    async def add(self, account_id: AccountId, factor: SecondFactor) -> None: ...

    async def set_last_step(self, account_id: AccountId, step: int) -> None: ...

    async def remove(self, account_id: AccountId) -> None:
        """With the recovery codes."""
        ...

    async def set_recovery(self, account_id: AccountId, digests: Sequence[str]) -> None:
        """These and no others."""
        ...

    async def use_recovery(self, account_id: AccountId, digest: str) -> bool:
        """Whether there was such a code; there is no longer."""
        ...

    async def count_recovery(self, account_id: AccountId) -> int: ...
