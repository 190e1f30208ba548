"""When somebody counts as gone."""

from datetime import timedelta

import pytest

from beseda.domain.presence import KEEP_EVERY, is_gone
from unit.domain import made

TIMEOUT = timedelta(seconds=150)


@pytest.mark.parametrize(
    ("seconds", "gone"), [(0, False), (149.999, False), (150, False), (150.001, True), (-1, False)]
)
def test_is_gone_after_the_timeout(seconds: float, gone: bool) -> None:
    assert is_gone(made.NOON, made.NOON + timedelta(seconds=seconds), TIMEOUT) is gone


def test_a_client_that_polls_every_50_seconds_is_never_taken_for_gone() -> None:
    assert timedelta(seconds=50) + KEEP_EVERY < TIMEOUT
