"""Lines over time as SVG, drawn by the server: geometry without colours, which are the style sheet's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEFT, RIGHT, TOP, BOTTOM = 8, 392, 20, 126
"""Of the lines, in a picture of 400 by 150."""
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LEAST = 1e-300
"""What is smaller has no power of ten among floats."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text in the picture, at a point."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws: a path for each line, marks of the upright axis, and whether there is anything."""

    paths: list[str]
    marks: list[Label]
    empty: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a chart shows. Points further apart than `gap` are not joined: nothing was measured between."""

    begin: datetime
    end: datetime
    gap: timedelta

    def x(self, at: datetime) -> float:
        share = (at - self.begin) / (self.end - self.begin)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)


Points = Sequence[tuple[datetime, float]]


def draw(window: Window, lines: Sequence[Points]) -> Chart:
    """One chart of one or more lines on a common scale that begins at zero."""
    top = ceiling(max((value for line in lines for _, value in line), default=0.0))
    marks = [Label(LEFT, _y(value, top), plain(value)) for value in (0.0, top / 2, top)]
    return Chart([_path(window, line, top) for line in lines], marks, not any(lines))


def ceiling(value: float) -> float:
    """The least round number that is not smaller; 1 for nothing, or next to it."""
    if value < LEAST:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in STEPS if step * power >= value * (1 - 1e-9))


def plain(value: float) -> str:
    """A number of about three digits, with k, M or G for thousands."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def _y(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(value / top, 1.0), 1)


def _path(window: Window, points: Points, top: float) -> str:
    """A lone point is a short stroke, or nobody would see it."""
    parts: list[str] = []
    before: datetime | None = None
    for at, value in points:
        x, y = round(window.x(at), 1), _y(value, top)
        joined = before is not None and at - before <= window.gap
        parts.append(f"L{x} {y}" if joined else f"M{x} {y}h1")
        before = at
    return "".join(parts)
