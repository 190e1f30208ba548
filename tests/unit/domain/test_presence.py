"""When somebody counts as gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from beseda.domain.presence import KEEP_EVERY, is_gone, last_alive
from unit.domain import made

TIMEOUT = timedelta(seconds=150)


@pytest.mark.parametrize(
    ("seconds", "gone"), [(0, False), (149.999, False), (150, False), (150.001, True), (-1, False)]
)
def test_is_gone_after_the_timeout(seconds: float, gone: bool) -> None:
    assert is_gone(made.NOON, made.NOON + timedelta(seconds=seconds), TIMEOUT) is gone


def test_a_client_that_polls_every_50_seconds_is_never_taken_for_gone() -> None:
    assert timedelta(seconds=50) + KEEP_EVERY < TIMEOUT


def test_whoever_writes_or_says_that_he_is_there_is_alive() -> None:
    came = made.occupant(made.account())
    later, latest = made.NOON + timedelta(1), made.NOON + timedelta(2)
    assert last_alive(came) == made.NOON
    assert last_alive(replace(came, written_at=later)) == last_alive(replace(came, awake_at=later)) == later
    assert last_alive(replace(came, written_at=latest, awake_at=later)) == latest
