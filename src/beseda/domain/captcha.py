"""When somebody who tries to sign in must first read a picture."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DIGITS = 4
LIVES_FOR = timedelta(minutes=5)
"""How long a picture may be answered at most; half as long at least."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""Failures count until there was none for so long."""

ASKED_AFTER = 3
"""Failures in a row of one account from one address."""
KNOWN_ASKED_AFTER = 20
"""The same where the account is known: there the table of limits comes first."""
ATTACKED_AFTER = 10
"""Failures of one account from anywhere; whoever has failed once is asked then."""
GUESSING_AFTER = 20
"""Failures of one address, whatever the account."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts that failed, the last one at `at`; and pictures that were read wrong meanwhile."""

    count: int
    at: datetime
    misread: int = 0


def count(failures: Failures | None, now: datetime) -> int:
    """How many still count."""
    return failures.count if failures is not None and now - failures.at < FORGOTTEN_AFTER else 0


def is_asked(pair: int, account: int, address: int, *, known: bool, spent: bool) -> bool:
    """Whether the next attempt needs a picture: by failures of the account from the address, of either alone.

    A first attempt is asked only if its address has been guessing at other accounts, or when the allowance for those
    who come from strange addresses is `spent`: without a picture it would be refused.
    """
    if known:
        return pair >= KNOWN_ASKED_AFTER
    guessed = pair >= ASKED_AFTER or (pair > 0 and account >= ATTACKED_AFTER) or address >= GUESSING_AFTER
    return guessed or spent
