"""Sessions and their handles."""

from collections.abc import Sequence
from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, places, to_ms
from beseda.domain.accounts import Account
from beseda.domain.ids import AccountId, SessionId, TokenId
from beseda.domain.sessions import Handle, Session

COLUMNS = "s.id, s.account_id, s.kind, s.nonce, s.created_ms, s.seen_ms, s.token_id, s.address"
WIDTH = 8
IDS_AT_ONCE = 500


def session(row: Row) -> Session:
    """A session from a row that begins with COLUMNS."""
    return Session(row[0], row[1], Handle(row[2]), row[3], from_ms(row[4]), from_ms(row[5]), row[6], row[7])


class SqlSessions:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(
        self,
        account_id: AccountId,
        kind: Handle,
        nonce: str,
        at: datetime,
        token_id: TokenId | None = None,
        address: str = "",
    ) -> Session:
        session_id = await fetch_new_id(
            self._sql,
            "INSERT INTO sessions (account_id, kind, nonce, created_ms, seen_ms, token_id, address)"
            " VALUES ($1, $2, $3, $4, $4, $5, $6) RETURNING id",
            account_id,
            kind.value,
            nonce,
            to_ms(at),
            token_id,
            address,
        )
        return Session(SessionId(session_id), account_id, kind, nonce, at, at, token_id, address)

    async def add_handle(self, session_id: SessionId, kind: Handle, digest: str) -> None:
        await self._sql.execute(
            "INSERT INTO handles (digest, kind, session_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            digest,
            kind.value,
            session_id,
        )

    async def find(self, session_id: SessionId) -> Session | None:
        row = await self._sql.fetch_row(f"SELECT {COLUMNS} FROM sessions s WHERE s.id = $1", session_id)
        return session(row) if row else None

    async def find_by_handle(self, kind: Handle, digest: str) -> tuple[Session, Account] | None:
        row = await self._sql.fetch_row(
            f"SELECT {COLUMNS}, {ACCOUNT} FROM handles h JOIN sessions s ON s.id = h.session_id"
            " JOIN accounts a ON a.id = s.account_id WHERE h.digest = $1 AND h.kind = $2",
            digest,
            kind.value,
        )
        return (session(row), account(row[WIDTH:])) if row else None

    async def list_of(self, account_id: AccountId) -> list[Session]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM sessions s WHERE s.account_id = $1 ORDER BY s.id",
            account_id,
        )
        return [session(row) for row in rows]

    async def list_of_token(self, token_id: TokenId) -> list[Session]:
        rows = await self._sql.fetch(f"SELECT {COLUMNS} FROM sessions s WHERE s.token_id = $1 ORDER BY s.id", token_id)
        return [session(row) for row in rows]

    async def signed_in(self, account_ids: Sequence[AccountId]) -> set[AccountId]:
        if not account_ids:
            return set()
        statement = f"SELECT DISTINCT account_id FROM sessions WHERE account_id IN ({places(account_ids, 1)})"
        return {row[0] for row in await self._sql.fetch(statement, *account_ids)}

    async def alive(self, session_ids: Sequence[SessionId]) -> set[SessionId]:
        found: set[SessionId] = set()
        for start in range(0, len(session_ids), IDS_AT_ONCE):
            ids = session_ids[start : start + IDS_AT_ONCE]
            statement = f"SELECT id FROM sessions WHERE id IN ({places(ids, 1)})"
            found |= {row[0] for row in await self._sql.fetch(statement, *ids)}
        return found

    async def list_unused(self, *, kind: Handle, registered: bool, seen_before: datetime) -> list[Session]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM sessions s JOIN accounts a ON a.id = s.account_id"
            " WHERE s.kind = $1 AND a.registered = $2 AND s.seen_ms < $3 ORDER BY s.id",
            kind.value,
            int(registered),
            to_ms(seen_before),
        )
        return [session(row) for row in rows]

    async def touch(self, session_id: SessionId, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE sessions SET seen_ms = $2 WHERE id = $1 AND seen_ms < $2", session_id, to_ms(at)
        )

    async def end(self, session_id: SessionId) -> None:
        await self._sql.execute("DELETE FROM handles WHERE session_id = $1", session_id)
        await self._sql.execute("DELETE FROM sessions WHERE id = $1", session_id)
