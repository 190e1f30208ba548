"""What an attempt to sign in is counted against."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.limits import LIMITS
from beseda.domain.sign_ins import ALLOWANCES, KNOWN_MAX, Attempt, counted

names = st.text(max_size=8)
TEN_MINUTES_S = 600


def test_every_attempt_has_a_rule_and_the_keys_that_it_needs() -> None:
    assert set(ALLOWANCES) == set(Attempt)
    assert counted(Attempt.STRANGE, "alena", "192.0.2.1") == (
        ("sign_in_address", "192.0.2.1"),
        ("sign_in_account", "alena"),
        ("sign_in_pair", "alena\x00192.0.2.1"),
    )


@given(names, names, names)
def test_others_use_up_nothing_that_a_known_address_or_a_picture_needs(name: str, there: str, elsewhere: str) -> None:
    """Others: strangers anywhere else, and whoever tries other names at the same address."""
    for attempt in (Attempt.KNOWN, Attempt.READ):
        needed = set(counted(attempt, name, there))
        for other in Attempt:
            if elsewhere != there:
                assert not needed & set(counted(other, name, elsewhere))
            if elsewhere != name:
                assert not needed & set(counted(other, elsewhere, there))


@given(names, names, names)
def test_strangers_share_an_allowance_of_sixty_guesses_in_ten_minutes(name: str, one: str, other: str) -> None:
    assert ("sign_in_account", name) in counted(Attempt.STRANGE, name, one)
    assert ("sign_in_account", name) in counted(Attempt.STRANGE, name, other)
    limit = LIMITS["sign_in_account"]
    assert limit.burst + TEN_MINUTES_S / limit.per_s <= 60


def test_what_is_known_of_one_member_is_bounded() -> None:
    """A guesser who shares all addresses that are known for a member has these guesses and no more."""
    pair = LIMITS["sign_in_pair"]
    assert KNOWN_MAX * (pair.burst + TEN_MINUTES_S / pair.per_s) <= 2000


def test_no_two_pairs_share_a_key() -> None:
    pairs = [(f"a{one}", f"{two}b") for one, two in itertools.product(("", "x", "xy"), repeat=2)]
    assert len({counted(Attempt.KNOWN, *pair) for pair in pairs}) == len(pairs)
