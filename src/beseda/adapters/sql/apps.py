"""Applications and their tokens."""

from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, fetch_number, from_ms, to_ms
from beseda.domain.ids import AccountId, AppId, SessionId
from beseda.domain.sessions import App, AppToken, TokenState

COLUMNS = "id, name, created_ms, revoked"
TOKEN_COLUMNS = "digest, app_id, account_id, state, replaces, session_id, created_ms"  # noqa: S105 - names of columns


def _app(row: Row) -> App:
    return App(row[0], row[1], from_ms(row[2]), bool(row[3]))


def _token(row: Row) -> AppToken:
    return AppToken(row[0], row[1], row[2], TokenState(row[3]), row[4], row[5], from_ms(row[6]))


class SqlApps:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, name: str, key_digest: str, at: datetime) -> App:
        app_id = await fetch_new_id(
            self._sql,
            "INSERT INTO apps (name, key_digest, created_ms) VALUES ($1, $2, $3) RETURNING id",
            name,
            key_digest,
            to_ms(at),
        )
        return App(AppId(app_id), name, at, revoked=False)

    async def list_all(self) -> list[App]:
        return [_app(row) for row in await self._sql.fetch(f"SELECT {COLUMNS} FROM apps ORDER BY id")]

    async def find(self, app_id: AppId) -> App | None:
        row = await self._sql.fetch_row(f"SELECT {COLUMNS} FROM apps WHERE id = $1", app_id)
        return _app(row) if row else None

    async def find_by_key(self, key_digest: str) -> App | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS} FROM apps WHERE key_digest = $1 AND revoked = 0",
            key_digest,
        )
        return _app(row) if row else None

    async def count_tokens(self, app_id: AppId) -> int:
        return await fetch_number(self._sql, "SELECT count(*) FROM app_tokens WHERE app_id = $1", app_id)

    async def revoke(self, app_id: AppId) -> list[AppToken]:
        await self._sql.execute("UPDATE apps SET revoked = 1 WHERE id = $1", app_id)
        rows = await self._sql.fetch(f"SELECT {TOKEN_COLUMNS} FROM app_tokens WHERE app_id = $1", app_id)
        await self._sql.execute("DELETE FROM app_tokens WHERE app_id = $1", app_id)
        return [_token(row) for row in rows]

    async def add_token(self, token: AppToken) -> None:
        await self._sql.execute(
            f"INSERT INTO app_tokens ({TOKEN_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            token.digest,
            token.app_id,
            token.account_id,
            token.state.value,
            token.replaces,
            token.session_id,
            to_ms(token.created_at),
        )

    async def find_token(self, app_id: AppId, digest: str) -> AppToken | None:
        row = await self._sql.fetch_row(
            f"SELECT {TOKEN_COLUMNS} FROM app_tokens WHERE digest = $1 AND app_id = $2",
            digest,
            app_id,
        )
        return _token(row) if row else None

    async def find_replacement(self, app_id: AppId, digest: str) -> AppToken | None:
        row = await self._sql.fetch_row(
            f"SELECT {TOKEN_COLUMNS} FROM app_tokens WHERE app_id = $1 AND replaces = $2 AND state = 'pending'",
            app_id,
            digest,
        )
        return _token(row) if row else None

    async def activate_token(self, digest: str, session_id: SessionId) -> None:
        await self._sql.execute(
            "UPDATE app_tokens SET state = 'active', session_id = $2 WHERE digest = $1", digest, session_id
        )

    async def remove_token(self, digest: str) -> None:
        await self._sql.execute("DELETE FROM app_tokens WHERE digest = $1", digest)

    async def list_tokens_of(self, account_id: AccountId) -> list[AppToken]:
        rows = await self._sql.fetch(
            f"SELECT {TOKEN_COLUMNS} FROM app_tokens WHERE account_id = $1 ORDER BY app_id, created_ms", account_id
        )
        return [_token(row) for row in rows]

    async def remove_tokens_of(self, account_id: AccountId) -> None:
        await self._sql.execute("DELETE FROM app_tokens WHERE account_id = $1", account_id)
