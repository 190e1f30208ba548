"""What attempts to sign in are counted against, so that guessing is slow and no guesser shuts others out.

An attempt takes from the allowances before the password is looked at; whoever knew it gets back what he took. So right
passwords cost nothing, and many attempts at once are no more guesses than one after another.
"""

from datetime import timedelta
from enum import Enum

from beseda.domain.limits import LIMITS, Counted

KNOWN_FOR = timedelta(days=90)
"""How long an address is known for a member after he signed in from it: as long as a session may last."""
KNOWN_MAX = 32
"""Addresses known for one member, the last ones that he signed in from."""
ONE_NAME_AT_ONCE = 8
"""Attempts under way for one name from one address; others of that address have places of their own."""
TRY_AGAIN_AFTER_S = 1.0
"""What who finds too many others of his address under way is told to wait."""


class Attempt(Enum):
    """What is known of who tries to sign in, besides the name and the password."""

    STRANGE = "comes from an address that the member never signed in from"
    KNOWN = "comes from an address that the member signed in from"
    READ = "has read a picture that was made for this attempt"


ALLOWANCES = {
    Attempt.STRANGE: (LIMITS["sign_in_address"], LIMITS["sign_in_account"], LIMITS["sign_in_pair"]),
    Attempt.KNOWN: (LIMITS["sign_in_pair"],),
    Attempt.READ: (),
}
"""The limits that an attempt must pass. What strangers do to an account, or others at an address, slows only strangers
down; who can show that he is neither a stranger nor a program needs to pass nothing that others can use up."""


def counted(attempt: Attempt, name: str, address: str) -> tuple[Counted, ...]:
    """The limits for an attempt, each with its key."""
    keys = {"address": address, "account": name, "account and address": f"{name}\0{address}"}
    return tuple((limit.name, keys[limit.keyed_by]) for limit in ALLOWANCES[attempt])
