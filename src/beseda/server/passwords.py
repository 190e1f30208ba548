"""The passwords that everybody tries first, and passwords that nobody guesses."""

from functools import lru_cache
from pathlib import Path

from beseda.adapters.secrets import SystemEntropy

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Case-folded; a new password must not be one of them.

    The beginning of zxcvbn's list of leaked passwords (MIT), and Czech and Russian words, names, walks over those
    keyboards and years, which such lists lack.
    """
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split())


def make_password() -> str:
    """About 79 bits, easily typed, and no longer than any client takes (Spaces session API: 6 to 20 characters)."""
    letters = SystemEntropy().text(16, LETTERS)
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
