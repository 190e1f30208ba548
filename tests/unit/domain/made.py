"""Things to try the rules on; every test names only what matters to it."""

import unicodedata
from datetime import UTC, date, datetime

from beseda.domain.accounts import Account, KarmaLevel, Sex, Standing
from beseda.domain.ids import AccountId, RoomId, SessionId
from beseda.domain.rooms import Lock, Occupant, Room, RoomView
from beseda.domain.sessions import Handle, Session

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def account(
    number: int = 1,
    *,
    registered: bool = True,
    birth_date: date | None = None,
    age_public: bool = True,
    karma_given: int = 0,
    karma_level: KarmaLevel = KarmaLevel.NONE,
) -> Account:
    return Account(
        id=AccountId(number),
        registered=registered,
        nick=f"nick {number}",
        sex=Sex.FEMALE,
        standing=Standing.ACTIVE,
        birth_date=birth_date,
        age_public=age_public,
        picture_url="",
        karma_given=karma_given,
        karma_level=karma_level,
        profile_views=0,
        created_at=NOON,
        accessed_at=NOON,
    )


def room(
    *,
    permanent: bool = False,
    lock: Lock = Lock.OPEN,
    password: str = "",
    admin_id: int | None = None,
) -> Room:
    admin = None if admin_id is None else AccountId(admin_id)
    return Room(RoomId(1), "Praha", "", "", permanent, lock, password, admin, None, NOON)


def view(number: int = 1, *, name: str = "Praha", user_count: int = 0) -> RoomView:
    return RoomView(RoomId(number), name, "", "", True, Lock.OPEN, None, user_count, False)


def occupant(who: Account, entered_at: datetime = NOON) -> Occupant:
    return Occupant(who, entered_at, entered_at, None, room_admin=False)


def session(*, kind: Handle = Handle.COOKIE, created_at: datetime = NOON, seen_at: datetime = NOON) -> Session:
    return Session(SessionId(1), AccountId(1), kind, "nonce", created_at, seen_at)


def is_fit(text: str, *, spaces: str = " ") -> bool:
    """Whether a text holds nothing that is no text, and no white space but `spaces`."""
    return not any(
        unicodedata.category(char) in {"Cc", "Cs"}
        or 0xFDD0 <= ord(char) <= 0xFDEF
        or ord(char) & 0xFFFE == 0xFFFE
        or char.isspace()
        for char in text
        if char not in spaces
    )
