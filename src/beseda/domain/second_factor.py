"""Codes that an authenticator shows (TOTP, RFC 6238), and codes for who has lost it."""

import hashlib
import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
"""As long as the hash (RFC 4226, 4, R6). SHA-1, six digits and half a minute are what every authenticator knows."""
SKEW_STEPS = 1
"""So far a clock may be off, both ways (RFC 6238, 5.2)."""
ASKED_FOR = timedelta(minutes=5)
"""How long after the password the code may come."""
ENROL_WITHIN = timedelta(minutes=30)
"""How long after the password a new authenticator may show its first code."""
RECOVERY_CODES = 10
RECOVERY_CHARS, RECOVERY_ALPHABET = 16, "abcdefghjkmnpqrstuvwxyz23456789"
"""79 bits: nobody guesses them, however often he may try."""
_RECOVERY = re.compile(f"[{RECOVERY_ALPHABET}]{{{RECOVERY_CHARS}}}")
_CODE = re.compile(f"[0-9]{{{DIGITS}}}")
_BETWEEN = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """That of a member. The secret follows from `nonce` and the server's key; `last_step` is that of the last code."""

    nonce: str
    since: datetime
    last_step: int


def step_of(at: datetime) -> int:
    """The half minute of a moment."""
    return int(at.timestamp()) // STEP_S


def code_at(secret: bytes, step: int) -> str:
    """HOTP of the step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """The step that a code is of, if it is a later one than `after`: no code is good twice, and none before it."""
    if not _CODE.fullmatch(code):
        return None
    here = step_of(now)
    steps = range(max(here - SKEW_STEPS, after + 1), here + SKEW_STEPS + 1)
    matching = [step for step in steps if hmac.compare_digest(code_at(secret, step), code)]
    return matching[0] if matching else None


def plain(typed: str) -> str:
    """A code as it is compared: people write spaces and hyphens into it."""
    return _BETWEEN.sub("", typed[:64]).lower()


def looks_like_recovery(code: str) -> bool:
    return _RECOVERY.fullmatch(code) is not None


def recovery_shown(code: str) -> str:
    """In fours, as people copy it."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def secret_text(secret: bytes) -> str:
    """As authenticators take it by hand (RFC 4648, 6)."""
    return b32encode(secret).decode().rstrip("=")


def otpauth(secret: bytes, account: str, issuer: str) -> str:
    """The address that authenticators read from a picture; issuer and account stand apart by a colon."""
    clean = issuer.replace(":", " ")
    facts = {"secret": secret_text(secret), "issuer": clean, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{quote(clean)}:{quote(account)}?{urlencode(facts, quote_via=quote)}"
