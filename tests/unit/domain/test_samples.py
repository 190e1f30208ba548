"""The spans of time in which people look at a server."""

import pytest

from beseda.domain.samples import SAMPLED_EVERY, SAMPLES_KEPT, Span


@pytest.mark.parametrize("span", Span)
def test_a_span_is_whole_stretches_of_whole_minutes_and_few_enough_to_draw(span: Span) -> None:
    assert span.length % span.step == span.step % SAMPLED_EVERY == span.length * 0
    assert 60 <= span.length // span.step <= 120
    assert span.length < SAMPLES_KEPT


def test_each_looks_further_back() -> None:
    assert [span.length.total_seconds() / 3600 for span in Span] == [1, 24, 7 * 24, 30 * 24]
