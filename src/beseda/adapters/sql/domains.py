"""Members' domains."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, from_ms, places, to_ms
from beseda.domain.domains import KEPT, Domain, DomainName, DomainOrder, RemovedDomain, Renewal
from beseda.domain.errors import DomainTaken
from beseda.domain.ids import AccountId, DomainId, ZoneId
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

    async def others_below(self, ascii_name: str, account_id: AccountId) -> bool:
        row = await self._sql.fetch_row(
            "SELECT 1 FROM domains WHERE name LIKE $1 AND account_id <> $2 LIMIT 1", f"%.{ascii_name}", account_id
        )
        return row is not None

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

    async def set_account(self, domain_id: DomainId, account_id: AccountId) -> None:
        await self._sql.execute("UPDATE domains SET account_id = $2 WHERE id = $1", domain_id, account_id)

    async def set_renewal(self, ascii_name: str, renewal: Renewal) -> None:
        await self._sql.execute("UPDATE domains SET renewal = $2 WHERE name = $1", ascii_name, renewal.value)

    async def remove(self, ascii_name: str) -> None:
        await self._sql.execute("DELETE FROM domains WHERE name = $1", ascii_name)

    async def keep_removed(self, domain: Domain, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO removed_domains"
            " (zone_id, account_id, name, readable, renewal, directory, created_ms, removed_ms)"
            " SELECT z.id, d.account_id, d.name, d.readable, d.renewal, d.directory, d.created_ms, $2"
            " FROM domains d JOIN zones z ON z.name = d.name WHERE d.id = $1"
            " AND z.id = (SELECT max(id) FROM zones WHERE name = d.name)",
            domain.id,
            to_ms(at),
        )

    async def find_removed(
        self, account_id: AccountId, ascii_name: str, since: datetime
    ) -> tuple[ZoneId, Domain] | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS.replace('id,', 'zone_id,', 1)} FROM removed_domains"
            " WHERE account_id = $1 AND name = $2 AND removed_ms > $3 ORDER BY removed_ms DESC, zone_id DESC LIMIT 1",
            *(account_id, ascii_name, to_ms(since)),
        )
        return (ZoneId(row[0]), _domain(row)) if row else None

    async def removed_of(self, account_id: AccountId) -> list[RemovedDomain]:
        rows = await self._sql.fetch(
            "SELECT name, readable, removed_ms FROM removed_domains WHERE account_id = $1"
            " ORDER BY removed_ms DESC, zone_id DESC",
            account_id,
        )
        return [RemovedDomain(DomainName(row[0], row[1]), from_ms(row[2]), from_ms(row[2]) + KEPT) for row in rows]

    async def removed_before(self, at: datetime) -> list[ZoneId]:
        rows = await self._sql.fetch("SELECT zone_id FROM removed_domains WHERE removed_ms <= $1", to_ms(at))
        return [ZoneId(row[0]) for row in rows]

    async def forget_removed(self, zone_id: ZoneId) -> None:
        await self._sql.execute("DELETE FROM removed_domains WHERE zone_id = $1", zone_id)
