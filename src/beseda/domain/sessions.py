"""Sessions, the handles by which protocols name them, and tokens of applications."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beseda.domain.errors import AppNameInvalid
from beseda.domain.ids import AccountId, AppId, SessionId, TokenId
from beseda.domain.text import CONTROL

CONFIRM_WITHIN = timedelta(seconds=60)
"""A new application token not confirmed by then is void (chat.cz REST, /token)."""

TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is kept."""


APP_NAME_MAX = 50


class Handle(StrEnum):
    """The kinds of credential that name a session. One kind is never accepted where another is asked for."""

    COOKIE = "cookie"
    """256 random bits, for browsers and clients with a cookie jar."""
    SID = "sid"
    """16 decimal digits. Weak: guesses are limited per address."""
    BEARER = "bearer"
    """A token in an Authorization header."""
    TOKEN = "token"  # noqa: S105 - no password
    """A personal token, where it is shown itself: in an Authorization header."""
    CHANNEL = "channel"
    """128 bits that open the session's live channel and nothing else."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends when unused for `idle`, and `absolute` after it began."""

    idle: timedelta
    absolute: timedelta


LIFETIMES = {
    Handle.COOKIE: Lifetime(idle=timedelta(days=30), absolute=timedelta(days=90)),
    Handle.SID: Lifetime(idle=timedelta(hours=24), absolute=timedelta(days=90)),
    Handle.BEARER: Lifetime(idle=timedelta(hours=4), absolute=timedelta(hours=24)),
    Handle.TOKEN: Lifetime(idle=timedelta(days=36_500), absolute=timedelta(days=36_500)),
}
ANONYMOUS_IDLE = timedelta(hours=1)
"""An anonymous visitor's session unused for so long ends, and the nick is free again."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. `kind` is the handle it was made for; `nonce` makes the handles derived from it unguessable.

    `address` is where it was begun, as limits see addresses, "" where that is not known.
    """

    id: SessionId
    account_id: AccountId
    kind: Handle
    nonce: str
    created_at: datetime
    seen_at: datetime
    token_id: TokenId | None = None
    """Of the personal token that made it."""
    address: str = ""


def ends_at(session: Session, *, registered: bool) -> datetime:
    """When the session ends if it is not used before."""
    lifetime = LIFETIMES[session.kind]
    idle = lifetime.idle if registered else min(lifetime.idle, ANONYMOUS_IDLE)
    return min(session.seen_at + idle, session.created_at + lifetime.absolute)


class TokenState(StrEnum):
    """pending -> active -> (another is confirmed) dead. A pending token not confirmed in time is dropped."""

    PENDING = "pending"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class App:
    """An application that members may use; it proves itself with its API key."""

    id: AppId
    name: str
    created_at: datetime
    revoked: bool


def check_app_name(name: str) -> str:
    """An application's name as it is kept, or AppNameInvalid."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise AppNameInvalid(reason="empty")
    if len(name) > APP_NAME_MAX:
        raise AppNameInvalid(reason=f"longer than {APP_NAME_MAX} characters")
    if CONTROL.search(name):
        raise AppNameInvalid(reason="has a character that cannot be printed")
    return name


@dataclass(frozen=True, slots=True)
class AppToken:
    """A member's token for one application.

    `replaces` is the digest of the active token that a pending one will replace; `session_id` is the session that the
    token carries, None for a first token that an operator granted.
    """

    digest: str
    app_id: AppId
    account_id: AccountId
    state: TokenState
    replaces: str | None
    session_id: SessionId | None
    created_at: datetime


def confirmable(token: AppToken, now: datetime) -> bool:
    """Whether a pending token may still be confirmed; exactly 60 seconds is still in time."""
    return now - token.created_at <= CONFIRM_WITHIN
