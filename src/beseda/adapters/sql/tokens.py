"""Personal tokens. Lists of a scope are kept as words with spaces between them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, from_ms_or_none, to_ms
from beseda.domain.ids import AccountId, RoomId, TokenId
from beseda.domain.tokens import Scope, Token

TOKENS = (
    "SELECT id, account_id, name, created_ms, expires_ms, used_ms, bot, read_only,"
    " protocols, rooms, zones, names, types FROM personal_tokens"
)


def _token(row: Row) -> Token:
    protocols, rooms, zones, names, types = (frozenset(str(words).split()) for words in row[8:])
    scope = Scope(
        protocols, frozenset(RoomId(int(room)) for room in rooms), zones, names, types, bool(row[7]), bool(row[6])
    )
    return Token(row[0], row[1], row[2], scope, from_ms(row[3]), from_ms_or_none(row[4]), from_ms_or_none(row[5]))


def _words(words: Iterable[object]) -> str:
    return " ".join(sorted(map(str, words)))


class SqlTokens:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(
        self, account_id: AccountId, name: str, scope: Scope, at: datetime, expires_at: datetime | None
    ) -> Token:
        token_id = await fetch_new_id(
            self._sql,
            "INSERT INTO personal_tokens (account_id, name, created_ms, expires_ms, bot, read_only, protocols, rooms,"
            " zones, names, types) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
            account_id,
            name,
            to_ms(at),
            None if expires_at is None else to_ms(expires_at),
            int(scope.bot),
            int(scope.read_only),
            *map(_words, (scope.protocols, scope.rooms, scope.zones, scope.names, scope.types)),
        )
        return Token(TokenId(token_id), account_id, name, scope, at, expires_at)

    async def find(self, token_id: TokenId) -> Token | None:
        row = await self._sql.fetch_row(f"{TOKENS} WHERE id = $1", token_id)
        return _token(row) if row else None

    async def list_of(self, account_id: AccountId) -> list[Token]:
        return _tokens(await self._sql.fetch(f"{TOKENS} WHERE account_id = $1 ORDER BY id", account_id))

    async def list_over(self, at: datetime) -> list[Token]:
        return _tokens(await self._sql.fetch(f"{TOKENS} WHERE expires_ms <= $1 ORDER BY id", to_ms(at)))

    async def touch(self, token_id: TokenId, at: datetime) -> None:
        await self._sql.execute("UPDATE personal_tokens SET used_ms = $2 WHERE id = $1", token_id, to_ms(at))

    async def remove(self, token_id: TokenId) -> None:
        await self._sql.execute("DELETE FROM zone_keys WHERE token_id = $1", token_id)
        await self._sql.execute("DELETE FROM personal_tokens WHERE id = $1", token_id)

    async def remove_all_of(self, account_id: AccountId) -> None:
        await self._sql.execute(
            "DELETE FROM zone_keys WHERE token_id IN (SELECT id FROM personal_tokens WHERE account_id = $1)", account_id
        )
        await self._sql.execute("DELETE FROM personal_tokens WHERE account_id = $1", account_id)


def _tokens(rows: Sequence[Row]) -> list[Token]:
    return [_token(row) for row in rows]
