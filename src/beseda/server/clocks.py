"""The clock that a server goes by: that of its database, which all nodes have in common."""

from typing import TYPE_CHECKING, cast

import structlog

from beseda.adapters.clock import CommonClock, SystemClock
from beseda.adapters.sql.engine import Database
from beseda.core.ports import Clock
from beseda.server.config import Config
from beseda.server.services import Chore, Service
from beseda.server.storage import is_postgres

if TYPE_CHECKING:
    from beseda.adapters.sql.postgres import PostgresDatabase


async def open_clock(config: Config, database: Database) -> Clock:
    """Who shares a file of SQLite is on one machine. Raises StoreUnavailable."""
    if not is_postgres(config):
        return SystemClock()
    clock = CommonClock(cast("PostgresDatabase", database).now)
    await _adjust(clock)
    return clock


async def _adjust(clock: CommonClock) -> None:
    before = clock.ahead
    if await clock.adjust() != before:
        structlog.get_logger().warning("the clock is not the database's", database_ahead_s=clock.ahead.total_seconds())


def looking_after(clock: Clock) -> Service:
    """Looks again and again, for either may be set; to be listed before what goes by the clock."""
    return Service(chores=(Chore(lambda: _adjust(clock)),) if isinstance(clock, CommonClock) else ())
