"""The bucket, compared with a plain count of what it should let pass."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.limits import LIMITS, ROUNDING, Bucket, Limit, full_at_s, give_back, take

limits = st.builds(
    Limit, st.just("a"), st.integers(1, 5), st.sampled_from([0.5, 1.0, 3.0, 12.0]), st.just(""), st.just("")
)
steps = st.lists(st.integers(0, 100).map(lambda tenths: tenths / 10), max_size=40)


def play(limit: Limit, moments: list[float]) -> list[float]:
    """The moments at which a call passed."""
    bucket, passed = None, []
    for now_s in moments:
        bucket, wait_s = take(limit, bucket, now_s)
        if not wait_s:
            passed.append(now_s)
    return passed


@given(limits, steps)
def test_never_more_than_the_burst_and_what_time_brings(limit: Limit, pauses: list[float]) -> None:
    moments = [sum(pauses[: number + 1]) for number in range(len(pauses))]
    passed = play(limit, moments)
    for first, began in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= limit.burst + (passed[last] - began) / limit.per_s + 0.001


@given(limits, steps)
def test_never_less_than_a_simulation_lets_pass(limit: Limit, pauses: list[float]) -> None:
    """Tenths of seconds tick one by one; whole tenths of a token come with each."""
    moments = [sum(pauses[: number + 1]) for number in range(len(pauses))]
    capacity = limit.burst * round(limit.per_s * 10)
    level, last, passed = capacity, None, []
    for now_s in moments:
        if last is not None:
            level = min(capacity, level + round((now_s - last) * 10))
        last = now_s
        if level >= round(limit.per_s * 10):
            level -= round(limit.per_s * 10)
            passed.append(now_s)
    assert play(limit, moments) == passed


@given(limits, st.floats(0, 1e6), st.lists(st.floats(0, 30), max_size=20))
def test_who_waits_as_long_as_told_passes(limit: Limit, start_s: float, pauses: list[float]) -> None:
    now_s, bucket = start_s, None
    for pause in pauses:
        now_s += pause
        bucket, wait_s = take(limit, bucket, now_s)
        if wait_s:
            now_s += wait_s
            bucket, wait_s = take(limit, bucket, now_s)
            assert wait_s == 0.0


def test_the_last_bit_of_a_fraction_is_not_waited_for() -> None:
    limit = Limit("a", 1, 1.0, "", "")
    assert take(limit, Bucket(1 - ROUNDING, 0.0), 0.0) == (Bucket(0.0, 0.0), 0.0)
    assert take(limit, Bucket(1 - 2 * ROUNDING, 0.0), 0.0)[1] > 0


@given(limits)
def test_a_clock_that_goes_back_brings_nothing(limit: Limit) -> None:
    bucket: Bucket | None = None
    for _ in range(limit.burst):
        bucket, wait_s = take(limit, bucket, 1000.0)
        assert wait_s == 0.0
    for now_s in (1000.0, 0.0, 500.0, -1e9, 1000.0):
        bucket, wait_s = take(limit, bucket, now_s)
        assert wait_s == pytest.approx(limit.per_s)


@given(limits, st.floats(0, 1e9))
def test_a_refused_call_takes_nothing(limit: Limit, now_s: float) -> None:
    bucket: Bucket | None = None
    for _ in range(limit.burst):
        bucket, _ = take(limit, bucket, now_s)
    waits = []
    for _ in range(5):
        bucket, wait_s = take(limit, bucket, now_s)
        waits.append(wait_s)
    assert len(set(waits)) == 1


def test_the_table_is_sound() -> None:
    assert len({limit.name for limit in LIMITS.values()}) == len(LIMITS)
    for name, limit in LIMITS.items():
        assert limit.name == name
        assert limit.burst >= 1
        assert limit.per_s > 0
        assert math.isfinite(limit.per_s)
        assert limit.meaning
        assert limit.keyed_by


def test_a_bucket_fills_gets_back_and_is_full_at_last() -> None:
    limit = Limit("a", 5, 2.0, "", "")
    empty = Bucket(0.0, 100.0)
    assert full_at_s(limit, empty) == 110.0
    assert full_at_s(limit, Bucket(4.0, 100.0)) == 102.0
    assert give_back(limit, empty) == Bucket(1.0, 100.0)
    assert give_back(limit, empty, 3) == Bucket(3.0, 100.0)
    assert give_back(limit, Bucket(4.0, 100.0), 3) == Bucket(5.0, 100.0)
    assert take(limit, None, 100.0) == (Bucket(4.0, 100.0), 0.0)
    assert take(limit, empty, 101.0) == (Bucket(0.5, 101.0), 1.0)
    assert take(limit, Bucket(1 - 1e-7, 100.0), 100.0) == (Bucket(0.0, 100.0), 0.0)
