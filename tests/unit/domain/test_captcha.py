"""Who is asked to read a picture."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.captcha import (
    ASKED_AFTER,
    ATTACKED_AFTER,
    FORGOTTEN_AFTER,
    GUESSING_AFTER,
    KNOWN_ASKED_AFTER,
    Failures,
    count,
    is_asked,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
counts = st.integers(0, 50)


@given(counts, st.integers(0, GUESSING_AFTER - 1), st.booleans())
def test_a_first_attempt_is_not_asked(account: int, address: int, known: bool) -> None:
    assert not is_asked(0, account, address, known=known, spent=False)


@given(counts, counts, counts)
def test_who_would_be_refused_is_asked_instead(pair: int, account: int, address: int) -> None:
    assert is_asked(pair, account, address, known=False, spent=True)
    assert is_asked(pair, account, address, known=True, spent=True) is (pair >= KNOWN_ASKED_AFTER)


@given(counts, counts, counts, counts, st.booleans())
def test_more_failures_never_ask_less(pair: int, account: int, address: int, more: int, spent: bool) -> None:
    for known in (True, False):
        if is_asked(pair, account, address, known=known, spent=spent):
            assert is_asked(pair + more, account + more, address + more, known=known, spent=spent)


@given(counts, counts, counts, st.booleans())
def test_who_is_known_is_asked_later(pair: int, account: int, address: int, spent: bool) -> None:
    if is_asked(pair, account, address, known=True, spent=spent):
        assert is_asked(pair, account, address, known=False, spent=spent)


def test_from_how_many_on() -> None:
    assert not is_asked(ASKED_AFTER - 1, 0, 0, known=False, spent=False)
    assert is_asked(ASKED_AFTER, 0, 0, known=False, spent=False)
    assert not is_asked(KNOWN_ASKED_AFTER - 1, 99, 99, known=True, spent=False)
    assert is_asked(KNOWN_ASKED_AFTER, 0, 0, known=True, spent=False)
    assert is_asked(1, ATTACKED_AFTER, 0, known=False, spent=False)
    assert is_asked(0, 0, GUESSING_AFTER, known=False, spent=False)


def test_failures_are_forgotten() -> None:
    failures = Failures(7, NOON)
    assert count(None, NOON) == 0
    assert count(failures, NOON + FORGOTTEN_AFTER - timedelta(milliseconds=1)) == 7
    assert count(failures, NOON + FORGOTTEN_AFTER) == 0
