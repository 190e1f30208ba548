"""One worker speaks for all: what they counted together, and the worst that any of them says of itself."""

import asyncio
from collections.abc import Iterator

import pytest

from beseda.api.base import Outcome
from beseda.server.metrics import Metrics
from beseda.server.ops import OpsApp
from beseda.server.reports import Reports
from beseda.server.worker import Channel, Worker, make_channels

KINDS = ("problems", "slowed", "warnings", "worries")


@pytest.fixture
def channels(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Channel]]:
    """Of two workers, who wait only a moment for one another."""
    monkeypatch.setattr("beseda.server.reports.PATIENCE_S", 0.5)
    made = make_channels(2)
    yield made
    for end in {end for channel in made for end in (channel.mine, *channel.others.values())}:
        end.close()


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def reports(channels: list[Channel], number: int, *, calls: int, trouble: str = "") -> Reports:
    """Of a worker that has answered so many calls."""
    metrics = Metrics()
    for _ in range(calls):
        metrics.count("chatcz", Outcome("rooms", "200"), 0.002)
    metrics.gauges |= {
        "beseda_commits_total": ("Commits", lambda: calls),
        "beseda_open_sockets": ("Sockets", lambda: 7),
        "beseda_bus_up": ("Bus", lambda: int(not trouble)),
        "beseda_disk_free_bytes": ("Disk", lambda: 1000),
    }

    async def problems() -> dict[str, str]:
        return {"database": trouble} if trouble else {}

    listening = dict[str, object]()
    nothing, questions = channels[number - 1], channels[number - 1]
    worker = Worker(number, False, listening, nothing, questions, None, 0)  # type: ignore[arg-type]
    return Reports(worker, metrics, OpsApp(metrics, problems).state)


async def values(asker: Reports) -> dict[str, float]:
    """All samples but those with labels, and the counted calls."""
    lines = (line.split() for line in (await asker.metrics()).render().decode().splitlines() if line[0] != "#")
    return {name.partition("{")[0]: float(value) for name, value in lines}


async def test_counters_are_added_and_gauges_are_what_they_mean(
    runner: asyncio.Runner, channels: list[Channel]
) -> None:
    first, second = reports(channels, 1, calls=3), reports(channels, 2, calls=4, trouble="is full")
    await second.service.start()
    found = await values(first)
    assert found["beseda_requests_total"] == 7
    assert found["beseda_request_seconds_count"] == found["beseda_request_seconds_bucket"] == 7
    assert found["beseda_request_seconds_sum"] == pytest.approx(0.014)
    assert (found["beseda_commits_total"], found["beseda_open_sockets"]) == (7, 14)
    assert (found["beseda_bus_up"], found["beseda_disk_free_bytes"]) == (0, 1000)
    await second.service.stop(0)


async def test_what_one_that_died_had_counted_is_not_forgotten(runner: asyncio.Runner, channels: list[Channel]) -> None:
    first, second = reports(channels, 1, calls=3), reports(channels, 2, calls=4)
    await second.service.start()
    assert (await values(first))["beseda_commits_total"] == 7
    await second.service.stop(0)
    found = await values(first)
    assert (found["beseda_commits_total"], found["beseda_requests_total"], found["beseda_open_sockets"]) == (7, 7, 7)
    successor = reports(channels, 2, calls=1)
    await successor.service.start()
    assert (await values(first))["beseda_commits_total"] == 8
    assert (await values(reports(channels, 1, calls=0)))["beseda_requests_total"] == 0, "told by the one before it"
    await successor.service.stop(0)


async def test_the_worst_of_all_is_told(runner: asyncio.Runner, channels: list[Channel]) -> None:
    first, second = reports(channels, 1, calls=0), reports(channels, 2, calls=0, trouble="is full")
    fine: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    await second.service.start()
    assert (await first.worst(fine))["problems"] == {"worker 2: database": "is full"}
    same = fine | {"problems": {"database": "is full"}}
    assert await first.worst(same) == same
    await second.service.stop(0)
    assert await first.worst(fine) == fine | {"slowed": {"worker 2": "does not answer"}}
