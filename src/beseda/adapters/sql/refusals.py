"""Calls that were refused."""

import json
from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, from_ms, to_ms, together, values
from beseda.domain.refusals import Refusal

ALL = "SELECT request_id, at_ms, protocol, method, outcome, address, error, facts FROM refusals"


class SqlRefusals:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, refusals: Sequence[Refusal]) -> None:
        rows = [(*_told(each), json.dumps(dict(each.facts))) for each in refusals]
        for some in together(self._sql, rows):
            await self._sql.execute(
                "INSERT INTO refusals (request_id, at_ms, protocol, method, outcome, address, error, facts) VALUES"
                f" {values(some)} ON CONFLICT (request_id) DO NOTHING",
                *(value for row in some for value in row),
            )

    async def find(self, request_id: str) -> Refusal | None:
        row = await self._sql.fetch_row(f"{ALL} WHERE request_id = $1", request_id)
        return _refusal(row) if row else None

    async def list_too_often(self, after: datetime, limit: int) -> list[Refusal]:
        rows = await self._sql.fetch(
            f"{ALL} WHERE at_ms > $1 AND error = 'too_often' ORDER BY at_ms DESC LIMIT $2", to_ms(after), limit
        )
        return [_refusal(row) for row in rows]

    async def forget(self, before: datetime, keep: int, limit: int) -> int:
        return await self._sql.execute(
            "DELETE FROM refusals WHERE request_id IN (SELECT request_id FROM refusals WHERE at_ms < $1 OR at_ms <="
            " (SELECT at_ms FROM refusals ORDER BY at_ms DESC LIMIT 1 OFFSET $2) ORDER BY at_ms LIMIT $3)",
            to_ms(before),
            keep,
            limit,
        )


def _refusal(row: Row) -> Refusal:
    protocol, method, outcome, address, error, facts = row[2:]
    return Refusal(row[0], from_ms(row[1]), protocol, method, outcome, address, error, json.loads(facts))


def _told(refusal: Refusal) -> tuple[object, ...]:
    """All but the facts, in the order of the columns."""
    about = (refusal.protocol, refusal.method, refusal.outcome, refusal.address, refusal.error)
    return (refusal.request_id, to_ms(refusal.at), *about)
