"""Hosts below domains, and redirects."""

from collections.abc import Sequence

from beseda.adapters.sql.statements import Connection, fetch_number, places
from beseda.domain.domains import Subdomain
from beseda.domain.ids import DomainId, ZoneId


class SqlSubdomains:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, zone_id: ZoneId, machine: str, directory: str) -> bool:
        added = await self._sql.execute(
            "INSERT INTO subdomains (zone_id, machine, directory) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            *(zone_id, machine, directory),
        )
        return added > 0

    async def count(self, zone_id: ZoneId) -> int:
        return await fetch_number(self._sql, "SELECT count(*) FROM subdomains WHERE zone_id = $1", zone_id)

    async def remove(self, zone_id: ZoneId, machine: str) -> bool:
        gone = "DELETE FROM subdomains WHERE zone_id = $1 AND machine = $2"
        return await self._sql.execute(gone, zone_id, machine) > 0

    async def list_of(self, domain_ids: Sequence[DomainId]) -> dict[DomainId, list[Subdomain]]:
        found: dict[DomainId, list[Subdomain]] = {each: [] for each in domain_ids}
        if domain_ids:
            for domain_id, machine, directory in await self._sql.fetch(
                "SELECT z.domain_id, s.machine, s.directory FROM subdomains s JOIN zones z ON z.id = s.zone_id"
                f" WHERE z.domain_id IN ({places(domain_ids, 1)}) ORDER BY s.machine",
                *domain_ids,
            ):
                found[domain_id].append(Subdomain(machine, directory))
        return found

    async def set_redirect(self, zone_id: ZoneId, url: str) -> None:
        await self._sql.execute("DELETE FROM redirects WHERE zone_id = $1", zone_id)
        if url:
            await self._sql.execute("INSERT INTO redirects (zone_id, url) VALUES ($1, $2)", zone_id, url)

    async def redirect(self, domain_id: DomainId) -> str:
        row = await self._sql.fetch_row(
            "SELECT r.url FROM redirects r JOIN zones z ON z.id = r.zone_id WHERE z.domain_id = $1", domain_id
        )
        return row[0] if row else ""
