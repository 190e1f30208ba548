"""What nodes measure, on both engines: kept once a minute and node, added up over nodes, forgotten after a month."""

from datetime import timedelta

from beseda.adapters.sql.engine import SqlStore
from beseda.core.samples import Samples
from beseda.domain.samples import SAMPLES_KEPT, Sample, Span, Stretch
from beseda.testing import ManualClock
from contract.made import AT

MINUTE = AT.replace(second=0, microsecond=0)


def sample(minutes: int = 0, node: str = "a", **more: int) -> Sample:
    counts = dict.fromkeys(("sockets", "lines", "commits", "units", "calls", "call_us", "slow_us", "errors"), 0)
    return Sample(MINUTE + timedelta(minutes=minutes), node, **{"free_bytes": 2**40, **counts, **more})


async def test_one_of_a_node_and_minute_and_all_nodes_together(store: SqlStore) -> None:
    clock = ManualClock(AT)
    samples = Samples(store, clock)
    mine, other = sample(sockets=4, lines=10, calls=2, call_us=900, slow_us=500), sample(node="b", slow_us=700)
    assert await samples.note(mine)
    assert await samples.note(other)
    assert not await samples.note(sample(lines=99))
    assert await samples.note(sample(1, lines=5, sockets=2, commits=3, units=9, errors=1, free_bytes=7))
    assert await samples.note(sample(2, node="b", units=1))
    clock.move(125)
    assert await samples.look_back(Span.HOUR) == [
        Stretch(MINUTE, 1, 4.0, 10, 0, 0, 2, 900, 700, 0, 2**40),
        Stretch(MINUTE + timedelta(minutes=1), 1, 2.0, 5, 3, 9, 0, 0, 0, 1, 7),
        Stretch(MINUTE + timedelta(minutes=2), 1, 0.0, 0, 0, 1, 0, 0, 0, 0, 2**40),
    ]
    (whole,) = await samples.look_back(Span.MONTH)
    assert whole == Stretch(MINUTE, 3, 2.0, 15, 3, 10, 2, 900, 700, 1, 7)
    assert [(each.node, each.at) for each in await samples.nodes()] == [
        ("a", MINUTE + timedelta(minutes=1)),
        ("b", MINUTE + timedelta(minutes=2)),
    ]
    clock.move(180)
    assert await samples.nodes() == []


async def test_a_month_is_kept_and_drawn_in_few_stretches(store: SqlStore) -> None:
    clock = ManualClock(AT)
    samples = Samples(store, clock)
    days = SAMPLES_KEPT // timedelta(days=1)
    for day in range(days + 2):
        await samples.note(sample(-day * 24 * 60, lines=1))
    assert await samples.forget_old() == 2
    assert await samples.forget_old() == 0
    assert sum(each.lines for each in await samples.look_back(Span.MONTH)) == 30
    assert sum(each.lines for each in await samples.look_back(Span.WEEK)) == 7
    for span in Span:
        assert span.length / span.step <= 120
    await samples.note(sample(1, lines=1))
    before = await samples.look_back(Span.WEEK)
    clock.move(60)
    assert await samples.look_back(Span.WEEK) == before, "the past does not change"
