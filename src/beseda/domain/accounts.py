"""Who a member is: nicks, what a sign-in name may mean, ages."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from beseda.domain.contacts import EMAIL_MAX, email_key, email_spelling, old_phone_key
from beseda.domain.domains import DomainName
from beseda.domain.errors import BirthDateInvalid, InviteUsesInvalid, NickInvalid, NoSuchLogin, SexInvalid
from beseda.domain.ids import AccountId
from beseda.domain.scripts import mixes_scripts, scripts_of
from beseda.domain.text import INVISIBLE, look_key, sort_key

NICK_MIN, NICK_MAX, ANONYMOUS_NICK_MAX = 3, 15, 8
DELETED_NICK = "deleted member"
"""Of whom nothing is left but lines: nobody can sign in or be found by it."""
ADULT_AGE = 18
OLDEST = 130
"""The most years that anybody has."""
INVITE_USES_MAX = 1_000_000


class Sex(StrEnum):
    MALE = "m"
    FEMALE = "f"


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Look:
    """How a member wants pages to be; `language` is a code such as "cs", or "" for what each browser says."""

    language: str
    theme: Theme


class Standing(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"
    FROZEN = "frozen"


class Role(StrEnum):
    """What a member is on the whole site."""

    MEMBER = ""
    ROOM_ADMIN = "room_admin"
    """The site's admin of rooms: ranks above every admin of a room."""


class KarmaLevel(IntEnum):
    """The mark of a karma group (chat.cz help, rule 40)."""

    NONE = 0
    YELLOW = 1
    ORANGE = 2
    RED = 3


@dataclass(frozen=True, slots=True)
class Account:
    """A registered member or an anonymous visitor.

    `nick` is as its owner wrote it; `accessed_at` is the last activity; `birth_date` is None when not filled in;
    `karma_given` is what others gave and may be negative; `karma_earned` is what he may still give; `look` is None
    while none is chosen.
    """

    id: AccountId
    registered: bool
    nick: str
    sex: Sex | None
    standing: Standing
    birth_date: date | None
    age_public: bool
    picture_url: str
    karma_given: int
    karma_level: KarmaLevel
    profile_views: int
    created_at: datetime
    accessed_at: datetime
    karma_earned: int = 0
    role: Role = Role.MEMBER
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against; `password_hash` is in PHC form."""

    account: Account
    password_hash: str


@dataclass(frozen=True, slots=True)
class LoginKeys:
    """The forms in which a sign-in name may be stored: any of them may match.

    `spelling` and `old_phone` are those of members from before e-mails and phones were compared as they are now.
    """

    nick: str | None
    email: str | None
    phone: str | None
    spelling: str | None = None
    old_phone: str | None = None

    @property
    def counted(self) -> str:
        """The form under which attempts are counted: one for all ways to write a phone number, or an e-mail."""
        return self.phone or self.old_phone or self.email or self.nick or ""


def nick_key(nick: str) -> str:
    """The form in which nicks are compared."""
    return look_key(nick)


def nick_order(account: Account) -> str:
    """The sort key of a list of people by their nicks."""
    return sort_key(account.nick)


def check_nick(nick: str, *, registered: bool = True) -> str:
    """The nick as it is kept, or NickInvalid.

    3 to 15 characters (anonymous: up to 8); letters, digits, common punctuation, and between words a space, which all
    white space there becomes. At least one letter, so that no nick is a phone number or an account's; all of one
    script, so that none looks like another.
    """
    nick = _spelt(nick)
    longest = NICK_MAX if registered else ANONYMOUS_NICK_MAX
    if len(nick) < NICK_MIN:
        raise NickInvalid(reason=f"shorter than {NICK_MIN} characters")
    if len(nick) > longest:
        raise NickInvalid(reason=f"longer than {longest} characters")
    if not all(_nick_char(char) or _goes_with(nick[:at], char) for at, char in enumerate(nick)):
        raise NickInvalid(reason="has a character that a nick cannot have")
    if not any(char.isalpha() for char in nick):
        raise NickInvalid(reason="has no letter")
    if mixes_scripts(nick):
        raise NickInvalid(reason="mixes alphabets")
    return nick


def _spelt(nick: str) -> str:
    """Composed, and with single spaces."""
    return " ".join(unicodedata.normalize("NFC", nick).split())


def _nick_char(char: str) -> bool:
    """Letters and digits that NFKC leaves alone, and punctuation that no protocol uses in addresses or commands."""
    if char.isalnum():
        return unicodedata.normalize("NFKC", char) == char and not INVISIBLE.match(char)
    return char in " _-.!*()[]~^+='"


def _goes_with(before: str, mark: str) -> bool:
    """Whether it is one of up to three marks without which scripts that know no capitals cannot be written."""
    letter = next((char for char in reversed(before[-3:]) if unicodedata.category(char)[0] != "M"), "-")
    return (
        unicodedata.category(mark) in {"Mn", "Mc"}
        and unicodedata.category(letter) == "Lo"
        and not INVISIBLE.match(mark)
        and not scripts_of(letter).isdisjoint(scripts_of(mark))
    )


def login_keys(login: str, domain: DomainName | None, phone: str | None) -> LoginKeys:
    """What a sign-in name may match: nick, e-mail or phone. NoSuchLogin when it can be none of them.

    `domain` is what stands behind an @, `phone` the number that the name is; None for neither.
    """
    login = login.strip()
    has_email = "@" in login and len(login) <= EMAIL_MAX
    keys = LoginKeys(
        nick=nick_key(login) if NICK_MIN <= len(_spelt(login)) <= NICK_MAX else None,
        email=email_key(login, domain) if has_email else None,
        phone=phone,
        spelling=email_spelling(login) if has_email else None,
        old_phone=old_phone_key(login) or None,
    )
    if "\0" in login or keys == LoginKeys(None, None, None):
        raise NoSuchLogin
    return keys


def read_sex(text: str) -> Sex | None:
    """m or f; None for who does not say. Raises SexInvalid."""
    if text and text not in list(Sex):
        raise SexInvalid
    return Sex(text) if text else None


def read_birth_date(text: str) -> date | None:
    """A day such as 1990-02-03 (RFC 3339, full-date); None where nothing is filled in. Raises BirthDateInvalid."""
    text = text.strip()
    if not text:
        return None
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BirthDateInvalid(reason="no day such as 1990-02-03")


def check_birth_date(born: date, today: date) -> date:
    """The day on which somebody who may be alive was born, or BirthDateInvalid."""
    if born > today or today.year - born.year > OLDEST:
        raise BirthDateInvalid(reason="nobody alive was born then")
    return born


def check_invite_uses(uses: int) -> int:
    """How many may register with one invitation, or InviteUsesInvalid."""
    if not 0 < uses <= INVITE_USES_MAX:
        raise InviteUsesInvalid(max_uses=INVITE_USES_MAX)
    return uses


def age(birth_date: date | None, today: date) -> int:
    """Whole years; 0 when not filled in, or not born yet."""
    if birth_date is None or birth_date > today:
        return 0
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def public_age(account: Account, today: date) -> int:
    """The age that others see: 0 when it is not filled in or not public (chat.cz REST, /user/<id>/profile)."""
    return age(account.birth_date, today) if account.age_public else 0


def is_adult(account: Account, today: date) -> bool:
    """18 or more. Anonymous visitors and members without an age are not (chat.cz help, rule 18)."""
    return account.registered and age(account.birth_date, today) >= ADULT_AGE
