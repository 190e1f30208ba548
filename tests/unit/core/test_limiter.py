"""Counting calls."""

import pytest

from beseda.core.limits import Limiter
from beseda.domain.errors import TooOften
from beseda.domain.limits import Limit
from beseda.testing.clock import ManualClock

LIMITS = {"quick": Limit("quick", 2, 10, "key", "for tests"), "slow": Limit("slow", 1, 1000, "key", "for tests")}


def test_counts_each_key_of_each_limit_alone() -> None:
    limiter = Limiter(ManualClock(), LIMITS)
    for key in ("a", "b"):
        limiter.take("quick", key)
        limiter.take("quick", key)
        limiter.take("slow", key)
        with pytest.raises(TooOften) as refusal:
            limiter.take("quick", key)
        assert refusal.value.retry_after_s == 10


def test_check_counts_nothing() -> None:
    limiter = Limiter(ManualClock(), LIMITS)
    for _ in range(10):
        limiter.check("slow", "a")
    limiter.take("slow", "a")
    with pytest.raises(TooOften):
        limiter.check("slow", "a")


def test_what_is_given_back_can_be_taken_again_and_no_more() -> None:
    limiter = Limiter(ManualClock(), LIMITS)
    limiter.give_back([("quick", "a")])
    for _ in range(5):
        limiter.take("quick", "a")
        limiter.give_back([("quick", "a")])
    limiter.give_back([("quick", "a")])
    limiter.take("quick", "a")
    limiter.take("quick", "a")
    with pytest.raises(TooOften):
        limiter.take("quick", "a")


def test_several_are_taken_all_or_none() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, LIMITS)
    both = [("quick", "a"), ("slow", "a")]
    limiter.reserve([])
    limiter.reserve(both)
    for _ in range(5):
        with pytest.raises(TooOften) as refusal:
            limiter.reserve(both)
        assert refusal.value.retry_after_s == 1000, "until then one of the two refuses"
    limiter.take("quick", "a")
    limiter.give_back(both)
    limiter.reserve(both)
    clock.move(1000)
    limiter.reserve(both)


def test_wall_clock_does_not_matter() -> None:
    clock = ManualClock()
    limiter = Limiter(clock, LIMITS)
    limiter.take("slow", "a")
    clock.set_back(5000)
    with pytest.raises(TooOften):
        limiter.take("slow", "a")
    clock.move(1000)
    limiter.take("slow", "a")


def test_full_buckets_are_dropped_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limiter, "SWEEP_AT", 10)
    clock = ManualClock()
    limiter = Limiter(clock, LIMITS)
    limiter.take("slow", "kept")
    for number in range(9):
        limiter.take("quick", str(number))
    clock.move(11)
    limiter.take("quick", "last")
    assert set(limiter._buckets) == {("slow", "kept"), ("quick", "last")}
    with pytest.raises(TooOften):
        limiter.take("slow", "kept")


def test_a_flood_of_keys_is_not_swept_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limiter, "SWEEP_AT", 10)
    sweeps = 0
    sweep = Limiter._sweep

    def counted(self: Limiter, now_s: float) -> None:
        nonlocal sweeps
        sweeps += 1
        sweep(self, now_s)

    monkeypatch.setattr(Limiter, "_sweep", counted)
    limiter = Limiter(ManualClock(), LIMITS)
    for number in range(1000):
        limiter.take("slow", str(number))
    assert sweeps < 10
