"""Names that members ask an operator for, and domains that they hand over."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, fetch_number, from_ms, from_ms_or_none, to_ms
from beseda.domain.domains import DomainName, Renewal
from beseda.domain.ids import AccountId, DomainId, DomainRequestId
from beseda.domain.ownership import Claim, DomainRequest, Offer

REQUEST = "id, account_id, name, readable, renewal, directory, asked_ms, denied_ms, reason"


def _request(row: Row) -> DomainRequest:
    name = DomainName(row[2], row[3])
    return DomainRequest(
        row[0], row[1], name, Renewal(row[4]), row[5], from_ms(row[6]), from_ms_or_none(row[7]), row[8]
    )


class SqlOwnership:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def ask(
        self, account_id: AccountId, name: DomainName, renewal: Renewal, directory: str, at: datetime
    ) -> DomainRequest:
        number = await fetch_new_id(
            self._sql,
            "INSERT INTO domain_requests (account_id, name, readable, renewal, directory, asked_ms, reason)"
            " VALUES ($1, $2, $3, $4, $5, $6, '') RETURNING id",
            *(account_id, name.ascii, name.readable, renewal.value, directory, to_ms(at)),
        )
        return DomainRequest(DomainRequestId(number), account_id, name, renewal, directory, at)

    async def asked(self, account_id: AccountId, ascii_name: str) -> DomainRequest | None:
        row = await self._sql.fetch_row(
            f"SELECT {REQUEST} FROM domain_requests WHERE account_id = $1 AND name = $2", account_id, ascii_name
        )
        return _request(row) if row else None

    async def find(self, request_id: DomainRequestId) -> DomainRequest | None:
        row = await self._sql.fetch_row(f"SELECT {REQUEST} FROM domain_requests WHERE id = $1", request_id)
        return _request(row) if row else None

    async def count_waiting(self, account_id: AccountId) -> int:
        return await fetch_number(
            self._sql,
            "SELECT count(*) FROM domain_requests WHERE account_id = $1 AND denied_ms IS NULL",
            account_id,
        )

    async def list_requests(self, *, denied: bool) -> list[DomainRequest]:
        rows = await self._sql.fetch(
            f"SELECT {REQUEST} FROM domain_requests WHERE denied_ms IS {'NOT ' if denied else ''}NULL ORDER BY id"
        )
        return [_request(row) for row in rows]

    async def requests_of(self, account_id: AccountId) -> list[DomainRequest]:
        rows = await self._sql.fetch(
            f"SELECT {REQUEST} FROM domain_requests WHERE account_id = $1 ORDER BY id", account_id
        )
        return [_request(row) for row in rows]

    async def withdraw(self, account_id: AccountId, ascii_name: str) -> None:
        await self._sql.execute(
            "DELETE FROM domain_requests WHERE account_id = $1 AND name = $2 AND denied_ms IS NULL",
            *(account_id, ascii_name),
        )
        await self._sql.execute("DELETE FROM domain_claims WHERE account_id = $1 AND name = $2", account_id, ascii_name)

    async def claim(self, account_id: AccountId, name: DomainName, at: datetime, *, keep: int) -> None:
        await self._sql.execute(
            "INSERT INTO domain_claims (account_id, name, readable, asked_ms) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (account_id, name) DO UPDATE SET asked_ms = excluded.asked_ms",
            *(account_id, name.ascii, name.readable, to_ms(at)),
        )
        await self._sql.execute(
            "DELETE FROM domain_claims WHERE account_id = $1 AND name NOT IN"
            " (SELECT name FROM domain_claims WHERE account_id = $1 ORDER BY asked_ms DESC, name LIMIT $2)",
            *(account_id, keep),
        )

    async def claims(self, account_id: AccountId, since: datetime) -> list[Claim]:
        rows = await self._sql.fetch(
            "SELECT name, readable, asked_ms FROM domain_claims WHERE account_id = $1 AND asked_ms > $2"
            " ORDER BY asked_ms DESC, name",
            *(account_id, to_ms(since)),
        )
        return [Claim(DomainName(row[0], row[1]), from_ms(row[2])) for row in rows]

    async def forget_claims(self, before: datetime) -> None:
        await self._sql.execute("DELETE FROM domain_claims WHERE asked_ms <= $1", to_ms(before))

    async def deny(self, request_id: DomainRequestId, at: datetime, reason: str) -> None:
        await self._sql.execute(
            "UPDATE domain_requests SET denied_ms = $2, reason = $3 WHERE id = $1", request_id, to_ms(at), reason
        )

    async def settle(self, ascii_name: str) -> None:
        await self._sql.execute("DELETE FROM domain_requests WHERE name = $1", ascii_name)
        await self._sql.execute("DELETE FROM domain_claims WHERE name = $1", ascii_name)

    async def forget_denied(self, before: datetime) -> None:
        await self._sql.execute("DELETE FROM domain_requests WHERE denied_ms <= $1", to_ms(before))

    async def offer(self, domain_id: DomainId, giver_id: AccountId, taker_id: AccountId, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO domain_offers (domain_id, giver_id, taker_id, at_ms) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (domain_id) DO UPDATE SET giver_id = excluded.giver_id, taker_id = excluded.taker_id,"
            " at_ms = excluded.at_ms",
            *(domain_id, giver_id, taker_id, to_ms(at)),
        )

    async def offers(self, account_id: AccountId, since: datetime) -> Sequence[Offer]:
        rows = await self._sql.fetch(
            "SELECT d.name, d.readable, o.giver_id, o.taker_id, o.at_ms FROM domain_offers o"
            " JOIN domains d ON d.id = o.domain_id AND d.account_id = o.giver_id"
            " WHERE (o.giver_id = $1 OR o.taker_id = $1) AND o.at_ms > $2 ORDER BY o.at_ms DESC, d.name",
            *(account_id, to_ms(since)),
        )
        return [Offer(DomainName(row[0], row[1]), row[2], row[3], from_ms(row[4])) for row in rows]

    async def end_offer(self, domain_id: DomainId) -> None:
        await self._sql.execute("DELETE FROM domain_offers WHERE domain_id = $1", domain_id)

    async def forget_offers(self, before: datetime) -> None:
        await self._sql.execute("DELETE FROM domain_offers WHERE at_ms <= $1", to_ms(before))
