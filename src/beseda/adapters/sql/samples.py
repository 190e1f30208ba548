"""What nodes measured minute by minute."""

from dataclasses import astuple
from datetime import datetime, timedelta

from beseda.adapters.sql.statements import MILLISECOND, Connection, from_ms, places, to_ms
from beseda.domain.samples import Sample, Stretch

COLUMNS = "at_ms, node, sockets, lines, commits, units, calls, call_us, slow_us, errors, free_bytes"
MINUTES = (
    "SELECT at_ms, sum(sockets) AS sockets, sum(lines) AS lines, sum(commits) AS commits, sum(units) AS units,"
    " sum(calls) AS calls, sum(call_us) AS call_us, max(slow_us) AS slow_us, sum(errors) AS errors,"
    " min(free_bytes) AS free_bytes FROM samples WHERE at_ms > $1 AND at_ms <= $2 GROUP BY at_ms"
)
"""Each minute of all nodes."""
STRETCHES = (
    "SELECT min(at_ms), count(*), sum(sockets), sum(lines), sum(commits), sum(units), sum(calls), sum(call_us),"
    f" max(slow_us), sum(errors), min(free_bytes) FROM ({MINUTES}) m"
    " GROUP BY (at_ms - $1 - 1) / $3 ORDER BY 1"
)


class SqlSamples:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, sample: Sample) -> bool:
        at, *rest = astuple(sample)
        row = (to_ms(at), *rest)
        return bool(
            await self._sql.execute(
                f"INSERT INTO samples ({COLUMNS}) VALUES ({places(row, 1)}) ON CONFLICT DO NOTHING", *row
            )
        )

    async def stretches(self, after: datetime, until: datetime, step: timedelta) -> list[Stretch]:
        rows = await self._sql.fetch(STRETCHES, to_ms(after), to_ms(until), step // MILLISECOND)
        return [
            Stretch(from_ms(row[0]), row[1], float(row[2]) / row[1], *(int(number) for number in row[3:]))
            for row in rows
        ]

    async def newest(self, after: datetime) -> list[Sample]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM samples s WHERE at_ms > $1"
            " AND at_ms = (SELECT max(at_ms) FROM samples o WHERE o.node = s.node AND o.at_ms > $1) ORDER BY node",
            to_ms(after),
        )
        return [Sample(from_ms(row[0]), *row[1:]) for row in rows]

    async def forget(self, before: datetime, limit: int) -> int:
        return await self._sql.execute(
            "DELETE FROM samples WHERE (at_ms, node) IN"
            " (SELECT at_ms, node FROM samples WHERE at_ms < $1 ORDER BY at_ms, node LIMIT $2)",
            to_ms(before),
            limit,
        )
