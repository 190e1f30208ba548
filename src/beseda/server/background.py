"""Work that nobody asks for: done again and again, whatever became of it the last time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from beseda.domain.errors import OutcomeUnknown, StoreUnavailable


async def each(*works: Callable[[], Awaitable[object]]) -> None:
    """One after another, each whatever became of those before it; then the first failure is raised."""
    failures: list[Exception] = []
    for work in works:
        try:
            await work()
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]


async def repeat(work: Callable[[], Awaitable[None]], every_s: float) -> None:
    """For ever; a failure is logged and the next turn comes all the same."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await work()
        except (StoreUnavailable, OutcomeUnknown) as error:
            reason = str(error.__cause__ or error.code)
            structlog.get_logger().warning("background work put off", work=work.__name__, reason=reason)
        except Exception:
            structlog.get_logger().exception("background work failed", work=work.__name__)
