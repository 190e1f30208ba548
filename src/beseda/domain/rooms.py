"""Rooms: names, locks, the temporary admin."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from beseda.domain.accounts import Account, KarmaLevel, Role, is_adult
from beseda.domain.errors import RoomDescriptionTooLong, RoomLocked, RoomNameInvalid, RoomPasswordWrong
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.scripts import mixes_scripts
from beseda.domain.secrets import opens
from beseda.domain.text import INVISIBLE, UNFIT, folded, look_key, one_line, sort_key

NAME_MAX = 50
DESCRIPTION_MAX = 300
FORBIDDEN_CHARS = frozenset('/?#%\\"<>:,\ufffd')
"""Cannot stand in a room's name: clients put the name into an address as it is, and some encode it wrongly; gateways
make it a name of IRC, where a comma ends one and a colon begins a text."""
_JOINERS = frozenset("\u200c\u200d") | {chr(code) for code in range(0xE0020, 0xE0080)}
"""Unseen themselves, they make Persian words and pictures of several, and flags."""


class Lock(StrEnum):
    """Whom a locked room keeps out (chat.cz REST, /rooms: `locked`)."""

    OPEN = ""
    ANONYMOUS = "logged"
    MINORS = "y18"
    ALL = "all"


class Links(StrEnum):
    """Who may send links (chat.cz help, rule 24)."""

    KARMA = ""
    ALL = "all"
    NONE = "none"


class Rank(IntEnum):
    """What somebody is in a room (chat.cz help, rules 11 to 15); a higher one may all that a lower one may."""

    NONE = 0
    TEMPORARY = 1
    PERMANENT = 2
    MAIN = 3
    """Of a reserved room."""
    SITE = 4
    """The site's admin of rooms, in any room."""


@dataclass(frozen=True, slots=True)
class Room:
    """`admin_id` is the temporary admin's; `password` opens a locked room, "" when there is none.

    `main_admin_id` is who reserved the room, None when nobody did: such a room stays when it is empty, but not on the
    list. `opened_by_admins` lets only its admins in first; `hands_over` passes the temporary admin's role on by itself.
    `keep_days` is how long lines are kept, and `history_lines` how many of them whoever enters may read, None as
    configured.
    """

    id: RoomId
    name: str
    description: str
    web: str
    permanent: bool
    lock: Lock
    password: str
    admin_id: AccountId | None
    founder_id: AccountId | None
    created_at: datetime
    main_admin_id: AccountId | None = None
    links: Links = Links.KARMA
    opened_by_admins: bool = False
    hands_over: bool = True
    keep_days: int | None = None
    history_lines: int | None = None

    @property
    def stays(self) -> bool:
        """Whether the room is there when nobody is in it."""
        return self.permanent or self.main_admin_id is not None


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as the list of rooms shows it: `lock` is the one in force, see `lock_in_force`."""

    id: RoomId
    name: str
    description: str
    web: str
    permanent: bool
    lock: Lock
    admin_id: AccountId | None
    user_count: int
    reserved: bool


@dataclass(frozen=True, slots=True)
class Occupant:
    """Somebody in a room. `written_at` is None before the first line; `room_admin` marks a permanent admin.

    `first_seq` is the first line that he may read of this stay; `awake_at` is when he last said that he is there.
    """

    account: Account
    entered_at: datetime
    accessed_at: datetime
    written_at: datetime | None
    room_admin: bool
    first_seq: int = 1
    awake_at: datetime | None = None


def name_key(name: str) -> str:
    """The form in which room names are compared. New names must also differ in their looks: see text.look."""
    return folded(name)


def check_name(name: str, *, reserved: frozenset[str] = frozenset()) -> str:
    """The name as it is kept, or RoomNameInvalid. `reserved` holds the keys of names that addresses need."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise RoomNameInvalid(reason="empty")
    if len(name) > NAME_MAX:
        raise RoomNameInvalid(reason=f"longer than {NAME_MAX} characters")
    if any(char in FORBIDDEN_CHARS or not _name_char(char) for char in name):
        raise RoomNameInvalid(reason="has a character that an address cannot carry")
    key = name_key(name)  # without the letters that nobody sees
    if not any(char.isalnum() for char in key):
        raise RoomNameInvalid(reason="has no letter or digit")
    if any(mixes_scripts(word) for word in _words(key)):
        raise RoomNameInvalid(reason="mixes alphabets in a word")
    if look_key(name) in reserved:
        raise RoomNameInvalid(reason="is an address of the server")
    return name


