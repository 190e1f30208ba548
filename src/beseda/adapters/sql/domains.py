"""Members' domains."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, from_ms, places, to_ms
from beseda.domain.domains import Domain, DomainName, DomainOrder, Renewal
from beseda.domain.errors import DomainTaken
from beseda.domain.ids import AccountId
from beseda.domain.text import sort_key

COLUMNS = "id, account_id, name, readable, renewal, directory, created_ms"
ORDERS = {DomainOrder.READABLE: "sort_key", DomainOrder.ASCII: "name"}


def _domain(row: Row) -> Domain:
    return Domain(row[0], row[1], DomainName(row[2], row[3]), Renewal(row[4]), row[5], from_ms(row[6]))


class SqlDomains:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(
        self, account_id: AccountId, name: DomainName, renewal: Renewal, directory: str, at: datetime
    ) -> Domain:
        row = await self._sql.fetch_row(
            "INSERT INTO domains (account_id, name, readable, renewal, directory, created_ms, sort_key)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
            account_id,
            name.ascii,
            name.readable,
            renewal.value,
            directory,
            to_ms(at),
            sort_key(name.readable),
        )
        if row is None:
            raise DomainTaken(name=name.readable)
        return _domain(row)

    async def find(self, ascii_name: str) -> Domain | None:
        row = await self._sql.fetch_row(f"SELECT {COLUMNS} FROM domains WHERE name = $1", ascii_name)
        return _domain(row) if row else None

    async def find_nearest(self, ascii_names: Sequence[str]) -> Domain | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS} FROM domains WHERE name IN ({places(ascii_names, 1)})"
            " ORDER BY length(name) DESC LIMIT 1",
            *ascii_names,
        )
        return _domain(row) if row else None

    async def list_of(
        self,
        account_id: AccountId,
        *,
        containing: str,
        order: DomainOrder,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Domain]:
        escaped = containing.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM domains WHERE account_id = $1"
            " AND (name || '.' LIKE $2 ESCAPE '\\' OR readable || '.' LIKE $2 ESCAPE '\\')"
            f" ORDER BY {ORDERS[order]} {'DESC' if descending else 'ASC'} LIMIT $3 OFFSET $4",
            account_id,
            f"%{escaped}%",
            limit,
            offset,
        )
        return [_domain(row) for row in rows]

    async def set_renewal(self, ascii_name: str, renewal: Renewal) -> None:
        await self._sql.execute("UPDATE domains SET renewal = $2 WHERE name = $1", ascii_name, renewal.value)

    async def remove(self, ascii_name: str) -> None:
        await self._sql.execute("DELETE FROM domains WHERE name = $1", ascii_name)
