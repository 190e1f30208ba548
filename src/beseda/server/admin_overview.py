"""How the server has been: what the admin's first page shows, of all nodes together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.api.web.charts import Chart, Label, Points, Window, draw, plain
from beseda.api.words import N_
from beseda.core.core import Core
from beseda.domain.samples import Sample, Span, Stretch

SPANS = {
    "hour": (Span.HOUR, N_("the last hour")),
    "day": (Span.DAY, N_("the last day")),
    "week": (Span.WEEK, N_("the last week")),
    "month": (Span.MONTH, N_("the last month")),
}
MS, GIB = 1000, 1024**3


@dataclass(frozen=True, slots=True)
class Series:
    """One line of numbers: what it is called, its unit, and its value in a stretch, None where there is none."""

    title: str
    unit: str
    value: Callable[[Stretch], float | None]


SOCKETS = Series(N_("Open WebSockets"), "", lambda each: each.sockets)
LINES = Series(N_("Lines a minute"), "", lambda each: each.lines / each.minutes)
BATCH = Series(N_("Deeds in a commit"), "", lambda each: each.units / each.commits if each.commits else None)
MEAN = Series(N_("A call takes"), "ms", lambda each: each.call_us / each.calls / MS if each.calls else None)
SLOW = Series(
    N_("One call in a hundred takes longer than"), "ms", lambda each: each.slow_us / MS if each.calls else None
)
ERRORS = Series(N_("Calls that failed here, a minute"), "", lambda each: each.errors / each.minutes)
DISK = Series(N_("Room on the disk"), "GiB", lambda each: each.free_bytes / GIB)
CHARTS = ((SOCKETS,), (LINES,), (BATCH,), (MEAN, SLOW), (ERRORS,), (DISK,))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its words: the series in it, the last and the extreme values of the first, as texts."""

    series: tuple[Series, ...]
    chart: Chart
    last: str
    least: str
    most: str


@dataclass(frozen=True, slots=True)
class Overview:
    """`times` are written below all charts; `rows` are the same numbers for whoever reads no pictures."""

    charts: list[Drawn]
    times: list[Label]
    columns: list[Series]
    rows: list[tuple[datetime, list[str]]]
    nodes: list[Sample]


async def look_back(core: Core, span: Span, now: datetime) -> Overview:
    """All charts of a span of time that ends now."""
    stretches = await core.samples.look_back(span)
    window = Window(now - span.length, now, span.step * 2)
    columns = [series for chart in CHARTS for series in chart]
    rows = [(each.at, [_told(series.value(each)) for series in columns]) for each in reversed(stretches)]
    charts = [_drawn(window, chart, stretches) for chart in CHARTS]
    return Overview(charts, _times(window), columns, rows, await core.samples.nodes())


def _drawn(window: Window, series: tuple[Series, ...], stretches: list[Stretch]) -> Drawn:
    lines = [_points(each, stretches) for each in series]
    values = [value for _, value in lines[0]]
    ends = (values[-1], min(values), max(values)) if values else (None, None, None)
    return Drawn(series, draw(window, lines), *map(_told, ends))


def _points(series: Series, stretches: list[Stretch]) -> Points:
    found = ((each.at, series.value(each)) for each in stretches)
    return [(at, value) for at, value in found if value is not None]


def _told(value: float | None) -> str:
    return "–" if value is None else plain(value)


def _times(window: Window) -> list[Label]:
    """The beginning, the middle and the end, in universal time."""
    length = window.end - window.begin
    form = "%H:%M" if length <= timedelta(days=1) else "%d.%m."
    moments = (window.begin, window.begin + length / 2, window.end)
    return [Label(window.x(at), 0, at.strftime(form)) for at in moments]
