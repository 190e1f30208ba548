"""What the server does by itself goes on, whatever happens."""

import asyncio

import pytest
import structlog

from beseda.domain.errors import StoreUnavailable
from beseda.server.background import each, repeat


def test_work_goes_on_after_a_failure_and_an_outage_is_one_line() -> None:
    failures: list[Exception] = [StoreUnavailable(), RuntimeError("a fault")]
    failures[0].__cause__ = OSError("nobody answers")
    done = asyncio.Event()

    async def work() -> None:
        if failures:
            raise failures.pop(0)
        done.set()

    async def run() -> None:
        task = asyncio.create_task(repeat(work, 0))
        await asyncio.wait_for(done.wait(), 5)
        task.cancel()

    with structlog.testing.capture_logs() as lines:
        asyncio.run(run())
    assert lines == [
        {"event": "background work put off", "work": "work", "reason": "nobody answers", "log_level": "warning"},
        {"event": "background work failed", "work": "work", "exc_info": True, "log_level": "error"},
    ]


def test_each_is_done_and_an_outage_hides_no_fault() -> None:
    done: list[str] = []

    async def away() -> None:
        raise StoreUnavailable

    async def broken() -> None:
        raise RuntimeError("a fault")

    async def fine() -> None:
        done.append("fine")

    with pytest.raises(RuntimeError, match="a fault") as raised:
        asyncio.run(each(away, broken, fine))
    assert done == ["fine"]
    assert "store_unavailable" in raised.value.__notes__[0]
    with pytest.raises(StoreUnavailable):
        asyncio.run(each(fine, away))
