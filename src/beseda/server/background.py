"""Work that nobody asks for: done again and again, whatever became of it the last time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from beseda.domain.errors import Busy, OutcomeUnknown, StoreUnavailable


async def each(*works: Callable[[], Awaitable[object]]) -> None:
    """One after another, each whatever became of those before it; then a failure is raised, with notes of the others.

    A fault goes before an outage, which may hide none.
    """
    failures: list[Exception] = []
    for work in works:
        try:
            await work()
        except Exception as error:
            failures.append(error)
    if failures:
        gravest = next((error for error in failures if not isinstance(error, Busy)), failures[0])
        for other in failures:
            if other is not gravest:
                gravest.add_note(f"besides: {other!r}")
        raise gravest


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
