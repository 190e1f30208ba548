"""Keys by which programs sign DNS messages."""

from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, from_ms, to_ms
from beseda.domain.errors import ZoneKeyTaken
from beseda.domain.ids import AccountId, TokenId
from beseda.domain.zone_keys import Algorithm, KeyScope, ZoneKey

COLUMNS = "id, zone, label, account_id, algorithm, salt, may_update, may_transfer, names, types, created_ms, token_id"


def _key(row: Row) -> ZoneKey:
    scope = KeyScope(bool(row[6]), bool(row[7]), tuple(row[8].split()), tuple(row[9].split()))
    return ZoneKey(row[0], row[1], row[2], row[3], Algorithm(row[4]), row[5], scope, from_ms(row[10]), row[11])


class SqlZoneKeys:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(
        self,
        zone: str,
        label: str,
        account_id: AccountId | None,
        algorithm: Algorithm,
        salt: str,
        scope: KeyScope,
        at: datetime,
        token_id: TokenId | None = None,
    ) -> ZoneKey:
        row = await self._sql.fetch_row(
            "INSERT INTO zone_keys (zone, label, account_id, algorithm, salt, may_update, may_transfer, names, types,"
            " created_ms, token_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
            f" RETURNING {COLUMNS}",
            *(zone, label, account_id, algorithm.value, salt, int(scope.update), int(scope.transfer)),
            *(" ".join(scope.names), " ".join(scope.types), to_ms(at), token_id),
        )
        if row is None:
            raise ZoneKeyTaken
        return _key(row)

    async def find(self, zone: str, label: str) -> ZoneKey | None:
        row = await self._sql.fetch_row(f"SELECT {COLUMNS} FROM zone_keys WHERE zone = $1 AND label = $2", zone, label)
        return _key(row) if row else None

    async def list_of(self, zone: str) -> list[ZoneKey]:
        rows = await self._sql.fetch(f"SELECT {COLUMNS} FROM zone_keys WHERE zone = $1 ORDER BY label", zone)
        return [_key(row) for row in rows]

    async def remove(self, zone: str, label: str) -> None:
        await self._sql.execute("DELETE FROM zone_keys WHERE zone = $1 AND label = $2", zone, label)
