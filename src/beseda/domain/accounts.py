"""Who a member is: nicks, e-mails, phones, passwords, ages."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from beseda.domain.errors import (
    EmailInvalid,
    NickInvalid,
    NoSuchLogin,
    PasswordTooLong,
    PasswordTooShort,
    PhoneInvalid,
)
from beseda.domain.ids import AccountId

NICK_MIN, NICK_MAX, ANONYMOUS_NICK_MAX = 3, 15, 8
PASSWORD_MAX = 128
ADULT_AGE = 18


class Sex(StrEnum):
    MALE = "m"
    FEMALE = "f"


class Standing(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"
    FROZEN = "frozen"


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
    `karma_given` is what others gave and may be negative.
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


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against; `password_hash` is in PHC form."""

    account: Account
    password_hash: str


@dataclass(frozen=True, slots=True)
class LoginKeys:
    """The forms in which a sign-in name may be stored: any of them may match."""

    nick: str | None
    email: str | None
    phone: str | None


def nick_key(nick: str) -> str:
    """The form in which nicks are compared: NFKC, case folded, look-alike spaces made one."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", nick).casefold())
    return " ".join(folded.split())


def check_nick(nick: str, *, registered: bool = True) -> str:
    """The nick as it is kept, or NickInvalid.

    3 to 15 characters (anonymous: up to 8); letters, digits, inner single spaces and common punctuation; one script
    for its letters, so that no nick can be written to look like another.
    """
    nick = unicodedata.normalize("NFC", nick).replace("\u00a0", " ").strip(" ")
    longest = NICK_MAX if registered else ANONYMOUS_NICK_MAX
    if len(nick) < NICK_MIN:
        raise NickInvalid(reason=f"shorter than {NICK_MIN} characters")
    if len(nick) > longest:
        raise NickInvalid(reason=f"longer than {longest} characters")
    if not all(_nick_char(char) for char in nick) or "  " in nick:
        raise NickInvalid(reason="has a character that a nick cannot have")
    if not any(char.isalnum() for char in nick):
        raise NickInvalid(reason="has no letter or digit")
    if len({script for char in nick if (script := _script(char))}) > 1:
        raise NickInvalid(reason="mixes alphabets")
    return nick


def _nick_char(char: str) -> bool:
    """Letters and digits that NFKC leaves alone, and punctuation that no protocol uses in addresses or commands."""
    if char.isalnum():
        return unicodedata.normalize("NFKC", char) == char
    return unicodedata.category(char) == "Mn" or char in " _-.!*()[]~^+='"


def _script(char: str) -> str:
    """LATIN, CYRILLIC, GREEK ... of a letter, from its Unicode name; "" for what belongs to no script."""
    return unicodedata.name(char, "").split(" ")[0] if char.isalpha() else ""


def email_key(email: str) -> str:
    """The form in which e-mail addresses are compared."""
    return unicodedata.normalize("NFC", email).strip().casefold()


def check_email(email: str) -> str:
    """The address as it is kept, or EmailInvalid. Only its shape is looked at."""
    email = unicodedata.normalize("NFC", email).strip()
    if len(email) > 254 or not re.fullmatch(r"[^@\s\x00-\x1f\x7f<>\"(),:;\\]{1,64}@[^@\s.]+(\.[^@\s.]+)+", email):
        raise EmailInvalid
    return email


def phone_key(phone: str) -> str:
    """`+` and digits. A Russian trunk 8 becomes +7, a leading 00 becomes +; "" when it is no phone number."""
    digits = re.sub(r"[\s().-]", "", phone)
    if re.fullmatch(r"8[0-9]{10}", digits):
        digits = "+7" + digits[1:]
    digits = "+" + digits.removeprefix("00").removeprefix("+")
    return digits if re.fullmatch(r"\+[0-9]{7,15}", digits) else ""


def check_phone(phone: str) -> str:
    """The number as it is kept, or PhoneInvalid."""
    if key := phone_key(phone):
        return key
    raise PhoneInvalid


def check_password(password: str, *, min_chars: int) -> str:
    """The password exactly as typed, or PasswordTooShort, PasswordTooLong."""
    if len(password) < min_chars:
        raise PasswordTooShort(min_chars=min_chars)
    if len(password) > PASSWORD_MAX:
        raise PasswordTooLong(max_chars=PASSWORD_MAX)
    return password


def login_keys(login: str) -> LoginKeys:
    """What a sign-in name may match: nick, e-mail or phone. NoSuchLogin when it can be none of them."""
    login = login.strip()
    keys = LoginKeys(
        nick=nick_key(login) if NICK_MIN <= len(login) <= NICK_MAX else None,
        email=email_key(login) if "@" in login and len(login) <= 254 else None,
        phone=phone_key(login) or None,
    )
    if keys == LoginKeys(None, None, None):
        raise NoSuchLogin
    return keys


def age(birth_date: date | None, today: date) -> int:
    """Whole years; 0 when not filled in."""
    if birth_date is None:
        return 0
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def public_age(account: Account, today: date) -> int:
    """The age that others see: 0 when it is not filled in or not public (chat.cz REST, /user/<id>/profile)."""
    return age(account.birth_date, today) if account.age_public else 0


def is_adult(account: Account, today: date) -> bool:
    """18 or more. Anonymous visitors and members without an age are not (chat.cz help, rule 18)."""
    return account.registered and age(account.birth_date, today) >= ADULT_AGE