def _name_char(char: str) -> bool:
    """What people see, Python knowing it or not; and what makes letters and pictures join."""
    if UNFIT.match(char) or unicodedata.category(char) in {"Cc", "Co"}:
        return False
    return char in _JOINERS or not (unicodedata.category(char) in {"Cf", "Cn"} and INVISIBLE.match(char))


def _words(text: str) -> list[str]:
    """Letters and digits that stand together; marks belong to them, and count for nothing."""
    marked = (char for char in text if unicodedata.category(char)[0] != "M")
    return "".join(char if char.isalnum() else " " for char in marked).split()


def check_description(description: str) -> str:
    """The description as it is kept: one line, or RoomDescriptionTooLong."""
    description = one_line(description)
    if len(description) > DESCRIPTION_MAX:
        raise RoomDescriptionTooLong(max_chars=DESCRIPTION_MAX)
    return description


def lock_in_force(room: Room, *, permanent_admin_inside: bool) -> Lock:
    """A permanent room is locked only while one of its permanent admins is in it (chat.cz help, rule 22)."""
    return room.lock if not room.permanent or permanent_admin_inside else Lock.OPEN


def keeps_out(lock: Lock, account: Account, now: datetime) -> bool:
    """Whether the lock is against this visitor (chat.cz help, rules 17 to 19)."""
    match lock:
        case Lock.OPEN:
            return False
        case Lock.ANONYMOUS:
            return not account.registered
        case Lock.MINORS:
            return not is_adult(account, now.date())
        case Lock.ALL:
            return True


def check_entry(
    room: Room, lock: Lock, account: Account, now: datetime, *, password: str, room_admin: bool, was_inside: bool
) -> None:
    """Nothing, or RoomLocked, or RoomPasswordWrong.

    The room's permanent admins always enter. A locked room with a password opens to who knows it; one who has been
    inside is not asked again (chat.cz help, rule 21).
    """
    if room_admin or not keeps_out(lock, account, now):
        return
    if room.password and (was_inside or opens(room.password, password)):
        return
    if room.password and password:
        raise RoomPasswordWrong
    raise RoomLocked(lock=lock.value, password_opens=bool(room.password))


def rank_in(room: Room, account: Account, *, permanent_admin: bool) -> Rank:
    """The highest that somebody is in a room; anonymous visitors are nothing (chat.cz help, rule 8)."""
    if not account.registered:
        return Rank.NONE
    if account.role is Role.ROOM_ADMIN:
        return Rank.SITE
    if room.main_admin_id == account.id:
        return Rank.MAIN
    if permanent_admin:
        return Rank.PERMANENT
    return Rank.TEMPORARY if room.admin_id == account.id else Rank.NONE


def takes_role(room: Room, account: Account) -> bool:
    """Whether who enters becomes temporary admin: the first registered one takes a free role (rules 6, 8 and 15)."""
    return room.admin_id is None and account.registered and room.hands_over


def successor(room: Room, present: Sequence[Occupant]) -> Occupant | None:
    """Who becomes temporary admin when the present one leaves; None cancels the role.

    Registered members only, highest karma first; in a permanent room only holders of a karma mark (chat.cz help,
    rules 7 to 9). Ties go to who has been in longest. Nobody where that is switched off (rule 15).
    """
    if not room.hands_over:
        return None
    heirs = [
        o for o in present if o.account.registered and (not room.permanent or o.account.karma_level > KarmaLevel.NONE)
    ]
    return max(heirs, key=lambda o: (o.account.karma_given, -o.entered_at.timestamp()), default=None)


def is_listed(view: RoomView) -> bool:
    """An empty room is on the list only if it is permanent: a reserved one waits to be opened (rules 3 and 15)."""
    return view.permanent or view.user_count > 0


def list_order(view: RoomView, favourites: frozenset[RoomId] = frozenset()) -> tuple[bool, bool, int, str]:
    """The sort key of the list of rooms: own favourites, rooms with people, empty ones (chat.cz help, rule 3)."""
    return (view.id not in favourites, view.user_count == 0, -view.user_count, sort_key(view.name))
