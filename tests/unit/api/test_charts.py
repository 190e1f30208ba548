"""Charts that the server draws: geometry that fits the picture, whatever the numbers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.web.charts import BOTTOM, LEFT, RIGHT, TOP, Window, ceiling, draw, plain

BEGIN = datetime(2026, 11, 27, tzinfo=UTC)
WINDOW = Window(BEGIN, BEGIN + timedelta(hours=1), timedelta(minutes=2))


def at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def test_what_was_not_measured_is_not_drawn() -> None:
    chart = draw(WINDOW, [[(at(0), 0.0), (at(2), 10.0), (at(30), 5.0)]])
    assert chart.paths == [f"M{LEFT}.0 {BOTTOM}.0h1L20.8 {TOP}.0M200.0 73.0h1"]
    assert [(mark.y, mark.text) for mark in chart.marks] == [(BOTTOM, "0"), (73.0, "5"), (TOP, "10")]
    assert not chart.empty


def test_nothing_at_all() -> None:
    chart = draw(WINDOW, [[], []])
    assert (chart.empty, chart.paths, chart.marks[2].text) == (True, ["", ""], "1")


@given(st.lists(st.tuples(st.integers(-100, 200), st.floats(0, 1e15)), max_size=30))
def test_everything_is_within_the_picture(points: list[tuple[int, float]]) -> None:
    line = [(at(minute), value) for minute, value in sorted(points)]
    (path,) = draw(WINDOW, [line]).paths
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path):
        assert LEFT <= float(x) <= RIGHT
        assert TOP <= float(y) <= BOTTOM
    assert len(re.findall("[ML]", path)) == len(points)


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 1), (5e-324, 1), (1, 1), (1.01, 2), (3, 5), (9.9, 10), (10, 10), (0.03, 0.05), (1234, 2000), (2100, 2500)],
)
def test_the_scale_ends_at_a_round_number(value: float, top: float) -> None:
    assert ceiling(value) == pytest.approx(top)


def test_numbers_are_short() -> None:
    assert [plain(n) for n in (0, 0.5, 12.34, 999, 1500, 2.5e6, 4e9)] == [
        *("0", "0.5", "12.3", "999", "1.5 k", "2.5 M", "4 G")
    ]
