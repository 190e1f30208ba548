"""Secrets that people type: passwords of accounts and of rooms.

Two keyboards write the same word in different code points, and clients say in different bytes what was typed. What is
compared is the form that RFC 8265 gives to an OpaqueString, by its mappings alone (4.2.2: spaces, NFC): none of its
refusals, so that no character is forbidden for being unknown here.
"""

import re
import unicodedata

from beseda.domain.errors import PasswordTooLong, PasswordTooShort, PasswordUnreadable, RoomPasswordWrong
from beseda.domain.text import CONTROL

PASSWORD_MAX = 128
ROOM_PASSWORD_MAX = 64
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LOST = re.compile("[\ud800-\udfff\ufffd]")
"""What stands where somebody could not read what was sent: lone surrogates here, U+FFFD in many clients."""


def is_readable(secret: str) -> bool:
    """Whether it is what was typed. Where characters were lost, different secrets look the same."""
    return _LOST.search(secret) is None


def prepare(secret: str) -> str:
    """The form in which secrets are hashed and compared: any space is U+0020, composed (RFC 8265, 4.2.2)."""
    return secret if secret.isascii() else unicodedata.normalize("NFC", _SPACE.sub(" ", secret))


def forms_to_try(password: str) -> tuple[str, ...]:
    """The forms in which it may have been hashed, the likely one first: prepared, or long ago as it was typed.

    None at all for one that cannot be anybody's.
    """
    if not is_readable(password):
        return ()
    return tuple(form for form in dict.fromkeys((prepare(password), password)) if len(form) <= PASSWORD_MAX)


def check_password(password: str, *, min_chars: int) -> str:
    """The password as it is hashed, or PasswordUnreadable, PasswordTooShort, PasswordTooLong."""
    if not is_readable(password):
        raise PasswordUnreadable
    prepared = prepare(password)
    if len(prepared) < min_chars:
        raise PasswordTooShort(min_chars=min_chars)
    if len(prepared) > PASSWORD_MAX:
        raise PasswordTooLong(max_chars=PASSWORD_MAX)
    return prepared


def check_room_password(password: str) -> str:
    """A room's password as it is kept, "" for none; or RoomPasswordWrong, also for one with control characters."""
    prepared = prepare(password)
    if len(prepared) > ROOM_PASSWORD_MAX or not is_readable(prepared) or CONTROL.search(prepared):
        raise RoomPasswordWrong
    return prepared


def opens(room_password: str, tried: str) -> bool:
    """Whether a room's password is the one that was tried."""
    return is_readable(tried) and prepare(tried) == prepare(room_password)
